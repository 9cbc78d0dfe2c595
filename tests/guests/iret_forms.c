/* SPDX-License-Identifier: MIT */
/*
 * What does the iret hypercall do with each kind of frame?
 *
 * To the kernel (CS RPL 0) or to user mode (RPL 3): the RPL decides, not the selector. RFLAGS.IF
 * sets the upcall mask; the real IF stays on and IOPL, VM are taken away. rax, rcx and r11 come
 * from the frame unless VGCF_in_syscall says that rcx and r11 may be lost. A frame the processor
 * refuses (selector that does not exist, a system segment) is not fatal: the guest gets a
 * #GP or the failsafe callback at the place it wanted to go to. A non-canonical rip must be
 * refused like that too and never reach SYSRET. An unmasking iret delivers what is pending.
 */
#include "kit.h"

static long to_kernel_flags;
static u8 to_kernel_mask;

/*
 * iret to a label in the kernel with the given cs, rflags and flags word; notes the RFLAGS and
 * upcall mask found there and returns what rax, rcx, r11 hold.
 */
static void to_kernel(u64 cs, u64 rflags, u64 flags, u64 out[3])
{
	register u64 r11 __asm__("r11");
	u64 rax, rcx;

	__asm__ volatile("mov %%rsp, %%rbx\n"
			 "push %[ss]\n"
			 "push %%rbx\n"
			 "push %[fl]\n"
			 "push %[cs]\n"
			 "push $1f\n"
			 "push %[word]\n"
			 "push $0x33\n"
			 "push $0x22\n"
			 "push $0x11\n"
			 "mov $23, %%eax\n"
			 "syscall\n"
			 "1:\n"
			 "pushfq\n"
			 "pop %%rdx\n"
			 "cld\n"
			 : "=a"(rax), "=c"(rcx), "=r"(r11), "=d"(to_kernel_flags)
			 : [ss] "r"((u64)FLAT_KERNEL_SS), [fl] "r"(rflags), [cs] "r"(cs),
			   [word] "r"(flags)
			 : "rbx", "memory");
	to_kernel_mask = event_vcpu_info()->evtchn_upcall_mask;
	out[0] = rax;
	out[1] = rcx;
	out[2] = r11;
}

static void check_to_kernel(void)
{
	u64 got[3];

	to_kernel(FLAT_KERNEL_CS & ~3UL, 0x202, 0, got);
	CHECK_EQ(got[0], 0x11);
	CHECK_EQ(got[1], 0x33);
	CHECK_EQ(got[2], 0x22);
	CHECK_EQ(to_kernel_flags, 0x202);
	CHECK_EQ(to_kernel_mask, 0);
	/* IF clear in the frame: masked, but the real flag stays on. */
	to_kernel(FLAT_KERNEL_CS & ~3UL, 0x002, 0, got);
	CHECK_EQ(to_kernel_flags, 0x202);
	CHECK_EQ(to_kernel_mask, 1);
	/* Arithmetic flags and DF arrive, IOPL does not; CS RPL 1 and 2 are kernel as well. */
	to_kernel((FLAT_KERNEL_CS & ~3UL) | 1, 0x3202 | 0x8d5, 0, got);
	CHECK_EQ(to_kernel_flags, 0x202 | 0x8d5);
	to_kernel((FLAT_KERNEL_CS & ~3UL) | 2, 0x202 | 0x400, 0, got);
	CHECK_EQ(to_kernel_flags, 0x202 | 0x400);
	/* The word that carries the old mask above CS is not looked at. */
	to_kernel((FLAT_KERNEL_CS & ~3UL) | (1UL << 32), 0x202, 0, got);
	CHECK_EQ(to_kernel_mask, 0);
	to_kernel(FLAT_KERNEL_CS & ~3UL, 0x203, VGCF_in_syscall, got);
	CHECK_EQ(got[0], 0x11);
	CHECK_EQ(to_kernel_flags, 0x203);
	event_disable();
}

static long user_probe(long arg)
{
	return arg + 1;
}

static void check_to_user(void)
{
	struct iret_request req = user_request(user_probe, 41);

	CHECK_EQ(user_switch(&req), 42);
	req = user_request(user_probe, 42);
	req.flags = VGCF_in_syscall;
	CHECK_EQ(user_switch(&req), 43);
	/* SYSRET cannot honour another SS; the hypercall hides that. */
	req = user_request(user_probe, 43);
	req.flags = VGCF_in_syscall;
	req.ss = FLAT_USER_SS;
	CHECK_EQ(user_switch(&req), 44);
}

/* Where a refused frame ends: vector 13 at the target, or the failsafe entry. */
static int refused(struct iret_request *req)
{
	int vector = TRAP_OF(user_switch(req));

	return vector == TRAP_FAILSAFE ? TRAP_GP : vector;
}

static void check_bad_frames(void)
{
	struct iret_request req = user_request(user_probe, 0);

	req.rip = ADDR_NONCANONICAL;
	CHECK_EQ(refused(&req), TRAP_GP);
	CHECK_EQ(trap_last.rip, ADDR_NONCANONICAL);
	req.flags = VGCF_in_syscall;
	CHECK_EQ(refused(&req), TRAP_GP);
	CHECK_EQ(trap_last.rip, ADDR_NONCANONICAL);

	req = user_request(user_probe, 0);
	req.cs = 0x1003; /* beyond the guest's empty GDT */
	CHECK_EQ(refused(&req), TRAP_GP);
	req = user_request(user_probe, 0);
	req.cs = FLAT_USER_SS; /* data, not code */
	CHECK_EQ(refused(&req), TRAP_GP);
	req = user_request(user_probe, 0);
	req.cs = 3; /* null */
	CHECK_EQ(refused(&req), TRAP_GP);
	req = user_request(user_probe, 0);
	req.ss = FLAT_USER_CS; /* code, not data */
	CHECK_EQ(refused(&req), TRAP_GP);
	/* The selector that is the hypervisor's own ring-0 code segment on the oracle. */
	req = user_request(user_probe, 0);
	req.cs = 0xe00b;
	CHECK_EQ(refused(&req), TRAP_GP);
	/* Still alive and in kernel mode. */
	CHECK_EQ(user_call(user_probe, 1), 2);
}

static void check_delivery(void)
{
	long port = event_bind_ipi(0);
	u64 got[3];

	event_disable();
	event_count[port] = 0;
	CHECK_EQ(event_send((unsigned int)port), 0);
	CHECK_EQ(event_count[port], 0);
	to_kernel(FLAT_KERNEL_CS & ~3UL, 0x202, 0, got);
	CHECK_EQ(event_count[port], 1);
	CHECK_EQ(to_kernel_mask, 0);
	event_disable();
}

void guest_main(void)
{
	kit_init();
	user_init();
	check_to_kernel();
	check_to_user();
	check_bad_frames();
	check_delivery();
	verdict();
}

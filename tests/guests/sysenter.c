/* SPDX-License-Identifier: MIT */
/*
 * How does a SYSENTER of user mode reach the guest kernel?
 *
 * Cpu: Nehalem
 * Bochs: corei7_skylake_x,x2apic p4_prescott_celeron_336
 *
 * Only Intel's processors have it in long mode. It saves nothing: the frame says user mode with
 * flat selectors, RIP and RSP 0, and none of the flags but IF; all registers arrive as they were,
 * and it is for the kernel to know where to return to. The mask-events flag of the callback is
 * obeyed. Without a callback it is a general protection fault. From 32-bit code it is the same.
 */
#include "kit.h"

#include <xen/callback.h>

#define LOW_CODE 0x400000UL

static struct trap_frame seen;
static volatile u8 seen_mask;

/* As the callers below have arranged it: rdx is where to go on, rbp the stack. */
static void on_sysenter(struct trap_frame *frame)
{
	seen = *frame;
	seen_mask = event_vcpu_info()->evtchn_upcall_mask;
	frame->rax++;
	frame->rip = frame->rdx;
	frame->rsp = frame->rbp;
	frame->cs = frame->rbx == 32 ? FLAT_USER_CS32 : FLAT_USER_CS;
}

static long user_sysenter(long arg)
{
	register u64 r8 __asm__("r8") = 8;
	register u64 r11 __asm__("r11") = 11;
	register u64 r15 __asm__("r15") = 15;
	u64 rcx = 0xc;
	long ret;

	__asm__ volatile("push %%rbp\n"
			 "mov %%rsp, %%rbp\n"
			 "lea 1f(%%rip), %%rdx\n"
			 "std\n"
			 "stc\n"
			 "sysenter\n"
			 "1: cld\n"
			 "pop %%rbp\n"
			 : "=a"(ret), "+c"(rcx), "+r"(r8), "+r"(r11), "+r"(r15)
			 : "a"(arg), "D"(1), "S"(2), "b"(64)
			 : "rdx", "memory", "cc");
	return ret + (long)((rcx ^ 0xc) | (r8 ^ 8) | (r11 ^ 11) | (r15 ^ 15));
}

static long reg(u16 type, u16 flags, u64 address)
{
	struct callback_register op = { .type = type, .flags = flags, .address = address };

	return HC(callback_op, CALLBACKOP_register, &op);
}

static void check_none(void)
{
	CHECK_EQ(TRAP_OF(user_call(user_sysenter, 5)), TRAP_GP);
	CHECK_EQ(trap_last.error, 0);
	CHECK_EQ(trap_last.rip, 0);
	CHECK_EQ(trap_last.rsp, 0);
	CHECK_EQ(trap_last.cs, 3);
	CHECK_EQ(trap_last.ss, FLAT_USER_SS);
	CHECK_EQ(trap_last.rax, 5);
}

static void check_frame(void)
{
	CHECK_EQ(reg(CALLBACKTYPE_sysenter, 0, (u64)trap_sysenter), 0);
	CHECK_EQ(user_call(user_sysenter, 100), 101);
	CHECK_EQ(seen.rax, 100);
	CHECK_EQ(seen.rcx, 0xc);
	CHECK_EQ(seen.rsi, 2);
	CHECK_EQ(seen.rdi, 1);
	CHECK_EQ(seen.r8, 8);
	CHECK_EQ(seen.r11, 11);
	CHECK_EQ(seen.r15, 15);
	CHECK_EQ(seen.rip, 0);
	CHECK_EQ(seen.rsp, 0);
	CHECK_EQ(seen.cs, 3);
	CHECK_EQ(seen.ss, FLAT_USER_SS);
	CHECK_EQ(seen.rflags & 0x247300, 0x200);	/* of AC, NT, IOPL, IF and TF */
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen_mask, 0);
}

static void check_mask_flag(void)
{
	CHECK_EQ(reg(CALLBACKTYPE_sysenter, CALLBACKF_mask_events, (u64)trap_sysenter), 0);
	CHECK_EQ(user_call(user_sysenter, 7), 8);
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen_mask, 1);
	CHECK_EQ(reg(CALLBACKTYPE_sysenter, 0, (u64)trap_sysenter), 0);
}

/* In 32-bit code: registers as on_sysenter() wants them; sysenter; ud2. */
static void check_compat(void)
{
	static const u8 code[] = { 0xb8, 77, 0, 0, 0, 0xba, 19, 0, 0x40, 0, 0xbb, 32, 0, 0, 0,
				   0x89, 0xe5, 0x0f, 0x34, 0x0f, 0x0b };
	struct iret_request req = user_request(user_sysenter, 0);
	char *page = page_alloc();

	memcpy(page, code, sizeof(code));
	req.rip = LOW_CODE;
	req.cs = FLAT_USER_CS32;
	req.rsp = LOW_CODE + 0xff0;
	CHECK_EQ(paging_set((void *)LOW_CODE, PTE(paging_mfn(page), PTE_FLAGS_RW)), 0);
	CHECK_EQ(TRAP_OF(user_switch(&req)), TRAP_UD);
	CHECK_EQ(trap_last.rip, LOW_CODE + 19);
	CHECK_EQ(trap_last.rax, 78);
	CHECK_EQ(trap_last.cs, FLAT_USER_CS32);
	CHECK_EQ(trap_last.rsp, LOW_CODE + 0xff0);
	CHECK_EQ(seen.rax, 77);
	CHECK_EQ(seen.rip, 0);
	CHECK_EQ(seen.cs, 3);
}

void guest_main(void)
{
	kit_init();
	paging_grow(LOW_CODE); /* before the user tables are copied from the kernel's */
	user_init();
	trap_handle(TRAP_SYSENTER, on_sysenter);
	check_none();
	check_frame();
	check_mask_flag();
	check_compat();
	verdict();
}

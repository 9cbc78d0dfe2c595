/* SPDX-License-Identifier: MIT */
/*
 * How does a system call of user mode reach the guest kernel?
 *
 * Bochs: corei7_skylake_x,x2apic ryzen p4_prescott_celeron_336
 *
 * The frame is a bounce frame: rcx and r11 as SYSCALL left them, rip after the instruction, rflags
 * those of user mode, and the selectors of flat user mode, since SYSCALL does not save any. All
 * other registers arrive untouched. DF is clear on entry, as is TF. The mask-events flag of the
 * callback is obeyed. Without a callback a system call is an invalid opcode, reported at the
 * instruction itself. A 32-bit SYSCALL has an entry of its own, on processors that have one.
 */
#include "kit.h"

#include "cpuid.h"

#include <xen/callback.h>

#define LOW_CODE 0x400000UL

static struct trap_frame seen;
static volatile u8 seen_mask;

static void on_syscall(struct trap_frame *frame)
{
	seen = *frame;
	seen_mask = event_vcpu_info()->evtchn_upcall_mask;
	frame->rax = frame->rax + 1;
}

static long user_syscall(long arg)
{
	register u64 r8 __asm__("r8") = 8;
	register u64 r9 __asm__("r9") = 9;
	register u64 r10 __asm__("r10") = 10;
	register u64 r12 __asm__("r12") = 12;
	long ret;

	__asm__ volatile("std\n"
			 ".globl user_syscall_insn\n"
			 "user_syscall_insn: syscall\n"
			 "cld\n"
			 : "=a"(ret)
			 : "a"(arg), "D"(1), "S"(2), "d"(3), "r"(r8), "r"(r9), "r"(r10), "r"(r12)
			 : "rcx", "r11", "memory");
	return ret;
}
extern char user_syscall_insn[];

static void check_frame(void)
{
	trap_handle(TRAP_SYSCALL, on_syscall);
	CHECK_EQ(user_call(user_syscall, 100), 101);
	CHECK_EQ(seen.rax, 100);
	CHECK_EQ(seen.rip, user_syscall_insn + 2);
	CHECK_EQ(seen.rcx, seen.rip);
	CHECK_EQ(seen.r11, seen.rflags);
	CHECK_EQ(seen.rflags & 0x3600, 0x600);
	CHECK_EQ(seen.cs, FLAT_USER_CS);
	CHECK_EQ(seen.ss, FLAT_USER_SS);
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen_mask, 0);
	CHECK_EQ(seen.rdi, 1);
	CHECK_EQ(seen.rsi, 2);
	CHECK_EQ(seen.rdx, 3);
	CHECK_EQ(seen.r8, 8);
	CHECK_EQ(seen.r9, 9);
	CHECK_EQ(seen.r10, 10);
	CHECK_EQ(seen.r12, 12);
}

static void check_mask_flag(void)
{
	struct callback_register reg = { .type = CALLBACKTYPE_syscall,
					 .flags = CALLBACKF_mask_events,
					 .address = (u64)trap_syscall };

	CHECK_EQ(HC(callback_op, CALLBACKOP_register, &reg), 0);
	CHECK_EQ(user_call(user_syscall, 7), 8);
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen_mask, 1);
	reg.flags = 0;
	CHECK_EQ(HC(callback_op, CALLBACKOP_register, &reg), 0);
	CHECK_EQ(user_call(user_syscall, 8), 9);
	CHECK_EQ(seen_mask, 0);
}

static void check_no_callback(void)
{
	CHECK_EQ(HC(set_callbacks, trap_event, trap_failsafe, 0), 0);
	CHECK_EQ(TRAP_OF(user_call(user_syscall, 5)), TRAP_UD);
	CHECK_EQ(trap_last.rip, user_syscall_insn);
	CHECK_EQ(HC(set_callbacks, trap_event, trap_failsafe, trap_syscall), 0);
}

/* mov $77, %eax; syscall; ud2 -- in 32-bit code below 4 GiB. */
static void check_compat(void)
{
	static const u8 code[] = { 0xb8, 77, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x0b };
	struct callback_register reg = { .type = CALLBACKTYPE_syscall32,
					 .address = (u64)trap_syscall32 };
	struct iret_request req = user_request(user_syscall, 0);
	char *page = page_alloc();

	memcpy(page, code, sizeof(code));
	CHECK_EQ(HC(callback_op, CALLBACKOP_register, &reg), 0);
	trap_handle(TRAP_SYSCALL32, on_syscall);
	req.rip = LOW_CODE;
	req.cs = FLAT_USER_CS32;
	req.rsp = LOW_CODE + 0xff0;
	seen.rax = 0;
	CHECK_EQ(paging_set((void *)LOW_CODE, PTE(paging_mfn(page), PTE_FLAGS_RW)), 0);
	CHECK_EQ(TRAP_OF(user_switch(&req)), TRAP_UD);
	if (trap_last.rip == LOW_CODE + 5 && cpuid(0).ebx == CPUID_INTEL) {
		/* Intel's processors know the instruction in 64-bit code only. */
		CHECK_EQ(trap_last.cs, FLAT_USER_CS32);
		CHECK_EQ(seen.rax, 0);
		return;
	}
	CHECK_EQ(trap_last.rip, LOW_CODE + 7);
	CHECK_EQ(trap_last.rax, 78);
	CHECK_EQ(trap_last.cs, FLAT_USER_CS32);
	CHECK_EQ(seen.rax, 77);
	CHECK_EQ(seen.rip, LOW_CODE + 7);
	CHECK_EQ(seen.cs, FLAT_USER_CS32);
	CHECK_EQ(seen.ss, FLAT_USER_SS);
}

void guest_main(void)
{
	kit_init();
	paging_grow(LOW_CODE); /* before the user tables are copied from the kernel's */
	user_init();
	check_frame();
	check_mask_flag();
	check_no_callback();
	check_compat();
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Which software interrupts may the kernel and user mode raise, and how do they look?
 *
 * The privilege of the guest's own trap table decides: user mode is ring 3, the guest kernel
 * counts as ring 1. A permitted `int n` arrives without an error code with rip after the
 * instruction; a forbidden one is a #GP at the instruction. `int3` always arrives.
 *
 * 0x80 has a gate of its own on the oracle, which does not look at the DPL of the row at all;
 * a hypervisor that refuses user mode a row of DPL 0 is as right, and both are taken.
 *
 * TCG gives a refused `int n` the error code n*16+2 instead of n*8+2. The oracle believes the
 * code and so delivers vector 2n; a hypervisor that reads the instruction delivers n. Here rows n
 * and 2n always have the same DPL and either answer is taken. What is compared is the rip and
 * the refusal.
 */
#include "kit.h"

#define VECTOR 0x22

static long user_int(long arg)
{
	__asm__ volatile("user_int_insn: int %0" : : "i"(VECTOR));
	return arg;
}

static long user_int80(long arg)
{
	__asm__ volatile("user_int80_insn: int $0x80" : "+a"(arg));
	return arg;
}

static long user_int3(long arg)
{
	__asm__ volatile("int3");
	return arg;
}

extern char user_int_insn[], user_int80_insn[], kernel_int_insn[];

static void NOINLINE kernel_int(void)
{
	__asm__ volatile("kernel_int_insn: int %0" : : "i"(VECTOR));
}

static void set_dpl(u8 dpl)
{
	trap_set(VECTOR, dpl, FLAT_KERNEL_CS, TRAP_STUB(VECTOR));
	trap_set(2 * VECTOR, dpl, FLAT_KERNEL_CS, TRAP_STUB(2 * VECTOR));
}

static bool is_vector(int got)
{
	return got == VECTOR || got == 2 * VECTOR;
}

static void on_int80(struct trap_frame *frame)
{
	frame->rax += 3;
}

void guest_main(void)
{
	int got;

	kit_init();
	user_init();

	set_dpl(0);
	CHECK_EQ(TRAP_OF(kernel_int()), TRAP_GP);
	CHECK_EQ(trap_last.rip, kernel_int_insn);
	CHECK_EQ(trap_last.error & 7, 2);
	CHECK_EQ(TRAP_OF(user_call(user_int, 0)), TRAP_GP);
	CHECK_EQ(trap_last.rip, user_int_insn);

	set_dpl(1);
	got = TRAP_OF(kernel_int());
	check_that(is_vector(got), "kernel int with DPL 1 gives %d", got);
	CHECK_EQ(trap_last.rip, kernel_int_insn + 2);
	CHECK_EQ(TRAP_OF(user_call(user_int, 0)), TRAP_GP);
	CHECK_EQ(trap_last.rip, user_int_insn);

	set_dpl(3);
	got = TRAP_OF(kernel_int());
	check_that(is_vector(got), "kernel int with DPL 3 gives %d", got);
	got = TRAP_OF(user_call(user_int, 0));
	check_that(is_vector(got), "user int with DPL 3 gives %d", got);
	CHECK_EQ(trap_last.rip, user_int_insn + 2);
	CHECK_EQ(trap_last.cs, FLAT_USER_CS);

	trap_handle(0x80, on_int80);
	CHECK_EQ(user_call(user_int80, 5), 8);
	trap_set(0x80, 0, FLAT_KERNEL_CS, TRAP_STUB(0x80));
	got = TRAP_OF(user_call(user_int80, 5));
	check_that(got == -1 || (got == TRAP_GP && trap_last.rip == (u64)user_int80_insn),
		   "int 0x80 with DPL 0 gives %d at 0x%lx", got, (unsigned long)trap_last.rip);

	trap_set(TRAP_BP, 0, FLAT_KERNEL_CS, TRAP_STUB(TRAP_BP));
	CHECK_EQ(TRAP_OF(user_call(user_int3, 0)), TRAP_BP);
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Virtual CR0.TS, lazy FPU state, and stack_switch.
 *
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * fpu_taskswitch(1) sets the virtual TS bit: the next FPU or SSE instruction is a #NM in the guest,
 * and taking it clears TS again, so the instruction simply works when repeated. CLTS and a MOV to
 * CR0 that changes only TS do the same as the hypercall. Register contents survive all that.
 * stack_switch chooses where frames from user mode land, from the next one on.
 */
#include "kit.h"

static volatile unsigned int faults;

static void on_nm(struct trap_frame *frame)
{
	(void)frame;
	faults++;
}

static u64 read_cr0(void)
{
	u64 v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static void write_cr0(u64 v)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(v));
}

static void set_xmm(u64 v)
{
	__asm__ volatile("movq %0, %%xmm5" : : "r"(v));
}

static u64 get_xmm(void)
{
	u64 v;

	__asm__ volatile("movq %%xmm5, %0" : "=r"(v));
	return v;
}

static long user_trap(long arg)
{
	__asm__ volatile("ud2");
	return arg;
}

static void check_ts(void)
{
	trap_handle(TRAP_NM, on_nm);
	set_xmm(0x1234);
	CHECK_EQ(faults, 0);
	CHECK_EQ(read_cr0() & 8, 0);
	CHECK_EQ(HC(fpu_taskswitch, 1), 0);
	CHECK_EQ(read_cr0() & 8, 8);
	CHECK_EQ(get_xmm(), 0x1234);
	CHECK_EQ(faults, 1);
	CHECK_EQ(read_cr0() & 8, 0);
	CHECK_EQ(get_xmm(), 0x1234);
	CHECK_EQ(faults, 1);
	CHECK_EQ(HC(fpu_taskswitch, 1), 0);
	CHECK_EQ(HC(fpu_taskswitch, 0), 0);
	CHECK_EQ(get_xmm(), 0x1234);
	CHECK_EQ(faults, 1);
	write_cr0(read_cr0() | 8);
	CHECK_EQ(read_cr0() & 8, 8);
	__asm__ volatile("clts");
	CHECK_EQ(read_cr0() & 8, 0);
	CHECK_EQ(get_xmm(), 0x1234);
	CHECK_EQ(faults, 1);
	write_cr0(read_cr0() | 8);
	__asm__ volatile("fnop");
	CHECK_EQ(faults, 2);
	CHECK_EQ(HC(fpu_taskswitch, 1), 0);
	CHECK_EQ(HC(fpu_taskswitch, 1), 0);
	CHECK_EQ(get_xmm(), 0x1234);
	CHECK_EQ(faults, 3);
	/* Anything but TS in CR0 is not the guest's to change. */
	CHECK_EQ(TRAP_OF(write_cr0(read_cr0() ^ 0x10000)), TRAP_GP);
	CHECK_EQ(TRAP_OF(write_cr0(read_cr0() & ~1UL)), TRAP_GP);
}

static void check_stack_switch(void)
{
	static char stack[4096] PAGE_ALIGNED;
	u64 top = (u64)stack + sizeof(stack);

	user_init();
	CHECK_EQ(HC(stack_switch, FLAT_KERNEL_SS, top), 0);
	CHECK_EQ(TRAP_OF(user_call(user_trap, 0)), TRAP_UD);
	CHECK_EQ(trap_last_frame_rsp, top - 7 * 8);
	/* An odd stack pointer is rounded down before the frame is pushed. */
	CHECK_EQ(HC(stack_switch, FLAT_KERNEL_SS, top - 9), 0);
	CHECK_EQ(TRAP_OF(user_call(user_trap, 0)), TRAP_UD);
	CHECK_EQ(trap_last_frame_rsp, top - 16 - 7 * 8);
	CHECK_EQ(HC(stack_switch, FLAT_KERNEL_SS & ~3UL, top), 0);
	CHECK_EQ(TRAP_OF(user_call(user_trap, 0)), TRAP_UD);
	CHECK_EQ(trap_last_frame_rsp, top - 7 * 8);
}

void guest_main(void)
{
	kit_init();
	check_ts();
	check_stack_switch();
	verdict();
}

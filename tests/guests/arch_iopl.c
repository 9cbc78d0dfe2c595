/* SPDX-License-Identifier: MIT */
/*
 * Where is the virtual IOPL seen, and by what is it changed?
 *
 * Without the vm_assist "architectural IOPL" only the physdev operation sets it, and the flags of a
 * frame never show it. With the assist it is part of the flags as on a processor: frames show it,
 * and iret takes it from them. The real one stays 0 all the time.
 */
#include "kit.h"

#include <xen/physdev.h>

static u64 own_flags(void)
{
	u64 flags;

	__asm__ volatile("pushfq\n"
			 "pop %0" : "=r"(flags));
	return flags;
}

static unsigned int iopl_of(u64 flags)
{
	return flags >> 12 & 3;
}

static void set_iopl(u32 level)
{
	struct physdev_set_iopl op = { .iopl = level };

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
}

static void on_breakpoint(struct trap_frame *frame)
{
	trap_last = *frame;
	CHECK_EQ(iopl_of(own_flags()), 0);
}

/* As a frame shows it. */
static unsigned int shown(void)
{
	__asm__ volatile("int3");
	return iopl_of(trap_last.rflags);
}

static u64 wanted;

static void on_invalid(struct trap_frame *frame)
{
	frame->rip += 2;
	frame->rflags = (frame->rflags & ~0x3000UL) | wanted << 12;
}

static void iret_with(unsigned int level)
{
	wanted = level;
	__asm__ volatile("ud2");
}

static long user_shown(long arg)
{
	__asm__ volatile("int3");
	return iopl_of(own_flags()) + arg;
}

void guest_main(void)
{
	kit_init();
	user_init();
	trap_handle(TRAP_BP, on_breakpoint);
	trap_handle(TRAP_UD, on_invalid);
	set_iopl(1);
	CHECK_EQ(shown(), 0);
	iret_with(2);
	CHECK_EQ(shown(), 0);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0);
	CHECK_EQ(shown(), 1);
	set_iopl(3);
	CHECK_EQ(shown(), 3);
	iret_with(2);
	CHECK_EQ(shown(), 2);
	CHECK_EQ(shown(), 2);
	iret_with(0);
	CHECK_EQ(shown(), 0);
	iret_with(3);
	CHECK_EQ(user_call(user_shown, 7), 7);	/* user_call() enters with flags that say 0 */
	CHECK_EQ(iopl_of(trap_last.rflags), 0);
	CHECK_EQ(shown(), 0);
	iret_with(3);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0);
	CHECK_EQ(shown(), 0);
	verdict();
}

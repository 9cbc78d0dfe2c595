/* SPDX-License-Identifier: MIT */
/*
 * Segment registers and bases over mode changes.
 *
 * The kernel's GS base is active in kernel mode, the user's in user mode, and each keeps what was
 * set whichever way. A data selector loaded in one mode is seen in the other, since the hypervisor
 * does not touch DS, ES and FS when it switches. When the descriptor of a loaded selector is taken
 * away under it, the processor keeps the cached one; the next load faults.
 */
#include "kit.h"

#define DATA_DPL3 0x00cff3000000ffffUL

static u64 words[4] = { 10, 11, 12, 13 };
static u64 *gdt;

static u64 gs_word(void)
{
	u64 v;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(v));
	return v;
}

static long user_gs(long arg)
{
	return (long)gs_word() + arg;
}

static long user_ds(long arg)
{
	u16 ds;

	__asm__ volatile("mov %%ds, %0" : "=r"(ds));
	return ds + arg;
}

static long user_load_ds(long sel)
{
	__asm__ volatile("mov %w0, %%ds" : : "r"(sel));
	return 0;
}

static u16 read_ds(void)
{
	u16 ds;

	__asm__ volatile("mov %%ds, %0" : "=r"(ds));
	return ds;
}

static void load_ds(u16 sel)
{
	__asm__ volatile("mov %0, %%ds" : : "r"(sel));
}

static void check_bases(void)
{
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_KERNEL, &words[0]), 0);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER, &words[1]), 0);
	for (unsigned int i = 0; i < 3; i++) {
		CHECK_EQ(gs_word(), 10);
		CHECK_EQ(user_call(user_gs, 0), 11);
	}
	/* Inside an event that interrupts user mode the kernel's base is active as well. */
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER, &words[2]), 0);
	CHECK_EQ(user_call(user_gs, 0), 12);
	CHECK_EQ(gs_word(), 10);
}

static void check_selectors(void)
{
	unsigned long frame;

	gdt = page_alloc();
	gdt[3] = DATA_DPL3;
	CHECK_EQ(paging_protect(gdt), 0);
	frame = paging_mfn(gdt);
	CHECK_EQ(HC(set_gdt, &frame, 512), 0);
	load_ds(3 * 8 + 3);
	CHECK_EQ(user_call(user_ds, 0), 3 * 8 + 3);
	CHECK_EQ(read_ds(), 3 * 8 + 3);
	CHECK_EQ(user_call(user_load_ds, 0), 0);
	CHECK_EQ(read_ds(), 0);
	load_ds(3 * 8 + 3);
	CHECK_EQ(HC(update_descriptor, paging_maddr(&gdt[3]), 0), 0);
	CHECK_EQ(read_ds(), 3 * 8 + 3);
	CHECK_EQ(TRAP_OF(load_ds(3 * 8 + 3)), TRAP_GP);
	load_ds(0);
	CHECK_EQ(TRAP_OF(user_call(user_load_ds, 3 * 8 + 3)), TRAP_GP);
	CHECK_EQ(trap_last.error, 3 * 8);
}

void guest_main(void)
{
	kit_init();
	user_init();
	check_bases();
	check_selectors();
	verdict();
}

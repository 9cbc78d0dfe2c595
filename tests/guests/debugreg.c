/* SPDX-License-Identifier: MIT */
/*
 * Debug registers by hypercall and by instruction.
 *
 * A guest has its own DR0-3, DR6 and DR7. Addresses may not point into the hypervisor, DR7 may not
 * enable I/O breakpoints without CR4.DE, and enabling must be real: the breakpoint fires in the
 * guest with DR6 telling which. After reset DR6 and DR7 have their architectural defaults. What the
 * guest has cleared in DR6 stays so, also when it was away from the CPU in between.
 */
#include "kit.h"

#include <xen/sched.h>

#define RFLAGS_TF 0x100
#define DR6_BS 0x4000

static volatile u64 watched;

static u64 mov_from_dr6(void)
{
	u64 v;

	__asm__ volatile("mov %%dr6, %0" : "=r"(v));
	return v;
}

static void mov_to_dr1(u64 v)
{
	__asm__ volatile("mov %0, %%dr1" : : "r"(v));
}

static volatile unsigned int hits;
static volatile u64 hit_dr6;

static void on_debug(struct trap_frame *frame)
{
	(void)frame;
	hits++;
	hit_dr6 = (u64)HC(get_debugreg, 6);
}

static void check_values(void)
{
	static const u32 none[] = { 8, 9, 11, 12, 15, 16, 32, 64, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };

	CHECK_EQ(HC(get_debugreg, 6), 0xffff0ff0);
	CHECK_EQ(HC(get_debugreg, 7), 0x400);
	for (unsigned int r = 0; r < 4; r++) {
		CHECK_EQ(HC(get_debugreg, r), 0);
		CHECK_EQ(HC(set_debugreg, r, VIRT_BASE + r), 0);
		CHECK_EQ(HC(get_debugreg, r), VIRT_BASE + r);
		CHECK_EQ(HC(set_debugreg, r, ADDR_HOLE), -kEPERM);
		CHECK_EQ(HC(set_debugreg, r, ADDR_NONCANONICAL), -kEPERM);
		CHECK_EQ(HC(get_debugreg, r), VIRT_BASE + r);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++) {
		CHECK_EQ(HC(set_debugreg, none[i], VIRT_BASE), -kENODEV);
		CHECK_EQ(HC(get_debugreg, none[i]), -kENODEV);
	}
	for (unsigned int r = 0; r < 4; r++) {
		CHECK_EQ(HC(get_debugreg, r), VIRT_BASE + r); /* nor did it hit another */
	}
	/* 4 and 5 are other names of 6 and 7. */
	CHECK_EQ(HC(get_debugreg, 4), 0xffff0ff0);
	CHECK_EQ(HC(get_debugreg, 5), 0x400);
	CHECK_EQ(HC(set_debugreg, 7, 1UL << 32), -kEINVAL);
	CHECK_EQ(HC(set_debugreg, 6, 1UL << 32), -kEINVAL);
	/* I/O breakpoints need CR4.DE. */
	CHECK_EQ(HC(set_debugreg, 7, 0x400 | 1 | (2UL << 16)), -kEPERM);
	CHECK_EQ(HC(set_debugreg, 7, 0x400), 0);
	mov_to_dr1(VIRT_BASE + 77);
	CHECK_EQ(HC(get_debugreg, 1), VIRT_BASE + 77);
	CHECK_EQ(TRAP_OF(mov_to_dr1(ADDR_HOLE)), TRAP_GP);
	CHECK_EQ(mov_from_dr6(), 0xffff0ff0);
}

/* With CR4.DE a breakpoint on a port is taken note of; those of the hypervisor's own use go on. */
static void check_ports(void)
{
	u64 cr4, dr7 = 0x400 | 1 | (2UL << 16);

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 8) : "memory");
	CHECK_EQ(HC(set_debugreg, 0, 0x3f8), 0); /* the console's */
	CHECK_EQ(HC(set_debugreg, 7, dr7), 0);
	CHECK_EQ(HC(get_debugreg, 7), dr7);
	kprintf("a line through a watched port\n");
	CHECK_EQ(HC(set_debugreg, 7, 0x400), 0);
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
}

static void check_watchpoint(void)
{
	trap_handle(TRAP_DB, on_debug);
	CHECK_EQ(HC(set_debugreg, 2, &watched), 0);
	CHECK_EQ(HC(set_debugreg, 7, 0x400 | (1 << 4) | (1UL << 24) | (3UL << 26)), 0);
	watched = 1; /* DR2: write, four bytes */
	CHECK_EQ(hits, 1);
	CHECK_EQ(hit_dr6 & 0xf, 4);
	(void)watched;
	CHECK_EQ(hits, 1);
	CHECK_EQ(HC(set_debugreg, 7, 0x400), 0);
	watched = 2;
	CHECK_EQ(hits, 1);
	CHECK_EQ(HC(set_debugreg, 6, 0), 0);
	CHECK_EQ(HC(get_debugreg, 6), 0xffff0ff0);
}

/* The CPU does other things for a while, as when a debugger waits for its user. */
static void debug_away(void)
{
	struct sched_poll op = { .timeout = clock_ns() + 5000000 };

	CHECK_EQ(HC(sched_op, SCHEDOP_poll, &op), 0);
	CHECK_EQ(HC(set_debugreg, 6, 0), 0);
}

static void on_debug_away(struct trap_frame *frame)
{
	on_debug(frame);
	frame->rflags &= ~(u64)RFLAGS_TF;
	debug_away();
}

static void single_step(void)
{
	__asm__ volatile("pushfq\n\torl %0, (%%rsp)\n\tpopfq\n\tnop" : : "i"(RFLAGS_TF) : "memory", "cc");
}

/* Either kind of exception after the other: processors may clear B0-3 by themselves, but nothing else. */
static void check_cleared(void)
{
	hits = 0;
	trap_handle(TRAP_DB, on_debug_away);
	CHECK_EQ(HC(set_debugreg, 0, &watched), 0);
	CHECK_EQ(HC(set_debugreg, 7, 0x400 | 1 | (1UL << 16) | (3UL << 18)), 0);
	watched = 3; /* DR0: write, four bytes */
	CHECK_EQ(hits, 1);
	CHECK_EQ(hit_dr6 & (DR6_BS | 0xf), 1);
	single_step();
	CHECK_EQ(hits, 2);
	CHECK_EQ(hit_dr6 & (DR6_BS | 0xf), DR6_BS);
	watched = 4;
	CHECK_EQ(hits, 3);
	CHECK_EQ(hit_dr6 & (DR6_BS | 0xf), 1);
	CHECK_EQ(HC(set_debugreg, 7, 0x400), 0);
}

void guest_main(void)
{
	kit_init();
	check_values();
	check_ports();
	check_watchpoint();
	check_cleared();
	verdict();
}

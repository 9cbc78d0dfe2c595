/* SPDX-License-Identifier: MIT */
/*
 * Where guests run on copies of their page-table roots, is a change of the root seen at once?
 *
 * One vCPU computes without a break; the other gives the root a new entry, which needs no flush, and the first
 * must reach what is behind it without a fault of its own. Then the entry goes with a flush: both must fault.
 * The rest of the interface on such tables is what every other guest asks, run with GUESTS_OPTIONS=xpti=yes.
 *
 * Needs: cpus=2
 * Domain: dom0
 * Options: xpti=yes
 * Bochs: corei7_skylake_x,x2apic
 */
#include "kit.h"

#define AREA 0x500000000000UL
#define ROUNDS 50
#define WORD 0x1234

static volatile unsigned int asked, answered;
static volatile int trap;
static volatile long seen;

/* As TRAP_OF(). */
static NOINLINE int area_read(void)
{
	return TRAP_OF(seen = *(volatile long *)AREA);
}

static void reader(void)
{
	for (;;) {
		while (asked == answered) {
			__asm__ volatile("pause");
		}
		trap = area_read();
		answered++;
		if (answered == 2 * ROUNDS) {
			break;
		}
	}
	smp_stop_self(1);
}

/* The other vCPU reads. As area_read(): -1 when all went well, else the trap it got; -2 when it is stuck. */
static int other_reads(void)
{
	asked++;
	if (!clock_wait(&answered, asked, 5000000000UL)) {
		return -2;
	}
	return trap;
}

void guest_main(void)
{
	long *page;
	u64 root, entry;
	unsigned int came = 0, went = 0;

	kit_init();
	page = page_alloc();
	page[0] = WORD;
	paging_grow(AREA);
	CHECK_EQ(paging_set((void *)AREA, PTE(paging_mfn(page), PTE_FLAGS_RW)), 0);
	root = paging_entry_maddr(AREA, 4);
	entry = *paging_entry(AREA, 4);
	CHECK_EQ(paging_update(root, 0), 0);
	CHECK_EQ(paging_ext(MMUEXT_TLB_FLUSH_ALL, 0), 0);
	CHECK_EQ(smp_start(1, reader), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		CHECK_EQ(paging_update(root, entry), 0);
		came += other_reads() == -1 && seen == WORD;
		seen = 0;
		CHECK_EQ(paging_update(root, 0), 0);
		CHECK_EQ(paging_ext(MMUEXT_TLB_FLUSH_ALL, 0), 0);
		went += other_reads() == TRAP_PF && seen == 0;
		went += area_read() == TRAP_PF;
	}
	CHECK_EQ(came, ROUNDS);
	CHECK_EQ(went, 2 * ROUNDS);
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Does an LDT page that is first needed by the hypervisor itself come in, whatever another vCPU
 * does meanwhile?
 *
 * The iret hypercall and the way back onto a CPU load selectors of the guest's with interrupts
 * off, and each may have to fetch a page of the LDT first. All the while a second vCPU makes and
 * unmakes page tables of pages it has just written, which takes the domain's page-table lock and
 * flushes this CPU under it: the two must not wait for each other.
 *
 * Needs: cpus=2
 * Domain: dom0
 * Deadline: 60
 */
#include "kit.h"

#include <xen/sched.h>

#define DATA_DPL3 0x00cff3000000ffffUL
#define SELECTOR (1 * 8 + 7)
#define ROUNDS 400

static u64 ldt[512] PAGE_ALIGNED;
static volatile unsigned int stage, stop;
static volatile long flips, trouble;

static long set_ldt(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT };

	op.arg1.linear_addr = (unsigned long)ldt;
	op.arg2.nr_ents = 512;
	return HC(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* On the second vCPU: an empty page, written, pinned as a table, unpinned, and so on. */
static void flipper(void)
{
	volatile u64 *page = page_alloc();
	u64 mfn = paging_mfn((void *)page);

	stage = 1;
	while (!stop) {
		*page = 0;
		if (paging_protect((void *)page) || paging_ext(MMUEXT_PIN_L1_TABLE, mfn) ||
		    paging_ext(MMUEXT_UNPIN_TABLE, mfn) || paging_unprotect((void *)page)) {
			trouble = 1;
			break;
		}
		flips++;
	}
	stage = 2;
	smp_stop_self(1);
}

static long user_ss(long arg)
{
	u16 ss;

	__asm__ volatile("mov %%ss, %0" : "=r"(ss));
	return arg + ss;
}

static void check_iret(void)
{
	struct iret_request req = user_request(user_ss, 0x10000);
	unsigned int good = 0;

	req.ss = SELECTOR;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (set_ldt() == 0 && user_switch(&req) == 0x10000 + SELECTOR) {
			good++;
		}
	}
	CHECK_EQ(good, ROUNDS);
}

/* A selector of the LDT stays in DS while the vCPU leaves its CPU and comes back. */
static void check_switch(void)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < ROUNDS / 4; i++) {
		struct sched_poll op = { .timeout = clock_ns() + 1000000 };
		u16 ds = SELECTOR;

		__asm__ volatile("mov %0, %%ds" : : "r"(ds));
		if (set_ldt() == 0) {
			HC(sched_op, SCHEDOP_poll, &op);
		}
		__asm__ volatile("mov %%ds, %0" : "=r"(ds));
		good += ds == SELECTOR;
	}
	__asm__ volatile("mov %0, %%ds" : : "r"(0));
	CHECK_EQ(good, ROUNDS / 4);
}

void guest_main(void)
{
	kit_init();
	user_init();
	ldt[1] = DATA_DPL3;
	CHECK_EQ(paging_protect(ldt), 0);
	CHECK_EQ(set_ldt(), 0);
	CHECK_EQ(smp_start(1, flipper), 0);
	CHECK(clock_wait(&stage, 1, 5000000000UL));
	check_iret();
	check_switch();
	stop = 1;
	CHECK(clock_wait(&stage, 2, 5000000000UL));
	CHECK_EQ(trouble, 0);
	CHECK(flips > 0);
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Does a domain end that does not ask its watchdog to wait?
 *
 * Module: watchdog
 *
 * A domain has two, named 1 and 2: 0 makes one, its number sets it again, a time of 0 stops it.
 * What is not there cannot be set or stopped. Then, as dom0, a domU made from the same image shows
 * what they are for: set again in time, or stopped, it lives; left alone, it is shut down with the
 * reason watchdog when the time has passed and not before.
 */
#include "kit.h"

#include <xen/sched.h>

#include "domain.h"
#include "neighbour.h"

#define SECOND (1000 * MS)

static struct domain child;
static char page[PAGE_SIZE] PAGE_ALIGNED;	/* shows the child's store page */

static long watchdog(u32 id, u32 seconds)
{
	struct sched_watchdog op = { .id = id, .timeout = seconds };

	return HC(sched_op, SCHEDOP_watchdog, &op);
}

static void nap(u64 ns)
{
	neighbour_sleep_until(clock_ns() + ns);
}

/* The child: at the start of its store page it notes when it set the watchdog that ends it. */
static void NORETURN child_main(void)
{
	volatile u64 *set_at = paging_va_of_mfn(start_info->store_mfn);
	long id = watchdog(0, 1);

	nap(600 * MS);
	watchdog((u32)id, 1);
	nap(500 * MS);
	watchdog((u32)id, 0);
	nap(600 * MS);
	if (watchdog(0, 1) == id) {
		*set_at = clock_ns();
	}
	for (;;) {
		nap(SECOND);
	}
}

static void check_numbers(void)
{
	CHECK_EQ(watchdog(1, 60), -kEINVAL);
	CHECK_EQ(watchdog(1, 0), -kEINVAL);
	CHECK_EQ(watchdog(0, 60), 1);
	CHECK_EQ(watchdog(2, 60), -kEINVAL);
	CHECK_EQ(watchdog(0, 60), 2);
	CHECK_EQ((s32)watchdog(0, 60), -kENOSPC);	/* of the oracle's answer this is all */
	CHECK_EQ(watchdog(3, 60), -kEINVAL);
	CHECK_EQ(watchdog(~0U, 60), -kEINVAL);
	CHECK_EQ(watchdog(1, 60), 0);
	CHECK_EQ(watchdog(1, 0), 0);
	CHECK_EQ(watchdog(1, 0), -kEINVAL);
	CHECK_EQ(watchdog(0, 60), 1);
	CHECK_EQ(watchdog(1, 0), 0);
	CHECK_EQ(watchdog(2, 0), 0);
	CHECK_EQ(HC(sched_op, SCHEDOP_watchdog, ADDR_UNMAPPED), -kEFAULT);
}

static void check_bite(void)
{
	u64 end = clock_ns() + 10 * SECOND, set_at, died;
	struct xen_domctl_getdomaininfo info;

	neighbour_make(&child, "child");
	CHECK_EQ(domain_map(&child, child.store_pfn, page, PTE_FLAGS_RW), 0);
	*(volatile u64 *)page = 0;
	CHECK_EQ(domain_unpause(&child), 0);
	do {
		nap(10 * MS);
		CHECK_EQ(domain_info(&child, &info), 0);
	} while (!(info.flags & XEN_DOMINF_shutdown) && clock_ns() < end);
	died = clock_ns();
	set_at = *(volatile u64 *)page;
	CHECK(info.flags & XEN_DOMINF_shutdown);
	CHECK_EQ((info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask,
		 SHUTDOWN_watchdog);
	CHECK(set_at != 0);
	CHECK(died >= set_at + 990 * MS && died < set_at + 3 * SECOND);
	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(domain_destroy(&child), 0);
}

void guest_main(void)
{
	kit_init();
	if (neighbour_told("child")) {
		child_main();
	}
	check_numbers();
	if (kit_is_dom0()) {
		check_bite();
	}
	verdict();
}

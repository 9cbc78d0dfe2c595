/* SPDX-License-Identifier: MIT */
/*
 * Does a domain that was shut down go on where it was when the toolstack resumes it?
 *
 * Domain: dom0
 * Module: resume
 *
 * A domU of the same image counts. dom0 shuts it down from outside, it suspends itself, and each
 * time the reason is shown, VIRQ_DOM_EXC is sent, the counting stops, and after resumedomain it
 * goes on; the hypercall by which it suspended returns 0. A domain that runs is none the worse for
 * it, and of two shutdowns the first counts.
 */
#include "kit.h"

#include <xen/sched.h>

#include "domain.h"
#include "neighbour.h"

#define SECOND (1000 * MS)

/* In the child's store page. */
struct report {
	volatile u64 count, suspend, returned;
};

static struct domain child;
static char page[PAGE_SIZE] PAGE_ALIGNED;
static unsigned int dom_exc;

static struct report *report(void)
{
	return (struct report *)page;
}

static void NORETURN child_main(void)
{
	struct report *r = paging_va_of_mfn(start_info->store_mfn);
	struct sched_shutdown op = { .reason = SHUTDOWN_suspend };

	for (;;) {
		r->count++;
		if (r->suspend) {
			r->suspend = 0;
			r->returned = (u64)HC(sched_op, SCHEDOP_shutdown, &op);
		}
		neighbour_sleep_until(clock_ns() + MS);
	}
}

static void nap(u64 ns)
{
	neighbour_sleep_until(clock_ns() + ns);
}

/* The reason of the shutdown once there is one; -1 when it runs. */
static long reason(u64 within)
{
	u64 end = clock_ns() + within;
	struct xen_domctl_getdomaininfo info;

	do {
		nap(2 * MS);
		CHECK_EQ(domain_info(&child, &info), 0);
	} while (!(info.flags & XEN_DOMINF_shutdown) && clock_ns() < end);
	if (!(info.flags & XEN_DOMINF_shutdown)) {
		return -1;
	}
	return (info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
}

static bool counts(u64 within)
{
	u64 end = clock_ns() + within, before = report()->count;

	while (report()->count == before && clock_ns() < end) {
		nap(MS);
	}
	return report()->count != before;
}

static long remote_shutdown(domid_t id, u32 why)
{
	struct sched_remote_shutdown op = { .domain_id = id, .reason = why };

	return HC(sched_op, SCHEDOP_remote_shutdown, &op);
}

static long resume(void)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	return domain_ctl(XEN_DOMCTL_resumedomain, child.id, &op);
}

static void check_stopped(long why)
{
	CHECK_EQ(reason(5 * SECOND), why);
	CHECK(event_pending(dom_exc));
	CHECK(!counts(30 * MS));
	CHECK_EQ(resume(), 0);
	CHECK(counts(5 * SECOND));
	CHECK_EQ(reason(0), -1);
	event_clear(dom_exc);
}

static void check_self(void)
{
	report()->returned = 99;
	report()->suspend = 1;
	check_stopped(SHUTDOWN_suspend);
	CHECK_EQ(report()->returned, 0);
}

void guest_main(void)
{
	kit_init();
	if (neighbour_told("child")) {
		child_main();
	}
	dom_exc = (unsigned int)event_bind_virq(VIRQ_DOM_EXC, 0);
	neighbour_make(&child, "child");
	CHECK_EQ(domain_map(&child, child.store_pfn, page, PTE_FLAGS_RW), 0);
	memset(page, 0, sizeof(struct report));
	CHECK_EQ(domain_unpause(&child), 0);
	CHECK(counts(5 * SECOND));
	event_clear(dom_exc);
	CHECK_EQ(resume(), 0);
	CHECK(counts(5 * SECOND));
	CHECK_EQ(remote_shutdown(child.id, SHUTDOWN_reboot), 0);
	check_stopped(SHUTDOWN_reboot);
	check_self();
	CHECK_EQ(remote_shutdown(child.id, SHUTDOWN_suspend), 0);
	CHECK_EQ(remote_shutdown(child.id, SHUTDOWN_poweroff), 0);
	check_stopped(SHUTDOWN_suspend);	/* the first counts */
	CHECK_EQ(remote_shutdown(4321, SHUTDOWN_poweroff), -kESRCH);
	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(domain_destroy(&child), 0);
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Does the end of a large guest keep its neighbour from running?
 *
 * Domain: dom0
 * Module: waiter
 * Needs: mem=768
 * Deadline: 60
 *
 * On the only CPU a guest wakes every millisecond and notes how late it was at worst, while dom0
 * makes and destroys a guest of 512 MB. The destruction, which takes many milliseconds, must let the
 * neighbour in all the time: its worst delay stays far below the whole. And all memory comes back.
 */
#include "kit.h"

#include <xen/memory.h>
#include <xen/sched.h>

#include "domain.h"

#define SECOND		1000000000UL
#define MS		1000000UL
#define CHUNK_ORDER	9
#define CHUNKS		256	/* 512 MB */

static struct domain neighbour, large;
static char page[PAGE_SIZE] PAGE_ALIGNED;	/* shows the neighbour's report */

static volatile u64 *report(void)
{
	return (volatile u64 *)page;
}

static long large_create(void)
{
	static u64 chunks[CHUNKS];
	struct xen_memory_reservation r = { .nr_extents = CHUNKS, .extent_order = CHUNK_ORDER };
	struct xen_domctl op;
	long err = domain_create_sized(&large, 16);

	if (err != 0) {
		return err;
	}
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = (CHUNKS + 1) << (CHUNK_ORDER + 2);
	err = domain_ctl(XEN_DOMCTL_max_mem, large.id, &op);
	if (err != 0) {
		return err;
	}
	for (unsigned int i = 0; i < CHUNKS; i++) {
		chunks[i] = (u64)(i + 1) << CHUNK_ORDER;
	}
	r.domid = large.id;
	SET_HANDLE(r.extent_start, chunks);
	return HC(memory_op, XENMEM_populate_physmap, &r) == CHUNKS ? 0 : -kENOMEM;
}

static void let_neighbour_wake(unsigned int times)
{
	u64 end = clock_ns() + 10 * SECOND, want = report()[0] + times;

	while (report()[0] < want && clock_ns() < end) {
		struct sched_poll poll = { .nr_ports = 0, .timeout = clock_ns() + 5 * MS };

		HC(sched_op, SCHEDOP_poll, &poll);
	}
	CHECK(report()[0] >= want);
}

static void round(bool judge)
{
	u64 start, took, woken, late;

	CHECK_EQ(large_create(), 0);
	let_neighbour_wake(5);
	report()[1] = 0;
	woken = report()[0];
	start = clock_ns();
	CHECK_EQ(domain_destroy(&large), 0);
	took = clock_ns() - start;
	let_neighbour_wake(1);
	late = report()[1];
	woken = report()[0] - woken;
	kprintf("destroy_large: 512 MB in %lu us; the neighbour woke %lu times, at worst %lu us late\n",
		(unsigned long)took / 1000, (unsigned long)woken, (unsigned long)late / 1000);
	if (judge) {
		/* A third of the whole is plenty; below some ms only this machine's host is to blame. */
		CHECK(late < took / 3 || late < 15 * MS);
	}
}

void guest_main(void)
{
	u64 before;

	kit_init();
	CHECK_EQ(domain_create_sized(&neighbour, 1024), 0);
	CHECK_EQ(domain_build(&neighbour, (void *)start_info->mod_start, start_info->mod_len,
			      "forever"), 0);
	CHECK_EQ(domain_map(&neighbour, neighbour.store_pfn, page, PTE_FLAGS_RW), 0);
	report()[0] = report()[1] = 0;
	CHECK_EQ(domain_unpause(&neighbour), 0);
	let_neighbour_wake(5);
	round(false);
	before = domain_free_pages();
	round(true);
	CHECK_EQ(domain_free_pages(), before);
	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(domain_destroy(&neighbour), 0);
	verdict();
}

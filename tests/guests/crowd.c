/* SPDX-License-Identifier: MIT */
/*
 * How many small guests does a machine hold, what does each cost, and is all of it given back?
 *
 * Domain: dom0
 * Module: waiter
 * Needs: mem=512
 * Deadline: 120
 *
 * Makes guests of 4 MB until one cannot be made, starts all of them, and sees each of them run and
 * sleep. A guest may cost the hypervisor no more than 85 KB beside its own memory: what the oracle
 * takes. Then every other one goes and others take the places, and at last all go: the
 * machine must have as much free memory as before. With other memory (tests/guests/run --mem) it is
 * the measure of density.
 */
#include "kit.h"

#include <xen/sched.h>

#include "domain.h"

#define SECOND		1000000000UL
#define GUEST_PAGES	1024	/* 4 MB */
#define COST_MAX_KB	85
#define GUESTS_MAX	2048

static struct domain d;
static domid_t ids[GUESTS_MAX];
static unsigned int nr;

/* One more guest, not running yet. False when it cannot be made; then nothing is left of it. */
static bool guest_add(void)
{
	if (domain_create_sized(&d, GUEST_PAGES) != 0) {
		return false;
	}
	if (domain_build(&d, (void *)start_info->mod_start, start_info->mod_len,
			 "forever seldom") != 0) {
		CHECK_EQ(domain_destroy(&d), 0);
		return false;
	}
	ids[nr++] = d.id;
	return true;
}

static void guest_remove(unsigned int i)
{
	d.id = ids[i];
	CHECK_EQ(domain_destroy(&d), 0);
}

/* Has it had the CPU, and does it still stand? */
static bool guest_lives(domid_t id)
{
	struct xen_domctl_getdomaininfo info;
	u64 end = clock_ns() + 20 * SECOND;

	d.id = id;
	while (clock_ns() < end) {
		struct sched_poll poll = { .nr_ports = 0, .timeout = clock_ns() + SECOND / 100 };

		if (domain_info(&d, &info) != 0 || (info.flags & XEN_DOMINF_shutdown)) {
			return false;
		}
		if (info.cpu_time > 0 && (info.flags & XEN_DOMINF_blocked)) {
			return true;
		}
		HC(sched_op, SCHEDOP_poll, &poll);
	}
	return false;
}

static void fill(void)
{
	while (nr < GUESTS_MAX && guest_add()) {
		if (nr % 100 == 0) {
			kprintf("crowd: %u guests\n", nr);
		}
	}
}

static void start_all(unsigned int from)
{
	for (unsigned int i = from; i < nr; i++) {
		d.id = ids[i];
		CHECK_EQ(domain_unpause(&d), 0);
	}
}

static void check_cost(u64 before)
{
	u64 own = before - domain_free_pages() - (u64)nr * GUEST_PAGES;

	kprintf("crowd: %u guests of 4 MB, %lu KB of the hypervisor's for each\n", nr,
		(unsigned long)(own * 4 / nr));
	CHECK(own * 4 / nr <= COST_MAX_KB);
}

/* Free memory after destruction; some of it may come back a moment later. */
static u64 settle(u64 want)
{
	u64 end = clock_ns() + 2 * SECOND;

	while (domain_free_pages() != want && clock_ns() < end) {
		HC(sched_op, SCHEDOP_yield, 0);
	}
	return domain_free_pages();
}

static void remove_all(void)
{
	while (nr > 0) {
		guest_remove(--nr);
	}
}

static void replace_every_other(void)
{
	unsigned int kept = 0, full = nr;

	for (unsigned int i = 0; i < nr; i++) {
		if (i % 2) {
			guest_remove(i);
		} else {
			ids[kept++] = ids[i];
		}
	}
	nr = kept;
	fill();
	CHECK_EQ(nr, full);
	start_all(kept);
	for (unsigned int i = kept; i < nr; i++) {
		CHECK(guest_lives(ids[i]));
	}
}

void guest_main(void)
{
	unsigned int full;
	u64 before, after;

	kit_init();
	/* What a first crowd has allocated once and for all is no leak. */
	fill();
	remove_all();
	before = settle(0);
	fill();
	/* As many as there is memory for, but for what is too little for one more. */
	CHECK(nr + 1 >= before / (GUEST_PAGES + COST_MAX_KB / 4 + 1));
	check_cost(before);
	start_all(0);
	for (unsigned int i = 0; i < nr; i++) {
		CHECK(guest_lives(ids[i]));
	}
	replace_every_other();
	full = nr;
	remove_all();
	after = settle(before);
	kprintf("crowd: all gone: %ld pages fewer free than before\n", (long)(before - after));
	/* The oracle keeps pages in pools of its own; a leak would be one for each guest. */
	CHECK(after + 1 + full / 64 >= before);
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * How long does a vCPU that wakes wait, beside neighbours that never sleep?
 *
 * Domain: dom0
 * Module: burn
 * Needs: icount=1
 * Deadline: 60
 *
 * As dom0 it makes four domains of the module, itself again, that spin on the same CPU, and
 * measures how late it runs after its timer. At most 2 ms; under instruction counting the figure
 * is exact. As a domU made by any toolstack, a word on its command line tells it what to do:
 * "spin", on every vCPU for ever; "talk", a letter and an event for the console at a time, for ever;
 * or "wake", measure, print the worst and stop.
 */
#include "kit.h"

#include <xen/io/console.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "domain.h"

#define MS 1000000UL
#define NEIGHBOURS 4
#define ROUNDS 100

static struct domain neighbours[NEIGHBOURS];

/* Without "pause": QEMU leaves its fast path for each. */
static void NORETURN spin(void)
{
	for (;;) {
		__asm__ volatile("");
	}
}

static void NORETURN spin_everywhere(void)
{
	for (unsigned int vcpu = 1; HC(vcpu_op, VCPUOP_is_up, vcpu, 0) >= 0; vcpu++) {
		smp_start(vcpu, spin);
	}
	spin();
}

/* Does not wait for room: the events go on. */
static void NORETURN talk(void)
{
	struct xencons_interface *ring = paging_va_of_mfn(start_info->console.domU.mfn);

	for (;;) {
		if (ring->out_prod - *(volatile XENCONS_RING_IDX *)&ring->out_cons < sizeof(ring->out)) {
			ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] =
				ring->out_prod % 64 ? 'x' : '\n';
			barrier();
			ring->out_prod++;
		}
		event_send(start_info->console.domU.evtchn);
	}
}

/* The longest time from the moment a wait was to end to running again, in ns. */
static u64 measure_wakes(u64 *mean)
{
	u64 worst = 0, sum = 0;

	HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		u64 when = clock_ns() + (2 + i % 5) * MS + i * 7919, late;
		struct sched_poll poll = { .nr_ports = 0, .timeout = when };

		HC(sched_op, SCHEDOP_poll, &poll);
		late = clock_ns();
		late = late > when ? late - when : 0;
		worst = late > worst ? late : worst;
		sum += late;
	}
	*mean = sum / ROUNDS;
	return worst;
}

static void start_neighbour(struct domain *d)
{
	CHECK_EQ(domain_create(d), 0);
	CHECK_EQ(domain_build(d, (void *)start_info->mod_start, start_info->mod_len, "spin"), 0);
	CHECK_EQ(domain_unpause(d), 0);
}

/* Do all of them run? */
static bool all_run(void)
{
	u64 end = clock_ns() + 5000 * MS;
	bool all = false;

	while (!all && clock_ns() < end) {
		all = true;
		for (unsigned int i = 0; i < NEIGHBOURS; i++) {
			struct xen_domctl_getdomaininfo info;

			CHECK_EQ(domain_info(&neighbours[i], &info), 0);
			all = all && info.cpu_time > 5 * MS;
		}
		HC(sched_op, SCHEDOP_yield, 0);
	}
	return all;
}

void guest_main(void)
{
	const char *words = (const char *)start_info->cmd_line;
	u64 worst, mean;

	kit_init();
	if (strstr(words, "spin") != NULL) {
		spin_everywhere();
	}
	if (strstr(words, "talk") != NULL) {
		talk();
	}
	if (kit_is_dom0()) {
		for (unsigned int i = 0; i < NEIGHBOURS; i++) {
			start_neighbour(&neighbours[i]);
		}
		CHECK(all_run());
	}
	worst = measure_wakes(&mean);
	kprintf("wakes: %u, worst %lu us, mean %lu us\n", ROUNDS, worst / 1000, mean / 1000);
	CHECK(worst <= 2 * MS);
	for (unsigned int i = 0; kit_is_dom0() && i < NEIGHBOURS; i++) {
		CHECK_EQ(domain_destroy(&neighbours[i]), 0);
	}
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Does a vCPU with nothing to do stay off the CPU, and come back when its time has come?
 *
 * It sleeps in SCHEDOP_poll, a moment at a time. It must never wake early, and the time must be
 * accounted as blocked. With the word "forever" on its command line it gives no verdict but goes on
 * sleeping: so it is a neighbour for the guest `destroy_large`, which reads from its store page how
 * often it woke and how late it was at worst. With "seldom", too, it sleeps a second at a time: so a
 * thousand of them, in the guest `crowd`, leave the CPU something for others.
 */
#include "kit.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS 1000000UL

/* At the start of the store page: wake-ups, and the worst delay in ns. */
static volatile u64 *report;

static u64 sleep_until(u64 when)
{
	struct sched_poll poll = { .nr_ports = 0, .timeout = when };
	u64 now;

	HC(sched_op, SCHEDOP_poll, &poll);
	now = clock_ns();
	return now >= when ? now - when : 0;
}

static void NORETURN sleep_forever(u64 step)
{
	u64 late, when = clock_ns();

	report = paging_va_of_mfn(start_info->store_mfn);
	for (;;) {
		when += step;
		late = sleep_until(when);
		report[0]++;
		if (late > report[1]) {
			report[1] = late;
		}
		when += late;
	}
}

void guest_main(void)
{
	const char *words = (const char *)start_info->cmd_line;
	struct vcpu_runstate_info before, after;
	u64 start, when;

	kit_init();
	if (strstr(words, "forever") != NULL) {
		sleep_forever(strstr(words, "seldom") != NULL ? 1000 * MS : MS);
	}
	CHECK_EQ(HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_runstate_info, 0, &before), 0);
	start = when = clock_ns();
	for (unsigned int i = 0; i < 50; i++) {
		when += 2 * MS;
		sleep_until(when);
		CHECK(clock_ns() >= when);
	}
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_runstate_info, 0, &after), 0);
	CHECK(after.time[RUNSTATE_blocked] - before.time[RUNSTATE_blocked] >= 25 * MS);
	CHECK(clock_ns() - start >= 100 * MS);
	verdict();
}

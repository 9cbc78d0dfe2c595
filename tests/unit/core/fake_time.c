/* SPDX-License-Identifier: MIT */
/* See fake_time.h. */
#include <string.h>
#include <dais/percpu.h>
#include <dais/smp.h>
#include <dais/time.h>
#include "fake_time.h"

uint64_t fake_now;
uint64_t fake_event[FAKE_CPUS];
unsigned long fake_event_sets;
unsigned long fake_ipis[FAKE_CPUS];

void fake_time_reset(void)
{
	fake_now = 1000000;
	memset(fake_event, 0xff, sizeof(fake_event));
	memset(fake_ipis, 0, sizeof(fake_ipis));
	fake_event_sets = 0;
}

uint64_t time_now_ns(void)
{
	return fake_now;
}

void clock_event_set(uint64_t deadline)
{
	fake_event[cpu_id()] = deadline;
	fake_event_sets++;
}

void smp_send_event_check(unsigned int cpu)
{
	fake_ipis[cpu]++;
}

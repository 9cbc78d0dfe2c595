/* SPDX-License-Identifier: MIT */
/*
 * Reads the PV clock; owns nothing. The version counter is the lock: odd means being written.
 */
#include "clock.h"

#include "event.h"

u64 clock_tsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return ((u64)hi << 32) | lo;
}

u64 clock_ns_of(const volatile struct vcpu_time_info *t)
{
	u64 delta, ns;
	u32 version;

	do {
		do {
			version = t->version;
		} while (version & 1);
		barrier();
		delta = clock_tsc() - t->tsc_timestamp;
		if (t->tsc_shift >= 0) {
			delta <<= t->tsc_shift;
		} else {
			delta >>= -t->tsc_shift;
		}
		ns = t->system_time +
		     (u64)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
		barrier();
	} while (t->version != version);
	return ns;
}

u64 clock_ns(void)
{
	return clock_ns_of(&event_vcpu_info()->time);
}

bool clock_wait(const volatile unsigned int *flag, unsigned int want, u64 ns)
{
	u64 end = clock_ns() + ns;

	while (*flag < want) {
		if (clock_ns() > end) {
			return false;
		}
		__asm__ volatile("pause");
	}
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * Is the PV clock a clock?
 *
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * Time read with the published scale never goes back, agrees with itself over a stretch that
 * includes hypercalls and updates, and advances while the guest waits. Wall-clock time is a boot
 * epoch: it stays the same while system time runs, and the sum is a date after this was written.
 * A copy of the time block can be registered at an address of the guest's choice; runstate says
 * that the caller is running and its times add up to the present.
 */
#include "kit.h"

#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define MS 1000000UL

static void check_monotonic(void)
{
	u64 last = clock_ns(), start = last;
	unsigned int backwards = 0;

	while (last - start < 60 * MS) {
		for (unsigned int i = 0; i < 100; i++) {
			u64 now = clock_ns();

			backwards += now < last;
			last = now;
		}
		HC(xen_version, XENVER_version, 0);
	}
	CHECK_EQ(backwards, 0);
}

/* TSC ticks over a stretch, turned into ns by the published scale, against the clock itself. */
static void check_scale(void)
{
	struct vcpu_time_info t = event_vcpu_info()->time;
	u64 ns0 = clock_ns(), tsc0 = clock_tsc(), ns1, tsc1, delta, by_scale, diff;

	while (clock_ns() - ns0 < 50 * MS) {
	}
	ns1 = clock_ns();
	tsc1 = clock_tsc();
	delta = tsc1 - tsc0;
	delta = t.tsc_shift >= 0 ? delta << t.tsc_shift : delta >> -t.tsc_shift;
	by_scale = (u64)(((unsigned __int128)delta * t.tsc_to_system_mul) >> 32);
	diff = by_scale > ns1 - ns0 ? by_scale - (ns1 - ns0) : ns1 - ns0 - by_scale;
	check_that(diff < 2 * MS, "scale gives %lu ns, the clock %lu", (unsigned long)by_scale,
		   (unsigned long)(ns1 - ns0));
	CHECK((t.flags & ~3U) == 0);
}

static void check_wallclock(void)
{
	const volatile struct shared_info *s = event_shared();
	u64 sec = ((u64)s->wc_sec_hi << 32) | s->wc_sec, now;

	CHECK(s->wc_nsec < 1000000000);
	now = sec + clock_ns() / 1000000000;
	check_that(now > 1700000000 && now < 4000000000UL, "the year is far away: %lu",
		   (unsigned long)now);
	CHECK_EQ(s->wc_version & 1, 0);
	HC(sched_op, SCHEDOP_yield, 0);
	CHECK_EQ(s->wc_sec, (u32)sec);
}

static void check_time_area(void)
{
	static struct vcpu_time_info area PAGE_ALIGNED;
	struct vcpu_register_time_memory_area op;
	u64 a, b;

	memset(&op, 0, sizeof(op));
	SET_HANDLE(op.addr.h, &area);
	CHECK_EQ(HC(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
	CHECK_EQ(area.tsc_to_system_mul, event_vcpu_info()->time.tsc_to_system_mul);
	a = clock_ns();
	b = clock_ns_of(&area);
	CHECK(b >= a && b - a < 1000 * MS);
	SET_HANDLE(op.addr.h, NULL);
	CHECK_EQ(HC(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
	SET_HANDLE(op.addr.h, ADDR_HOLE);
	CHECK_EQ(HC(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &op), -kEFAULT);
}

static void check_runstate(void)
{
	static struct vcpu_runstate_info area PAGE_ALIGNED;
	struct vcpu_register_runstate_memory_area op;
	struct vcpu_runstate_info now;
	u64 sum, ns;

	memset(&op, 0, sizeof(op));
	SET_HANDLE(op.addr.h, &area);
	CHECK_EQ(HC(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &op), 0);
	CHECK_EQ(area.state, RUNSTATE_running);
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_runstate_info, 0, &now), 0);
	ns = clock_ns();
	CHECK_EQ(now.state, RUNSTATE_running);
	sum = now.time[0] + now.time[1] + now.time[2] + now.time[3];
	CHECK(now.state_entry_time <= ns);
	CHECK(sum <= ns);
	/* Sleeping is accounted as blocked, and the area is brought up to date on the way back. */
	{
		struct sched_poll poll = { .nr_ports = 0, .timeout = clock_ns() + 20 * MS };
		u64 blocked = area.time[RUNSTATE_blocked], entry = area.state_entry_time;

		CHECK_EQ(HC(sched_op, SCHEDOP_poll, &poll), 0);
		CHECK_EQ(area.state, RUNSTATE_running);
		CHECK(area.time[RUNSTATE_blocked] - blocked >= 10 * MS);
		CHECK(area.state_entry_time > entry);
	}
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_runstate_info, 0, ADDR_UNMAPPED), -kEFAULT);
	SET_HANDLE(op.addr.h, ADDR_HOLE);
	CHECK_EQ(HC(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &op), -kEFAULT);
	SET_HANDLE(op.addr.h, ADDR_NONCANONICAL);
	CHECK_EQ(HC(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &op), -kEFAULT);
}

void guest_main(void)
{
	kit_init();
	check_monotonic();
	check_scale();
	check_wallclock();
	check_time_area();
	check_runstate();
	verdict();
}

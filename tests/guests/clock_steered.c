/* SPDX-License-Identifier: MIT */
/*
 * Is the PV clock still one clock when the TSC is not trusted?
 *
 * Then each CPU's scale is corrected by the platform's counter about once a second. A vCPU that
 * stays on its CPU sees time go on through every correction, as fast as the CMOS clock has it; both
 * vCPUs' clocks tell the same time, up to what a busy host takes from QEMU's CPUs; and what the
 * hypervisor notes on one CPU is never earlier than what it noted before on the other. The flag
 * that lets a guest do without a look at the other vCPUs is not set. The oracle answers alike,
 * except that its own notes go back by as much as its CPUs' clocks differ, some milliseconds.
 *
 * Domain: dom0
 * Only: dais
 * Needs: cpus=2
 * Options: dom0_vcpus_pin tsc=unstable
 * Options: dom0_vcpus_pin tsc=unstable clocksource=hpet
 */
#include "kit.h"

#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS 1000000UL
#define APART_MAX (30 * MS)

struct edge {
	u64 before, after;	/* it came between these */
};

static volatile u64 other_ns, other_noted;
static volatile unsigned int ready, asked, answered, backwards, corrections[2];

static volatile struct vcpu_time_info *time_of(unsigned int vcpu)
{
	return &event_shared()->vcpu_info[vcpu].time;
}

/* Each vCPU calls this again and again. */
static u64 watch(unsigned int vcpu)
{
	static u64 last[2], stamp[2];
	u64 now = clock_ns_of(time_of(vcpu));

	if (now < last[vcpu]) {
		__atomic_fetch_add(&backwards, 1, __ATOMIC_SEQ_CST);
	}
	last[vcpu] = now;
	if (time_of(vcpu)->tsc_timestamp != stamp[vcpu]) {
		corrections[vcpu] += stamp[vcpu] != 0;
		stamp[vcpu] = time_of(vcpu)->tsc_timestamp;
	}
	return now;
}

static u64 state_entry(unsigned int vcpu)
{
	struct vcpu_runstate_info r;

	HC(vcpu_op, VCPUOP_get_runstate_info, vcpu, &r);
	return r.state_entry_time;
}

/* What the hypervisor's clock says now: sleep, and ask when that was over. */
static u64 noted(unsigned int vcpu)
{
	u64 before = state_entry(vcpu), entry;

	do {
		struct sched_poll op = { .nr_ports = 0, .timeout = watch(vcpu) + 200000 };

		HC(sched_op, SCHEDOP_poll, &op);
	} while ((entry = state_entry(vcpu)) == before);
	return entry;
}

static void other_main(void)
{
	event_shared()->vcpu_info[1].evtchn_upcall_mask = 1;
	ready = 1;
	for (;;) {
		u64 now = watch(1);

		if (asked != answered) {
			other_ns = now;
			other_noted = noted(1);
			answered = asked;
		}
	}
}

/* Every line here is later than the ones before, whoever's clock it is. */
static void compare(void)
{
	u64 ns = watch(0), note = noted(0);

	asked++;
	if (!check_that(clock_wait(&answered, asked, 2000 * MS), "vCPU 1 does not answer")) {
		return;
	}
	check_that(other_ns + APART_MAX > ns, "vCPU 1 is %lu ns behind", ns - other_ns);
	check_that(other_noted >= note, "noted on CPU 1: %lu ns earlier", note - other_noted);
	ns = watch(0);
	note = noted(0);
	check_that(ns + APART_MAX > other_ns, "vCPU 0 is %lu ns behind", other_ns - ns);
	check_that(note >= other_noted, "noted on CPU 0: %lu ns earlier", other_noted - note);
}

static u8 cmos_seconds(void)
{
	u8 v = 0;

	__asm__ volatile("outb %%al, %%dx" : : "a"(v), "d"(0x70));
	__asm__ volatile("inb %%dx, %%al" : "=a"(v) : "d"(0x71));
	return v;
}

static struct edge next_second(void)
{
	u8 first = cmos_seconds();
	struct edge e = { .after = watch(0) };

	do {
		e.before = e.after;
		e.after = watch(0);
	} while (cmos_seconds() == first);
	e.after = watch(0);
	return e;
}

/* Two seconds; the second of them without any sleep, so that corrections come to running vCPUs. */
static void check_rate(void)
{
	struct edge first = next_second(), last;
	u64 most, least;

	compare();
	corrections[0] = corrections[1] = 0;
	next_second();
	last = next_second();
	CHECK(corrections[0] > 0);
	CHECK(corrections[1] > 0);
	most = last.after - first.before;
	least = last.before - first.after;
	check_that(least < 2000 * MS + APART_MAX && most > 2000 * MS - APART_MAX,
		   "two seconds took from %lu to %lu ns", least, most);
	compare();
}

void guest_main(void)
{
	struct physdev_set_iopl op = { .iopl = 1 };

	kit_init();
	HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
	CHECK_EQ(smp_start(1, other_main), 0);
	CHECK(clock_wait(&ready, 1, 2000 * MS));
	check_rate();
	CHECK_EQ(backwards, 0);
	CHECK_EQ((time_of(0)->flags | time_of(1)->flags) & XEN_PVCLOCK_TSC_STABLE_BIT, 0);
	verdict();
}

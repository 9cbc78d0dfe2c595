/* SPDX-License-Identifier: MIT */
/*
 * Which timers does a vCPU have, and when do they fire?
 *
 * Bochs: corei7_skylake_x,x2apic corei7_skylake_x ryzen p4_prescott_celeron_336
 *
 * A vCPU starts with a periodic VIRQ_TIMER every 10 ms, which kernels stop; a singleshot timer and
 * set_timer_op each name an absolute time. A time in the past fires at once; one that is negative
 * or more than 2^50 ns ahead makes set_timer_op fire in 100 ms. They act on the calling vCPU only.
 * Upper bounds here are generous: the machine under test may be slow, but a timer that is early is
 * wrong.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/vcpu.h>

#define MS 1000000UL
#define SOON (2000 * MS)

static unsigned int port;

static long singleshot(u64 when, u32 flags)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = when, .flags = flags };

	return HC(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op);
}

static long periodic(u64 period)
{
	struct vcpu_set_periodic_timer op = { .period_ns = period };

	return HC(vcpu_op, VCPUOP_set_periodic_timer, 0, &op);
}

static bool fires_at(u64 when)
{
	bool fired = clock_wait(&event_count[port], 1, SOON);

	event_count[port] = 0;
	return fired && clock_ns() >= when;
}

static bool quiet_for(u64 ns)
{
	unsigned int before = event_count[port];

	clock_wait(&event_count[port], before + 1, ns);
	return event_count[port] == before;
}

static void check_default_tick(void)
{
	u64 start = clock_ns();

	event_count[port] = 0;
	CHECK(clock_wait(&event_count[port], 3, SOON));
	/* Three ticks need at least two whole periods. */
	CHECK(clock_ns() - start >= 18 * MS);
	CHECK_EQ(HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	CHECK(quiet_for(50 * MS));
	CHECK_EQ(HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0); /* again is fine */
}

static void check_singleshot(void)
{
	u64 when = clock_ns() + 20 * MS;
	long err;

	event_count[port] = 0;
	CHECK_EQ(singleshot(when, 0), 0);
	CHECK(fires_at(when));
	CHECK(quiet_for(30 * MS)); /* once */
	CHECK_EQ(singleshot(1, 0), 0);
	CHECK(fires_at(0));
	/* "Tell me if it is past": the oracle ignores the flag, the header promises -ETIME. */
	err = singleshot(1, VCPU_SSHOTTMR_future);
	CHECK_EITHER(err, 0, -kETIME);
	CHECK_EQ(fires_at(0), err == 0);
	CHECK_EQ(singleshot(clock_ns() + 30 * MS, VCPU_SSHOTTMR_future), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
	CHECK(quiet_for(50 * MS));
}

static void check_set_timer_op(void)
{
	u64 when = clock_ns() + 20 * MS;

	CHECK_EQ(HC(set_timer_op, when), 0);
	CHECK(fires_at(when));
	CHECK_EQ(HC(set_timer_op, clock_ns() + 30 * MS), 0);
	CHECK_EQ(HC(set_timer_op, 0), 0);
	CHECK(quiet_for(50 * MS));
	CHECK_EQ(HC(set_timer_op, clock_ns() - 5), 0);
	CHECK(fires_at(0));
	CHECK_EQ(HC(set_timer_op, clock_ns() + (1UL << 50) - 1000 * MS), 0);
	CHECK(quiet_for(150 * MS));
}

/*
 * No guest means a time before the beginning or weeks ahead. Both come after 100 ms: a guest that
 * waits for one is woken, one that asks again and again does not storm.
 */
static void check_senseless(u64 when)
{
	u64 start = clock_ns();

	CHECK_EQ(HC(set_timer_op, when), 0);
	CHECK(quiet_for(30 * MS));
	CHECK(fires_at(start + 100 * MS));
}

static void check_periodic(void)
{
	u64 start;

	CHECK_EQ(periodic(5 * MS), 0);
	start = clock_ns();
	event_count[port] = 0;
	CHECK(clock_wait(&event_count[port], 4, SOON));
	CHECK(clock_ns() - start >= 14 * MS);
	CHECK_EQ(HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	event_count[port] = 0;
	CHECK(quiet_for(20 * MS));
	CHECK_EQ(periodic(1000), -kEINVAL); /* shorter than a millisecond */
	CHECK_EQ(periodic(0xffffffffffffffff), -kEINVAL);
}

void guest_main(void)
{
	kit_init();
	port = (unsigned int)event_bind_virq(VIRQ_TIMER, 0);
	event_enable();
	check_default_tick();
	check_singleshot();
	check_set_timer_op();
	check_senseless(~0UL);
	check_senseless(1UL << 63);
	check_senseless(clock_ns() + (1UL << 50) + 1000 * MS);
	check_periodic();
	event_disable();
	verdict();
}

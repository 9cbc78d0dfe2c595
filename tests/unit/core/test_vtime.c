/* SPDX-License-Identifier: MIT */
/*
 * Guest time: the version protocol, when an update is skipped, wallclock arithmetic, and the vcpu timers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <time.h>
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/percpu.h>
#include <dais/softirq.h>
#include <dais/time.h>
#include <dais/vtime.h>
#include <xen/shared_info.h>
#include "fake.h"
#include "fake_time.h"

static struct time_scale scale = { .stamp = 1000, .base = 5000, .mul = 0x80000000, .shift = 1 };
static struct vcpu v;
static struct vcpu_info info;
static struct shared_info shared __attribute__((aligned(4096)));
static struct domain d;
static unsigned int fired;
static bool stable;

void time_get_scale(struct time_scale *s)
{
	*s = scale;
}

bool time_is_stable(void)
{
	return stable;
}

static uint64_t epoch = 0x1fffffff0ull;
static bool epoch_moves;
static pthread_t mover;

static void *move_on(void *arg)
{
	fake_set_cpu(1);
	vtime_update_wallclock(&d);
	atomic_set(&epoch_moves, false);
	return NULL;
}

void time_get_boot_epoch(uint64_t *sec, uint32_t *nsec)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	*sec = atomic_read(&epoch);
	*nsec = 123456789;
	/* The clock is set on another CPU just now, which has all the time it may want for that. */
	if (atomic_read(&epoch_moves) && *sec == 1000) {
		atomic_set(&epoch, 2000ul);
		assert_int_equal(pthread_create(&mover, NULL, move_on, NULL), 0);
		for (unsigned int i = 0; i < 100 && atomic_read(&epoch_moves); i++) {
			nanosleep(&ms, NULL);
		}
	}
}

void virq_send_vcpu(struct vcpu *to, uint32_t virq)
{
	assert_ptr_equal(to, &v);
	assert_int_equal(virq, VIRQ_TIMER);
	fired++;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake_time_reset();
	softirq_register(SOFTIRQ_TIMER, timer_softirq);
	timer_cpu_init(0);
	memset(&v, 0, sizeof(v));
	memset(&info, 0, sizeof(info));
	v.domain = &d;
	v.info = &info;
	v.running = true;
	d.shared_info = &shared;
	this_cpu()->current = &v;
	vtime_vcpu_init(&v);
	fired = 0;
	stable = true;
	return 0;
}

static void advance(uint64_t to)
{
	while (fake_event[0] <= to) {
		fake_now = fake_event[0] > fake_now ? fake_event[0] : fake_now;
		fake_event[0] = TIMER_NEVER;
		timer_interrupt();
		softirq_process();
	}
	fake_now = to;
	softirq_process();
}

static void test_update(void **state)
{
	struct vcpu_time_info *t = &info.time;

	(void)state;
	assert_true(vtime_update(&v, false));
	assert_int_equal(t->version, 2);
	assert_int_equal(t->tsc_timestamp, 1000);
	assert_int_equal(t->system_time, 5000);
	assert_int_equal(t->tsc_to_system_mul, 0x80000000);
	assert_int_equal(t->tsc_shift, 1);
	assert_int_equal(t->flags, XEN_PVCLOCK_TSC_STABLE_BIT);
	assert_false(vtime_update(&v, false));
	assert_int_equal(t->version, 2);
	scale.base++;
	stable = false;
	assert_true(vtime_update(&v, false));
	assert_int_equal(t->version, 4);
	assert_int_equal(t->flags, 0);
	t->version = 0xffffffff;		/* the guest's doing: still even afterwards */
	assert_true(vtime_update(&v, true));
	assert_int_equal(t->version, 0);
}

static void test_wallclock(void **state)
{
	(void)state;
	d.time_offset_seconds = 0x20;
	vtime_update_wallclock(&d);
	assert_int_equal(shared.wc_version, 2);
	assert_int_equal(shared.wc_sec, 0x10);
	assert_int_equal(shared.wc_sec_hi, 2);
	assert_int_equal(shared.wc_nsec, 123456789);
	d.time_offset_seconds = -0x20;
	vtime_update_wallclock(&d);
	assert_int_equal(shared.wc_sec, 0xffffffd0);
	assert_int_equal(shared.wc_sec_hi, 1);
	assert_int_equal(shared.wc_version, 4);
}

/* The one who was first to read the epoch must not be the last to write it. */
static void test_wallclock_set_twice(void **state)
{
	d.time_offset_seconds = 0;
	epoch = 1000;
	epoch_moves = true;
	vtime_update_wallclock(&d);
	pthread_join(mover, NULL);
	assert_int_equal(shared.wc_sec, 2000);
	assert_int_equal(shared.wc_version & 1, 0);
}

static void test_singleshot(void **state)
{
	uint64_t now = fake_now;

	(void)state;
	assert_int_equal(vtime_set_singleshot(&v, now), 0);
	assert_int_equal(fired, 1);
	assert_int_equal(vtime_set_singleshot(&v, now + 500), 0);
	advance(now + 499);
	assert_int_equal(fired, 1);
	advance(now + 500);
	assert_int_equal(fired, 2);
	advance(now + 5000);
	assert_int_equal(fired, 2);
	assert_int_equal(vtime_set_timer_op(&v, (int64_t)now + 6000), 0);
	assert_int_equal(vtime_set_timer_op(&v, 0), 0);
	advance(now + 7000);
	assert_int_equal(fired, 2);
	assert_int_equal(vtime_set_timer_op(&v, 1), 0);
	assert_int_equal(fired, 3);
	/* A new time replaces the old one; the far end of time is a time. */
	assert_int_equal(vtime_set_singleshot(&v, now + 8000), 0);
	assert_int_equal(vtime_set_singleshot(&v, ~0ull - 1), 0);
	advance(now + 9000);
	assert_int_equal(fired, 3);
	timer_kill(&v.singleshot);
	assert_int_equal(vtime_set_singleshot(&v, now + 9500), 0);
	assert_false(timer_armed(&v.singleshot));
}

/* What a guest cannot mean comes in 100 ms. */
static void test_senseless(void **state)
{
	const int64_t far = 1ll << 50, times[] = { -5, INT64_MIN, INT64_MAX };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t now = fake_now;

		assert_int_equal(vtime_set_timer_op(&v, i < 3 ? times[i] : far + 1 + (int64_t)now), 0);
		advance(now + 99999999);
		assert_int_equal(fired, i);
		advance(now + 100000000);
		assert_int_equal(fired, i + 1);
	}
	assert_int_equal(vtime_set_timer_op(&v, far + (int64_t)fake_now), 0);
	assert_int_equal(v.singleshot.expires, (uint64_t)far + fake_now);
}

static void test_periodic(void **state)
{
	uint64_t now = fake_now;

	(void)state;
	assert_int_equal(vtime_set_periodic(&v, 999999), -22);
	assert_int_equal(vtime_set_periodic(&v, ~0ull), -22);
	vtime_set_periodic(&v, VTIME_PERIOD_DEFAULT);
	advance(now + 35000000);
	assert_int_equal(fired, 3);
	/* Not while its vcpu does not run; one tick tells it that time has passed. */
	vtime_switch_out(&v);
	v.running = false;
	advance(now + 95000000);
	assert_int_equal(fired, 3);
	v.running = true;
	vtime_switch_in(&v);
	assert_int_equal(fired, 4);
	advance(now + 104000000);
	assert_int_equal(fired, 4);
	advance(now + 106000000);
	assert_int_equal(fired, 5);
	/* A short absence shifts nothing. */
	vtime_switch_out(&v);
	vtime_switch_in(&v);
	advance(now + 115000000);
	assert_int_equal(fired, 6);
	vtime_stop_periodic(&v);
	advance(now + 200000000);
	vtime_switch_out(&v);
	vtime_switch_in(&v);
	assert_int_equal(fired, 6);
	assert_true(fake_event[0] == TIMER_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_update, setup), cmocka_unit_test_setup(test_wallclock, setup),
		cmocka_unit_test_setup(test_wallclock_set_twice, setup),
		cmocka_unit_test_setup(test_singleshot, setup), cmocka_unit_test_setup(test_periodic, setup),
		cmocka_unit_test_setup(test_senseless, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

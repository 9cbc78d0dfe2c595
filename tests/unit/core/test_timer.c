/* SPDX-License-Identifier: MIT */
/*
 * Timers and softirqs: order of expiry against a plain array, earliest-only programming, moving between CPUs,
 * and what a callback may do to its own timer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/percpu.h>
#include <dais/softirq.h>
#include <dais/timer.h>
#include "fake.h"
#include "fake_time.h"

#define N 300

static struct timer timers[N];
static uint64_t model[N];		/* expiry, or TIMER_NEVER when not armed */
static unsigned long fired;
static uint64_t last_fired;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake_time_reset();
	softirq_register(SOFTIRQ_TIMER, timer_softirq);
	for (unsigned int i = 0; i < FAKE_CPUS; i++) {
		timer_cpu_init(i);
	}
	fired = 0;
	last_fired = 0;
	return 0;
}

/* Run all CPUs' clock events and softirqs at the present time. */
static void settle(void)
{
	bool again = true;

	while (again) {
		again = false;
		for (unsigned int c = 0; c < FAKE_CPUS; c++) {
			fake_set_cpu(c);
			if (fake_event[c] <= fake_now) {
				fake_event[c] = TIMER_NEVER;
				timer_interrupt();
			}
			if (softirq_pending()) {
				softirq_process();
				again = true;
			}
		}
	}
	fake_set_cpu(0);
}

static void count(void *data)
{
	unsigned int i = (unsigned int)(uintptr_t)data;

	assert_true(model[i] <= fake_now);
	assert_false(timer_armed(&timers[i]));
	assert_int_equal(timers[i].cpu, cpu_id());
	model[i] = TIMER_NEVER;
	fired++;
}

static void test_random_against_model(void **state)
{
	(void)state;
	srand(7);
	for (unsigned int i = 0; i < N; i++) {
		timer_init(&timers[i], count, (void *)(uintptr_t)i, (unsigned int)rand() % FAKE_CPUS);
		model[i] = TIMER_NEVER;
	}
	for (unsigned int step = 0; step < 60000; step++) {
		unsigned int i = (unsigned int)rand() % N, cpu;

		fake_set_cpu((unsigned int)rand() % FAKE_CPUS);
		switch (rand() % 8) {
		case 0:
			timer_stop(&timers[i]);
			model[i] = TIMER_NEVER;
			break;
		case 1:
			cpu = (unsigned int)rand() % FAKE_CPUS;
			model[i] = cpu == timers[i].cpu ? model[i] : TIMER_NEVER;
			timer_move(&timers[i], cpu);
			break;
		case 2:
			fake_now += (uint64_t)rand() % 2000;
			settle();
			for (unsigned int k = 0; k < N; k++) {
				assert_true(model[k] == TIMER_NEVER || model[k] > fake_now);
				assert_int_equal(timer_armed(&timers[k]), model[k] != TIMER_NEVER);
			}
			break;
		default:
			model[i] = fake_now + (uint64_t)rand() % 20000;
			timer_set(&timers[i], model[i]);
			break;
		}
	}
	assert_true(fired > 1000);
	for (unsigned int i = 0; i < N; i++) {
		timer_kill(&timers[i]);
		timer_set(&timers[i], fake_now);
		assert_false(timer_armed(&timers[i]));
	}
	for (unsigned int c = 0; c < FAKE_CPUS; c++) {
		assert_null(cpu_ptr(c)->timers.root);
	}
}

static void in_order(void *data)
{
	struct timer *t = data;

	assert_true(t->expires >= last_fired);
	last_fired = t->expires;
	fired++;
}

static void test_order_on_one_cpu(void **state)
{
	(void)state;
	srand(3);
	for (unsigned int i = 0; i < N; i++) {
		timer_init(&timers[i], in_order, &timers[i], 0);
		timer_set(&timers[i], fake_now + (uint64_t)rand() % 5000);
	}
	fake_now += 10000;
	settle();
	assert_int_equal(fired, N);
	/* Nothing is left, so the device is silent. */
	assert_true(fake_event[0] == TIMER_NEVER);
	assert_true(cpu_ptr(0)->timers.programmed == TIMER_NEVER);
}

static void test_programs_only_earlier(void **state)
{
	(void)state;
	timer_init(&timers[0], count, (void *)0, 0);
	timer_init(&timers[1], count, (void *)1, 0);
	model[0] = fake_now + 100;
	model[1] = fake_now + 500;
	timer_set(&timers[0], model[0]);
	assert_int_equal(fake_event_sets, 1);
	timer_set(&timers[1], model[1]);
	assert_int_equal(fake_event_sets, 1);
	timer_stop(&timers[0]);
	assert_int_equal(fake_event_sets, 1);
	/* The stale event comes, finds nothing due, and programs the next one. */
	fake_now += 100;
	settle();
	assert_int_equal(fired, 0);
	assert_true(fake_event[0] == model[1]);
}

static void test_other_cpu_is_told(void **state)
{
	(void)state;
	timer_init(&timers[0], count, (void *)0, 3);
	model[0] = fake_now + 100;
	timer_set(&timers[0], model[0]);
	assert_int_equal(fake_ipis[3], 1);
	settle();
	assert_true(fake_event[3] == model[0]);
	timer_move(&timers[0], 1);
	assert_false(timer_armed(&timers[0]));
	timer_set(&timers[0], model[0]);
	settle();
	assert_true(fake_event[1] == model[0]);
	assert_int_equal(timers[0].cpu, 1);
	fake_now += 100;
	settle();
	assert_int_equal(fired, 1);
}

static void rearm(void *data)
{
	struct timer *t = data;

	if (++fired < 5) {
		timer_set(t, fake_now + 10);
	} else {
		timer_kill(t);	/* its own callback: must not wait for itself */
	}
}

static void test_callback_rearms_and_kills(void **state)
{
	(void)state;
	timer_init(&timers[0], rearm, &timers[0], 0);
	timer_set(&timers[0], fake_now);
	for (unsigned int i = 0; i < 10; i++) {
		settle();
		fake_now += 10;
	}
	assert_int_equal(fired, 5);
}

static unsigned int order[8], order_n;

static void soft_a(void) { order[order_n++] = SOFTIRQ_SCHEDULE; }
static void soft_b(void) { order[order_n++] = SOFTIRQ_CONSOLE; }

static void test_schedule_softirq_is_last(void **state)
{
	(void)state;
	softirq_register(SOFTIRQ_SCHEDULE, soft_a);
	softirq_register(SOFTIRQ_CONSOLE, soft_b);
	softirq_raise(SOFTIRQ_SCHEDULE);
	softirq_raise(SOFTIRQ_CONSOLE);
	softirq_process();
	assert_int_equal(order_n, 2);
	assert_int_equal(order[0], SOFTIRQ_CONSOLE);
	assert_int_equal(order[1], SOFTIRQ_SCHEDULE);
	softirq_raise_cpu(2, SOFTIRQ_CONSOLE);
	softirq_raise_cpu(2, SOFTIRQ_CONSOLE);
	assert_int_equal(fake_ipis[2], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_random_against_model, setup),
		cmocka_unit_test_setup(test_order_on_one_cpu, setup),
		cmocka_unit_test_setup(test_programs_only_earlier, setup),
		cmocka_unit_test_setup(test_other_cpu_is_told, setup),
		cmocka_unit_test_setup(test_callback_rearms_and_kills, setup),
		cmocka_unit_test_setup(test_schedule_softirq_is_last, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

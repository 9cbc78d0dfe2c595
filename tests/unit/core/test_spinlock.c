/* SPDX-License-Identifier: MIT */
/*
 * Who waits for a lock with interrupts off has to look for the TLB flushes that the holder may be
 * waiting for; who has them on must not bother.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dais/atomic.h>
#include <dais/spinlock.h>
#include <dais/x86.h>
#include "fake.h"

static spinlock_t lock = SPINLOCK_INIT;

struct waiter {
	bool interrupts;
	unsigned int at;	/* 1: about to wait, 2: through */
};

static void *wait_for_it(void *arg)
{
	struct waiter *w = arg;

	fake_set_cpu(1);
	if (!w->interrupts) {
		irq_disable();
	}
	atomic_set(&w->at, 1);
	spin_lock(&lock);
	spin_unlock(&lock);
	atomic_set(&w->at, 2);
	return NULL;
}

static void waits(bool interrupts)
{
	struct waiter w = { .interrupts = interrupts };
	unsigned long before;
	pthread_t t;

	fake_reset();
	before = atomic_read(&fake_answers);
	spin_lock(&lock);
	assert_int_equal(pthread_create(&t, NULL, wait_for_it, &w), 0);
	while (atomic_read(&w.at) == 0 || (!interrupts && atomic_read(&fake_answers) == before)) {
		;
	}
	assert_int_equal(atomic_read(&w.at), 1);
	spin_unlock(&lock);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_int_equal(atomic_read(&w.at), 2);
	assert_int_equal(interrupts && atomic_read(&fake_answers) != before, 0);
}

static void test_deaf_waiters_answer(void **state)
{
	(void)state;
	waits(false);
}

static void test_others_do_not(void **state)
{
	(void)state;
	waits(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deaf_waiters_answer),
		cmocka_unit_test(test_others_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

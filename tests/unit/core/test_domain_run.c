/* SPDX-License-Identifier: MIT */
/*
 * Shutdown and resume of a domain when they meet, and its watchdogs. The vcpus here are only counted: however calls
 * follow each other, none may be let go more often than it was paused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/reset.h>
#include <dais/softirq.h>
#include <dais/timer.h>
#include <dais/watchdog.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include "fake.h"
#include "fake_time.h"

#define VCPUS	3
#define SECOND	1000000000ull

static struct domain *d;
static void (*meanwhile)(struct domain *d);	/* done by another CPU before the next pause */
static unsigned int told;			/* VIRQ_DOM_EXC sent */

void vcpu_pause_nosync(struct vcpu *v)
{
	void (*fn)(struct domain *) = meanwhile;

	meanwhile = NULL;
	if (fn) {
		fn(d);
	}
	v->pause_count++;
}

void vcpu_unpause(struct vcpu *v)
{
	assert_true(v->pause_count > 0);
	v->pause_count--;
}

void vcpu_wait_stopped(const struct vcpu *v)
{
	assert_true(v->pause_count > 0);
}

void virq_send_global(uint32_t virq)
{
	assert_int_equal(virq, VIRQ_DOM_EXC);
	told++;
}

void crash_show_vcpu(const struct vcpu *v)
{
	(void)v;
}

void machine_poweroff(void)
{
	abort();
}

void machine_restart(void)
{
	abort();
}

void machine_crash_end(void)
{
	abort();
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake_time_reset();
	softirq_register(SOFTIRQ_TIMER, timer_softirq);
	timer_cpu_init(0);
	d = calloc(1, sizeof(*d));
	d->shutdown_code = ~0U;
	d->max_vcpus = VCPUS;
	d->vcpu = calloc(VCPUS, sizeof(*d->vcpu));
	for (unsigned int i = 0; i < VCPUS; i++) {
		d->vcpu[i] = calloc(1, sizeof(*d->vcpu[i]));
		d->vcpu[i]->domain = d;
	}
	meanwhile = NULL;
	told = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	watchdog_destroy(d);
	for (unsigned int i = 0; i < VCPUS; i++) {
		free(d->vcpu[i]);
	}
	free(d->vcpu);
	free(d);
	return 0;
}

/* All vcpus are paused so often, and the domain says so. */
static void expect(unsigned int pauses, bool down)
{
	for (unsigned int i = 0; i < VCPUS; i++) {
		assert_int_equal(d->vcpu[i]->pause_count, pauses);
	}
	assert_int_equal(d->shut_down, down);
	assert_int_equal(d->shutting_down, down);
}

static void test_shutdown_and_resume(void **state)
{
	(void)state;
	domain_resume(d);		/* of one that runs: nothing */
	expect(0, false);
	domain_shutdown(d, SHUTDOWN_suspend);
	expect(1, true);
	domain_shutdown(d, SHUTDOWN_crash);	/* the first reason stays */
	expect(1, true);
	assert_int_equal(d->shutdown_code, SHUTDOWN_suspend);
	assert_int_equal(told, 1);
	domain_resume(d);
	expect(0, false);
	assert_int_equal(d->shutdown_code, ~0U);
}

/* A domain that is about to be shut down is not resumed: its vcpus would never run again. */
static void test_resume_meets_shutdown(void **state)
{
	(void)state;
	meanwhile = domain_resume;
	domain_shutdown(d, SHUTDOWN_watchdog);
	assert_null(meanwhile);
	expect(1, true);
	assert_int_equal(d->shutdown_code, SHUTDOWN_watchdog);
	domain_resume(d);
	expect(0, false);
}

static void pass(uint64_t ns)
{
	fake_now += ns;
	if (fake_event[0] <= fake_now) {
		fake_event[0] = TIMER_NEVER;
		timer_interrupt();
	}
	softirq_process();
}

static void test_watchdogs(void **state)
{
	const uint32_t all = ARRAY_SIZE(d->watchdog);

	(void)state;
	assert_int_equal(watchdog_set(d, 0, 0), -XEN_EINVAL);
	assert_int_equal(watchdog_set(d, 1, 5), -XEN_EINVAL);		/* not in use */
	assert_int_equal(watchdog_set(d, all + 1, 5), -XEN_EINVAL);
	assert_int_equal(watchdog_set(d, ~0U, 5), -XEN_EINVAL);
	for (uint32_t i = 1; i <= all; i++) {
		assert_int_equal(watchdog_set(d, 0, 10), i);
	}
	assert_int_equal(watchdog_set(d, 0, 10), -XEN_ENOSPC);
	for (uint32_t i = 2; i <= all; i++) {
		assert_int_equal(watchdog_set(d, i, 0), 0);
	}
	pass(9 * SECOND);
	assert_int_equal(watchdog_set(d, 1, 10), 0);
	pass(9 * SECOND);
	expect(0, false);
	pass(2 * SECOND);
	expect(1, true);
	assert_int_equal(d->shutdown_code, SHUTDOWN_watchdog);
	d->dying = DOMAIN_DYING;
	assert_int_equal(watchdog_set(d, 0, 10), -XEN_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shutdown_and_resume, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resume_meets_shutdown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watchdogs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

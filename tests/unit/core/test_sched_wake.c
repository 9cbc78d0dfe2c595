/* SPDX-License-Identifier: MIT */
/*
 * A CPU that goes idle between a waker's choice of CPU and its queueing there, on the simulated machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dais/percpu.h>
#include <dais/spinlock.h>
#include <xen/vcpu.h>
#include "sim.h"

static struct vcpu *ends;	/* goes to sleep as soon as somebody tries to get a lock */

bool __real_spin_trylock(spinlock_t *l);
bool __wrap_spin_trylock(spinlock_t *l);

bool __wrap_spin_trylock(spinlock_t *l)
{
	struct vcpu *v = ends;
	unsigned int cpu = cpu_id();

	if (v) {
		ends = NULL;
		fake_set_cpu(v->cpu);
		v->pause_flags |= VCPU_DOWN;
		sched_vcpu_sleep_nosync(v);
		sim_settle();
		assert_true(cpu_ptr(v->cpu)->current->is_idle);
		fake_set_cpu(cpu);
	}
	return __real_spin_trylock(l);
}

/* A domain of one vcpu that burns on this CPU alone. */
static struct domain *burner(unsigned int cpu, uint32_t weight)
{
	struct domain *d = sim_domain(1, weight);
	cpumask_t only = { .bits = { 1UL << cpu } };

	assert_int_equal(sched_set_affinity(d->vcpu[0], &only, NULL), 0);
	sim_hog(d);
	assert_int_equal(d->vcpu[0]->cpu, cpu);
	return d;
}

static void test_idle_meanwhile(void **state)
{
	const cpumask_t third = { .bits = { 4 } };
	struct domain *first, *sleeper;
	struct vcpu *v;
	cpumask_t all;

	(void)state;
	cpumask_setall(&all);
	sim_start(3);
	first = burner(0, 512);
	(void)burner(1, 256);		/* the lightest: there the waker goes */
	(void)burner(2, 1024);
	sleeper = sim_domain(1, 256);
	v = sleeper->vcpu[0];
	assert_int_equal(sched_set_affinity(v, &third, NULL), 0);
	assert_int_equal(v->cpu, 2);
	assert_int_equal(sched_set_affinity(v, &all, NULL), 0);
	sim_run(20 * MS);

	fake_set_cpu(2);
	v->pause_flags = 0;
	ends = first->vcpu[0];
	sched_vcpu_wake(v);
	assert_null(ends);
	sim_settle();
	sim_check();			/* nothing waits beside an idle CPU */
	assert_int_equal(v->cpu, 0);
	sim_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_idle_meanwhile) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

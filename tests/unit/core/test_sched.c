/* SPDX-License-Identifier: MIT */
/*
 * The scheduler on the simulated machine: shares, caps, latency, affinity, pools, and (checked after every event)
 * that nothing waits beside an idle CPU, runs where it must not, or is forgotten. SEED=n varies the random parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/percpu.h>
#include <dais/softirq.h>
#include <xen/vcpu.h>
#include "../../../hypervisor/core/sched_internal.h"
#include "sim.h"

#define SEC 1000000000ull

static const struct sched_params defaults = { .tslice_us = 5000, .ratelimit_us = 1000 };

static int setup(void **state)
{
	const char *seed = getenv("SEED");

	(void)state;
	srand(seed ? (unsigned int)atoi(seed) : 42);
	return sched_set_params(&defaults);
}

/* `got` within `percent` of `want`. */
static void near(uint64_t got, uint64_t want, unsigned int percent, const char *what)
{
	uint64_t diff = got > want ? got - want : want - got;

	if (diff * 100 > want * percent) {
		print_error("%s: %.3f ms, wanted %.3f ms\n", what, (double)got / 1e6, (double)want / 1e6);
		fail();
	}
}

static void fair_124(unsigned int cpus, unsigned int vcpus)
{
	struct domain *d[3];
	uint64_t total = cpus * 10 * SEC;

	sim_start(cpus);
	for (unsigned int i = 0; i < 3; i++) {
		d[i] = sim_domain(vcpus, SCHED_WEIGHT_DEFAULT << i);
	}
	for (unsigned int i = 0; i < 3; i++) {
		sim_hog(d[i]);
	}
	sim_run(SEC);
	sim_clear_counts();
	sim_run(10 * SEC);
	print_message("%u CPUs, %u vcpus each: %.2f %.2f %.2f%%, %lu switches/s/CPU, worst wait %.0f ms\n", cpus, vcpus,
		      100.0 * (double)sim_domain_ran(d[0]) / (double)total,
		      100.0 * (double)sim_domain_ran(d[1]) / (double)total,
		      100.0 * (double)sim_domain_ran(d[2]) / (double)total, sim_switches / 10 / cpus,
		      (double)sim_vcpu(d[0], 0)->worst_wait / 1e6);
	for (unsigned int i = 0; i < 3; i++) {
		near(sim_domain_ran(d[i]), total * (1u << i) / 7, 5, "share of weight 1:2:4");
	}
	sim_end();
}

static void test_fair_weights(void **state)
{
	(void)state;
	fair_124(1, 1);
	fair_124(1, 3);
	fair_124(2, 2);
	fair_124(2, 3);
	fair_124(3, 3);
	fair_124(4, 4);
	fair_124(4, 5);
	fair_124(8, 8);
}

static void equal_hogs(unsigned int cpus, unsigned int vcpus)
{
	struct domain *d;

	sim_start(cpus);
	d = sim_hogs(vcpus);
	sim_run(SEC);
	sim_clear_counts();
	sim_run(10 * SEC);
	for (unsigned int i = 0; i < vcpus; i++) {
		near(sim_vcpu(d, i)->ran, 10 * SEC * cpus / vcpus, 5, "equal share");
	}
	print_message("%u CPUs, %u equal: %lu switches/s/CPU\n", cpus, vcpus, sim_switches / 10 / cpus);
	sim_end();
}

static void test_fair_equal(void **state)
{
	(void)state;
	equal_hogs(1, 2);
	equal_hogs(2, 3);
	equal_hogs(2, 9);
	equal_hogs(4, 5);
	equal_hogs(4, 7);
	equal_hogs(8, 13);
}

/* Those that run now and then, at the moments when CPUs look at each other, hide nobody who is worse off. */
static void hogs_beside_sleepers(uint64_t period)
{
	struct domain *a, *b, *sleepers;
	uint64_t rest;

	sim_start(2);
	a = sim_hogs(2);
	b = sim_hogs(2);
	sleepers = sim_domain(2, SCHED_WEIGHT_DEFAULT);
	sim_load(sim_vcpu(sleepers, 0), MS / 3, period);
	sim_load(sim_vcpu(sleepers, 1), MS / 2, period * 3 / 2);
	sim_run(SEC);
	sim_clear_counts();
	sim_run(10 * SEC);
	rest = 20 * SEC - sim_domain_ran(sleepers);
	print_message("beside sleepers of %.1f ms: %.2f%% %.2f%%\n", (double)period / 1e6,
		      100.0 * (double)sim_domain_ran(a) / (double)rest, 100.0 * (double)sim_domain_ran(b) / (double)rest);
	near(sim_domain_ran(a), rest / 2, 5, "equal share beside sleepers");
	sim_end();
}

static void test_hogs_beside_sleepers(void **state)
{
	(void)state;
	hogs_beside_sleepers(MS / 2);
	hogs_beside_sleepers(2 * MS);
	hogs_beside_sleepers(5 * MS);
	hogs_beside_sleepers(20 * MS);
}

/* One heavy vcpu can use one CPU at most: the rest goes to the others. */
static void test_infeasible_weight(void **state)
{
	struct domain *heavy, *light;

	(void)state;
	sim_start(2);
	heavy = sim_domain(1, 4096);
	light = sim_domain(3, 256);
	sim_hog(heavy);
	sim_hog(light);
	sim_run(SEC);
	sim_clear_counts();
	sim_run(10 * SEC);
	near(sim_domain_ran(heavy), 10 * SEC, 3, "heavy has a CPU");
	for (unsigned int i = 0; i < 3; i++) {
		near(sim_vcpu(light, i)->ran, 10 * SEC / 3, 5, "light share the other");
	}
	sim_end();
}

static void cap_case_late(unsigned int cpus, unsigned int vcpus, uint32_t percent, bool neighbour, uint64_t late)
{
	struct domain *d, *n = NULL, *other = NULL;
	double got;

	sim_start(cpus);
	sim_late_most = late;
	d = sim_domain(vcpus, SCHED_WEIGHT_DEFAULT);
	assert_int_equal(sched_set_cap(d, percent), 0);
	sim_hog(d);
	if (neighbour) {
		n = sim_hogs(cpus);
		other = sim_domain(1, SCHED_WEIGHT_DEFAULT);
		sim_load(sim_vcpu(other, 0), MS / 3, 5 * MS);
	}
	sim_run(SEC);
	sim_clear_counts();
	sim_run(10 * SEC);
	got = (double)sim_domain_ran(d) / 1e7 / 10;
	print_message("cap %u%% on %u CPUs, %u vcpus: %.2f%%\n", percent, cpus, vcpus, got * 1.0);
	if (got > percent + 2.0 || got < percent - 2.0) {
		fail();
	}
	if (n) {
		near(sim_domain_ran(n), cpus * 10 * SEC - sim_domain_ran(d) - sim_domain_ran(other), 1,
		     "the neighbour gets the rest");
	}
	sim_end();
}

static void cap_case(unsigned int cpus, unsigned int vcpus, uint32_t percent, bool neighbour)
{
	cap_case_late(cpus, vcpus, percent, neighbour, 0);
}

static void test_caps(void **state)
{
	(void)state;
	cap_case(1, 1, 50, false);
	cap_case(1, 1, 10, false);
	cap_case(1, 1, 1, false);
	cap_case(1, 3, 30, true);
	cap_case(2, 1, 33, true);
	cap_case(4, 4, 150, false);
	cap_case(4, 8, 50, false);
	cap_case(4, 2, 100, false);
	cap_case(2, 2, 75, true);
}

/* A machine that is itself a guest has late timers: periods that pass meanwhile are not lost. */
static void test_caps_with_late_timers(void **state)
{
	(void)state;
	cap_case_late(1, 1, 50, false, 4 * MS);
	cap_case_late(2, 2, 30, false, 20 * MS);
	cap_case_late(2, 2, 75, true, 4 * MS);
	cap_case_late(4, 8, 50, true, 20 * MS);
}

/* What a domain saves up while it sleeps is worth ten periods at most. */
static void test_cap_after_sleep(void **state)
{
	struct domain *d;

	(void)state;
	sim_start(1);
	d = sim_domain(1, SCHED_WEIGHT_DEFAULT);
	assert_int_equal(sched_set_cap(d, 20), 0);
	sim_load(sim_vcpu(d, 0), 1 * MS, 2 * SEC);
	sim_run(SEC);
	sim_vcpu(d, 0)->burst = 0;
	sim_run(SEC + MS);
	sim_clear_counts();
	sim_run(SEC);
	near(sim_domain_ran(d), 220 * MS, 2, "cap 20% for a second, and what was saved");
	sim_end();
}

/* What a domain uses while it has no cap is not held against it when it has one again. */
static void test_cap_forgets(void **state)
{
	struct domain *d;

	(void)state;
	sim_start(1);
	sim_late_most = MS;	/* else a grant ends exactly with the slice it allows */
	d = sim_domain(1, SCHED_WEIGHT_DEFAULT);
	sim_hog(d);
	/* At several moments of a period: in some of them it has a grant. */
	for (unsigned int ms = 1; ms < 10; ms += 2) {
		assert_int_equal(sched_set_cap(d, 50), 0);
		sim_run(100 * MS + ms * MS);
		assert_int_equal(sched_set_cap(d, 0), 0);
		sim_run(10 * SEC);
		assert_int_equal(sched_set_cap(d, 50), 0);
		sim_clear_counts();
		sim_run(SEC);
		near(sim_domain_ran(d), SEC / 2, 3, "a cap of 50% again");
	}
	sim_end();
}

/* A cap that goes on and off: parked vcpus come back, and a capped sleeper starts no timer. */
static void test_cap_changes(void **state)
{
	struct domain *d;

	(void)state;
	sim_start(1);
	d = sim_hogs(2);
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(sched_set_cap(d, i % 2 ? 0 : 5), 0);
		sim_run(33 * MS);
	}
	assert_int_equal(sched_set_cap(d, 0), 0);
	sim_run(50 * MS);
	sim_clear_counts();
	sim_run(SEC);
	near(sim_domain_ran(d), SEC, 1, "all of the CPU without cap");
	assert_int_equal(sched_set_cap(d, 100 * NR_CPUS + 1), -22);
	sim_end();
}

static void latency_case(unsigned int cpus, unsigned int hogs)
{
	struct domain *inter;
	struct sim_vcpu *s;

	sim_start(cpus);
	sim_hogs(hogs);
	inter = sim_domain(1, SCHED_WEIGHT_DEFAULT);
	s = sim_vcpu(inter, 0);
	sim_load(s, 200000, 7 * MS + 12345);
	sim_run(SEC);
	sim_clear_counts();
	sim_run(20 * SEC);
	print_message("wake beside %u hogs on %u CPUs: mean %.0f us, worst %.0f us, %lu wakes\n", hogs, cpus,
		      (double)s->latency_sum / (double)s->wakes / 1000, (double)s->worst_latency / 1000,
		      (unsigned long)s->wakes);
	assert_true(s->wakes > 2000);
	assert_true(s->worst_latency <= 2 * MS);
	sim_end();
}

static void test_wake_latency(void **state)
{
	(void)state;
	latency_case(1, 1);
	latency_case(1, 4);
	latency_case(1, 20);
	latency_case(2, 4);
	latency_case(4, 16);
}

/*
 * Beside one that sleeps as well, but then has much to do: whichever has just woken, and whatever
 * its weight, does not hold the other up for a whole slice.
 */
static void test_wake_beside_the_woken(void **state)
{
	static const struct {
		uint32_t weight;
		uint64_t worst;
	} rows[] = { { 256, 2 * MS }, { 64, 2 * MS }, { 1024, 2 * MS } };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sim_vcpu *burster, *s;

		sim_start(1);
		sim_hogs(1);
		burster = sim_vcpu(sim_domain(1, rows[i].weight), 0);
		sim_load(burster, 30 * MS, 40 * MS + 977777);
		s = sim_vcpu(sim_domain(1, SCHED_WEIGHT_DEFAULT), 0);
		sim_load(s, 100000, 3 * MS + 712345);
		sim_run(SEC);
		sim_clear_counts();
		for (unsigned int k = 0; k < 400; k++) {
			burster->sleep = 35 * MS + (uint64_t)rand() % (10 * MS);
			s->sleep = 6 * MS + (uint64_t)rand() % (2 * MS);
			sim_run(50 * MS);
		}
		print_message("wake beside a burster of weight %u: worst %.0f us\n", rows[i].weight,
			      (double)s->worst_latency / 1000);
		assert_true(s->wakes > 2000);
		assert_true(s->worst_latency <= rows[i].worst);
		sim_end();
	}
}

/* Sleepers earn no more than their share by sleeping. */
static void test_sleeping_is_no_trick(void **state)
{
	struct domain *a, *b;

	(void)state;
	sim_start(1);
	a = sim_domain(1, 256);
	b = sim_domain(1, 256);
	sim_hog(a);
	sim_load(sim_vcpu(b, 0), 4 * MS, 1000);
	sim_run(10 * SEC);
	assert_true(sim_domain_ran(b) < 56 * SEC / 10);
	assert_true(sim_domain_ran(b) > 40 * SEC / 10);
	sim_end();
}

static void test_idle_is_silent(void **state)
{
	struct domain *d;
	unsigned long sets;

	(void)state;
	sim_start(4);
	d = sim_hogs(4);
	sim_run(100 * MS);
	for (unsigned int i = 0; i < 4; i++) {
		vcpu_pause_nosync(d->vcpu[i]);
	}
	sim_settle();
	sim_run(100 * MS);
	sets = fake_event_sets;
	sim_run(10 * SEC);
	assert_int_equal(fake_event_sets, sets);
	for (unsigned int c = 0; c < 4; c++) {
		assert_true(fake_event[c] == TIMER_NEVER);
		assert_true(sched_cpu_idle_time(c) >= 10 * SEC);
	}
	for (unsigned int i = 0; i < 4; i++) {
		vcpu_unpause(d->vcpu[i]);
	}
	sim_settle();
	sim_run(100 * MS);
	sim_end();
}

/* Random loads, affinities, pauses, weights, caps and pool changes; sim_check() looks on. */
static void test_chaos(void **state)
{
	struct domain *d[6];
	uint32_t pool;

	(void)state;
	for (unsigned int round = 0; round < 6; round++) {
		unsigned int cpus = 2 + round;

		sim_start(cpus);
		sim_wake_in_switch = true;
		assert_int_equal(cpupool_create(CPUPOOL_ANY, round % 2 ? SCHED_NULL : SCHED_CREDIT, &pool), 0);
		for (unsigned int i = 0; i < 6; i++) {
			d[i] = sim_domain(1 + (unsigned int)rand() % 5, 1 + (unsigned int)rand() % 1024);
			for (unsigned int k = 0; k < d[i]->max_vcpus; k++) {
				bool hog = rand() % 3 == 0;

				sim_load(sim_vcpu(d[i], k), hog ? 0 : 1 + (uint64_t)rand() % (3 * MS),
					 1 + (uint64_t)rand() % (5 * MS));
			}
		}
		for (unsigned int step = 0; step < 3000; step++) {
			struct domain *x = d[rand() % 6];
			struct vcpu *v = x->vcpu[(unsigned int)rand() % x->max_vcpus];
			cpumask_t m;

			cpumask_clear(&m);
			m.bits[0] = (unsigned long)rand() & ((1UL << cpus) - 1);
			fake_set_cpu((unsigned int)rand() % cpus);
			switch (rand() % 12) {
			case 0:
				sched_set_affinity(v, &m, NULL);
				break;
			case 1:
				sched_set_affinity(v, NULL, &m);
				break;
			case 2:
				vcpu_pause_nosync(v);
				break;
			case 3:
			case 4:
				if (v->pause_count) {
					vcpu_unpause(v);
				}
				break;
			case 5:
				sched_set_weight(x, 1 + (unsigned int)rand() % 2048);
				break;
			case 6:
				sched_set_cap(x, rand() % 2 ? 0 : 1 + (unsigned int)rand() % 150);
				break;
			case 7:
				cpupool_move_domain(x, rand() % 2 ? 0 : pool);
				break;
			case 8:
				if (cpupool_change_cpu(0, rand() % (int)cpus, false) == 0) {
					cpupool_change_cpu(pool, -1, true);
				}
				break;
			case 9:
				if (cpupool_change_cpu(pool, rand() % (int)cpus, false) == 0) {
					cpupool_change_cpu(0, -1, true);
				}
				break;
			case 10:
				sched_pin_override(v, rand() % 2 ? -1 : rand() % (int)cpus);
				break;
			default:
				if (v == current_vcpu() && v->sched.state == SCHED_RUNNING) {
					sched_yield();
				}
				break;
			}
			sim_settle();
			sim_check();
			sim_run(1 + (uint64_t)rand() % (2 * MS));
		}
		sim_end();
		assert_int_equal(cpupool_destroy(pool), 0);
	}
}

static void test_affinity(void **state)
{
	struct domain *d;
	cpumask_t m;

	(void)state;
	sim_start(4);
	d = sim_hogs(4);
	for (unsigned int i = 0; i < 4; i++) {
		cpumask_clear(&m);
		cpumask_set(&m, i / 2);
		assert_int_equal(sched_set_affinity(d->vcpu[i], &m, NULL), 0);
	}
	sim_settle();
	sim_clear_counts();
	sim_run(2 * SEC);
	for (unsigned int i = 0; i < 4; i++) {
		near(sim_vcpu(d, i)->on_cpu[i / 2], SEC, 2, "half of the CPU it is pinned to");
		near(sim_vcpu(d, i)->ran, SEC, 2, "and no other");
	}
	cpumask_clear(&m);
	cpumask_set(&m, 40);
	assert_int_equal(sched_set_affinity(d->vcpu[0], &m, NULL), -22);
	assert_int_equal(sched_pin_override(d->vcpu[0], 3), 0);
	assert_int_equal(sched_pin_override(d->vcpu[0], 3), -16);
	sim_settle();
	assert_int_equal(d->vcpu[0]->cpu, 3);
	sched_get_affinity(d->vcpu[0], &m, &m);
	assert_int_equal(sched_pin_override(d->vcpu[0], -1), 0);
	sim_settle();
	assert_int_equal(d->vcpu[0]->cpu, 0);
	sim_end();
}

/* The CPU that tools show for a vcpu that sleeps is one it may be on. */
static void test_affinity_of_a_sleeper(void **state)
{
	struct domain *d;
	cpumask_t m;

	(void)state;
	sim_start(2);
	d = sim_domain(1, 256);
	sim_load(sim_vcpu(d, 0), MS, 100 * MS);
	sim_run(50 * MS);
	assert_int_equal(d->vcpu[0]->sched.state, SCHED_OFF);
	for (unsigned int cpu = 2; cpu-- > 0;) {
		cpumask_clear(&m);
		cpumask_set(&m, cpu);
		assert_int_equal(sched_set_affinity(d->vcpu[0], &m, NULL), 0);
		assert_int_equal(d->vcpu[0]->cpu, cpu);
	}
	sim_run(200 * MS);
	assert_true(sim_vcpu(d, 0)->on_cpu[0] >= 2 * MS);
	sim_end();
}

static void test_pools(void **state)
{
	struct domain *a, *b;
	struct cpupool p;
	uint32_t id;
	cpumask_t m;

	(void)state;
	sim_start(4);
	a = sim_hogs(4);
	b = sim_hogs(2);
	assert_int_equal(cpupool_create(7, SCHED_CREDIT2, &id), 0);
	assert_int_equal(cpupool_create(7, SCHED_CREDIT2, &id), -17);
	assert_int_equal(cpupool_create(8, 7, &id), -2);
	assert_int_equal(cpupool_move_domain(b, 7), -22);
	assert_int_equal(cpupool_change_cpu(0, 3, false), 0);
	cpupool_free_cpus(&m);
	assert_int_equal(m.bits[0] & 15, 8);	/* earlier tests may have had more CPUs */
	sim_settle();
	sim_run(50 * MS);
	assert_true(cpu_ptr(3)->current->is_idle);
	assert_int_equal(cpupool_change_cpu(7, -1, true), 0);
	assert_int_equal(cpupool_move_domain(b, 7), 0);
	sim_settle();
	sim_clear_counts();
	sim_run(SEC);
	near(sim_domain_ran(b), SEC, 1, "pool 7 is one CPU");
	near(sim_domain_ran(a), 3 * SEC, 1, "pool 0 is three");
	assert_int_equal(cpupool_change_cpu(7, 3, false), -16);
	assert_int_equal(cpupool_destroy(7), -16);
	assert_int_equal(cpupool_info(1, &p), 0);
	assert_int_equal(p.id, 7);
	assert_int_equal(p.nr_domains, 1);
	assert_int_equal(cpupool_info(8, &p), -2);
	assert_int_equal(cpupool_move_domain(b, 0), 0);
	sim_settle();
	assert_int_equal(cpupool_change_cpu(7, -1, false), 0);
	assert_int_equal(cpupool_destroy(7), 0);
	sim_end();
}

/* A pool of kind null: each vcpu stays on a CPU of its own, and nothing interrupts it. */
static void test_null_pool(void **state)
{
	struct domain *a, *b;
	unsigned long sets;
	uint32_t id;
	cpumask_t m;

	(void)state;
	sim_start(4);
	assert_int_equal(cpupool_create(3, SCHED_NULL, &id), 0);
	for (int cpu = 1; cpu < 4; cpu++) {
		assert_int_equal(cpupool_change_cpu(0, cpu, false), 0);
		assert_int_equal(cpupool_change_cpu(3, cpu, true), 0);
	}
	a = sim_hogs(2);
	b = sim_hogs(1);
	assert_int_equal(cpupool_move_domain(a, 3), 0);
	assert_int_equal(cpupool_move_domain(b, 3), 0);
	sim_run(100 * MS);
	sim_clear_counts();
	sets = fake_event_sets;
	sim_run(SEC);
	assert_int_equal(sim_domain_ran(a), 2 * SEC);
	assert_int_equal(sim_domain_ran(b), SEC);
	assert_int_equal(sim_switches, 0);
	assert_int_equal(fake_event_sets, sets);

	/* Affinity chooses among the pool's; one CPU less, and two share. */
	cpumask_clear(&m);
	cpumask_set(&m, a->vcpu[0]->cpu);
	assert_int_equal(sched_set_affinity(b->vcpu[0], &m, NULL), 0);
	sim_settle();
	assert_int_equal(b->vcpu[0]->cpu, a->vcpu[0]->cpu);
	cpumask_setall(&m);
	assert_int_equal(sched_set_affinity(b->vcpu[0], &m, NULL), 0);
	sim_settle();
	assert_int_equal(cpupool_change_cpu(3, (int)a->vcpu[1]->cpu, false), 0);
	sim_settle();
	sim_clear_counts();
	sim_run(SEC);
	near(sim_domain_ran(a) + sim_domain_ran(b), 2 * SEC, 1, "three on two CPUs");
	near(sim_vcpu(a, 1)->ran, SEC / 2, 5, "the one that had to move shares a CPU");

	/* Who leaves makes room. */
	assert_int_equal(cpupool_move_domain(b, 0), 0);
	sim_settle();
	sim_clear_counts();
	sim_run(SEC);
	near(sim_vcpu(a, 0)->ran, SEC, 1, "alone again");
	near(sim_vcpu(a, 1)->ran, SEC, 1, "alone again");
	assert_int_equal(cpupool_move_domain(a, 0), 0);
	sim_settle();
	for (unsigned int c = 0; c < 4; c++) {
		assert_int_equal(sched_cpu_of(c)->homes, 0);
	}
	sim_end();
	assert_int_equal(cpupool_destroy(3), 0);
}

static void test_runstate_adds_up(void **state)
{
	struct vcpu_runstate_info r;
	struct domain *d;
	uint64_t start, sum;

	(void)state;
	sim_start(1);
	start = fake_now;
	d = sim_domain(2, 256);
	sim_load(sim_vcpu(d, 0), 0, 0);
	sim_load(sim_vcpu(d, 1), MS, 3 * MS);
	sim_run(SEC);
	for (unsigned int i = 0; i < 2; i++) {
		runstate_get(d->vcpu[i], &r);
		sum = r.time[0] + r.time[1] + r.time[2] + r.time[3];
		assert_int_equal(sum, fake_now - start);
		assert_int_equal(r.time[RUNSTATE_running], sim_vcpu(d, i)->ran);
	}
	assert_int_equal(sched_vcpu_cpu_time(d->vcpu[0]) + sched_vcpu_cpu_time(d->vcpu[1]), SEC);
	assert_true(r.time[RUNSTATE_blocked] > 600 * MS);
	sim_end();
}

static void test_poll(void **state)
{
	struct domain *d;
	struct vcpu *v;
	uint32_t ports[2] = { 3, 5 }, bad = 99;

	(void)state;
	sim_start(1);
	d = sim_domain(1, 256);
	v = d->vcpu[0];
	sim_hog(d);
	assert_ptr_equal(current_vcpu(), v);
	assert_int_equal(sched_poll(ports, 129, 0), -22);
	assert_int_equal(sched_poll(&bad, 1, 0), -22);
	assert_int_equal(d->evtchn.pollers, 0);
	assert_true(vcpu_runnable(v));

	d->shared_info->evtchn_pending[0] = 1 << 5;
	assert_int_equal(sched_poll(ports, 2, 0), 0);
	assert_true(vcpu_runnable(v));

	d->shared_info->evtchn_pending[0] = 0;
	assert_int_equal(sched_poll(ports, 1, fake_now + 5 * MS), 0);
	sim_settle();
	assert_int_equal(v->poll_evtchn, 3);
	assert_int_equal(d->evtchn.pollers, 1);
	assert_false(v->running);
	sim_run(4 * MS);
	assert_false(v->running);
	sim_run(2 * MS);
	assert_true(v->running);
	assert_int_equal(d->evtchn.pollers, 0);

	assert_int_equal(sched_poll(ports, 2, 0), 0);
	sim_settle();
	assert_int_equal(v->poll_evtchn, -1);
	sim_run(SEC);
	assert_false(v->running);
	sched_vcpu_unblock(v);
	sim_settle();
	assert_true(v->running);

	/* A due upcall: neither poll nor block waits. */
	v->info->evtchn_upcall_pending = 1;
	v->info->evtchn_upcall_mask = 1;
	assert_int_equal(sched_block(), 0);
	assert_true(vcpu_runnable(v));
	assert_int_equal(v->info->evtchn_upcall_mask, 0);
	assert_int_equal(sched_poll(ports, 2, 0), 0);
	assert_true(vcpu_runnable(v));
	sim_end();
}

/*
 * A wake-up in the middle of schedule(): after prev was found asleep, before it is put away. The waker has cleared
 * the flag and waits for the queue's lock; what it does with the lock comes after the switch.
 */
static struct vcpu *woken_while_choosing;

struct vcpu *__real_sched_choose(struct sched_cpu *sc, struct vcpu *prev, uint64_t now);
struct vcpu *__wrap_sched_choose(struct sched_cpu *sc, struct vcpu *prev, uint64_t now);

struct vcpu *__wrap_sched_choose(struct sched_cpu *sc, struct vcpu *prev, uint64_t now)
{
	struct vcpu *v = woken_while_choosing;

	if (v && v == sc->curr) {
		assert_false(vcpu_runnable(v));
		atomic_and(&v->pause_flags, ~VCPU_BLOCKED);
		atomic_set(&v->pause_count, 0);
	}
	return __real_sched_choose(sc, prev, now);
}

static void wake_while_choosing(unsigned int cpus, unsigned int vcpus, bool pause)
{
	struct vcpu *v;

	sim_start(cpus);
	sim_hogs(vcpus);
	sim_run(MS);
	v = sched_cpu_of(0)->curr;
	assert_false(v->is_idle);
	woken_while_choosing = v;
	fake_set_cpu(0);
	if (pause) {
		vcpu_pause_nosync(v);
	} else {
		sched_block();
	}
	sim_settle();
	woken_while_choosing = NULL;
	sched_vcpu_wake(v);
	sim_settle();
	sim_check();		/* nothing waits beside an idle CPU, and nothing is lost */
	if (vcpus <= cpus) {
		assert_true(v->running);
	}
	sim_end();
}

static void test_wake_while_choosing(void **state)
{
	(void)state;
	for (unsigned int pause = 0; pause < 2; pause++) {
		wake_while_choosing(1, 1, pause);
		wake_while_choosing(1, 2, pause);
		wake_while_choosing(2, 1, pause);
		wake_while_choosing(2, 2, pause);
		wake_while_choosing(2, 3, pause);
	}
}

static void test_parameters(void **state)
{
	struct sched_params p = defaults;
	struct domain *d;

	(void)state;
	sim_start(1);
	d = sim_domain(1, 256);
	assert_int_equal(sched_set_weight(d, 0), -22);
	assert_int_equal(sched_set_weight(d, 65536), -22);
	p.tslice_us = 999;
	assert_int_equal(sched_set_params(&p), -22);
	p.tslice_us = 1000;
	p.ratelimit_us = 99;
	assert_int_equal(sched_set_params(&p), -22);
	p.ratelimit_us = 500001;
	assert_int_equal(sched_set_params(&p), -22);
	p.ratelimit_us = 0;
	assert_int_equal(sched_set_params(&p), 0);
	sim_hog(d);
	sim_run(100 * MS);
	sim_end();
}

/* A rate limit beyond the slice is how long each runs, and both get their half all the same. */
static void test_long_ratelimit(void **state)
{
	struct sched_params p = { .tslice_us = 1000, .ratelimit_us = 50000 };
	struct domain *a, *b;

	(void)state;
	sim_start(1);
	assert_int_equal(sched_set_params(&p), 0);
	a = sim_hogs(1);
	b = sim_hogs(1);
	sim_run(SEC);
	sim_clear_counts();
	sim_run(10 * SEC);
	assert_in_range(sim_switches, 90, 210);
	assert_in_range(sim_domain_ran(a), 49 * SEC / 10, 51 * SEC / 10);
	assert_in_range(sim_domain_ran(b), 49 * SEC / 10, 51 * SEC / 10);
	sim_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fair_weights, setup),
		cmocka_unit_test_setup(test_fair_equal, setup),
		cmocka_unit_test_setup(test_hogs_beside_sleepers, setup),
		cmocka_unit_test_setup(test_infeasible_weight, setup),
		cmocka_unit_test_setup(test_caps, setup),
		cmocka_unit_test_setup(test_caps_with_late_timers, setup),
		cmocka_unit_test_setup(test_cap_after_sleep, setup),
		cmocka_unit_test_setup(test_cap_forgets, setup),
		cmocka_unit_test_setup(test_cap_changes, setup),
		cmocka_unit_test_setup(test_wake_latency, setup),
		cmocka_unit_test_setup(test_wake_beside_the_woken, setup),
		cmocka_unit_test_setup(test_sleeping_is_no_trick, setup),
		cmocka_unit_test_setup(test_idle_is_silent, setup),
		cmocka_unit_test_setup(test_affinity, setup),
		cmocka_unit_test_setup(test_affinity_of_a_sleeper, setup),
		cmocka_unit_test_setup(test_pools, setup),
		cmocka_unit_test_setup(test_null_pool, setup),
		cmocka_unit_test_setup(test_runstate_adds_up, setup),
		cmocka_unit_test_setup(test_poll, setup),
		cmocka_unit_test_setup(test_wake_while_choosing, setup),
		cmocka_unit_test_setup(test_parameters, setup),
		cmocka_unit_test_setup(test_long_ratelimit, setup),
		cmocka_unit_test_setup(test_chaos, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

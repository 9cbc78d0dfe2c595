/* SPDX-License-Identifier: MIT */
/* See sim.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/percpu.h>
#include <dais/softirq.h>
#include <dais/timer.h>
#include <dais/x86.h>
#include <xen/vcpu.h>
#include "../../../hypervisor/core/sched_internal.h"
#include "sim.h"

#define SIM_DOMAINS 16

struct sim_vcpu *sim_v[SIM_VCPUS];
unsigned int sim_nr;
unsigned long sim_switches;
bool sim_wake_in_switch;
uint64_t sim_late_most;

static struct sim_vcpu idle_v[FAKE_CPUS];
static struct domain *domains[SIM_DOMAINS];
static unsigned int nr_domains;
static jmp_buf switch_jump[FAKE_CPUS];
static uint64_t late[FAKE_CPUS];	/* by how much the next clock event is */

/* --- what the scheduler needs of others --- */

struct domain *domain_next(struct domain *d)
{
	unsigned int i = 0;

	while (d && domains[i] != d) {
		i++;
	}
	i += d ? 1 : 0;
	return i < nr_domains ? domains[i] : NULL;
}

int evtchn_port_is_pending(struct domain *d, uint32_t port)
{
	(void)d;
	if (port >= 64) {
		return -22;
	}
	return (int)((d->shared_info->evtchn_pending[0] >> port) & 1);
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	unsigned int cpu = cpu_id();

	sim_switches++;
	((struct sim_vcpu *)next)->switches++;
	if (sim_wake_in_switch && !prev->is_idle && rand() % 2) {
		/* Another CPU wakes or pokes prev while its context is still here. */
		fake_set_cpu((unsigned int)rand() % nr_cpus);
		sched_vcpu_unblock(prev);
		fake_set_cpu(cpu);
	}
	this_cpu()->current = next;
	sched_switched_out(prev);
	longjmp(switch_jump[cpu], 1);
}

/* --- building --- */

void sim_start(unsigned int cpus)
{
	fake_reset();
	fake_time_reset();
	memset(idle_v, 0, sizeof(idle_v));
	cpumask_clear(&sched_idle_mask);
	nr_cpus = cpus;
	sim_nr = 0;
	nr_domains = 0;
	sim_switches = 0;
	sim_wake_in_switch = false;
	sim_late_most = 0;
	memset(late, 0, sizeof(late));
	softirq_register(SOFTIRQ_TIMER, timer_softirq);
	softirq_register(SOFTIRQ_SCHEDULE, schedule);
	for (unsigned int i = 0; i < cpus; i++) {
		fake_set_cpu(i);
		timer_cpu_init(i);
		sched_cpu_init(i, &idle_v[i].v);
		this_cpu()->current = &idle_v[i].v;
	}
	for (unsigned int i = 0; i < cpus; i++) {
		sched_cpu_online(i);
	}
	fake_set_cpu(0);
	sim_settle();
}

struct domain *sim_domain(unsigned int vcpus, uint32_t weight)
{
	struct domain *d = calloc(1, sizeof(*d));

	d->domid = (uint16_t)(nr_domains + 1);
	d->max_vcpus = vcpus;
	d->vcpu = calloc(vcpus, sizeof(*d->vcpu));
	d->shared_info = calloc(1, 4096);
	assert_int_equal(cpupool_move_domain(d, 0), 0);
	sched_domain_init(d);
	assert_int_equal(sched_set_weight(d, weight), 0);
	for (unsigned int i = 0; i < vcpus; i++) {
		struct sim_vcpu *s = calloc(1, sizeof(*s));

		s->v.domain = d;
		s->v.id = i;
		s->v.info = &s->info;
		s->v.pause_flags = VCPU_DOWN;
		d->vcpu[i] = &s->v;
		sched_vcpu_init(&s->v, i % nr_cpus);
		sim_v[sim_nr++] = s;
	}
	domains[nr_domains++] = d;
	return d;
}

struct sim_vcpu *sim_vcpu(struct domain *d, unsigned int i)
{
	return (struct sim_vcpu *)d->vcpu[i];
}

void sim_load(struct sim_vcpu *s, uint64_t burst, uint64_t sleep)
{
	s->burst = burst;
	s->sleep = sleep;
	s->left = burst;
	s->wake_at = TIMER_NEVER;
	s->v.pause_flags = 0;
	sched_vcpu_wake(&s->v);
	s->waiting_since = fake_now;
	sim_settle();
}

void sim_hog(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		sim_load(sim_vcpu(d, i), 0, 0);
	}
}

struct domain *sim_hogs(unsigned int vcpus)
{
	struct domain *d = sim_domain(vcpus, SCHED_WEIGHT_DEFAULT);

	sim_hog(d);
	return d;
}

void sim_end(void)
{
	for (unsigned int i = 0; i < sim_nr; i++) {
		fake_set_cpu((unsigned int)rand() % nr_cpus);
		sim_v[i]->v.pause_flags |= VCPU_DOWN;
		sched_vcpu_sleep_nosync(&sim_v[i]->v);
		sim_settle();
	}
	for (unsigned int i = 0; i < nr_cpus; i++) {
		assert_true(sched_cpu_of(i)->curr->is_idle);
		assert_null(sched_cpu_of(i)->head);
		assert_int_equal(sched_cpu_of(i)->nr, 0);
		assert_int_equal(sched_cpu_of(i)->load, 0);
	}
	while (nr_domains) {
		struct domain *d = domains[--nr_domains];

		sched_domain_destroy(d);
		for (unsigned int k = 0; k < d->max_vcpus; k++) {
			sched_vcpu_destroy(d->vcpu[k]);
			free(d->vcpu[k]);
		}
		cpupool_detach(d);
		free(d->vcpu);
		free(d->shared_info);
		free(d);
	}
	/* Every CPU out of its pool again, for the next sim_start(). */
	for (unsigned int i = 0; i < nr_cpus; i++) {
		struct cpupool p;
		uint32_t id = 0;

		while (cpupool_info(id, &p) == 0) {
			cpupool_change_cpu(p.id, (int)i, false);
			id = p.id + 1;
		}
		assert_true(!cpu_ptr(i)->timers.root);
	}
}

/* --- running --- */

static void sim_cpu_softirqs(unsigned int cpu)
{
	fake_set_cpu(cpu);
	setjmp(switch_jump[cpu]);
	softirq_process();
	assert_true(irqs_enabled());
}

static uint64_t sim_event_due(unsigned int cpu)
{
	return fake_event[cpu] == TIMER_NEVER ? TIMER_NEVER : fake_event[cpu] + late[cpu];
}

void sim_settle(void)
{
	bool again = true;
	unsigned int rounds = 0;

	while (again) {
		again = false;
		assert_true(rounds++ < 1000);
		for (unsigned int c = 0; c < nr_cpus; c++) {
			fake_set_cpu(c);
			if (sim_event_due(c) <= fake_now) {
				fake_event[c] = TIMER_NEVER;
				late[c] = sim_late_most ? (uint64_t)rand() % sim_late_most : 0;
				timer_interrupt();
			}
			if (softirq_pending()) {
				sim_cpu_softirqs(c);
				again = true;
			}
		}
	}
	fake_set_cpu(0);
}

static uint64_t sim_next_event(void)
{
	uint64_t next = TIMER_NEVER;

	for (unsigned int c = 0; c < nr_cpus; c++) {
		next = sim_event_due(c) < next ? sim_event_due(c) : next;
	}
	for (unsigned int i = 0; i < sim_nr; i++) {
		struct sim_vcpu *s = sim_v[i];

		if (s->wake_at < next) {
			next = s->wake_at;
		}
		if (s->burst && s->v.running && fake_now + s->left < next) {
			next = fake_now + s->left;
		}
	}
	return next;
}

static void sim_advance(uint64_t to)
{
	uint64_t dt = to - fake_now;

	for (unsigned int i = 0; i < sim_nr; i++) {
		struct sim_vcpu *s = sim_v[i];

		if (!s->v.running) {
			continue;
		}
		s->ran += dt;
		s->on_cpu[s->v.cpu] += dt;
		if (s->burst) {
			s->left = s->left > dt ? s->left - dt : 0;
		}
	}
	fake_now = to;
}

/* A vcpu just got a CPU, or lost it: latency and starvation. */
static void sim_note(struct sim_vcpu *s)
{
	uint64_t wait;

	if (!s->v.running) {
		if (!vcpu_runnable(&s->v)) {
			s->waiting_since = fake_now;
		}
		return;
	}
	wait = fake_now - s->waiting_since;
	s->worst_wait = wait > s->worst_wait ? wait : s->worst_wait;
	s->waiting_since = fake_now;
	if (s->woken_at) {
		wait = fake_now - s->woken_at;
		s->worst_latency = wait > s->worst_latency ? wait : s->worst_latency;
		s->latency_sum += wait;
		s->wakes++;
		s->woken_at = 0;
	}
}

static void sim_vcpu_events(struct sim_vcpu *s)
{
	if (s->wake_at <= fake_now) {
		s->wake_at = TIMER_NEVER;
		s->left = s->burst;
		s->woken_at = fake_now;
		s->waiting_since = fake_now;
		fake_set_cpu((unsigned int)rand() % nr_cpus);
		sched_vcpu_unblock(&s->v);
	} else if (s->burst && s->v.running && s->left == 0) {
		/* Ends its burst on its own CPU, as SCHEDOP_block does. */
		fake_set_cpu(s->v.cpu);
		assert_ptr_equal(this_cpu()->current, &s->v);
		sched_block();
		s->wake_at = fake_now + s->sleep;
		s->left = s->burst;
	}
}

void sim_check(void)
{
	for (unsigned int c = 0; c < nr_cpus; c++) {
		struct sched_cpu *sc = sched_cpu_of(c);
		uint32_t nr = 0, load = sc->curr->is_idle ? 0 : sc->curr->sched.weight;
		int64_t last = INT64_MIN;

		assert_int_equal(sc->lock.head, sc->lock.tail);	/* free */
		assert_ptr_equal(cpu_ptr(c)->current, sc->curr);
		assert_true(sc->curr->running);
		assert_int_equal(sc->curr->cpu, c);
		for (struct vcpu *v = sc->head; v; v = v->sched.next) {
			assert_int_equal(v->sched.state, SCHED_QUEUED);
			assert_int_equal(v->cpu, c);
			assert_true(v->sched.vtime >= last);
			assert_false(v->running);
			assert_true(vcpu_runnable(v));
			assert_true(sched_allowed(v, c));
			last = v->sched.vtime;
			nr++;
			load += v->sched.weight;
			/* No idle CPU that may have it stands by. */
			for (unsigned int o = 0; o < nr_cpus; o++) {
				assert_false(sched_cpu_of(o)->curr->is_idle && sched_allowed(v, o));
			}
		}
		assert_int_equal(nr, sc->nr);
		assert_int_equal(load, sc->load);
	}
	for (unsigned int i = 0; i < sim_nr; i++) {
		struct vcpu *v = &sim_v[i]->v;

		assert_int_equal(v->running, v->sched.state == SCHED_RUNNING);
		/* Runnable means somewhere on the way to a CPU: no wake-up was lost. */
		assert_int_equal(vcpu_runnable(v), v->sched.state != SCHED_OFF);
		if (v->running) {
			assert_ptr_equal(sched_cpu_of(v->cpu)->curr, v);
			assert_true(sched_allowed(v, v->cpu));
			assert_int_equal(v->runstate.state, RUNSTATE_running);
		}
	}
}

void sim_run(uint64_t ns)
{
	uint64_t end = fake_now + ns;

	while (fake_now < end) {
		uint64_t next = sim_next_event();

		sim_advance(next < end ? next : end);
		for (unsigned int i = 0; i < sim_nr; i++) {
			sim_vcpu_events(sim_v[i]);
		}
		sim_settle();
		sim_check();
		for (unsigned int i = 0; i < sim_nr; i++) {
			sim_note(sim_v[i]);
		}
	}
}

void sim_clear_counts(void)
{
	for (unsigned int i = 0; i < sim_nr; i++) {
		struct sim_vcpu *s = sim_v[i];

		s->ran = s->worst_latency = s->latency_sum = s->wakes = s->worst_wait = 0;
		memset(s->on_cpu, 0, sizeof(s->on_cpu));
		s->switches = 0;
	}
	sim_switches = 0;
}

uint64_t sim_domain_ran(const struct domain *d)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		sum += ((struct sim_vcpu *)d->vcpu[i])->ran;
	}
	return sum;
}

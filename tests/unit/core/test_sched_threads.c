/* SPDX-License-Identifier: MIT */
/*
 * The scheduler with a thread for each CPU and real time: vcpus block, set timers and wake each other, while a
 * controller pauses them and changes their affinity, their cap and the CPUs of their pool. A vcpu must be in one place
 * at a time, a paused one nowhere.
 *
 * A CPU that is idle or in a guest's own code looks at its softirqs only after an interrupt. In the pauses between the
 * rounds everybody goes to sleep and nobody wakes anybody: what then still waits, or has a timer that is due, waits
 * for a wake-up, a timer or an interrupt that was lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/sched.h>
#include <dais/smp.h>
#include <dais/softirq.h>
#include <dais/time.h>
#include "fake.h"

#define CPUS	3
#define VCPUS	7
#define ROUNDS	60
#define ROUND_US	30000
#define CALM_MS	20000		/* the machine may be busy with other things */

static struct vcpu idle[CPUS], vcpus[VCPUS];
static struct vcpu_info infos[VCPUS];
static struct domain dom;
static uint64_t events[FAKE_CPUS];
static jmp_buf jumps[CPUS];
static uint32_t owner[VCPUS];		/* CPU + 1 that runs it */
static bool stop, calm, over, resting;
static bool ipi[CPUS], expects[VCPUS];	/* expects: its timer is to ring */
static struct timer oneshot[VCPUS];	/* as a guest's own: it follows the vcpu */
static unsigned long switches, steps, woken, rung;

uint64_t time_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void clock_event_set(uint64_t deadline)
{
	events[cpu_id()] = deadline;
}

void smp_send_event_check(unsigned int cpu)
{
	atomic_set(&ipi[cpu], true);
}

/* A lock is often not to be had at once, and who lets interrupts in for that is held up there. */
static __thread bool hold_up;

bool __real_spin_trylock(spinlock_t *l);
bool __wrap_spin_trylock(spinlock_t *l);

bool __wrap_spin_trylock(spinlock_t *l)
{
	static unsigned int n;

	hold_up = !atomic_read(&calm) && atomic_inc(&n) % 4 == 0;
	return !hold_up && __real_spin_trylock(l);
}

void __real_irq_restore(unsigned long f);
void __wrap_irq_restore(unsigned long f);

void __wrap_irq_restore(unsigned long f)
{
	__real_irq_restore(f);
	if (f && hold_up) {
		usleep(200);
	}
	hold_up = hold_up && !f;
}

struct domain *domain_next(struct domain *d)
{
	return d ? NULL : &dom;
}

int evtchn_port_is_pending(struct domain *d, uint32_t port)
{
	(void)d;
	(void)port;
	return 0;
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	unsigned int cpu = cpu_id();

	if (!prev->is_idle) {
		assert_int_equal(atomic_xchg(&owner[prev->id], 0), cpu + 1);
	}
	atomic_inc(&switches);
	if (rand() % 8 == 0) {
		usleep(50);	/* saving the context takes its time */
	}
	this_cpu()->current = next;
	sched_switched_out(prev);
	if (!next->is_idle) {
		assert_int_equal(atomic_xchg(&owner[next->id], cpu + 1), 0);
	}
	longjmp(jumps[cpu], 1);
}

/* The clock event and messages of others, as interrupts. */
static bool interrupted(unsigned int cpu)
{
	bool any = atomic_xchg(&ipi[cpu], false);

	if (events[cpu] <= time_now_ns()) {
		events[cpu] = TIMER_NEVER;
		timer_interrupt();
		any = true;
	}
	return any;
}

static void ring(void *data)
{
	struct vcpu *v = data;

	atomic_inc(&rung);
	atomic_set(&expects[v->id], false);
	vcpu_mark_events_pending(v);
}

static void oneshot_set(struct vcpu *v, uint64_t ns)
{
	atomic_set(&expects[v->id], true);
	timer_move(&oneshot[v->id], cpu_id());
	timer_set(&oneshot[v->id], time_now_ns() + ns);
}

/* Some work of the guest on this CPU, up to its next hypercall or the next interrupt. */
static void guest_step(struct vcpu *v, unsigned int *seed)
{
	unsigned int r = (unsigned int)rand_r(seed) % 64, cpu = cpu_id();
	uint64_t ns = (uint64_t)rand_r(seed) % 200000;

	assert_int_equal(atomic_read(&owner[v->id]), cpu + 1);
	assert_true(v->running);
	atomic_inc(&steps);
	if (atomic_read(&calm)) {
		sched_block();
	} else if (r < 12) {
		sched_block();
	} else if (r < 20) {
		oneshot_set(v, ns);
		sched_block();
	} else if (r < 24) {
		sched_yield();
	} else if (r < 26) {
		sched_poll(NULL, 0, time_now_ns() + ns);
	} else if (r < 30) {
		ns += time_now_ns();
		while (!interrupted(cpu) && time_now_ns() < ns) {
		}
	} else {
		vcpu_mark_events_pending(&vcpus[(unsigned int)rand_r(seed) % VCPUS]);
		atomic_inc(&woken);
	}
}

static void *cpu_thread(void *arg)
{
	unsigned int cpu = (unsigned int)(uintptr_t)arg;
	static unsigned int seeds[CPUS];

	fake_set_cpu(cpu);
	seeds[cpu] = cpu + 1;
	setjmp(jumps[cpu]);
	while (!atomic_read(&stop)) {
		struct vcpu *v;

		(void)interrupted(cpu);
		softirq_process();
		v = this_cpu()->current;
		if (!v->is_idle) {
			atomic_set(&v->info->evtchn_upcall_pending, 0);
			guest_step(v, &seeds[cpu]);
			continue;
		}
		/* Halted: from here on only an interrupt ends it. */
		if (!softirq_pending()) {
			while (!interrupted(cpu) && !atomic_read(&stop)) {
				usleep(20);
			}
		}
	}
	return NULL;
}

static void *controller(void *arg)
{
	unsigned int seed = 99, id;

	(void)arg;
	fake_set_cpu(CPUS);
	while (!atomic_read(&over)) {
		if (atomic_read(&calm)) {
			atomic_set(&resting, true);
			usleep(100);
			continue;
		}
		atomic_set(&resting, false);
		struct vcpu *v = &vcpus[(unsigned int)rand_r(&seed) % VCPUS];
		cpumask_t m = { .bits = { 1 + (unsigned long)rand_r(&seed) % 7 } };

		switch (rand_r(&seed) % 5) {
		case 0:
			vcpu_pause(v);
			assert_int_equal(atomic_read(&owner[v->id]), 0);
			assert_false(v->running);
			usleep(400);
			assert_int_equal(atomic_read(&owner[v->id]), 0);
			assert_int_not_equal(v->sched.state, SCHED_QUEUED);
			vcpu_unpause(v);
			break;
		case 1:
			(void)sched_set_affinity(v, &m, NULL);	/* perhaps none of the pool's */
			break;
		case 2:
			assert_int_equal(sched_set_cap(&dom, rand_r(&seed) % 2 ? 0 : 1 + (unsigned int)rand_r(&seed) % 30), 0);
			break;
		case 3:
			/* A CPU leaves the pool, unless it is the last, or comes back. */
			id = (unsigned int)rand_r(&seed) % CPUS;
			if (cpupool_change_cpu(0, id, false)) {
				(void)cpupool_change_cpu(0, id, true);
			}
			break;
		default:
			sched_set_weight(&dom, 1 + (unsigned int)rand_r(&seed) % 1000);
			break;
		}
		vcpu_mark_events_pending(v);
		usleep(100);
	}
	return NULL;
}

static void build(void)
{
	static struct vcpu *list[VCPUS];

	fake_reset();
	nr_cpus = CPUS;
	memset(events, 0xff, sizeof(events));
	softirq_register(SOFTIRQ_TIMER, timer_softirq);
	softirq_register(SOFTIRQ_SCHEDULE, schedule);
	for (unsigned int i = 0; i < CPUS; i++) {
		fake_set_cpu(i);
		timer_cpu_init(i);
		sched_cpu_init(i, &idle[i]);
		this_cpu()->current = &idle[i];
		sched_cpu_online(i);
	}
	dom.vcpu = list;
	assert_int_equal(cpupool_move_domain(&dom, 0), 0);
	sched_domain_init(&dom);
	for (unsigned int i = 0; i < VCPUS; i++) {
		list[i] = &vcpus[i];
		vcpus[i].domain = &dom;
		vcpus[i].id = i;
		vcpus[i].info = &infos[i];
		sched_vcpu_init(&vcpus[i], i % CPUS);
		timer_init(&oneshot[i], ring, &vcpus[i], i % CPUS);
	}
	dom.max_vcpus = VCPUS;
	for (unsigned int i = 0; i < VCPUS; i++) {
		sched_vcpu_wake(&vcpus[i]);
	}
	fake_set_cpu(0);
}

static bool at_rest(const struct vcpu *v)
{
	return v->sched.state == SCHED_OFF && !atomic_read(&v->running) && !vcpu_runnable(v) &&
	       !v->info->evtchn_upcall_pending && !atomic_read(&expects[v->id]) &&
	       !timer_armed(&v->poll_timer);
}

static bool all_at_rest(void)
{
	bool all = atomic_read(&resting);

	for (unsigned int i = 0; i < VCPUS; i++) {
		all &= at_rest(&vcpus[i]);
	}
	return all;
}

/* Everybody to bed; and up again. */
static void one_round(void)
{
	unsigned int ms = 0;

	usleep(ROUND_US);
	atomic_set(&calm, true);
	while (!all_at_rest() && ++ms < CALM_MS) {
		usleep(1000);
	}
	for (unsigned int i = 0; i < VCPUS && ms == CALM_MS; i++) {
		const struct vcpu *v = &vcpus[i];

		print_message("v%u: CPU %u state %u flags %lx pauses %u running %d upcall %d timer %d %d of CPU %u poll %d\n",
			      i, v->cpu, v->sched.state, v->pause_flags, v->pause_count, v->running,
			      v->info->evtchn_upcall_pending, expects[i], timer_armed(&oneshot[i]), oneshot[i].cpu,
			      timer_armed(&v->poll_timer));
	}
	assert_int_not_equal(ms, CALM_MS);
	assert_int_equal(dom.evtchn.pollers, 0);
	atomic_set(&calm, false);
	for (unsigned int i = 0; i < VCPUS; i++) {
		vcpu_mark_events_pending(&vcpus[i]);
	}
}

static void test_threads(void **state)
{
	pthread_t t[CPUS], c;

	(void)state;
	build();
	for (uintptr_t i = 0; i < CPUS; i++) {
		assert_int_equal(pthread_create(&t[i], NULL, cpu_thread, (void *)i), 0);
	}
	assert_int_equal(pthread_create(&c, NULL, controller, NULL), 0);
	fake_set_cpu(CPUS + 1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		one_round();
	}
	atomic_set(&over, true);
	pthread_join(c, NULL);
	atomic_set(&stop, true);
	for (unsigned int i = 0; i < CPUS; i++) {
		pthread_join(t[i], NULL);
	}
	print_message("%lu steps, %lu switches, %lu wake-ups sent, %lu timers\n", steps, switches, woken, rung);
	assert_true(switches > 1000 && rung > 100);
	for (unsigned int i = 0; i < VCPUS; i++) {
		assert_int_equal(vcpus[i].pause_count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_threads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

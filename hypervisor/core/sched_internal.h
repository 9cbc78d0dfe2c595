/* SPDX-License-Identifier: MIT */
/*
 * What the files of the scheduler share. See dais/sched.h for the idea and the locks.
 *
 *	sched.c        schedule(), wake, sleep, runstate accounting
 *	sched_queue.c  one CPU's queue, virtual time, the choice of the next vcpu
 *	sched_place.c  which CPU a vcpu goes to: wake-up, stealing, affinity
 *	sched_cap.c    caps, weights and tunables
 *	sched_wait.c   block, poll, yield, pause
 *	cpupool.c      cpupools, and which CPUs take part
 */
#ifndef DAIS_SCHED_INTERNAL_H
#define DAIS_SCHED_INTERNAL_H

#include <dais/cpumask.h>
#include <dais/percpu.h>
#include <dais/sched.h>
#include <dais/vcpu.h>

extern cpumask_t sched_idle_mask; /* CPUs running their idle vcpu that nobody has claimed [a] */

#define SCHED_GRANULARITY 500000 /* ns of virtual time a waker must lead by to preempt */
#define SCHED_LEAD_MAX		1000000000000 /* virtual ns; longer leads are not calculated with */
#define SCHED_SLEEPER_CREDIT 3000000 /* most virtual ns a waker may be behind the clock */
#define SCHED_PACE_WINDOW	250000000ull	/* ns after which pace_* are halved */
#define SCHED_ROTATE_SLICES 8 /* time slices between rotations of vcpus among equally loaded CPUs  \
			       */
#define SCHED_PACE_MIN		50000000ull	/* ns runnable before a pace means anything */

static inline struct sched_cpu *sched_cpu_of(unsigned int cpu)
{
	return &cpu_ptr(cpu)->sched;
}

/* Nobody is sent away before the rate limit is over, so no slice is shorter. */
static inline uint64_t sched_slice_ns(void)
{
	uint32_t us = sched_params.tslice_us, limit = sched_params.ratelimit_us;

	return (uint64_t)(us > limit ? us : limit) * 1000;
}

static inline uint64_t sched_ratelimit_ns(void)
{
	return (uint64_t)sched_params.ratelimit_us * 1000;
}

/* Virtual time that `ns` on a CPU cost a vcpu of this weight. */
static inline int64_t sched_vtime_of(uint64_t ns, uint32_t weight)
{
	return (int64_t)(ns * SCHED_WEIGHT_DEFAULT / weight);
}

/* The other way round; vtime at most SCHED_LEAD_MAX. */
static inline uint64_t sched_ns_of(int64_t vtime, uint32_t weight)
{
	return (uint64_t)vtime * weight / SCHED_WEIGHT_DEFAULT;
}

static inline bool sched_allowed(const struct vcpu *v, unsigned int cpu)
{
	return cpumask_test(&v->sched.allowed, cpu);
}

/* The lock of v's CPU; interrupts off. */
struct sched_cpu *sched_lock(struct vcpu *v, unsigned long *flags);

/* sched_queue.c: all with sc->lock held. */
void sched_queue_insert(struct sched_cpu *sc, struct vcpu *v);
void sched_queue_remove(struct sched_cpu *sc, struct vcpu *v);
void sched_clock_update(struct sched_cpu *sc);
void sched_account(struct sched_cpu *sc, struct vcpu *v,
		   uint64_t now); /* running or waiting since v->sched.since */
uint64_t sched_pace(const struct vcpu *v); /* share received per weight; bigger = better off */
struct vcpu *sched_choose(struct sched_cpu *sc, struct vcpu *prev, uint64_t now);
void sched_vtime_on_wake(struct sched_cpu *sc, struct vcpu *v);
void sched_vtime_rebase(struct vcpu *v, const struct sched_cpu *from, const struct sched_cpu *to);
/* How long (ns) until the waiting v leads what runs by enough to take its place; 0: now. */
uint64_t sched_preempts_in(const struct sched_cpu *sc, const struct vcpu *v, uint64_t now);

/* sched_place.c */
unsigned int sched_place(struct vcpu *v); /* CPU a waking vcpu should go to; lock of v->cpu held */
struct vcpu *sched_steal(struct sched_cpu *sc, struct vcpu *next, uint64_t now, bool *retry);
void sched_offer(struct sched_cpu *sc);			/* have idle CPUs take what waits here */
void sched_recompute_allowed(struct vcpu *v);
void sched_leave_home(struct vcpu *v);
void sched_moved(struct vcpu *v); /* allowed CPUs changed: leave a forbidden one */

/* sched_cap.c: lock of v->cpu held. */
bool sched_cap_claim(struct vcpu *v, uint64_t now);	/* false: out of budget */
void sched_cap_return(struct vcpu *v);
uint64_t sched_cap_limit(const struct vcpu *v);		/* longest slice, ns */

/* sched_wait.c */
void sched_poll_timeout(void *data);	/* the vcpu's */

/* sched.c */
void sched_wake_common(struct vcpu *v,
		       bool fresh); /* fresh: was asleep, gets the sleeper's credit */
void sched_move_asleep(struct vcpu *v); /* to an allowed CPU, if it is on none; takes its locks */
void sched_runstate(struct vcpu *v, int state, uint64_t now);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: which vcpu each physical CPU runs.
 *
 * Proportional share by weight. Each CPU has a queue ordered by virtual time (ns of CPU received,
 * scaled by 256/weight); the vcpu with the least goes next. Waking vcpus preempt busy ones, at most
 * once per rate limit. CPUs that are idle or better off take waiting vcpus from others, within hard
 * affinity and the cpupool. Caps are percent of one physical CPU for a whole domain, enforced over
 * periods of SCHED_CAP_PERIOD. In a pool of kind SCHED_NULL each vcpu has a home instead, a CPU of
 * its own while there are enough, and nothing is balanced.
 *
 * Locks: each sched_cpu has one, taken with interrupts off; it guards that CPU's queue and the
 * fields tagged [s] of every vcpu whose v->cpu is that CPU. v->cpu changes only with the locks of
 * the old and new CPU held. The cpupool lock is taken before; timer locks inside. Nothing else is
 * taken inside.
 */
#ifndef DAIS_SCHED_H
#define DAIS_SCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/cpumask.h>
#include <dais/spinlock.h>
#include <dais/timer.h>

struct domain;
struct vcpu;
struct vcpu_runstate_info;

#define SCHED_WEIGHT_DEFAULT	256u
#define SCHED_WEIGHT_MIN	1u
#define SCHED_WEIGHT_MAX	65535u
#define SCHED_CAP_PERIOD	10000000ull	/* ns */

/* What a pool's scheduler calls itself: XEN_SCHEDULER_*. The first two differ in name only. */
enum sched_kind {
	SCHED_CREDIT = 5,
	SCHED_CREDIT2 = 6,
	SCHED_NULL = 9,
};

enum sched_state {
	SCHED_OFF,		/* not runnable: on no queue */
	SCHED_QUEUED,		/* waits in the queue of v->cpu */
	SCHED_RUNNING,		/* chosen by v->cpu */
	SCHED_PARKED,		/* runnable, but its domain used up its cap for this period */
};

/* All [s]. */
struct sched_vcpu {
	struct vcpu *next;		/* behind it in the queue */
	uint8_t state;			/* enum sched_state */
	bool yielded;			/* lets the head of the queue go first, once */
	bool woken;			/* and has not run since */
	bool stolen; /* by a busy CPU, and has not run there yet: not to be stolen again */
	bool pinned;			/* a temporary pin (SCHEDOP_pin_override) is in force ... */
	uint16_t pin;			/* ... to this CPU, whatever the hard affinity is */
	uint16_t home;			/* in a pool of kind SCHED_NULL; else NR_CPUS */
	uint32_t weight;		/* copy of the domain's */
	int64_t vtime;			/* virtual time, on the clock of v->cpu */
	uint64_t since;			/* system time of the last accounting */
	uint64_t chosen;		/* system time it was last chosen */
	uint64_t pace_run, pace_want;	/* ns run, and ns runnable, with exponential forgetting */
	uint64_t pace_window;		/* when pace_* were last halved */
	int64_t grant;			/* ns of its domain's cap budget that it holds */
	cpumask_t hard, soft;		/* affinities asked for */
	cpumask_t allowed;		/* hard, or pin, and cpupool; not empty unless the pool is */
};

struct sched_cpu {
	spinlock_t lock;
	unsigned int id;		/* this CPU */
	struct vcpu *curr;		/* chosen; the idle vcpu when there is nothing to do */
	struct vcpu *idle;
	struct vcpu *head;		/* queue, ascending vtime */
	uint32_t nr;			/* queued, without curr [a for readers without the lock] */
	uint32_t load;			/* weights of queued and curr [a likewise] */
	int64_t clock;			/* virtual time this CPU has reached */
	uint64_t next_balance; /* system time before which it does not look at other CPUs */
	uint64_t next_rotate;		/* nor trades vcpus with one that is no busier */
	struct timer slice;		/* end of time slice or rate limit */
	unsigned int pool;		/* cpupool id, CPUPOOL_NONE when free */
	bool fixed;			/* the pool is of kind SCHED_NULL */
	uint32_t homes;			/* vcpus whose home it is [a] */
};

struct sched_domain {
	uint32_t weight;
	uint32_t cap;			/* percent of one CPU, 0 = none */
	int64_t budget;			/* ns left in this period [a] */
	uint32_t refill_armed;		/* [a] */
	uint64_t refill_at;		/* end of the period */
	struct timer refill;
	const cpumask_t *pool_cpus;	/* of the cpupool it is in */
	enum sched_kind kind;		/* likewise */
};

#define CPUPOOL_NONE	(~0u)
#define CPUPOOL_ANY	(~0u)

/* Life cycle. sched_cpu_init per CPU, in the boot CPU, before it is started. */
void sched_cpu_init(unsigned int cpu, struct vcpu *idle);	/* idle runs there from the start */
void sched_cpu_online(unsigned int cpu);	/* joins pool 0 and takes work */
void sched_domain_init(struct domain *d);
void sched_domain_destroy(struct domain *d);	/* before its vcpus: stops what visits them all */
/* starts off (VCPU_DOWN); inits runstate and poll timer */
void sched_vcpu_init(struct vcpu *v, unsigned int cpu);
void sched_vcpu_destroy(struct vcpu *v);	/* must be descheduled */

/* SOFTIRQ_SCHEDULE: choose; context_switch() when the choice changed. */
void schedule(void);
void context_switch(struct vcpu *prev, struct vcpu *next) __attribute__((noreturn));	/* x86 */
/* from context_switch: nothing of prev is left in this CPU */
void sched_switched_out(struct vcpu *prev);

/* Runnable or not: call after changing pause_flags or pause_count. */
void sched_vcpu_wake(struct vcpu *v);
void sched_vcpu_sleep_nosync(struct vcpu *v);
void sched_vcpu_unblock(struct vcpu *v);	/* ends BLOCKED and POLLING */

/* SCHEDOP_* for the current vcpu. They return at once; the vcpu is descheduled on the way out. */
int sched_yield(void);
int sched_block(void);				/* unmasks upcalls */
/* 0 = no timeout; nr <= 128 */
int sched_poll(const uint32_t *ports, unsigned int nr, uint64_t timeout_ns);

/* Affinity. -EINVAL when hard misses every CPU of the pool, -EBUSY under a temporary pin. */
/* NULL: unchanged */
int sched_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft);
void sched_get_affinity(struct vcpu *v, cpumask_t *hard, cpumask_t *soft);
int sched_pin_override(struct vcpu *v, int cpu);	/* cpu < 0 ends it */

/* Parameters. -EINVAL out of range. */
int sched_set_weight(struct domain *d, uint32_t weight);
int sched_set_cap(struct domain *d, uint32_t percent);
struct sched_params {
	uint32_t tslice_us;		/* 1000..1000000 */
	uint32_t ratelimit_us;		/* 0, or 100..500000; a longer one stretches the slice */
	uint32_t migr_delay_us;		/* up to 100000 */
};
extern struct sched_params sched_params;	/* in force; plain reads */
int sched_set_params(const struct sched_params *p);

/* Accounting. */
void runstate_get(struct vcpu *v, struct vcpu_runstate_info *out);	/* up to date to now */
uint64_t sched_vcpu_cpu_time(struct vcpu *v);		/* ns */
uint64_t sched_cpu_idle_time(unsigned int cpu);		/* ns */

/* cpupools: pool 0 exists always and first holds every CPU. */
struct cpupool {
	bool used;
	uint32_t id;
	enum sched_kind kind;
	uint32_t nr_domains;
	cpumask_t cpus;
};
/* CPUPOOL_ANY: choose an id; -EEXIST, -ENOSPC; -ENOENT: no such kind of scheduler */
int cpupool_create(uint32_t id, uint32_t kind, uint32_t *out);
int cpupool_destroy(uint32_t id);			/* -EBUSY: has domains or CPUs */
/* first pool with at least this id; -ENOENT */
int cpupool_info(uint32_t id, struct cpupool *out);
/* From those that are free, or to them. CPUPOOL_ANY: any; -EBUSY: last of a pool with domains */
int cpupool_change_cpu(uint32_t id, uint32_t cpu, bool comes);
/* A new one too, before its vcpus. -ENOENT, -EINVAL: no CPUs */
int cpupool_move_domain(struct domain *d, uint32_t id);
void cpupool_detach(struct domain *d);
void cpupool_free_cpus(cpumask_t *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * cpupools: disjoint sets of physical CPUs, and which domains use which. All pools run the same
 * scheduler; a pool of kind SCHED_NULL has it pin each vcpu to one CPU.
 *
 * cpupool_lock guards the table and every pool's counts; it is taken before any sched_cpu.lock. A
 * pool's CPU mask is read without it by the scheduler through sched_domain.pool_cpus, which stays
 * valid because a pool with domains is not destroyed and a table slot never moves.
 */
#include "sched_internal.h"
#include <dais/cmdline.h>
#include <dais/domain.h>
#include <dais/softirq.h>
#include <dais/string.h>
#include <xen/errno.h>

#define CPUPOOLS_MAX	NR_CPUS		/* more could have no CPU */

static struct cpupool cpupools[CPUPOOLS_MAX] = { { .used = true, .kind = SCHED_CREDIT2 } };
static cpumask_t cpupool_free;		/* CPUs that take part and are in no pool */
static spinlock_t cpupool_lock = SPINLOCK_INIT;

static int __init parse_sched(const char *value)
{
	static const char *const names[] __initconst = {
		[SCHED_CREDIT] = "credit", [SCHED_CREDIT2] = "credit2", [SCHED_NULL] = "null",
	};
	unsigned int i;

	for (i = 0; value && i < ARRAY_SIZE(names); i++) {
		if (names[i] && strcmp(value, names[i]) == 0) {
			cpupools[0].kind = i;
			return 0;
		}
	}
	return -XEN_EINVAL;
}
CMDLINE_PARAM("sched", parse_sched, "sched=credit|credit2|null: what pool 0 is; null pins vcpus");

static struct cpupool *cpupool_find(uint32_t id)
{
	unsigned int i;

	for (i = 0; i < CPUPOOLS_MAX; i++) {
		if (cpupools[i].used && cpupools[i].id == id) {
			return &cpupools[i];
		}
	}
	return NULL;
}

int cpupool_create(uint32_t id, uint32_t kind, uint32_t *out)
{
	struct cpupool *p = cpupools;
	bool any = id == CPUPOOL_ANY;
	int rc = 0;

	if (kind != SCHED_CREDIT && kind != SCHED_CREDIT2 && kind != SCHED_NULL) {
		return -XEN_ENOENT;
	}
	spin_lock(&cpupool_lock);
	for (id = any ? 1 : id; any && cpupool_find(id); id++) {
	}
	while (p < cpupools + CPUPOOLS_MAX && p->used) {
		p++;
	}
	if (cpupool_find(id)) {
		rc = -XEN_EEXIST;
	} else if (p == cpupools + CPUPOOLS_MAX) {
		rc = -XEN_ENOSPC;
	} else {
		*p = (struct cpupool){ .used = true, .id = id, .kind = kind };
		*out = id;
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

int cpupool_destroy(uint32_t id)
{
	struct cpupool *p;
	int rc = 0;

	spin_lock(&cpupool_lock);
	p = cpupool_find(id);
	if (!p) {
		rc = -XEN_ENOENT;
	} else if (id == 0 || p->nr_domains || !cpumask_empty(&p->cpus)) {
		rc = -XEN_EBUSY;
	} else {
		p->used = false;
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

int cpupool_info(uint32_t id, struct cpupool *out)
{
	struct cpupool *best = NULL;
	unsigned int i;

	spin_lock(&cpupool_lock);
	for (i = 0; i < CPUPOOLS_MAX; i++) {
		struct cpupool *p = &cpupools[i];

		if (p->used && p->id >= id && (!best || p->id < best->id)) {
			best = p;
		}
	}
	if (best) {
		*out = *best;
	}
	spin_unlock(&cpupool_lock);
	return best ? 0 : -XEN_ENOENT;
}

/* --- CPUs --- */

/* The CPUs of d's pool have changed: everybody leaves those that are no longer in it. */
static void cpupool_domain_moved(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	domain_for_each_vcpu(d, v, i) {
		unsigned long flags;
		struct sched_cpu *sc = sched_lock(v, &flags);

		sched_recompute_allowed(v);
		spin_unlock_irqrestore(&sc->lock, flags);
		sched_moved(v);
	}
}

/* The same for every domain of the pool. */
static void cpupool_changed(const struct cpupool *p)
{
	struct domain *d = NULL;

	while ((d = domain_next(d)) != NULL) {
		if (d->sched.pool_cpus == &p->cpus) {
			cpupool_domain_moved(d);
		}
	}
}

/* The CPU comes to the pool, or leaves it and belongs to none. */
static void cpupool_give(struct cpupool *p, unsigned int cpu, bool comes)
{
	struct sched_cpu *sc = sched_cpu_of(cpu);
	unsigned long flags = spin_lock_irqsave(&sc->lock);

	sc->pool = comes ? p->id : CPUPOOL_NONE;
	sc->fixed = p->kind == SCHED_NULL;
	if (comes) {
		cpumask_set_atomic(&p->cpus, cpu);
		cpumask_unset(&cpupool_free, cpu);
	} else {
		cpumask_unset_atomic(&p->cpus, cpu);
		cpumask_set(&cpupool_free, cpu);
	}
	spin_unlock_irqrestore(&sc->lock, flags);
	cpupool_changed(p);
	softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
}

int cpupool_change_cpu(uint32_t id, uint32_t want, bool comes)
{
	const cpumask_t *from = &cpupool_free;
	struct cpupool *p;
	unsigned int cpu;
	int rc = 0;

	spin_lock(&cpupool_lock);
	p = cpupool_find(id);
	if (p && !comes) {
		from = &p->cpus;
	}
	cpu = want == CPUPOOL_ANY ? cpumask_first(from) : want;
	if (!p) {
		rc = -XEN_ENOENT;
	} else if (cpu >= nr_cpus) {
		rc = comes && want == CPUPOOL_ANY ? -XEN_ENOSPC : -XEN_EINVAL;
	} else if (!cpumask_test(from, cpu)) {
		rc = comes ? -XEN_ENODEV : -XEN_EADDRNOTAVAIL;
	} else if (!comes && p->nr_domains && cpumask_weight(&p->cpus) == 1) {
		rc = id == 0 ? -XEN_EINVAL : -XEN_EBUSY;
	} else {
		cpupool_give(p, cpu, comes);
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

void cpupool_free_cpus(cpumask_t *out)
{
	spin_lock(&cpupool_lock);
	*out = cpupool_free;
	spin_unlock(&cpupool_lock);
}

void sched_cpu_online(unsigned int cpu)
{
	spin_lock(&cpupool_lock);
	cpupool_give(&cpupools[0], cpu, true);
	spin_unlock(&cpupool_lock);
}

/* --- domains --- */

static void cpupool_left(struct cpupool *p)
{
	p->nr_domains--;
	if (p->kind == SCHED_NULL) {
		cpupool_changed(p);	/* to the homes that vcpus have left */
	}
}

void cpupool_detach(struct domain *d)
{
	struct cpupool *p;

	spin_lock(&cpupool_lock);
	p = d->sched.pool_cpus ? cpupool_find(d->cpupool) : NULL;
	if (p) {
		/* vcpus may be looked at until they are freed */
		d->sched.pool_cpus = &cpupools[0].cpus;
		d->cpupool = CPUPOOL_NONE;
		cpupool_left(p);
	}
	spin_unlock(&cpupool_lock);
}

int cpupool_move_domain(struct domain *d, uint32_t id)
{
	bool old = d->sched.pool_cpus;		/* a new one comes from no pool */
	struct cpupool *from, *to;
	int rc = 0;

	spin_lock(&cpupool_lock);
	from = old ? cpupool_find(d->cpupool) : NULL;
	to = cpupool_find(id);
	if (!to || (old && !from)) {
		rc = -XEN_ENOENT;
	} else if (cpumask_empty(&to->cpus) && (old || id != 0)) {
		rc = -XEN_EINVAL;
	} else if (from != to) {
		to->nr_domains++;
		d->cpupool = id;
		d->sched.kind = to->kind;
		d->sched.pool_cpus = &to->cpus;
		cpupool_domain_moved(d);
		if (from) {
			cpupool_left(from);
		}
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

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

struct cpupool {
	bool used;
	uint32_t id;
	enum sched_kind kind;
	uint32_t nr_domains;
	cpumask_t cpus;
};

#define CPUPOOLS_MAX	NR_CPUS		/* more could have no CPU */

static struct cpupool cpupools[CPUPOOLS_MAX] = { { .used = true, .kind = SCHED_CREDIT2 } };
static spinlock_t cpupool_lock = SPINLOCK_INIT;

static const struct {
	const char *name;
	enum sched_kind kind;
} cpupool_kinds[] = { { "credit", SCHED_CREDIT }, { "credit2", SCHED_CREDIT2 },
		      { "null", SCHED_NULL } };

static int __init parse_sched(const char *value)
{
	unsigned int i;

	for (i = 0; value && i < ARRAY_SIZE(cpupool_kinds); i++) {
		if (strcmp(value, cpupool_kinds[i].name) == 0) {
			cpupools[0].kind = cpupool_kinds[i].kind;
			return 0;
		}
	}
	return -XEN_EINVAL;
}
CMDLINE_PARAM("sched", parse_sched, "sched=credit|credit2|null: what pool 0 is; null pins vcpus");

static bool cpupool_has_kind(uint32_t kind)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cpupool_kinds); i++) {
		if (cpupool_kinds[i].kind == kind) {
			return true;
		}
	}
	return false;
}

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

static uint32_t cpupool_unused_id(void)
{
	uint32_t id = 1;

	while (cpupool_find(id)) {
		id++;		/* fewer pools than numbers: ends */
	}
	return id;
}

int cpupool_create(uint32_t id, uint32_t kind, uint32_t *out)
{
	unsigned int i;
	int rc = -XEN_ENOSPC;

	if (!cpupool_has_kind(kind)) {
		return -XEN_ENOENT;
	}
	spin_lock(&cpupool_lock);
	if (id != CPUPOOL_ANY && cpupool_find(id)) {
		rc = -XEN_EEXIST;
	}
	for (i = 0; rc == -XEN_ENOSPC && i < CPUPOOLS_MAX; i++) {
		if (!cpupools[i].used) {
			*out = id == CPUPOOL_ANY ? cpupool_unused_id() : id;
			cpupools[i] = (struct cpupool){ .used = true, .id = *out, .kind = kind };
			rc = 0;
		}
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

int cpupool_info(uint32_t id, struct cpupool_info *out)
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
		*out = (struct cpupool_info){
			.id = best->id, .kind = best->kind,
			.nr_domains = best->nr_domains, .cpus = best->cpus,
		};
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

static void cpupool_take(struct cpupool *p, unsigned int cpu)
{
	struct sched_cpu *sc = sched_cpu_of(cpu);
	unsigned long flags = spin_lock_irqsave(&sc->lock);

	sc->pool = p->id;
	sc->fixed = p->kind == SCHED_NULL;
	cpumask_set_atomic(&p->cpus, cpu);
	spin_unlock_irqrestore(&sc->lock, flags);
	cpupool_changed(p);
	softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
}

static void cpupool_release(struct cpupool *p, unsigned int cpu)
{
	struct sched_cpu *sc = sched_cpu_of(cpu);
	unsigned long flags = spin_lock_irqsave(&sc->lock);

	cpumask_unset_atomic(&p->cpus, cpu);
	sc->pool = CPUPOOL_NONE;
	spin_unlock_irqrestore(&sc->lock, flags);
	cpupool_changed(p);
}

static unsigned int cpupool_any_free(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		if (sched_cpu_of(cpu)->online && sched_cpu_of(cpu)->pool == CPUPOOL_NONE) {
			return cpu;
		}
	}
	return NR_CPUS;
}

int cpupool_add_cpu(uint32_t id, int want)
{
	struct cpupool *p;
	unsigned int cpu;
	int rc = 0;

	spin_lock(&cpupool_lock);
	p = cpupool_find(id);
	cpu = want < 0 ? cpupool_any_free() : (unsigned int)want;
	if (!p) {
		rc = -XEN_ENOENT;
	} else if (cpu >= nr_cpus) {
		rc = want < 0 ? -XEN_ENOSPC : -XEN_EINVAL;
	} else if (!sched_cpu_of(cpu)->online || sched_cpu_of(cpu)->pool != CPUPOOL_NONE) {
		rc = -XEN_ENODEV;
	} else {
		cpupool_take(p, cpu);
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

int cpupool_remove_cpu(uint32_t id, int want)
{
	struct cpupool *p;
	unsigned int cpu;
	int rc = 0;

	spin_lock(&cpupool_lock);
	p = cpupool_find(id);
	cpu = !p ? NR_CPUS : want < 0 ? cpumask_first(&p->cpus) : (unsigned int)want;
	if (!p) {
		rc = -XEN_ENOENT;
	} else if (cpu >= nr_cpus) {
		rc = -XEN_EINVAL;
	} else if (!cpumask_test(&p->cpus, cpu)) {
		rc = -XEN_EADDRNOTAVAIL;
	} else if (p->nr_domains && cpumask_weight(&p->cpus) == 1) {
		rc = id == 0 ? -XEN_EINVAL : -XEN_EBUSY;
	} else {
		cpupool_release(p, cpu);
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

void cpupool_free_cpus(cpumask_t *out)
{
	unsigned int cpu;

	cpumask_clear(out);
	spin_lock(&cpupool_lock);
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		if (sched_cpu_of(cpu)->online && sched_cpu_of(cpu)->pool == CPUPOOL_NONE) {
			cpumask_set(out, cpu);
		}
	}
	spin_unlock(&cpupool_lock);
}

void sched_cpu_online(unsigned int cpu)
{
	spin_lock(&cpupool_lock);
	sched_cpu_of(cpu)->online = true;
	cpupool_take(&cpupools[0], cpu);
	spin_unlock(&cpupool_lock);
}

/* --- domains --- */

int cpupool_attach(struct domain *d, uint32_t id)
{
	struct cpupool *p;
	int rc = 0;

	spin_lock(&cpupool_lock);
	p = cpupool_find(id);
	if (!p) {
		rc = -XEN_ENOENT;
	} else if (id != 0 && cpumask_empty(&p->cpus)) {
		rc = -XEN_EINVAL;
	} else {
		p->nr_domains++;
		d->cpupool = id;
		d->sched.kind = p->kind;
		d->sched.pool_cpus = &p->cpus;
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

void cpupool_detach(struct domain *d)
{
	struct cpupool *p;

	spin_lock(&cpupool_lock);
	p = d->sched.pool_cpus ? cpupool_find(d->cpupool) : NULL;
	if (p) {
		p->nr_domains--;
		d->sched.pool_cpus =
			&cpupools[0].cpus; /* vcpus may be looked at until they are freed */
		d->cpupool = CPUPOOL_NONE;
		if (p->kind == SCHED_NULL) {
			cpupool_changed(p);	/* to the homes its vcpus have left */
		}
	}
	spin_unlock(&cpupool_lock);
}

int cpupool_move_domain(struct domain *d, uint32_t id)
{
	struct cpupool *from, *to;
	int rc = 0;

	spin_lock(&cpupool_lock);
	from = cpupool_find(d->cpupool);
	to = cpupool_find(id);
	if (!from || !to) {
		rc = -XEN_ENOENT;
	} else if (cpumask_empty(&to->cpus)) {
		rc = -XEN_EINVAL;
	} else if (from != to) {
		from->nr_domains--;
		to->nr_domains++;
		d->cpupool = id;
		d->sched.kind = to->kind;
		d->sched.pool_cpus = &to->cpus;
		cpupool_domain_moved(d);
		if (from->kind == SCHED_NULL) {
			cpupool_changed(from);
		}
	}
	spin_unlock(&cpupool_lock);
	return rc;
}

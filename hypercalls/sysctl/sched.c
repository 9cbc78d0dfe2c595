/* SPDX-License-Identifier: MIT */
/* sysctl: the scheduler's parameters, and pools of CPUs. */
#include <dais/domain.h>
#include <dais/percpu.h>
#include <xen/errno.h>

#include "../ctlbitmap.h"
#include "sysctl.h"

long sysctl_sched_id(struct xen_sysctl *op)
{
	struct cpupool pool;
	int rc = cpupool_info(0, &pool);

	op->u.sched_id.sched_id = pool.kind;
	return rc;
}

/*
 * The parameters that a kind of scheduler has, in its own units. The slice of credit bounds its rate
 * limit; credit2 has no slice that an administrator knows of.
 */
static int params_from(const struct xen_sysctl_scheduler_op *s, struct sched_params *p)
{
	if (s->sched_id == SCHED_CREDIT2) {
		p->ratelimit_us = s->u.sched_credit2.ratelimit_us;
		return 0;
	}
	/* What is too much stays too much in microseconds. */
	p->tslice_us = min(s->u.sched_credit.tslice_ms, 1000000u) * 1000;
	p->ratelimit_us = s->u.sched_credit.ratelimit_us;
	p->migr_delay_us = s->u.sched_credit.vcpu_migr_delay_us;
	return p->ratelimit_us > p->tslice_us ? -XEN_EINVAL : 0;
}

static void params_to(struct xen_sysctl_scheduler_op *s, const struct sched_params *p)
{
	if (s->sched_id == SCHED_CREDIT2) {
		s->u.sched_credit2.ratelimit_us = p->ratelimit_us;
		return;
	}
	s->u.sched_credit.tslice_ms = p->tslice_us / 1000;
	s->u.sched_credit.ratelimit_us = p->ratelimit_us;
	s->u.sched_credit.vcpu_migr_delay_us = p->migr_delay_us;
}

/* One set of parameters serves all pools; the pool must exist all the same. */
long sysctl_scheduler_op(struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
	struct cpupool pool;
	struct sched_params p = sched_params;
	int rc = cpupool_info(s->cpupool_id, &pool);

	if (rc || pool.id != s->cpupool_id) {
		return -XEN_ESRCH;
	}
	if (s->sched_id != (uint32_t)pool.kind || pool.kind == SCHED_NULL ||
	    (s->cmd != XEN_SYSCTL_SCHEDOP_putinfo && s->cmd != XEN_SYSCTL_SCHEDOP_getinfo)) {
		return -XEN_EINVAL;
	}
	if (s->cmd == XEN_SYSCTL_SCHEDOP_putinfo) {
		rc = params_from(s, &p);
		rc = rc ? rc : sched_set_params(&p);
	}
	params_to(s, &p);
	return rc;
}

/* --- pools --- */

static int pool_info(struct xen_sysctl_cpupool_op *c)
{
	struct cpupool pool;
	int rc = cpupool_info(c->cpupool_id, &pool);

	if (rc) {
		return rc;
	}
	c->cpupool_id = pool.id;
	c->sched_id = pool.kind;
	c->n_dom = pool.nr_domains;
	return ctlbitmap_write(&c->cpumap, pool.cpus.bits, nr_cpus);
}

static int pool_free_info(struct xen_sysctl_cpupool_op *c)
{
	cpumask_t free;

	cpupool_free_cpus(&free);
	return ctlbitmap_write(&c->cpumap, free.bits, nr_cpus);
}

static int pool_move_domain(struct xen_sysctl_cpupool_op *c)
{
	struct domain *d =
	    c->domid < DOMID_FIRST_RESERVED ? domain_get_by_id((uint16_t)c->domid) : NULL;
	int rc = -XEN_EPERM;

	if (!d) {
		return -XEN_ESRCH;
	}
	if (d != current_vcpu()->domain) {
		rc = cpupool_move_domain(d, c->cpupool_id);
	}
	domain_put(d);
	return rc;
}

/* CPUPOOL_ANY is what tools say for any pool, or any CPU. */
long sysctl_cpupool_op(struct xen_sysctl *op)
{
	struct xen_sysctl_cpupool_op *c = &op->u.cpupool_op;

	BUILD_BUG_ON(CPUPOOL_ANY != XEN_SYSCTL_CPUPOOL_PAR_ANY);
	switch (c->op) {
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
		return cpupool_create(c->cpupool_id, c->sched_id, &c->cpupool_id);
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
		return cpupool_destroy(c->cpupool_id);
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return pool_info(c);
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
		return cpupool_change_cpu(c->cpupool_id, c->cpu, true);
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return cpupool_change_cpu(c->cpupool_id, c->cpu, false);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return pool_move_domain(c);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return pool_free_info(c);
	default:
		return -XEN_ENOSYS;
	}
}

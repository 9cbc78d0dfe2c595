/* SPDX-License-Identifier: MIT */
/* domctl: where a domain's vcpus run, and how much of the CPUs it gets. */
#include <dais/domain.h>
#include <dais/percpu.h>
#include <xen/errno.h>

#include "../ctlbitmap.h"
#include "domctl.h"

/* --- affinity --- */

static int affinity_write(const struct xen_domctl_vcpuaffinity *a, const cpumask_t *hard,
			  const cpumask_t *soft)
{
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_HARD) {
		rc = ctlbitmap_write(&a->cpumap_hard, hard->bits, nr_cpus);
	}
	if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_SOFT)) {
		rc = ctlbitmap_write(&a->cpumap_soft, soft->bits, nr_cpus);
	}
	return rc;
}

static int affinity_check(struct domain *d, const struct xen_domctl_vcpuaffinity *a,
			  struct vcpu **v)
{
	if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT))) {
		return -XEN_EINVAL;
	}
	return domctl_vcpu(d, a->vcpu, v);
}

long domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
	cpumask_t hard, soft;
	struct vcpu *v;
	int rc = affinity_check(d, &op->u.vcpuaffinity, &v);

	if (rc) {
		return rc;
	}
	sched_get_affinity(v, &hard, &soft);
	return affinity_write(&op->u.vcpuaffinity, &hard, &soft);
}

/* Given back are the maps as they take effect, so that tools can warn of one that has none. */
long domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	bool set_hard = a->flags & XEN_VCPUAFFINITY_HARD,
	     set_soft = a->flags & XEN_VCPUAFFINITY_SOFT;
	cpumask_t hard, soft;
	struct vcpu *v;
	int rc = affinity_check(d, a, &v);

	if (rc == 0 && set_hard) {
		rc = ctlbitmap_read(&a->cpumap_hard, hard.bits, NR_CPUS);
	}
	if (rc == 0 && set_soft) {
		rc = ctlbitmap_read(&a->cpumap_soft, soft.bits, NR_CPUS);
	}
	if (rc) {
		return rc;
	}
	if (a->flags & XEN_VCPUAFFINITY_FORCE) {
		(void)sched_pin_override(v, -1);	/* there may be no temporary pin */
	}
	rc = sched_set_affinity(v, set_hard ? &hard : NULL, set_soft ? &soft : NULL);
	if (rc) {
		return rc;
	}
	sched_get_affinity(v, &hard, &soft);
	cpumask_and(&hard, &hard, d->sched.pool_cpus);
	cpumask_and(&soft, &soft, &hard);
	return affinity_write(a, &hard, &soft);
}

/* --- NUMA: there is one node --- */

long domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
	unsigned long nodes = 0;
	int rc = ctlbitmap_read(&op->u.nodeaffinity.nodemap, &nodes, 1);

	if (rc == 0 && !nodes) {
		rc = -XEN_EINVAL;
	}
	return rc;
}

long domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
	unsigned long nodes = 1;

	return ctlbitmap_write(&op->u.nodeaffinity.nodemap, &nodes, 1);
}

/* --- shares --- */

#define CAP_UNCHANGED	0xffffu		/* of credit; to credit2 it is a cap, and too large */

/* credit and credit2 have the same layout; null has shares of nothing, and says no. */
long domctl_scheduler_op(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
	struct xen_domctl_sched_credit2 *c = &s->u.credit2;
	int rc = 0;

	if (s->sched_id != (uint32_t)d->sched.kind || d->sched.kind == SCHED_NULL) {
		return -XEN_EINVAL;
	}
	if (s->cmd == XEN_DOMCTL_SCHEDOP_putinfo) {
		if (d->sched.kind != SCHED_CREDIT || c->cap != CAP_UNCHANGED) {
			rc = sched_set_cap(d, c->cap);
		}
		if (rc == 0 && c->weight) {
			rc = sched_set_weight(d, c->weight);	/* 16 bits: cannot be refused */
		}
	} else if (s->cmd == XEN_DOMCTL_SCHEDOP_getinfo) {
		c->weight = (uint16_t)d->sched.weight;
		c->cap = (uint16_t)d->sched.cap;
	} else {
		rc = -XEN_EINVAL;	/* vcpus have no shares of their own */
	}
	return rc;
}

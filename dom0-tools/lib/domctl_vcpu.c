/* SPDX-License-Identifier: MIT */
/*
 * Domain control of vCPUs: affinity and scheduling. See domctl.h. Stateless.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/domctl.h"
#include "lib/hypercall.h"
#include "lib/xalloc.h"

int domctl_vcpu_info(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		     struct xen_domctl_getvcpuinfo *info)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuinfo, .domain = (domid_t)domid };
	int rc;

	op.u.getvcpuinfo.vcpu = vcpu;
	rc = hypercall_domctl(h, &op);
	if (!rc) {
		*info = op.u.getvcpuinfo;
	}
	return rc;
}

/* Both maps through one buffer. force: also over a temporary pin of the hypervisor's. */
static int domctl_affinity(struct hypercall *h, struct xen_domctl *op, struct cpu_set *hard,
			   struct cpu_set *soft, bool force)
{
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	struct cpu_set *maps = hypercall_buffer(h, 2 * sizeof(*maps));
	int rc;

	if (!maps) {
		return -ENOMEM;
	}
	memset(maps, 0, 2 * sizeof(*maps));
	if (hard) {
		a->flags |= XEN_VCPUAFFINITY_HARD;
		maps[0] = *hard;
		a->cpumap_hard = (struct xenctl_bitmap){ (uintptr_t)&maps[0], DOMCTL_CPUS_MAX };
	}
	if (soft) {
		a->flags |= XEN_VCPUAFFINITY_SOFT;
		maps[1] = *soft;
		a->cpumap_soft = (struct xenctl_bitmap){ (uintptr_t)&maps[1], DOMCTL_CPUS_MAX };
	}
	a->flags |= force ? XEN_VCPUAFFINITY_FORCE : 0;
	rc = hypercall_domctl(h, op);
	if (hard) {
		*hard = maps[0];
	}
	if (soft) {
		*soft = maps[1];
	}
	hypercall_buffer_free(h, maps);
	return rc;
}

int domctl_get_affinity(struct hypercall *h, uint32_t domid, uint32_t vcpu, struct cpu_set *hard,
			struct cpu_set *soft)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuaffinity, .domain = (domid_t)domid };

	op.u.vcpuaffinity.vcpu = vcpu;
	if (hard) {
		memset(hard, 0, sizeof(*hard));
	}
	if (soft) {
		memset(soft, 0, sizeof(*soft));
	}
	return domctl_affinity(h, &op, hard, soft, false);
}

int domctl_set_affinity(struct hypercall *h, uint32_t domid, uint32_t vcpu,
			const struct cpu_set *hard, const struct cpu_set *soft, bool force)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpuaffinity, .domain = (domid_t)domid };
	struct cpu_set hard_copy, soft_copy;

	op.u.vcpuaffinity.vcpu = vcpu;
	if (hard) {
		hard_copy = *hard;
	}
	if (soft) {
		soft_copy = *soft;
	}
	return domctl_affinity(h, &op, hard ? &hard_copy : NULL, soft ? &soft_copy : NULL, force);
}

/* credit and credit2 have the same two words at the same place. */
static int domctl_sched(struct hypercall *h, uint32_t cmd, uint32_t domid, uint32_t scheduler,
			uint16_t *weight, uint16_t *cap)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_scheduler_op, .domain = (domid_t)domid };
	int rc;

	op.u.scheduler_op.sched_id = scheduler;
	op.u.scheduler_op.cmd = cmd;
	op.u.scheduler_op.u.credit2.weight = *weight;
	op.u.scheduler_op.u.credit2.cap = *cap;
	rc = hypercall_domctl(h, &op);
	*weight = op.u.scheduler_op.u.credit2.weight;
	*cap = op.u.scheduler_op.u.credit2.cap;
	return rc;
}

int domctl_get_sched(struct hypercall *h, uint32_t domid, uint32_t scheduler, uint16_t *weight,
		     uint16_t *cap)
{
	*weight = *cap = 0;
	return domctl_sched(h, XEN_DOMCTL_SCHEDOP_getinfo, domid, scheduler, weight, cap);
}

int domctl_set_sched(struct hypercall *h, uint32_t domid, uint32_t scheduler, uint16_t weight,
		     uint16_t cap)
{
	return domctl_sched(h, XEN_DOMCTL_SCHEDOP_putinfo, domid, scheduler, &weight, &cap);
}

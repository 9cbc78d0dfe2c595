/* SPDX-License-Identifier: MIT */
/* domctl: what domains and vcpus are, have and do. */
#include <dais/domain.h>
#include <dais/string.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "domctl.h"

/* "Blocked" holds for the domain when it does for every vcpu that is up. */
static void info_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	uint32_t blocked = XEN_DOMINF_blocked;
	struct vcpu *v;
	unsigned int i;

	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	domain_for_each_vcpu(d, v, i) {
		info->cpu_time += sched_vcpu_cpu_time(v);
		info->max_vcpu_id = i;
		if (!vcpu_is_up(v)) {
			continue;
		}
		info->nr_online_vcpus++;
		if (!(atomic_read(&v->pause_flags) & (VCPU_BLOCKED | VCPU_POLLING))) {
			blocked = 0;
		}
		if (atomic_read(&v->running)) {
			info->flags |= XEN_DOMINF_running;
		}
	}
	if (info->nr_online_vcpus) {
		info->flags |= blocked;
	}
}

void domctl_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = d->domid;
	info_vcpus(d, info);
	spin_lock(&d->lock);
	info->flags |= (d->dying == DOMAIN_DEAD ? XEN_DOMINF_dying : 0) |
		       (d->shut_down ? XEN_DOMINF_shutdown : 0) |
		       (d->controller_pause_count || d->creation_paused ? XEN_DOMINF_paused : 0) |
		       (d->debugger_attached ? XEN_DOMINF_debugged : 0) |
		       (d->is_xenstore ? XEN_DOMINF_xs_domain : 0) |
		       (d->shutdown_code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
	memcpy(info->handle, d->handle, sizeof(info->handle));
	spin_unlock(&d->lock);
	spin_lock(&d->page_lock);
	info->tot_pages = d->tot_pages;
	info->max_pages = d->max_pages;
	info->outstanding_pages = d->outstanding_pages;
	spin_unlock(&d->page_lock);
	info->shared_info_frame = d->shared_info_mfn;
	info->cpupool = d->cpupool;
	info->gpaddr_bits = (uint8_t)x86_features.phys_bits;
}

/* Given is the first domain numbered at least so: how tools walk the list. */
long domctl_getdomaininfo(struct domain *none, struct xen_domctl *op)
{
	struct domain *d = domain_get_from(op->domain);

	if (!d) {
		return -XEN_ESRCH;
	}
	domctl_info_fill(d, &op->u.getdomaininfo);
	op->domain = d->domid;
	domain_put(d);
	return 0;
}

long domctl_getvcpuinfo(struct vcpu *v, struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *i = &op->u.getvcpuinfo;

	i->online = vcpu_is_up(v);
	i->blocked = !!(atomic_read(&v->pause_flags) & (VCPU_BLOCKED | VCPU_POLLING));
	i->running = atomic_read(&v->running);
	i->cpu_time = sched_vcpu_cpu_time(v);
	i->cpu = atomic_read(&v->cpu);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* domctl: making domains, starting and stopping them, and their end. */
#include <dais/domain.h>
#include <dais/domain_create.h>
#include <dais/string.h>
#include <xen/errno.h>

#include "domctl.h"

/* What a PV domain may be asked to be; without an IOMMU none of the others exists. */
#define CREATE_FLAGS		XEN_DOMCTL_CDF_xs_domain

long domctl_createdomain(struct domain *none, struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	uint32_t version = XEN_DOMCTL_GRANT_version(c->grant_opts);
	struct domain_create_params p = {
		.choose_domid = op->domain == 0 || op->domain >= DOMID_FIRST_RESERVED,
		.domid = op->domain,
		.is_xenstore = c->flags & XEN_DOMCTL_CDF_xs_domain,
		.msr_relaxed = c->arch.misc_flags & XEN_X86_MSR_RELAXED,
		.max_vcpus = c->max_vcpus,
		.max_evtchn_port = c->max_evtchn_port,
		.max_grant_frames = c->max_grant_frames < 0 ? GRANT_MAX_FRAMES_DEFAULT :
				    (uint32_t)c->max_grant_frames,
		.max_maptrack_frames = c->max_maptrack_frames < 0 ? GRANT_MAX_MAPTRACK_DEFAULT :
				       (uint32_t)c->max_maptrack_frames,
		.grant_version = version,
		.cpupool = c->cpupool_id,
	};
	struct domain *d;
	int rc;

	/* negative numbers: the default */
	if (c->flags & ~CREATE_FLAGS || c->iommu_opts || c->vmtrace_size ||
	    c->arch.emulation_flags || c->arch.misc_flags & ~XEN_X86_MSR_RELAXED ||
	    c->max_vcpus < 1 || c->max_vcpus > DOMAIN_MAX_VCPUS ||
	    version != c->grant_opts || version < 1 || version > 2 ||
	    c->max_grant_frames == 0 || c->max_grant_frames > (int32_t)GRANT_FRAMES_LIMIT ||
	    c->max_maptrack_frames > (int32_t)GRANT_MAPTRACK_LIMIT) {
		return -XEN_EINVAL;
	}
	memcpy(p.handle, c->handle, sizeof(p.handle));
	rc = domain_create(&p, &d);
	if (rc) {
		return rc;
	}
	/* It owns no memory until max_mem says how much it may. */
	spin_lock(&d->page_lock);
	d->max_pages = 0;
	spin_unlock(&d->page_lock);
	op->domain = d->domid;
	return 0;
}

long domctl_destroydomain(struct domain *d, struct xen_domctl *op)
{
	return domain_kill(d);
}

long domctl_pausedomain(struct domain *d, struct xen_domctl *op)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (d->controller_pause_count == ~0U) {
		rc = -XEN_EOVERFLOW;
	} else {
		d->controller_pause_count++;
	}
	spin_unlock(&d->lock);
	if (rc == 0) {
		domain_pause(d);
	}
	return rc;
}

/* A domain is made paused; the first unpause takes that back. */
long domctl_unpausedomain(struct domain *d, struct xen_domctl *op)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (d->creation_paused) {
		d->creation_paused = false;
	} else if (d->controller_pause_count == 0) {
		rc = -XEN_EINVAL;
	} else {
		d->controller_pause_count--;
	}
	spin_unlock(&d->lock);
	if (rc == 0) {
		domain_unpause(d);
	}
	return rc;
}

long domctl_resumedomain(struct domain *d, struct xen_domctl *op)
{
	domain_resume(d);
	return 0;
}

long domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
	return domain_alloc_vcpus(d, op->u.max_vcpus.max);
}

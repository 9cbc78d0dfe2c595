/* SPDX-License-Identifier: MIT */
/*
 * domctl: what is set about a domain once or seldom: name, word size, clock, processor, handlers.
 */
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/vtime.h>
#include <xen/errno.h>

#include "../policy_copy.h"
#include "domctl.h"

long domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
	spin_lock(&d->lock);
	memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
	spin_unlock(&d->lock);
	return 0;
}

long domctl_setdebugging(struct domain *d, struct xen_domctl *op)
{
	spin_lock(&d->lock);
	d->debugger_attached = op->u.setdebugging.enable;
	spin_unlock(&d->lock);
	return 0;
}

long domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
	atomic_set(&d->time_offset_seconds, op->u.settimeoffset.time_offset_seconds);
	vtime_update_wallclock(d);
	return 0;
}

#define WORD_BITS	64u

long domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
	return op->u.address_size.size == WORD_BITS ? 0 : -XEN_EINVAL;
}

long domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
	op->u.address_size.size = WORD_BITS;
	return 0;
}

/* --- TSC --- */

#define TSC_DEFAULT	0u
#define TSC_EMULATE	1u
#define TSC_NEVER	2u

/*
 * Guests read the processor's own counter, and the pvclock scale that goes with it. So the default
 * and "never emulate" are the same; emulation is refused.
 */
long domctl_settscinfo(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_tsc_info *t = &op->u.tsc_info;

	if (t->tsc_mode != TSC_DEFAULT && t->tsc_mode != TSC_NEVER) {
		return t->tsc_mode == TSC_EMULATE ? -XEN_EOPNOTSUPP : -XEN_EINVAL;
	}
	domain_pause(d);
	d->tsc_mode = (uint8_t)t->tsc_mode;
	d->tsc_incarnation = t->incarnation + 1;
	domain_unpause(d);
	return 0;
}

long domctl_gettscinfo(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_tsc_info *t = &op->u.tsc_info;

	t->tsc_mode = d->tsc_mode;
	t->gtsc_khz = d->tsc_mode == TSC_NEVER ? 0 : (uint32_t)(time_tsc_hz() / 1000);
	t->incarnation = d->tsc_incarnation;
	t->elapsed_nsec = d->tsc_mode == TSC_NEVER ? 0 : time_now_ns();
	return 0;
}

/* --- CPU policy --- */

long domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

	return policy_copy_out(d->pv.policy, p->leaves, &p->nr_leaves, p->msrs, &p->nr_msrs);
}

/* MSRs first: they only get checked, so that a refusal changes nothing. */
long domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
	struct xen_msr_entry m[POLICY_MSRS_MAX];
	struct xen_cpuid_leaf *l;
	int rc;

	p->err_leaf = p->err_subleaf = p->err_msr = ~0U;
	if (p->nr_leaves > POLICY_LEAVES_MAX || p->nr_msrs > POLICY_MSRS_MAX) {
		return -XEN_E2BIG;
	}
	if (!d->creation_paused) {
		return -XEN_EEXIST;	/* it has run, and seen another */
	}
	if (copy_from_guest(m, p->msrs, p->nr_msrs * sizeof(m[0]))) {
		return -XEN_EFAULT;
	}
	rc = cpuid_policy_set_msrs(d, m, p->nr_msrs, &p->err_msr);
	if (rc || p->nr_leaves == 0) {
		return rc;
	}
	l = hv_alloc(p->nr_leaves * sizeof(*l));
	if (!l) {
		return -XEN_ENOMEM;
	}
	rc = -XEN_EFAULT;
	if (copy_from_guest(l, p->leaves, p->nr_leaves * sizeof(*l)) == 0) {
		rc = cpuid_policy_set(d, l, p->nr_leaves, &p->err_leaf, &p->err_subleaf);
	}
	hv_free(l);
	return rc;
}

long domctl_set_virq_handler(struct domain *d, struct xen_domctl *op)
{
	return virq_set_handler(d, op->u.set_virq_handler.virq);
}

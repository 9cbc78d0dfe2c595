/* SPDX-License-Identifier: MIT */
/*
 * domctl: a vcpu's registers as one structure, which is how domains are started, saved and
 * restored. The structure is too large for a stack; the domain or vcpu is stopped while it is
 * looked at.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/vcpu.h>
#include <dais/vcpu_ops.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "domctl.h"

static long context_reset(struct domain *d, struct vcpu *v)
{
	domain_pause(d);
	vcpu_reset(v);
	domain_unpause(d);
	return 0;
}

long domctl_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct vcpu_guest_context *c;
	struct vcpu *v;
	long rc = domctl_vcpu(d, op->u.vcpucontext.vcpu, &v);

	if (rc) {
		return rc;
	}
	if (!op->u.vcpucontext.ctxt) {
		/* vcpu 0 is what everything else of a domain hangs on */
		return v->id == 0 ? -XEN_EINVAL : context_reset(d, v);
	}
	c = hv_alloc(sizeof(*c));
	if (!c) {
		return -XEN_ENOMEM;
	}
	rc = -XEN_EFAULT;
	if (copy_from_guest(c, op->u.vcpucontext.ctxt, sizeof(*c)) == 0) {
		domain_pause(d);
		rc = vcpu_set_context(v, c, true);
		domain_unpause(d);
	}
	hv_free(c);
	return rc;
}

long domctl_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct vcpu_guest_context *c;
	struct vcpu *v;
	long rc = domctl_vcpu(d, op->u.vcpucontext.vcpu, &v);

	if (rc) {
		return rc;
	}
	if (!atomic_read(&v->initialised)) {
		return -XEN_ENODATA;
	}
	c = hv_alloc(sizeof(*c));
	if (!c) {
		return -XEN_ENOMEM;
	}
	vcpu_pause(v);
	pv_context_get(v, c);
	vcpu_unpause(v);
	rc = copy_to_guest(op->u.vcpucontext.ctxt, c, sizeof(*c)) ? -XEN_EFAULT : 0;
	hv_free(c);
	return rc;
}

/* Machine-check state is not offered to guests: it reads as none and is not taken. */
long domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	uint32_t id = e->vcpu;
	struct vcpu *v;
	int rc = domctl_vcpu(d, id, &v);

	if (rc) {
		return rc;
	}
	vcpu_pause(v);
	*e = (struct xen_domctl_ext_vcpucontext){
		.vcpu = id,
		.size = sizeof(*e),
		.syscall32_callback_eip = v->pv.syscall32_cb,
		.syscall32_callback_cs = v->pv.syscall32_cb ? FLAT_KERNEL_CS : 0,
		.syscall32_disables_events = v->pv.syscall32_mask,
		.sysenter_callback_eip = v->pv.sysenter_cb,
		.sysenter_callback_cs = v->pv.sysenter_cb ? FLAT_KERNEL_CS : 0,
		.sysenter_disables_events = v->pv.sysenter_mask,
	};
	vcpu_unpause(v);
	return 0;
}

long domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	struct vcpu *v;
	int rc = domctl_vcpu(d, e->vcpu, &v);

	if (rc) {
		return rc;
	}
	if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap) ||
	    e->size > sizeof(*e) || !va_canonical(e->syscall32_callback_eip) ||
	    !va_canonical(e->sysenter_callback_eip)) {
		return -XEN_EINVAL;
	}
	vcpu_pause(v);
	v->pv.syscall32_cb = e->syscall32_callback_eip;
	v->pv.syscall32_mask = e->syscall32_disables_events;
	v->pv.sysenter_cb = e->sysenter_callback_eip;
	v->pv.sysenter_mask = e->sysenter_disables_events;
	vcpu_unpause(v);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * domctl: the state of a vcpu, which is how domains are started, saved and restored: its registers
 * as one structure, vector registers, model-specific registers; and NMIs from the tools. Structures
 * are too large for a stack; the vcpu is stopped while it is looked at.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/msr.h>
#include <dais/pv_state.h>
#include <dais/pv_xstate.h>
#include <dais/vcpu_ops.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "../vcpu.h"
#include "domctl.h"

long domctl_setvcpucontext(struct vcpu *v, struct xen_domctl *op)
{
	unsigned long va = op->u.vcpucontext.ctxt;
	long rc = 0;

	domain_pause(v->domain);
	if (va) {
		rc = vcpu_context_load(v, va, true);
	} else {
		vcpu_reset(v);
	}
	domain_unpause(v->domain);
	return rc;
}

long domctl_getvcpucontext(struct vcpu *v, struct xen_domctl *op)
{
	struct vcpu_guest_context *c;
	long rc;

	if (!atomic_read(&v->initialised)) {
		return -XEN_ENODATA;
	}
	c = hv_alloc(sizeof(*c));
	if (!c) {
		return -XEN_ENOMEM;
	}
	pv_context_get(v, c);
	rc = copy_to_guest(op->u.vcpucontext.ctxt, c, sizeof(*c)) ? -XEN_EFAULT : 0;
	hv_free(c);
	return rc;
}

/* Machine-check state is not offered to guests: it reads as none and is not taken. */
long domctl_get_ext_vcpucontext(struct vcpu *v, struct xen_domctl *op)
{
	op->u.ext_vcpucontext = (struct xen_domctl_ext_vcpucontext){
		.vcpu = v->id,
		.size = sizeof(op->u.ext_vcpucontext),
		.syscall32_callback_eip = v->pv.syscall32_cb,
		.syscall32_callback_cs = v->pv.syscall32_cb ? FLAT_KERNEL_CS : 0,
		.syscall32_disables_events = v->pv.syscall32_mask,
		.sysenter_callback_eip = v->pv.sysenter_cb,
		.sysenter_callback_cs = v->pv.sysenter_cb ? FLAT_KERNEL_CS : 0,
		.sysenter_disables_events = v->pv.sysenter_mask,
	};
	return 0;
}

long domctl_set_ext_vcpucontext(struct vcpu *v, struct xen_domctl *op)
{
	const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;

	if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap) ||
	    !va_canonical(e->syscall32_callback_eip) ||
	    !va_canonical(e->sysenter_callback_eip)) {
		return -XEN_EINVAL;
	}
	v->pv.syscall32_cb = e->syscall32_callback_eip;
	v->pv.syscall32_mask = e->syscall32_disables_events;
	v->pv.sysenter_cb = e->sysenter_callback_eip;
	v->pv.sysenter_mask = e->sysenter_disables_events;
	return 0;
}

long domctl_getvcpuextstate(struct vcpu *v, struct xen_domctl *op)
{
	struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	uint64_t room = e->buffer ? e->size : 0;
	struct pv_xstate *x;
	long rc = 0;

	e->xfeature_mask = x86_features.xcr0;
	if (!e->xfeature_mask) {
		e->size = 0;
		return 0;
	}
	x = hv_alloc(pv_xstate_max());
	if (!x) {
		return -XEN_ENOMEM;
	}
	e->size = pv_xstate_get(v, x);
	if (room && room < e->size) {
		rc = -XEN_EINVAL;
	} else if (room && copy_to_guest(e->buffer, x, e->size)) {
		rc = -XEN_EFAULT;
	}
	hv_free(x);
	return rc;
}

long domctl_setvcpuextstate(struct vcpu *v, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	struct pv_xstate *x;
	long rc = -XEN_EFAULT;

	if (e->size < PV_XSTATE_HEADER || e->size > pv_xstate_max()) {
		return -XEN_EINVAL;
	}
	if (e->size == PV_XSTATE_HEADER) {
		return 0;	/* no image: nothing to restore */
	}
	x = hv_alloc(e->size);
	if (!x) {
		return -XEN_ENOMEM;
	}
	if (copy_from_guest(x, e->buffer, e->size) == 0) {
		rc = pv_xstate_set(v, x, e->size);
	}
	hv_free(x);
	return rc;
}

/* --- model-specific registers: there is one that is the vcpu's own and is nowhere else --- */

long domctl_get_vcpu_msrs(struct vcpu *v, struct xen_domctl *op)
{
	struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
	struct xen_domctl_vcpu_msr aux = { .index = MSR_TSC_AUX, .value = v->pv.tsc_aux };
	uint32_t nr = x86_features.rdtscp;

	if (!m->msrs) {
		m->msr_count = nr;
		return 0;
	}
	if (aux.value == 0) {
		nr = 0;		/* as it is to begin with */
	}
	if (m->msr_count < nr) {
		return -XEN_ENOBUFS;
	}
	m->msr_count = nr;
	return nr && copy_to_guest(m->msrs, &aux, sizeof(aux)) ? -XEN_EFAULT : 0;
}

/* On failure msr_count is the index of the one refused. */
long domctl_set_vcpu_msrs(struct vcpu *v, struct xen_domctl *op)
{
	struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
	struct xen_domctl_vcpu_msr aux;

	if (m->msr_count > 1) {
		return -XEN_E2BIG;
	}
	if (m->msr_count == 0) {
		return 0;
	}
	m->msr_count = 0;
	if (copy_from_guest(&aux, m->msrs, sizeof(aux))) {
		return -XEN_EFAULT;
	}
	if (aux.reserved || aux.index != MSR_TSC_AUX || aux.value >> 32 || !x86_features.rdtscp) {
		return -XEN_EINVAL;
	}
	v->pv.tsc_aux = aux.value;
	m->msr_count = 1;
	return 0;
}

/* The power and sleep buttons are for machines that have any: a PV guest is not one. */
long domctl_sendtrigger(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_sendtrigger *t = &op->u.sendtrigger;
	struct vcpu *v;

	if (domctl_vcpu(d, t->vcpu, &v)) {
		return -XEN_ESRCH;
	}
	if (t->trigger != XEN_DOMCTL_SENDTRIGGER_NMI) {
		return t->trigger == XEN_DOMCTL_SENDTRIGGER_POWER ||
		       t->trigger == XEN_DOMCTL_SENDTRIGGER_SLEEP ? -XEN_EINVAL : -XEN_ENOSYS;
	}
	vcpu_send_nmi(v);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * domctl: the rest of a vcpu's state that is saved with it (vector registers, model-specific
 * registers), and NMIs from the tools.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/msr.h>
#include <dais/pv_xstate.h>
#include <dais/vcpu.h>
#include <dais/vcpu_ops.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "domctl.h"

/* --- vector registers --- */

long domctl_getvcpuextstate(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	struct pv_xstate *x;
	struct vcpu *v;
	size_t size;
	long rc = domctl_vcpu(d, e->vcpu, &v);

	if (rc) {
		return rc;
	}
	e->xfeature_mask = x86_features.xcr0;
	if (!x86_features.xcr0) {
		e->size = 0;
		return 0;
	}
	x = hv_alloc(pv_xstate_max());
	if (!x) {
		return -XEN_ENOMEM;
	}
	vcpu_pause(v);
	size = pv_xstate_get(v, x);
	vcpu_unpause(v);
	if (e->size == 0 || !e->buffer) {
		rc = 0;
	} else if (e->size < size) {
		rc = -XEN_EINVAL;
	} else {
		rc = copy_to_guest(e->buffer, x, size) ? -XEN_EFAULT : 0;
	}
	e->size = size;
	hv_free(x);
	return rc;
}

long domctl_setvcpuextstate(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	struct pv_xstate *x;
	struct vcpu *v;
	long rc = domctl_vcpu(d, e->vcpu, &v);

	if (rc) {
		return rc;
	}
	if (e->size <= PV_XSTATE_HEADER || e->size > pv_xstate_max()) {
		return e->size ? -XEN_EINVAL : 0;
	}
	x = hv_alloc(e->size);
	if (!x) {
		return -XEN_ENOMEM;
	}
	rc = -XEN_EFAULT;
	if (copy_from_guest(x, e->buffer, e->size) == 0) {
		vcpu_pause(v);
		rc = pv_xstate_set(v, x, e->size);
		vcpu_unpause(v);
	}
	hv_free(x);
	return rc;
}

/* --- model-specific registers: those that are the vcpu's own and are nowhere else --- */

#define VCPU_MSRS_MAX	1u

long domctl_get_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
	struct xen_domctl_vcpu_msr aux = { .index = MSR_TSC_AUX };
	uint32_t nr = x86_features.rdtscp ? VCPU_MSRS_MAX : 0;
	struct vcpu *v;
	int rc = domctl_vcpu(d, m->vcpu, &v);

	if (rc) {
		return rc;
	}
	if (!m->msrs) {
		m->msr_count = nr;
		return 0;
	}
	vcpu_pause(v);
	aux.value = v->pv.tsc_aux;
	vcpu_unpause(v);
	if (aux.value == 0) {
		nr = 0;		/* as it is to begin with */
	}
	if (m->msr_count < nr) {
		return -XEN_ENOBUFS;
	}
	m->msr_count = nr;
	return nr && copy_to_guest(m->msrs, &aux, sizeof(aux)) ? -XEN_EFAULT : 0;
}

static int vcpu_msr_set(struct vcpu *v, const struct xen_domctl_vcpu_msr *m)
{
	if (m->reserved || m->index != MSR_TSC_AUX || m->value >> 32 || !x86_features.rdtscp) {
		return -XEN_EINVAL;
	}
	v->pv.tsc_aux = m->value;
	return 0;
}

/* On failure msr_count is the index of the one refused. */
long domctl_set_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
	struct xen_domctl_vcpu_msr one;
	uint32_t i;
	struct vcpu *v;
	int rc = domctl_vcpu(d, m->vcpu, &v);

	if (rc) {
		return rc;
	}
	if (m->msr_count > VCPU_MSRS_MAX) {
		return -XEN_E2BIG;
	}
	vcpu_pause(v);
	for (i = 0; rc == 0 && i < m->msr_count; i++) {
		if (copy_elem_from_guest(&one, m->msrs, i, sizeof(one))) {
			rc = -XEN_EFAULT;
		} else {
			rc = vcpu_msr_set(v, &one);
		}
	}
	vcpu_unpause(v);
	if (rc) {
		m->msr_count = i - 1;
	}
	return rc;
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

/* SPDX-License-Identifier: MIT */
/*
 * Domain control of what makes a guest go on elsewhere: see domctl_state.h. Stateless.
 */
#include "lib/domctl_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hypercall.h"
#include "lib/xalloc.h"

int domctl_resume(struct hypercall *h, uint32_t domid)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_resumedomain, .domain = (domid_t)domid };

	return hypercall_domctl(h, &op);
}

int domctl_page_types(struct hypercall *h, uint32_t domid, uint64_t *mfns, uint32_t count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getpageframeinfo3, .domain = (domid_t)domid };
	uint64_t *buffer = hypercall_copy(h, mfns, count * sizeof(*buffer));
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	op.u.getpageframeinfo3.num = count;
	op.u.getpageframeinfo3.array = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	memcpy(mfns, buffer, count * sizeof(*buffer));
	hypercall_buffer_free(h, buffer);
	return rc;
}

/* Makes the call that `buffer` (NULL: there was no memory) is for, and frees it. */
static int state_give(struct hypercall *h, struct xen_domctl *op, void *buffer)
{
	int rc = buffer ? hypercall_domctl(h, op) : -ENOMEM;

	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_get_tsc_info(struct hypercall *h, uint32_t domid, struct xen_domctl_tsc_info *info)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_gettscinfo, .domain = (domid_t)domid };
	int rc = hypercall_domctl(h, &op);

	if (!rc) {
		*info = op.u.tsc_info;
	}
	return rc;
}

int domctl_set_tsc_info(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_tsc_info *info)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_settscinfo, .domain = (domid_t)domid };

	op.u.tsc_info = *info;
	return hypercall_domctl(h, &op);
}

int domctl_get_ext_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
			   struct xen_domctl_ext_vcpucontext *context)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_get_ext_vcpucontext, .domain = (domid_t)domid };
	int rc;

	op.u.ext_vcpucontext.vcpu = vcpu;
	rc = hypercall_domctl(h, &op);
	if (!rc) {
		*context = op.u.ext_vcpucontext;
	}
	return rc;
}

int domctl_set_ext_context(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_ext_vcpucontext *context)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_ext_vcpucontext, .domain = (domid_t)domid };

	op.u.ext_vcpucontext = *context;
	return hypercall_domctl(h, &op);
}

int domctl_get_xstate(struct hypercall *h, uint32_t domid, uint32_t vcpu, void **state,
		      uint64_t *bytes)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuextstate, .domain = (domid_t)domid };
	struct xen_domctl_vcpuextstate *e = &op.u.vcpuextstate;
	void *buffer;
	int rc;

	*state = NULL;
	*bytes = 0;
	e->vcpu = vcpu;
	rc = hypercall_domctl(h, &op);
	if (rc || !e->size) {
		return rc;
	}
	buffer = hypercall_buffer(h, e->size);
	if (!buffer) {
		return -ENOMEM;
	}
	e->buffer = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	if (!rc) {
		*state = xmemdup(buffer, e->size);
		*bytes = e->size;
	}
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_set_xstate(struct hypercall *h, uint32_t domid, uint32_t vcpu, const void *state,
		      uint64_t bytes)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpuextstate, .domain = (domid_t)domid };
	void *buffer = hypercall_copy(h, state, bytes);

	op.u.vcpuextstate.vcpu = vcpu;
	op.u.vcpuextstate.size = bytes;
	op.u.vcpuextstate.buffer = (uintptr_t)buffer;
	return state_give(h, &op, buffer);
}

int domctl_get_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    struct xen_domctl_vcpu_msr **msrs, uint32_t *count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_get_vcpu_msrs, .domain = (domid_t)domid };
	struct xen_domctl_vcpu_msrs *m = &op.u.vcpu_msrs;
	struct xen_domctl_vcpu_msr *buffer;
	int rc;

	*msrs = NULL;
	*count = 0;
	m->vcpu = vcpu;
	rc = hypercall_domctl(h, &op);
	if (rc || !m->msr_count) {
		return rc;
	}
	buffer = hypercall_buffer(h, m->msr_count * sizeof(*buffer));
	if (!buffer) {
		return -ENOMEM;
	}
	m->msrs = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	if (!rc && m->msr_count) {
		*msrs = xmemdup(buffer, m->msr_count * sizeof(*buffer));
		*count = m->msr_count;
	}
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_set_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    const struct xen_domctl_vcpu_msr *msrs, uint32_t count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_vcpu_msrs, .domain = (domid_t)domid };
	void *buffer = hypercall_copy(h, msrs, count * sizeof(*msrs));

	op.u.vcpu_msrs.vcpu = vcpu;
	op.u.vcpu_msrs.msr_count = count;
	op.u.vcpu_msrs.msrs = (uintptr_t)buffer;
	return state_give(h, &op, buffer);
}

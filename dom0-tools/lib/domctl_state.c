/* SPDX-License-Identifier: MIT */
/*
 * Domain control of what makes a guest go on elsewhere: the types of its pages, its clock, and
 * what its vCPUs have besides their registers; and waking it where it suspended. See domctl.h.
 * Stateless.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/domctl.h"
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
	uint64_t *buffer = hypercall_buffer(h, count * sizeof(*buffer));
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	memcpy(buffer, mfns, count * sizeof(*buffer));
	op.u.getpageframeinfo3.num = count;
	op.u.getpageframeinfo3.array = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	memcpy(mfns, buffer, count * sizeof(*buffer));
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_get_tsc(struct hypercall *h, uint32_t domid, struct xen_domctl_tsc_info *info)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_gettscinfo, .domain = (domid_t)domid };
	int rc = hypercall_domctl(h, &op);

	if (!rc) {
		*info = op.u.tsc_info;
	}
	return rc;
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

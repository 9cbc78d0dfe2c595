/* SPDX-License-Identifier: MIT */
/*
 * Domain control of CPU policies: what CPUID and model-specific registers show a domain. See
 * domctl.h. Stateless.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/domctl.h"
#include "lib/hypercall.h"
#include "lib/xalloc.h"

int domctl_get_policies(struct hypercall *h, uint32_t domid, struct xen_cpuid_leaf **leaves,
			uint32_t *count, struct xen_msr_entry **msr_list, uint32_t *msr_count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_get_cpu_policy, .domain = (domid_t)domid };
	struct xen_domctl_cpu_policy *p = &op.u.cpu_policy;
	struct xen_cpuid_leaf *buffer;
	struct xen_msr_entry *msrs;
	int rc = hypercall_domctl(h, &op);

	if (rc) {
		return rc;
	}
	buffer = hypercall_buffer(h, (p->nr_leaves + 1) * sizeof(*buffer));
	msrs = hypercall_buffer(h, (p->nr_msrs + 1) * sizeof(*msrs));
	rc = -ENOMEM;
	if (buffer && msrs) {
		p->leaves = (uintptr_t)buffer;
		p->msrs = (uintptr_t)msrs;
		rc = hypercall_domctl(h, &op);
	}
	if (!rc) {
		*leaves = xmemdup(buffer, p->nr_leaves * sizeof(*buffer));
		*count = p->nr_leaves;
		*msr_list = xmemdup(msrs, p->nr_msrs * sizeof(*msrs));
		*msr_count = p->nr_msrs;
	}
	hypercall_buffer_free(h, msrs);
	hypercall_buffer_free(h, buffer);
	return rc;
}

/* The MSRs must have room too, though nobody here reads them. */
int domctl_get_policy(struct hypercall *h, uint32_t domid, struct xen_cpuid_leaf **leaves,
		      uint32_t *count)
{
	struct xen_msr_entry *msrs;
	uint32_t msr_count;
	int rc = domctl_get_policies(h, domid, leaves, count, &msrs, &msr_count);

	if (!rc) {
		free(msrs);
	}
	return rc;
}

int domctl_set_policies(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
			uint32_t leaf_count, const struct xen_msr_entry *msrs, uint32_t msr_count,
			uint32_t *bad_leaf, uint32_t *bad_msr)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_cpu_policy, .domain = (domid_t)domid };
	struct xen_domctl_cpu_policy *p = &op.u.cpu_policy;
	void *l = hypercall_copy(h, leaves, leaf_count * sizeof(*leaves));
	void *m = hypercall_copy(h, msrs, msr_count * sizeof(*msrs));
	int rc = -ENOMEM;

	p->err_leaf = p->err_subleaf = p->err_msr = ~0u;
	if (l && m) {
		p->leaves = (uintptr_t)l;
		p->nr_leaves = leaf_count;
		p->msrs = (uintptr_t)m;
		p->nr_msrs = msr_count;
		rc = hypercall_domctl(h, &op);
	}
	*bad_leaf = p->err_leaf;
	*bad_msr = p->err_msr;
	hypercall_buffer_free(h, m);
	hypercall_buffer_free(h, l);
	return rc;
}

int domctl_set_policy(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
		      uint32_t count, uint32_t *bad)
{
	uint32_t bad_leaf, bad_msr;
	int rc = domctl_set_policies(h, domid, leaves, count, NULL, 0, &bad_leaf, &bad_msr);

	if (bad) {
		*bad = bad_leaf;
	}
	return rc;
}

/* SPDX-License-Identifier: MIT */
/* See policy_copy.h. */
#include <dais/cpuid_policy.h>
#include <dais/guest_access.h>
#include <xen/errno.h>

#include "policy_copy.h"

int policy_copy_out(const struct cpu_policy *p, unsigned long leaves, uint32_t *nr_leaves,
		    unsigned long msrs, uint32_t *nr_msrs)
{
	struct xen_cpuid_leaf l;
	uint32_t n, k;

	for (n = 0; leaves && cpuid_policy_entry(p, n, &l); n++) {
		if (n >= *nr_leaves) {
			return -XEN_ENOBUFS;
		}
		if (copy_elem_to_guest(leaves, n, &l, sizeof(l))) {
			return -XEN_EFAULT;
		}
	}
	for (k = 0; msrs && k < POLICY_MSRS_MAX; k++) {
		struct xen_msr_entry m = { .idx = cpuid_policy_msrs[k] };

		if (k >= *nr_msrs) {
			return -XEN_ENOBUFS;
		}
		if (copy_elem_to_guest(msrs, k, &m, sizeof(m))) {
			return -XEN_EFAULT;
		}
	}
	*nr_leaves = leaves ? n : POLICY_LEAVES_MAX;
	*nr_msrs = POLICY_MSRS_MAX;
	return 0;
}

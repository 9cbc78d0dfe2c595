/* SPDX-License-Identifier: MIT */
/* See policy_copy.h. */
#include <dais/cpuid_policy.h>
#include <dais/guest_access.h>
#include <xen/errno.h>

#include "policy_copy.h"

struct list_out {
	unsigned long at;
	uint32_t room, n;
};

static int list_add(struct list_out *o, const void *e, size_t size)
{
	if (o->n >= o->room) {
		return -XEN_ENOBUFS;
	}
	return copy_elem_to_guest(o->at, o->n++, e, size) ? -XEN_EFAULT : 0;
}

static int out_leaf(void *arg, const struct xen_cpuid_leaf *l)
{
	return list_add(arg, l, sizeof(*l));
}

static int out_msr(void *arg, const struct xen_msr_entry *m)
{
	return list_add(arg, m, sizeof(*m));
}

int policy_copy_out(const struct cpu_policy *p, unsigned long leaves, uint32_t *nr_leaves,
		    unsigned long msrs, uint32_t *nr_msrs)
{
	struct list_out l = { .at = leaves, .room = *nr_leaves };
	struct list_out m = { .at = msrs, .room = *nr_msrs };
	int rc = leaves ? cpuid_policy_walk(p, out_leaf, &l) : 0;

	if (rc == 0 && msrs) {
		rc = cpuid_policy_walk_msrs(p, out_msr, &m);
	}
	if (rc == 0) {
		*nr_leaves = leaves ? l.n : POLICY_LEAVES_MAX;
		*nr_msrs = msrs ? m.n : POLICY_MSRS_MAX;
	}
	return rc;
}

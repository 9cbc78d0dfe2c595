/* SPDX-License-Identifier: MIT */
/* sysctl: what processors there are to show to guests. HVM guests there are none. */
#include <dais/compiler.h>
#include <dais/cpuid_policy.h>
#include <dais/guest_access.h>
#include <xen/errno.h>

#include "../policy_copy.h"
#include "sysctl.h"

/* CPUID in a guest's own programs reaches the processor unchanged: nothing can be masked there. */
long sysctl_cpu_levelling_caps(struct xen_sysctl *op)
{
	op->u.cpu_levelling_caps.caps = 0;
	return 0;
}

#define NONE	POLICY_NR_SYSTEM

/* Which of ours is meant by a tool's index; NONE for those of HVM. */
static const enum policy_system featureset_table[] = {
	[XEN_SYSCTL_cpu_featureset_raw] = POLICY_HOST,
	[XEN_SYSCTL_cpu_featureset_host] = POLICY_HOST,
	[XEN_SYSCTL_cpu_featureset_pv] = POLICY_PV_DEFAULT,
	[XEN_SYSCTL_cpu_featureset_hvm] = NONE,
	[XEN_SYSCTL_cpu_featureset_pv_max] = POLICY_PV_MAX,
	[XEN_SYSCTL_cpu_featureset_hvm_max] = NONE,
};

static const enum policy_system policy_table[] = {
	[XEN_SYSCTL_cpu_policy_raw] = POLICY_HOST,
	[XEN_SYSCTL_cpu_policy_host] = POLICY_HOST,
	[XEN_SYSCTL_cpu_policy_pv_max] = POLICY_PV_MAX,
	[XEN_SYSCTL_cpu_policy_hvm_max] = NONE,
	[XEN_SYSCTL_cpu_policy_pv_default] = POLICY_PV_DEFAULT,
	[XEN_SYSCTL_cpu_policy_hvm_default] = NONE,
};

static int policy_find(const enum policy_system *table, uint32_t nr, uint32_t index,
		       const struct cpu_policy **p)
{
	enum policy_system which;

	if (index >= nr) {
		return -XEN_EINVAL;
	}
	which = table[array_index_nospec((unsigned long)index, (unsigned long)nr)];
	if (which == NONE) {
		return -XEN_EOPNOTSUPP;
	}
	*p = cpuid_policy_system(which);
	return 0;
}

long sysctl_cpu_featureset(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
	uint32_t words[POLICY_NR_WORDS], n;
	const struct cpu_policy *p;
	int rc = policy_find(featureset_table, ARRAY_SIZE(featureset_table), f->index, &p);

	if (rc) {
		return rc;
	}
	if (!f->features) {
		f->nr_features = POLICY_NR_WORDS;
		return 0;
	}
	n = min(f->nr_features, POLICY_NR_WORDS);
	cpuid_policy_featureset(p, words);
	if (copy_to_guest(f->features, words, n * sizeof(words[0]))) {
		return -XEN_EFAULT;
	}
	f->nr_features = n;
	return n < POLICY_NR_WORDS ? -XEN_ENOBUFS : 0;
}

long sysctl_cpu_policy(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_policy *c = &op->u.cpu_policy;
	const struct cpu_policy *p;
	int rc;

	if (c->_rsvd) {
		return -XEN_EINVAL;
	}
	rc = policy_find(policy_table, ARRAY_SIZE(policy_table), c->index, &p);
	return rc ? rc : policy_copy_out(p, c->leaves, &c->nr_leaves, c->msrs, &c->nr_msrs);
}

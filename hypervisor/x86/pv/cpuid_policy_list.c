/* SPDX-License-Identifier: MIT */
/*
 * CPU policies as lists of leaves and MSRs, the form in which tools read and write them. Leaves
 * with subleaves name each; the others carry XEN_CPUID_NO_SUBLEAF.
 */
#include <dais/compiler.h>
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/hv_alloc.h>
#include <dais/msr.h>
#include <xen/errno.h>

#define HV_LEAF		0x40000000u
#define HV2_LEAF	0x40000100u

static struct cpuid_regs *indexed(struct cpuid_regs *a, uint32_t i, uint32_t nr)
{
	return i < nr ? &a[array_index_nospec((unsigned long)i, (unsigned long)nr)] : NULL;
}

struct cpuid_regs *cpuid_policy_leaf(struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
	uint32_t nr;
	struct cpuid_regs *sub = cpuid_policy_subleaves(p, leaf, &nr);

	if (sub) {
		return indexed(sub, subleaf, nr);
	}
	if (subleaf != XEN_CPUID_NO_SUBLEAF) {
		return NULL;
	}
	if (leaf >= 0x80000000u) {
		return indexed(p->extd, leaf - 0x80000000u, POLICY_NR_EXTD);
	}
	return indexed(p->basic, leaf, POLICY_NR_BASIC);
}

/* --- out --- */

/* How many of the nr subleaves that are kept say something. */
static uint32_t subleaves_used(const struct cpu_policy *p, uint32_t leaf, uint32_t nr)
{
	uint64_t m = p->xstate[0].eax | (uint64_t)p->xstate[0].edx << 32;
	uint32_t n = 1;

	switch (leaf) {
	case 4:
		while (n < nr && (p->cache[n - 1].eax & 0x1f)) {
			n++;		/* the null one ends the list */
		}
		return n;
	case 7:
		return min(p->feat[0].eax + 1, nr);
	case 0xd:
		n = m ? 64 - (uint32_t)__builtin_clzl(m) : 0;
		return min(max(n, 2u), nr);
	default:
		return nr;
	}
}

static bool entry_fill(struct xen_cpuid_leaf *l, uint32_t leaf, uint32_t subleaf,
		       const struct cpuid_regs *r)
{
	*l = (struct xen_cpuid_leaf){ leaf, subleaf, r->eax, r->ebx, r->ecx, r->edx };
	return true;
}

bool cpuid_policy_entry(const struct cpu_policy *p, uint32_t i, struct xen_cpuid_leaf *l)
{
	struct cpuid_regs hv = { 0 };

	for (uint32_t leaf = 0; leaf <= min(p->basic[0].eax, POLICY_BASIC_MAX); leaf++) {
		uint32_t nr = 1;
		const struct cpuid_regs *sub =
			cpuid_policy_subleaves((struct cpu_policy *)p, leaf, &nr);

		nr = subleaves_used(p, leaf, nr);
		if (i < nr) {
			return entry_fill(l, leaf, sub ? i : XEN_CPUID_NO_SUBLEAF,
					  sub ? &sub[i] : &p->basic[leaf]);
		}
		i -= nr;
	}
	if (i < 2) {
		hv.eax = i ? p->hv2_limit : p->hv_limit;
		return entry_fill(l, i ? HV2_LEAF : HV_LEAF, XEN_CPUID_NO_SUBLEAF, &hv);
	}
	i -= 2;
	return 0x80000000u + i <= min(p->extd[0].eax, POLICY_EXTD_MAX) &&
	       entry_fill(l, 0x80000000u + i, XEN_CPUID_NO_SUBLEAF, &p->extd[i]);
}

/* No MSR feature is offered; the two that a policy may speak of read as 0. */
const uint32_t cpuid_policy_msrs[POLICY_MSRS_MAX] = { MSR_PLATFORM_INFO, MSR_ARCH_CAPABILITIES };

/* --- in --- */

static int leaf_store(struct cpu_policy *p, const struct xen_cpuid_leaf *l)
{
	struct cpuid_regs *r;

	if (l->leaf == HV_LEAF || l->leaf == HV2_LEAF) {
		if (l->subleaf != XEN_CPUID_NO_SUBLEAF) {
			return -XEN_ERANGE;
		}
		*(l->leaf == HV_LEAF ? &p->hv_limit : &p->hv2_limit) = l->a;
		return 0;
	}
	r = cpuid_policy_leaf(p, l->leaf, l->subleaf);
	if (!r) {
		return -XEN_ERANGE;
	}
	*r = (struct cpuid_regs){ .eax = l->a, .ebx = l->b, .ecx = l->c, .edx = l->d };
	return 0;
}

/* Limits beyond what the machine has mean that the policy is from a better one. */
static int limits_check(const struct cpu_policy *p, uint32_t *bad_leaf, uint32_t *bad_subleaf)
{
	const struct cpu_policy *most = cpuid_policy_system(POLICY_PV_MAX);

	*bad_subleaf = XEN_CPUID_NO_SUBLEAF;
	if (p->basic[0].eax > most->basic[0].eax) {
		*bad_leaf = 0;
	} else if (p->feat[0].eax > most->feat[0].eax) {
		*bad_leaf = 7;
		*bad_subleaf = 0;
	} else if (p->extd[0].eax > most->extd[0].eax) {
		*bad_leaf = 0x80000000u;
	} else {
		return 0;
	}
	return -XEN_EINVAL;
}

int cpuid_policy_set(struct domain *d, const struct xen_cpuid_leaf *l, unsigned int nr,
		     uint32_t *bad_leaf, uint32_t *bad_subleaf)
{
	struct cpu_policy *p = hv_alloc(sizeof(*p));
	int rc = 0;

	if (!p) {
		return -XEN_ENOMEM;
	}
	*p = *d->pv.policy;
	for (unsigned int i = 0; rc == 0 && i < nr; i++) {
		rc = leaf_store(p, &l[i]);
		if (rc) {
			*bad_leaf = l[i].leaf;
			*bad_subleaf = l[i].subleaf;
		}
	}
	if (rc == 0) {
		rc = limits_check(p, bad_leaf, bad_subleaf);
	}
	if (rc == 0) {
		cpuid_policy_sanitise(p);
		*d->pv.policy = *p;
	}
	hv_free(p);
	return rc;
}

int cpuid_policy_set_msrs(struct domain *d, const struct xen_msr_entry *m, unsigned int nr,
			  uint32_t *bad_msr)
{
	for (unsigned int i = 0; i < nr; i++) {
		bool known = m[i].idx == cpuid_policy_msrs[0] || m[i].idx == cpuid_policy_msrs[1];

		if (m[i].flags || !known || m[i].val) {
			*bad_msr = m[i].idx;
			return !known ? -XEN_ERANGE : -XEN_EINVAL;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * CPU policies: what CPUID tells a guest. Three are the machine's: what the hardware has (host),
 * the most that a PV domain may be shown (pv_max), and what it is shown unless its tools say
 * otherwise (pv_default). Each domain has its own, which its tools may change until it first runs.
 *
 * The machine's policies are made at boot and fixed then; a domain's is fixed once
 * the domain runs. No lock.
 */
#ifndef DAIS_CPUID_POLICY_H
#define DAIS_CPUID_POLICY_H

#include <dais/cpuid.h>
#include <dais/types.h>
#include <xen/arch-x86/xen.h>

struct domain;

#define POLICY_BASIC_MAX	0xdu		/* highest leaf of each range that is kept */
#define POLICY_EXTD_MAX		0x80000021u
#define POLICY_NR_BASIC		(POLICY_BASIC_MAX + 1)
#define POLICY_NR_EXTD		(POLICY_EXTD_MAX - 0x80000000u + 1)
#define POLICY_NR_CACHE		6u		/* subleaves of leaf 4 */
#define POLICY_NR_FEAT		3u		/* of leaf 7 */
#define POLICY_NR_TOPO		2u		/* of leaf 0xb */
#define POLICY_NR_XSTATE	63u		/* of leaf 0xd */
/* Most entries that a policy is turned into for tools, with the two of the hypervisor ranges. */
#define POLICY_LEAVES_MAX	(POLICY_NR_BASIC + POLICY_NR_CACHE + POLICY_NR_FEAT + \
				 POLICY_NR_TOPO + POLICY_NR_XSTATE + POLICY_NR_EXTD + 2)
#define POLICY_MSRS_MAX		2u

/* Leaves 4, 7, 0xb and 0xd are in their own arrays; their places in basic[] stay 0. */
struct cpu_policy {
	struct cpuid_regs basic[POLICY_NR_BASIC];
	struct cpuid_regs cache[POLICY_NR_CACHE];
	struct cpuid_regs feat[POLICY_NR_FEAT];
	struct cpuid_regs topo[POLICY_NR_TOPO];
	struct cpuid_regs xstate[POLICY_NR_XSTATE];
	struct cpuid_regs extd[POLICY_NR_EXTD];
	uint32_t hv_limit, hv2_limit;	/* highest leaf of 0x40000000, 0x40000100; 0: the default */
};

enum policy_system { POLICY_HOST, POLICY_PV_MAX, POLICY_PV_DEFAULT, POLICY_NR_SYSTEM };

void cpuid_policy_init(void);		/* before the first domain */
const struct cpu_policy *cpuid_policy_system(enum policy_system which);

/* Mask p by what PV may have and make it consistent with itself. */
void cpuid_policy_sanitise(struct cpu_policy *p);

/* Feature words in the order of Xen's feature numbering. */
#define POLICY_NR_WORDS	18u
void cpuid_policy_featureset(const struct cpu_policy *p, uint32_t words[POLICY_NR_WORDS]);

/* Where the *nr subleaves of a leaf are in p; NULL for a leaf without any. */
struct cpuid_regs *cpuid_policy_subleaves(struct cpu_policy *p, uint32_t leaf, uint32_t *nr);

/* The place of a leaf in p, NULL when it is not kept. subleaf as in struct xen_cpuid_leaf. */
struct cpuid_regs *cpuid_policy_leaf(struct cpu_policy *p, uint32_t leaf, uint32_t subleaf);

/* Entry i of p as a list for tools; false beyond the last. */
bool cpuid_policy_entry(const struct cpu_policy *p, uint32_t i, struct xen_cpuid_leaf *l);
extern const uint32_t cpuid_policy_msrs[POLICY_MSRS_MAX];	/* the MSRs in it; all read as 0 */

/*
 * Overlay the policy of a domain that has not yet run with these leaves. Nothing is changed on
 * error: -ERANGE for a leaf that is not kept, -EINVAL for a limit beyond the machine's; *bad_leaf
 * and *bad_subleaf then say which.
 */
int cpuid_policy_set(struct domain *d, const struct xen_cpuid_leaf *l, unsigned int nr,
		     uint32_t *bad_leaf, uint32_t *bad_subleaf);
int cpuid_policy_set_msrs(struct domain *d, const struct xen_msr_entry *m, unsigned int nr,
			  uint32_t *bad_msr);

/* Bytes of an XSAVE image of these features, in the standard or the compacted format. */
uint32_t cpuid_policy_xstate_size(const struct cpu_policy *p, uint64_t xcr0, bool compact);

#endif

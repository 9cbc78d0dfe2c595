/* SPDX-License-Identifier: MIT */
/*
 * CPUID as a PV guest sees it: the domain's policy, the fields that depend on the vcpu or its
 * state, and the leaves by which it finds out about the hypervisor.
 */
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/pv_emul.h>
#include <dais/time.h>
#include <dais/vcpu.h>
#include <dais/version.h>
#include <dais/x86.h>
#include <xen/arch-x86/cpuid.h>

#define XSAVE_BIT	(1u << 26)
#define OSXSAVE_BIT	(1u << 27)
#define EIST_BIT	(1u << 7)
#define MTRR_BIT	(1u << 12)
#define XSAVEC_BIT	(1u << 1)
#define HV_MSR		0x40000000u	/* where an HVM guest would write; the interface names it */

/* --- leaves of the hypervisor --- */

static void hv_time(const struct vcpu *v, uint32_t subleaf, struct cpuid_regs *r)
{
	struct time_scale s;

	switch (subleaf) {
	case 0:
		r->ebx = v->domain->tsc_mode;
		r->ecx = (uint32_t)(time_tsc_hz() / 1000);
		r->edx = v->domain->tsc_incarnation;
		break;
	case 1:
		time_get_scale(&s);
		r->ecx = s.mul;
		r->edx = (uint32_t)s.shift;
		break;
	case 2:
		r->eax = (uint32_t)(time_tsc_hz() / 1000);
		break;
	}
}

static void hv_leaf(const struct vcpu *v, uint32_t i, uint32_t subleaf, struct cpuid_regs *r)
{
	uint32_t limit = v->domain->pv.policy->hv_limit & 0xff;

	if (limit < 2 || limit > XEN_CPUID_MAX_NUM_LEAVES) {
		limit = XEN_CPUID_MAX_NUM_LEAVES;
	}
	if (i > limit) {
		return;
	}
	switch (i) {
	case 0:
		*r = (struct cpuid_regs){ XEN_CPUID_LEAF(limit), XEN_CPUID_SIGNATURE_EBX,
					  XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX };
		break;
	case 1:
		r->eax = VERSION_XEN;
		break;
	case 2:
		r->eax = 1;
		r->ebx = HV_MSR;
		r->ecx = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case 3:
		hv_time(v, subleaf, r);
		break;
	case 5:
		r->ebx = PAGE_SHIFT + 64 - (uint32_t)__builtin_clzl(frame_max - 1);
		break;
	}
}

/* --- fields that are not fixed --- */

/*
 * OSXSAVE reads 1 whenever XSAVE is there: a guest kernel asks before it sets the bit in its CR4,
 * and the processor's own CR4 has it. MTRR and EIST are shown to dom0's kernel, which manages the
 * real ones.
 */
static void leaf_1(const struct vcpu *v, struct cpuid_regs *r)
{
	r->ebx = (r->ebx & 0x00ffffff) | (v->id * 2) << 24;
	if (r->ecx & XSAVE_BIT) {
		r->ecx |= OSXSAVE_BIT;
	}
	if (v->domain->is_hardware && v->kernel_mode) {
		const struct cpu_policy *host = cpuid_policy_system(POLICY_HOST);

		r->ecx |= host->basic[1].ecx & EIST_BIT;
		r->edx |= host->basic[1].edx & MTRR_BIT;
	}
}

/* Beyond the policy's own limits everything reads as 0. */
static bool within_limits(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
	if (leaf >= 0x80000000u) {
		return leaf <= p->extd[0].eax;
	}
	return leaf <= p->basic[0].eax && (leaf != 7 || subleaf <= p->feat[0].eax);
}

struct cpuid_regs pv_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
	struct cpu_policy *p = v->domain->pv.policy;
	struct cpuid_regs r = { 0, 0, 0, 0 };
	uint32_t nr;

	if (leaf >= XEN_CPUID_FIRST_LEAF && leaf < XEN_CPUID_FIRST_LEAF + 0x100) {
		hv_leaf(v, leaf - XEN_CPUID_FIRST_LEAF, subleaf, &r);
	} else if (within_limits(p, leaf, subleaf)) {
		bool by_subleaf = cpuid_policy_subleaves(p, leaf, &nr) != NULL;
		const struct cpuid_regs *from =
			cpuid_policy_leaf(p, leaf, by_subleaf ? subleaf : XEN_CPUID_NO_SUBLEAF);

		if (from) {
			r = *from;
		}
		if (leaf == 1) {
			leaf_1(v, &r);
		} else if (leaf == 0xd && p->xstate[0].eax &&
			   (subleaf == 0 || (subleaf == 1 && (r.eax & XSAVEC_BIT)))) {
			r.ebx = cpuid_policy_xstate_size(p, v->pv.xcr0, subleaf == 1);
		}
	}
	return r;
}

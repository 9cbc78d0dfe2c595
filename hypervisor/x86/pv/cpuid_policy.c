/* SPDX-License-Identifier: MIT */
/*
 * Which processor features a PV guest is shown. The masks are lists of what is known to work in
 * ring 3 without the hypervisor's help, or with help it gives; a feature nobody has thought about
 * is hidden. See cpuid_policy.h.
 *
 * Not shown, and why: page attributes and paging extensions (PSE, PGE, PAT's large pages, PCID,
 * 1G), since page tables are the hypervisor's business; SMEP, SMAP, UMIP, PKU, CET, which would act
 * on ring 3, where the guest's kernel is too; virtualisation, debug stores, monitoring and power
 * management; speculation controls, whose register is not switched with the vcpu.
 */
#include <dais/compiler.h>
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/domain_internal.h>
#include <dais/hv_alloc.h>
#include <dais/string.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define B(n)	(1u << (n))

/* Feature words by their place in Xen's numbering. */
enum { W_1D, W_1C, W_E1D, W_E1C, W_DA1, W_7B0, W_7C0, W_E7D, W_E8B, W_7D0, W_7A1, W_E21A,
       W_7B1, W_7D2, W_7C1, W_7D1, W_ARCH_LOW, W_ARCH_HIGH };
BUILD_BUG_ON(W_ARCH_HIGH + 1 != POLICY_NR_WORDS);

/* CPU_* of cpuid.h that are bits of words used below */
#define F1D_SEP		B(11)
#define F1C_XSAVE	B(26)
#define F1C_AVX		B(28)
#define F7B0_AVX512F	B(16)

static const uint32_t pv_max_mask[POLICY_NR_WORDS] = {
	/* FPU DE TSC MSR PAE MCE CX8 APIC SEP MCA CMOV PAT CLFLUSH ACPI MMX FXSR SSE SSE2 SS HTT */
	[W_1D] = B(0) | B(2) | B(4) | B(5) | B(6) | B(7) | B(8) | B(9) | B(11) | B(14) | B(15) |
		 B(16) | B(19) | B(22) | B(23) | B(24) | B(25) | B(26) | B(27) | B(28),
	/*
	 * SSE3 PCLMULQDQ SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AESNI XSAVE AVX F16C RDRAND
	 * HYPERVISOR
	 */
	[W_1C] = B(0) | B(1) | B(9) | B(12) | B(13) | B(19) | B(20) | B(22) | B(23) | B(25) |
		 B(26) | B(28) | B(29) | B(30) | B(31),
	/* SYSCALL NX MMXEXT FFXSR RDTSCP LM 3DNOWEXT 3DNOW; the rest repeats leaf 1 on AMD */
	[W_E1D] = B(11) | B(20) | B(22) | B(25) | B(27) | B(29) | B(30) | B(31),
	/* LAHF_LM CMP_LEGACY ABM SSE4A MISALIGNSSE 3DNOWPREFETCH XOP FMA4 TBM */
	[W_E1C] = B(0) | B(1) | B(5) | B(6) | B(7) | B(8) | B(11) | B(16) | B(21),
	/* XSAVEOPT XSAVEC XGETBV1 */
	[W_DA1] = B(0) | B(1) | B(2),
	/*
	 * FSGSBASE BMI1 AVX2 FDP_EXCP_ONLY BMI2 ERMS NO_FPU_SEL AVX512F AVX512DQ RDSEED ADX
	 * AVX512_IFMA CLFLUSHOPT CLWB AVX512PF AVX512ER AVX512CD SHA AVX512BW AVX512VL
	 */
	[W_7B0] = B(0) | B(3) | B(5) | B(6) | B(8) | B(9) | B(13) | B(16) | B(17) | B(18) | B(19) |
		  B(21) | B(23) | B(24) | B(26) | B(27) | B(28) | B(29) | B(30) | B(31),
	/*
	 * PREFETCHWT1 VBMI VBMI2 GFNI VAES VPCLMULQDQ VNNI BITALG VPOPCNTDQ RDPID CLDEMOTE MOVDIRI
	 * MOVDIR64B
	 */
	[W_7C0] = B(0) | B(1) | B(6) | B(8) | B(9) | B(10) | B(11) | B(12) | B(14) | B(22) | B(25) |
		  B(27) | B(28),
	/* ITSC */
	[W_E7D] = B(8),
	/* CLZERO RSTR_FP_ERR_PTRS SSB_NO BTC_NO */
	[W_E8B] = B(0) | B(2) | B(26) | B(29),
	/* 4VNNIW 4FMAPS FSRM VP2INTERSECT MD_CLEAR SERIALIZE */
	[W_7D0] = B(2) | B(3) | B(4) | B(8) | B(10) | B(14),
	/* AVX_VNNI AVX512_BF16 FZRM FSRS FSRCS */
	[W_7A1] = B(4) | B(5) | B(10) | B(11) | B(12),
	/* LFENCE_DISPATCH VERW_CLEAR NSCB SRSO_NO SRSO_US_NO */
	[W_E21A] = B(2) | B(5) | B(6) | B(29) | B(30),
	/* MCDT_NO */
	[W_7D2] = B(5),
};

/* Left out unless asked for: a guest with these cannot move to most other machines. */
static const uint32_t not_default_mask[POLICY_NR_WORDS] = {
	[W_7C0] = B(27) | B(28),
	[W_E7D] = B(8),
	[W_7D0] = B(8),
};

/* What needs AVX state, and what needs AVX-512 state, to be in XCR0. */
static const uint32_t avx_mask[POLICY_NR_WORDS] = {
	[W_1C] = B(12) | B(28) | B(29),		/* FMA AVX F16C */
	[W_E1C] = B(11) | B(16),		/* XOP FMA4 */
	[W_7B0] = B(5),				/* AVX2 */
	[W_7C0] = B(9) | B(10),			/* VAES VPCLMULQDQ */
	[W_7A1] = B(4),				/* AVX_VNNI */
};

static const uint32_t avx512_mask[POLICY_NR_WORDS] = {
	[W_7B0] = B(16) | B(17) | B(21) | B(26) | B(27) | B(28) | B(30) | B(31),
	[W_7C0] = B(1) | B(6) | B(11) | B(12) | B(14),
	[W_7D0] = B(2) | B(3) | B(8),
	[W_7A1] = B(5),
};

static struct cpu_policy policies[POLICY_NR_SYSTEM] __ro_after_init;

/* --- feature words --- */

static uint32_t *word_of(struct cpu_policy *p, unsigned int w)
{
	uint32_t *const words[POLICY_NR_WORDS] = {
		[W_1D] = &p->basic[1].edx, [W_1C] = &p->basic[1].ecx,
		[W_E1D] = &p->extd[1].edx, [W_E1C] = &p->extd[1].ecx,
		[W_DA1] = &p->xstate[1].eax,
		[W_7B0] = &p->feat[0].ebx, [W_7C0] = &p->feat[0].ecx, [W_7D0] = &p->feat[0].edx,
		[W_E7D] = &p->extd[7].edx, [W_E8B] = &p->extd[8].ebx,
		[W_7A1] = &p->feat[1].eax, [W_7B1] = &p->feat[1].ebx,
		[W_7C1] = &p->feat[1].ecx, [W_7D1] = &p->feat[1].edx,
		[W_7D2] = &p->feat[2].edx,
		[W_E21A] = &p->extd[0x21].eax,
	};

	return words[w];
}

/* AMD repeats bits of leaf 1 in 0x80000001; sets of features have them once. */
#define E1D_COMMON	0x0183f3ffu

void cpuid_policy_featureset(const struct cpu_policy *p, uint32_t words[POLICY_NR_WORDS])
{
	for (unsigned int w = 0; w < POLICY_NR_WORDS; w++) {
		const uint32_t *from = word_of((struct cpu_policy *)p, w);

		words[w] = from ? *from : 0;
	}
	words[W_E1D] &= ~E1D_COMMON;
}

static void words_mask(struct cpu_policy *p, const uint32_t mask[POLICY_NR_WORDS], bool keep)
{
	for (unsigned int w = 0; w < POLICY_NR_WORDS; w++) {
		uint32_t *to = word_of(p, w);

		if (to) {
			*to &= keep ? mask[w] : ~mask[w];
		}
	}
}

/* --- consistency --- */

/* Take out what needs state that is not there. XCR0 bits that the rest calls for. */
static uint64_t features_depend(struct cpu_policy *p)
{
	uint64_t xcr0 = x86_features.xcr0;
	bool xsave = (p->basic[1].ecx & F1C_XSAVE) && (xcr0 & 3);
	bool avx = xsave && (p->basic[1].ecx & F1C_AVX) && (xcr0 & 4);
	bool avx512 = avx && (p->feat[0].ebx & F7B0_AVX512F) && (xcr0 & 0xe0) == 0xe0;

	if (x86_features.amd) {
		p->basic[1].edx &= ~F1D_SEP;	/* not in long mode */
	}
	if (!xsave) {
		p->basic[1].ecx &= ~F1C_XSAVE;
		p->xstate[1].eax = 0;
	}
	if (!avx) {
		words_mask(p, avx_mask, false);
	}
	if (!avx512) {
		words_mask(p, avx512_mask, false);
	}
	return ((xsave ? 3 : 0) | (avx ? 4 : 0) | (avx512 ? 0xe0 : 0)) & xcr0;
}

uint32_t cpuid_policy_xstate_size(const struct cpu_policy *p, uint64_t xcr0, bool compact)
{
	uint32_t size = 512 + 64;

	for (unsigned int i = 2; i < POLICY_NR_XSTATE; i++) {
		const struct cpuid_regs *c = &p->xstate[i];

		if (!(xcr0 & (1UL << i))) {
			continue;
		}
		if (compact) {
			size = (c->ecx & 2 ? ROUND_UP(size, 64u) : size) + c->eax;
		} else {
			size = max(size, c->eax + c->ebx);
		}
	}
	return size;
}

/*
 * Sizes and offsets of state components are the hardware's; which exist follows from the features.
 */
static void xstate_rebuild(struct cpu_policy *p, const struct cpu_policy *host, uint64_t m)
{
	uint32_t a1 = p->xstate[1].eax;

	memset(p->xstate, 0, sizeof(p->xstate));
	if (!m) {
		return;
	}
	for (unsigned int i = 2; i < POLICY_NR_XSTATE; i++) {
		if (m & (1UL << i)) {
			p->xstate[i] = host->xstate[i];
		}
	}
	p->xstate[0].eax = (uint32_t)m;
	p->xstate[0].edx = (uint32_t)(m >> 32);
	p->xstate[0].ecx = cpuid_policy_xstate_size(p, m, false);
	p->xstate[0].ebx = p->xstate[0].ecx;
	p->xstate[1].eax = a1;
}

/*
 * Leaves about what the guest has no part in: serial number, MWAIT, power, PMU, APIC topology, SVM
 * ...
 */
static void leaves_hide(struct cpu_policy *p)
{
	static const uint8_t basic[] = { 3, 5, 6, 8, 9, 0xa, 0xc };

	for (unsigned int i = 0; i < ARRAY_SIZE(basic); i++) {
		memset(&p->basic[basic[i]], 0, sizeof(p->basic[0]));
	}
	memset(&p->extd[9], 0, (0x19 - 9) * sizeof(p->extd[0]));
	memset(&p->extd[0x1b], 0, (0x21 - 0x1b) * sizeof(p->extd[0]));
	memset(p->topo, 0, sizeof(p->topo));
	p->basic[1].ebx &= 0x00ffffff;		/* the vcpu's APIC id is filled in when asked for */
	p->extd[7] = (struct cpuid_regs){ 0, 0, 0, p->extd[7].edx };
	p->extd[8] = (struct cpuid_regs){ p->extd[8].eax & 0xffff, p->extd[8].ebx, 0, 0 };
	p->extd[0x21] = (struct cpuid_regs){ p->extd[0x21].eax, 0, 0, 0 };
	p->feat[2] = (struct cpuid_regs){ 0, 0, 0, p->feat[2].edx };
}

void cpuid_policy_sanitise(struct cpu_policy *p)
{
	const struct cpu_policy *host = &policies[POLICY_HOST];
	uint32_t host_words[POLICY_NR_WORDS];
	uint64_t xcr0;

	p->basic[0].eax = min(p->basic[0].eax, min(host->basic[0].eax, POLICY_BASIC_MAX));
	p->feat[0].eax = min(p->feat[0].eax, min(host->feat[0].eax, POLICY_NR_FEAT - 1));
	p->extd[0].eax = min(p->extd[0].eax, min(host->extd[0].eax, POLICY_EXTD_MAX));
	cpuid_policy_featureset(host, host_words);
	host_words[W_1C] |= B(31);	/* a guest has a hypervisor, even if we have none */
	words_mask(p, host_words, true);
	words_mask(p, pv_max_mask, true);
	p->basic[1].ecx |= B(31);
	xcr0 = features_depend(p);
	p->extd[1].edx &= ~E1D_COMMON;
	if (x86_features.amd) {
		p->extd[1].edx |= p->basic[1].edx & E1D_COMMON;
	}
	xstate_rebuild(p, host, xcr0);
	leaves_hide(p);
}

/* --- the machine's policies --- */

struct cpuid_regs *cpuid_policy_subleaves(struct cpu_policy *p, uint32_t leaf, uint32_t *nr)
{
	static const struct {
		uint32_t leaf, nr;
		size_t at;
	} tables[] = {
		{ 4, POLICY_NR_CACHE, offsetof(struct cpu_policy, cache) },
		{ 7, POLICY_NR_FEAT, offsetof(struct cpu_policy, feat) },
		{ 0xb, POLICY_NR_TOPO, offsetof(struct cpu_policy, topo) },
		{ 0xd, POLICY_NR_XSTATE, offsetof(struct cpu_policy, xstate) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(tables); i++) {
		if (tables[i].leaf == leaf) {
			*nr = tables[i].nr;
			return (struct cpuid_regs *)((char *)p + tables[i].at);
		}
	}
	return NULL;
}

static void __init host_read(struct cpu_policy *p)
{
	uint32_t basic = min(cpuid_max(0), POLICY_BASIC_MAX), ext = cpuid_max(0x80000000u), nr;

	for (uint32_t leaf = 0; leaf <= basic; leaf++) {
		struct cpuid_regs *sub = cpuid_policy_subleaves(p, leaf, &nr);

		if (!sub) {
			p->basic[leaf] = cpuid(leaf);
		}
		for (uint32_t i = 0; sub && i < nr; i++) {
			sub[i] = cpuid_count(leaf, i);
			if ((leaf == 4 && !(sub[i].eax & 0x1f)) || (leaf == 7 && i >= sub[0].eax)) {
				break;
			}
		}
	}
	for (uint32_t i = 0x80000000u; ext && i <= min(ext, POLICY_EXTD_MAX); i++) {
		p->extd[i - 0x80000000u] = cpuid(i);
	}
	/* Not all that have it say so, and none for which we have seen to it. */
	if (x86_features.lfence_waits) {
		p->extd[0].eax = POLICY_EXTD_MAX;
		p->extd[0x21].eax |= B(2);
	}
}

void __init cpuid_policy_init(void)
{
	host_read(&policies[POLICY_HOST]);
	policies[POLICY_PV_MAX] = policies[POLICY_HOST];
	cpuid_policy_sanitise(&policies[POLICY_PV_MAX]);
	policies[POLICY_PV_DEFAULT] = policies[POLICY_PV_MAX];
	words_mask(&policies[POLICY_PV_DEFAULT], not_default_mask, false);
}

const struct cpu_policy *cpuid_policy_system(enum policy_system which)
{
	return &policies[which];
}

/* --- a domain's --- */

int cpuid_policy_domain_init(struct domain *d)
{
	d->pv.policy = hv_alloc(sizeof(*d->pv.policy));
	if (!d->pv.policy) {
		return -XEN_ENOMEM;
	}
	*d->pv.policy = policies[POLICY_PV_DEFAULT];
	if (d->is_hardware) {
		/* it never moves to another machine */
		d->pv.policy->extd[7].edx = policies[POLICY_PV_MAX].extd[7].edx;
	}
	return 0;
}

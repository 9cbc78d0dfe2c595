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

static struct cpu_policy *policies;	/* POLICY_NR_SYSTEM of them, set with the first domain */

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

/* XCR0 bits that p's features call for. */
static uint64_t policy_xcr0(const struct cpu_policy *p)
{
	uint64_t m = 0;

	if (p->basic[1].ecx & F1C_XSAVE) {
		m = 3;
		m |= p->basic[1].ecx & F1C_AVX ? 4 : 0;
		m |= p->feat[0].ebx & F7B0_AVX512F ? 0xe0 : 0;
	}
	return m & x86_features.xcr0;
}

static void features_depend(struct cpu_policy *p)
{
	uint64_t xcr0 = x86_features.xcr0;

	if (!(xcr0 & 3)) {
		p->basic[1].ecx &= ~F1C_XSAVE;
	}
	if (!(p->basic[1].ecx & F1C_XSAVE) || !(p->basic[1].ecx & F1C_AVX) || !(xcr0 & 4)) {
		words_mask(p, avx_mask, false);
		words_mask(p, avx512_mask, false);
	}
	if (!(p->feat[0].ebx & F7B0_AVX512F) || (xcr0 & 0xe0) != 0xe0) {
		words_mask(p, avx512_mask, false);
	}
	if (!(p->basic[1].ecx & F1C_XSAVE)) {
		p->xstate[1].eax = 0;
	}
}

uint32_t cpuid_policy_xstate_size(const struct cpu_policy *p, uint64_t xcr0)
{
	uint32_t size = 512 + 64;

	for (unsigned int i = 2; i < POLICY_NR_XSTATE; i++) {
		if (xcr0 & (1UL << i)) {
			size = max(size, p->xstate[i].eax + p->xstate[i].ebx);
		}
	}
	return size;
}

uint32_t cpuid_policy_xstate_compact_size(const struct cpu_policy *p, uint64_t xcr0)
{
	uint32_t size = 512 + 64;

	for (unsigned int i = 2; i < POLICY_NR_XSTATE; i++) {
		if (xcr0 & (1UL << i)) {
			if (p->xstate[i].ecx & 2) {
				size = ROUND_UP(size, 64u);
			}
			size += p->xstate[i].eax;
		}
	}
	return size;
}

/*
 * Sizes and offsets of state components are the hardware's; which exist follows from the features.
 */
static void xstate_rebuild(struct cpu_policy *p, const struct cpu_policy *host)
{
	uint64_t m = policy_xcr0(p);
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
	p->xstate[0].ecx = cpuid_policy_xstate_size(p, m);
	p->xstate[0].ebx = p->xstate[0].ecx;
	p->xstate[1].eax = a1;
}

static void leaf_clear(struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ 0, 0, 0, 0 };
}

/*
 * Leaves about what the guest has no part in: serial number, MWAIT, power, PMU, APIC topology, SVM
 * ...
 */
static void leaves_hide(struct cpu_policy *p)
{
	static const uint8_t basic[] = { 3, 5, 6, 8, 9, 0xa, 0xc };
	static const uint8_t extd[] = {
		9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
		0x18, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(basic); i++) {
		leaf_clear(&p->basic[basic[i]]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(extd); i++) {
		leaf_clear(&p->extd[extd[i]]);
	}
	memset(p->topo, 0, sizeof(p->topo));
	p->basic[1].ebx &= 0x00ffffff;		/* the vcpu's APIC id is filled in when asked for */
	p->extd[7] = (struct cpuid_regs){ 0, 0, 0, p->extd[7].edx };
	p->extd[8] = (struct cpuid_regs){ p->extd[8].eax & 0xffff, p->extd[8].ebx, 0, 0 };
	p->extd[0x21] = (struct cpuid_regs){ p->extd[0x21].eax, 0, 0, 0 };
	p->feat[2] = (struct cpuid_regs){ 0, 0, 0, p->feat[2].edx };
}

static void common_features(struct cpu_policy *p)
{
	p->extd[1].edx &= ~E1D_COMMON;
	if (x86_features.amd) {
		p->extd[1].edx |= p->basic[1].edx & E1D_COMMON;
	}
}

static uint32_t limit(uint32_t want, uint32_t most)
{
	return want < most ? want : most;
}

void cpuid_policy_sanitise(struct cpu_policy *p)
{
	const struct cpu_policy *host = &policies[POLICY_HOST];
	uint32_t host_words[POLICY_NR_WORDS];

	p->basic[0].eax = limit(p->basic[0].eax, limit(host->basic[0].eax, POLICY_BASIC_MAX));
	p->feat[0].eax = limit(p->feat[0].eax, limit(host->feat[0].eax, POLICY_NR_FEAT - 1));
	p->extd[0].eax = limit(p->extd[0].eax, limit(host->extd[0].eax, POLICY_EXTD_MAX));
	cpuid_policy_featureset(host, host_words);
	host_words[W_1C] |= B(31);	/* a guest has a hypervisor, even if we have none */
	words_mask(p, host_words, true);
	words_mask(p, pv_max_mask, true);
	p->basic[1].ecx |= B(31);
	features_depend(p);
	common_features(p);
	xstate_rebuild(p, host);
	leaves_hide(p);
}

/* --- the machine's policies --- */

static void host_read(struct cpu_policy *p)
{
	uint32_t basic = limit(cpuid_max(0), POLICY_BASIC_MAX), ext = cpuid_max(0x80000000u);

	for (uint32_t i = 0; i <= basic; i++) {
		if (i != 4 && i != 7 && i != 0xb && i != 0xd) {
			p->basic[i] = cpuid(i);
		}
	}
	for (uint32_t i = 0; basic >= 4 && i < POLICY_NR_CACHE; i++) {
		p->cache[i] = cpuid_count(4, i);
		if (!(p->cache[i].eax & 0x1f)) {
			break;
		}
	}
	for (uint32_t i = 0; basic >= 7 && i < POLICY_NR_FEAT && i <= p->feat[0].eax; i++) {
		p->feat[i] = cpuid_count(7, i);
	}
	for (uint32_t i = 0; basic >= 0xb && i < POLICY_NR_TOPO; i++) {
		p->topo[i] = cpuid_count(0xb, i);
	}
	for (uint32_t i = 0; basic >= 0xd && i < POLICY_NR_XSTATE; i++) {
		p->xstate[i] = cpuid_count(0xd, i);
	}
	for (uint32_t i = 0x80000000u; ext && i <= limit(ext, POLICY_EXTD_MAX); i++) {
		p->extd[i - 0x80000000u] = cpuid(i);
	}
}

static int policies_make(void)
{
	struct cpu_policy *p = hv_alloc(POLICY_NR_SYSTEM * sizeof(*p));

	if (!p) {
		return -XEN_ENOMEM;
	}
	policies = p;
	host_read(&p[POLICY_HOST]);
	p[POLICY_PV_MAX] = p[POLICY_HOST];
	cpuid_policy_sanitise(&p[POLICY_PV_MAX]);
	p[POLICY_PV_DEFAULT] = p[POLICY_PV_MAX];
	words_mask(&p[POLICY_PV_DEFAULT], not_default_mask, false);
	return 0;
}

const struct cpu_policy *cpuid_policy_system(enum policy_system which)
{
	return &policies[which];
}

/* --- a domain's --- */

int cpuid_policy_domain_init(struct domain *d)
{
	int rc = policies ? 0 : policies_make();

	if (rc) {
		return rc;
	}
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

void cpuid_policy_domain_free(struct domain *d)
{
	hv_free(d->pv.policy);
	d->pv.policy = NULL;
}

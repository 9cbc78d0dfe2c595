/* SPDX-License-Identifier: MIT */
/*
 * The CPUID instruction, and names for the bits Dais asks about.
 *
 * A feature is named by where its bit lives; cpuid_has() reads it from the running
 * CPU each time, so it is for boot and slow paths: hot paths keep a copy.
 */
#ifndef DAIS_CPUID_H
#define DAIS_CPUID_H

#include <dais/types.h>

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid_count(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "0"(leaf), "2"(subleaf));
	return r;
}

static inline struct cpuid_regs cpuid(uint32_t leaf)
{
	return cpuid_count(leaf, 0);
}

/* Highest leaf of the range that `leaf` lies in, 0 if the range is absent. */
static inline uint32_t cpuid_max(uint32_t leaf)
{
	uint32_t base = leaf & 0xffff0000u, top = cpuid(base).eax;

	return (top & 0xffff0000u) == base ? top : 0;
}

struct cpuid_signature {
	unsigned int family, model, stepping;
};

/* What EAX of leaf 1 says. The extended fields count where the plain family leaves room for more. */
static inline struct cpuid_signature cpuid_signature(uint32_t eax)
{
	struct cpuid_signature s = {
		.family = (eax >> 8) & 15, .model = (eax >> 4) & 15, .stepping = eax & 15,
	};

	if (s.family == 6 || s.family == 15) {
		s.model |= (eax >> 12) & 0xf0;
	}
	if (s.family == 15) {
		s.family += (eax >> 20) & 0xff;
	}
	return s;
}

enum cpuid_reg { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

/* leaf (always subleaf 0), register and bit packed in one word. */
#define CPUID_FEAT(leaf, reg, bit) \
	(((uint64_t)(uint32_t)(leaf) << 32) | ((uint64_t)(reg) << 8) | (bit))

#define CPU_PSE			CPUID_FEAT(1, CPUID_EDX, 3)
#define CPU_TSC			CPUID_FEAT(1, CPUID_EDX, 4)
#define CPU_MSR			CPUID_FEAT(1, CPUID_EDX, 5)
#define CPU_PAE			CPUID_FEAT(1, CPUID_EDX, 6)
#define CPU_MCE			CPUID_FEAT(1, CPUID_EDX, 7)
#define CPU_APIC		CPUID_FEAT(1, CPUID_EDX, 9)
#define CPU_SEP			CPUID_FEAT(1, CPUID_EDX, 11)
#define CPU_MTRR		CPUID_FEAT(1, CPUID_EDX, 12)
#define CPU_PGE			CPUID_FEAT(1, CPUID_EDX, 13)
#define CPU_PAT			CPUID_FEAT(1, CPUID_EDX, 16)
#define CPU_CLFLUSH		CPUID_FEAT(1, CPUID_EDX, 19)
#define CPU_FXSR		CPUID_FEAT(1, CPUID_EDX, 24)
#define CPU_SSE2		CPUID_FEAT(1, CPUID_EDX, 26)
#define CPU_MONITOR		CPUID_FEAT(1, CPUID_ECX, 3)
#define CPU_PCID		CPUID_FEAT(1, CPUID_ECX, 17)
#define CPU_X2APIC		CPUID_FEAT(1, CPUID_ECX, 21)
#define CPU_TSC_DEADLINE	CPUID_FEAT(1, CPUID_ECX, 24)
#define CPU_XSAVE		CPUID_FEAT(1, CPUID_ECX, 26)
#define CPU_OSXSAVE		CPUID_FEAT(1, CPUID_ECX, 27)
#define CPU_AVX			CPUID_FEAT(1, CPUID_ECX, 28)
#define CPU_HYPERVISOR		CPUID_FEAT(1, CPUID_ECX, 31)
#define CPU_ARAT		CPUID_FEAT(6, CPUID_EAX, 2)
#define CPU_FSGSBASE		CPUID_FEAT(7, CPUID_EBX, 0)
#define CPU_TSC_ADJUST		CPUID_FEAT(7, CPUID_EBX, 1)
#define CPU_SMEP		CPUID_FEAT(7, CPUID_EBX, 7)
#define CPU_ERMS		CPUID_FEAT(7, CPUID_EBX, 9)
#define CPU_INVPCID		CPUID_FEAT(7, CPUID_EBX, 10)
#define CPU_SMAP		CPUID_FEAT(7, CPUID_EBX, 20)
#define CPU_UMIP		CPUID_FEAT(7, CPUID_ECX, 2)
#define CPU_MD_CLEAR		CPUID_FEAT(7, CPUID_EDX, 10)
#define CPU_IBRS_IBPB		CPUID_FEAT(7, CPUID_EDX, 26)
#define CPU_ARCH_CAPS		CPUID_FEAT(7, CPUID_EDX, 29)
#define CPU_SYSCALL		CPUID_FEAT(0x80000001, CPUID_EDX, 11)
#define CPU_NX			CPUID_FEAT(0x80000001, CPUID_EDX, 20)
#define CPU_FFXSR		CPUID_FEAT(0x80000001, CPUID_EDX, 25)
#define CPU_PAGE1GB		CPUID_FEAT(0x80000001, CPUID_EDX, 26)
#define CPU_RDTSCP		CPUID_FEAT(0x80000001, CPUID_EDX, 27)
#define CPU_LM			CPUID_FEAT(0x80000001, CPUID_EDX, 29)
#define CPU_SVM			CPUID_FEAT(0x80000001, CPUID_ECX, 2)
#define CPU_TOPOEXT		CPUID_FEAT(0x80000001, CPUID_ECX, 22)
#define CPU_AMD_RSTR_FP_PTRS	CPUID_FEAT(0x80000008, CPUID_EBX, 2)
#define CPU_AMD_IBPB		CPUID_FEAT(0x80000008, CPUID_EBX, 12)
#define CPU_INVARIANT_TSC	CPUID_FEAT(0x80000007, CPUID_EDX, 8)

static inline bool cpuid_has(uint64_t feat)
{
	uint32_t leaf = (uint32_t)(feat >> 32), value;
	struct cpuid_regs r;

	if (cpuid_max(leaf) < leaf) {
		return false;
	}
	r = cpuid(leaf);
	switch ((feat >> 8) & 3) {
	case CPUID_EAX:
		value = r.eax;
		break;
	case CPUID_EBX:
		value = r.ebx;
		break;
	case CPUID_ECX:
		value = r.ecx;
		break;
	default:
		value = r.edx;
		break;
	}
	return (value >> (feat & 31)) & 1;
}

#endif /* DAIS_CPUID_H */

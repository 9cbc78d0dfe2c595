/* SPDX-License-Identifier: MIT */
/*
 * Model-specific registers: access and the numbers used anywhere in Dais.
 *
 * rdmsr()/wrmsr() are for registers known to exist; the _safe forms (which need the
 * exception table) live with the trap code.
 */
#ifndef DAIS_MSR_H
#define DAIS_MSR_H

#include <dais/types.h>

#define MSR_TSC			0x00000010
#define MSR_PLATFORM_ID		0x00000017
#define MSR_APIC_BASE		0x0000001b
#define APIC_BASE_BSP		(1UL << 8)
#define APIC_BASE_EXTD		(1UL << 10)
#define APIC_BASE_ENABLE	(1UL << 11)
#define APIC_BASE_ADDR		0x000ffffffffff000UL
#define MSR_FEATURE_CONTROL	0x0000003a
#define MSR_TSC_ADJUST		0x0000003b
#define MSR_SPEC_CTRL		0x00000048
#define MSR_PRED_CMD		0x00000049
#define PRED_CMD_IBPB		(1UL << 0)
#define MSR_UCODE_REV		0x0000008b
#define MSR_PLATFORM_INFO	0x000000ce
#define MSR_MTRRCAP		0x000000fe
#define MSR_ARCH_CAPABILITIES	0x0000010a
#define MSR_FLUSH_CMD		0x0000010b
#define MSR_MISC_FEATURES	0x00000140
#define MSR_SYSENTER_CS		0x00000174
#define MSR_SYSENTER_ESP	0x00000175
#define MSR_SYSENTER_EIP	0x00000176
#define MSR_MCG_CAP		0x00000179
#define MSR_MCG_STATUS		0x0000017a
#define MSR_MCG_CTL		0x0000017b
#define MSR_PERF_STATUS		0x00000198
#define MSR_PERF_CTL		0x00000199
#define MSR_THERM_CONTROL	0x0000019a
#define MSR_THERM_STATUS	0x0000019c
#define MSR_MISC_ENABLE		0x000001a0
#define MSR_DEBUGCTL		0x000001d9
#define MSR_MTRR_PHYSBASE0	0x00000200
#define MSR_PAT			0x00000277
#define MSR_MTRR_DEF_TYPE	0x000002ff
#define MSR_MC0_CTL		0x00000400
#define MSR_TSC_DEADLINE	0x000006e0
#define MSR_X2APIC_FIRST	0x00000800
#define MSR_X2APIC_LAST		0x000008ff
#define MSR_XSS			0x00000da0
#define MSR_EFER		0xc0000080
#define EFER_SCE		(1UL << 0)
#define EFER_LME		(1UL << 8)
#define EFER_LMA		(1UL << 10)
#define EFER_NXE		(1UL << 11)
#define EFER_SVME		(1UL << 12)
#define EFER_FFXSR		(1UL << 14)
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103
#define MSR_K8_SYSCFG		0xc0010010
#define MSR_K8_HWCR		0xc0010015
#define MSR_K8_TOP_MEM1		0xc001001a
#define MSR_K8_TOP_MEM2		0xc001001d
#define MSR_K8_INT_PENDING	0xc0010055
#define INT_PENDING_C1E		(3UL << 27)	/* when all cores halt, by I/O or by message */
#define MSR_AMD_DE_CFG		0xc0011029
#define DE_CFG_LFENCE		2UL		/* LFENCE waits for all before it */

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return ((uint64_t)hi << 32) | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

/* The TSC as it is read: may run ahead of earlier loads. */
static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return ((uint64_t)hi << 32) | lo;
}

/* The TSC after every earlier instruction is done: for comparing across CPUs. */
static inline uint64_t rdtsc_ordered(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return ((uint64_t)hi << 32) | lo;
}

#endif /* DAIS_MSR_H */

/* SPDX-License-Identifier: MIT */
/*
 * Processor registers and instructions without a better home; what the processor can do, found once at boot.
 */
#ifndef DAIS_X86_H
#define DAIS_X86_H

#include <dais/types.h>

#define CR0_MP	(1UL << 1)
#define CR0_TS	(1UL << 3)
#define CR0_WP	(1UL << 16)
#define CR0_PG	(1UL << 31)
#define CR4_TSD	(1UL << 2)
#define CR4_DE	(1UL << 3)
#define CR4_PSE	(1UL << 4)
#define CR4_PAE	(1UL << 5)
#define CR4_MCE	(1UL << 6)
#define CR4_PGE	(1UL << 7)
#define CR4_OSFXSR (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_UMIP (1UL << 11)
#define CR4_FSGSBASE (1UL << 16)
#define CR4_OSXSAVE (1UL << 18)
#define CR4_SMEP (1UL << 20)
#define CR4_SMAP (1UL << 21)

#define RFLAGS_CF	(1UL << 0)
#define RFLAGS_TF	(1UL << 8)
#define RFLAGS_IF	(1UL << 9)
#define RFLAGS_DF	(1UL << 10)
#define RFLAGS_IOPL	(3UL << 12)
#define RFLAGS_NT	(1UL << 14)
#define RFLAGS_RF	(1UL << 16)
#define RFLAGS_VM	(1UL << 17)
#define RFLAGS_AC	(1UL << 18)

/* Boot-time findings; never change after. */
struct x86_features {
	bool fsgsbase, xsave, page1gb, rdtscp;
	bool amd;
	bool c1e;			/* firmware may have it stop the APICs' timers in HLT */
	bool x87_pointers_stay;		/* FXRSTOR and XRSTOR may leave FIP, FDP and FOP as they are */
	bool lfence_waits;		/* AMD: x86_lfence_init() found or made it so */
	unsigned int xsave_size;
	uint64_t xcr0;			/* features XCR0 may enable for guests; 0: no XSAVE */
	unsigned int phys_bits;
	unsigned long cr4;		/* of every CPU; CR4_TSD besides is the guest's */
};
extern struct x86_features x86_features;

void x86_features_init(void);
void x86_lfence_init(void);	/* on each CPU, once it can take a fault */
void protect_init(void);	/* after the frame table, before other CPUs and guests */

static inline unsigned long read_cr0(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static inline void write_cr0(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

static inline unsigned long read_cr2(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline unsigned long read_cr3(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v) : : "memory");
	return v;
}

static inline void write_cr3(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline unsigned long read_cr4(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static inline void write_cr4(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

static inline void invlpg(unsigned long va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline unsigned long irq_save(void)
{
	unsigned long f;

	__asm__ volatile("pushf\n\tpop %0\n\tcli" : "=r"(f) : : "memory");
	return f;
}

static inline void irq_restore(unsigned long f)
{
	if (f & RFLAGS_IF) {
		irq_enable();
	}
}

static inline bool irqs_enabled(void)
{
	unsigned long f;

	__asm__ volatile("pushf\n\tpop %0" : "=r"(f));
	return f & RFLAGS_IF;
}

static inline void xsetbv(uint32_t idx, uint64_t v)
{
	__asm__ volatile("xsetbv" : : "c"(idx), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

static inline uint64_t xgetbv(uint32_t idx)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(idx));
	return ((uint64_t)hi << 32) | lo;
}

static inline bool va_canonical(unsigned long va)
{
	return ((long)(va << 16) >> 16) == (long)va;
}

#endif

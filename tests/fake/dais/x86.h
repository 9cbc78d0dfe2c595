/* SPDX-License-Identifier: MIT */
/*
 * Host stand-in for <dais/x86.h>: the interrupt flag is a variable of the CPU a test pretends to
 * be.
 */
#ifndef DAIS_X86_H
#define DAIS_X86_H

#include <dais/types.h>

#define CR0_TS	(1UL << 3)
#define CR4_TSD	(1UL << 2)
#define CR4_DE	(1UL << 3)
#define CR4_FSGSBASE (1UL << 16)
#define CR4_OSXSAVE (1UL << 18)

#define RFLAGS_CF	(1UL << 0)
#define RFLAGS_TF	(1UL << 8)
#define RFLAGS_IF	(1UL << 9)
#define RFLAGS_IOPL	(3UL << 12)
#define RFLAGS_RF	(1UL << 16)
#define RFLAGS_VM	(1UL << 17)

void irq_enable(void);
void irq_disable(void);
unsigned long irq_save(void);
void irq_restore(unsigned long f);
bool irqs_enabled(void);
unsigned long read_cr2(void);		/* a test that needs it defines it */

/* What the pretended processor can do; a test that needs it defines it. */
struct x86_features {
	bool fsgsbase, xsave, smep, smap, page1gb, umip, invariant_tsc, rdtscp, erms, pge;
	bool amd, lfence_waits;
	unsigned int xsave_size;
	uint64_t xcr0;
	unsigned int phys_bits;
};
extern struct x86_features x86_features;

static inline bool va_canonical(unsigned long va)
{
	return ((long)(va << 16) >> 16) == (long)va;
}

#endif

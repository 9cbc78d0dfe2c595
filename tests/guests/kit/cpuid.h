/* SPDX-License-Identifier: MIT */
/*
 * The processor's own CPUID, as kernels ask it before they know of a hypervisor.
 */
#ifndef KIT_CPUID_H
#define KIT_CPUID_H

#include "base.h"

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

/* The first letters of a maker's name, in EBX of leaf 0. */
#define CPUID_AMD 0x68747541u
#define CPUID_INTEL 0x756e6547u

#define CPUID_EXT_RDTSCP (1u << 27)	/* leaf 0x80000001, EDX */

static inline struct cpuid cpuid(u32 leaf)
{
	struct cpuid r = { .eax = leaf };

	__asm__ volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

#endif

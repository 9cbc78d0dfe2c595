/* SPDX-License-Identifier: MIT */
/*
 * Single-word accesses to guest virtual addresses that may fault: on a fault control goes to `label`. The caller
 * has checked the range with guest_range_ok(). For bounce frames and emulation; doors use guest_access.h.
 */
#ifndef DAIS_UACCESS_H
#define DAIS_UACCESS_H

#include <stdint.h>

/* A pair of self-relative offsets: the instruction that may fault, and where to go on. */
#define EX_TABLE(from, to) \
	".pushsection __ex_table, \"a\"\n\t.balign 4\n\t.long " from " - .\n\t.long " to " - .\n\t.popsection\n\t"

#define guest_store64(va, val, label) \
	__asm__ volatile goto("1: mov %0, (%1)\n\t" EX_TABLE("1b", "%l[" #label "]") \
		     : : "r"((uint64_t)(val)), "r"((unsigned long)(va)) : "memory" : label)

#define guest_load64(val, va, label) \
	__asm__ volatile goto("1: mov (%1), %0\n\t" EX_TABLE("1b", "%l[" #label "]") \
		     : "=r"(val) : "r"((unsigned long)(va)) : "memory" : label)

#define guest_load8(val, va, label) \
	__asm__ volatile goto("1: movzbl (%1), %k0\n\t" EX_TABLE("1b", "%l[" #label "]") \
		     : "=r"(val) : "r"((unsigned long)(va)) : "memory" : label)

/* Where to continue after a fault at rip, or 0. */
unsigned long ex_table_find(unsigned long rip);

/* MSR accesses that may fault: false when they did. */
int rdmsr_safe(uint32_t msr, uint64_t *val);	/* 0 or -XEN_EFAULT */
int wrmsr_safe(uint32_t msr, uint64_t val);

#endif

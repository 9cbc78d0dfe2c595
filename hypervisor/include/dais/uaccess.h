/* SPDX-License-Identifier: MIT */
/*
 * Single-word accesses to guest virtual addresses that may fault: on a fault control goes to `label`. The caller
 * has checked the range with guest_range_ok(). For bounce frames and emulation; doors use guest_access.h.
 */
#ifndef DAIS_UACCESS_H
#define DAIS_UACCESS_H

#include <stdint.h>
#include <dais/patch.h>

/* A pair of self-relative offsets: the instruction that may fault, and where to go on. */
#define EX_TABLE(from, to) \
	".pushsection __ex_table, \"a\"\n\t.balign 4\n\t.long " from " - .\n\t.long " to " - .\n\t.popsection\n\t"

#define PATCH_STRING(...)	PATCH_STRING_(__VA_ARGS__)
#define PATCH_STRING_(...)	#__VA_ARGS__
#define PATCH_SITE(kind) \
	"777: .byte " PATCH_STRING(PATCH_NOP3) "\n\t" \
	".pushsection .init.patch, \"a\"\n\t.balign 4\n\t.long 777b - ., %c0\n\t.popsection" : : "i"(kind)

/* Around accesses to guests' pages; where one faults, too. */
static inline __attribute__((__always_inline__)) void uaccess_begin(void)
{
	__asm__ volatile(PATCH_SITE(PATCH_STAC) : "memory");
}

static inline __attribute__((__always_inline__)) void uaccess_end(void)
{
	__asm__ volatile(PATCH_SITE(PATCH_CLAC) : "memory");
}

/* As memory operands, so that several words around one pointer need no address of their own. */
#define guest_word(type, va)	(*(type *)(unsigned long)(va))

/* The word stored to is an input for the compiler's sake only; "memory" says that it changes. */
#define guest_store64(va, val, label) \
	__asm__ volatile goto("1: movq %0, %1\n\t" EX_TABLE("1b", "%l[" #label "]") \
		     : : "er"((uint64_t)(val)), "m"(guest_word(uint64_t, va)) : "memory" : label)

#define guest_load64(val, va, label) \
	__asm__ volatile goto("1: movq %1, %0\n\t" EX_TABLE("1b", "%l[" #label "]") \
		     : "=r"(val) : "m"(guest_word(const uint64_t, va)) : "memory" : label)

#define guest_load32(val, va, label) \
	__asm__ volatile goto("1: movl %1, %k0\n\t" EX_TABLE("1b", "%l[" #label "]") \
		     : "=r"(val) : "m"(guest_word(const uint32_t, va)) : "memory" : label)

/* Where to continue after a fault at rip, or 0. */
unsigned long ex_table_find(unsigned long rip);

/* An MSR that may not be there: 0, or -XEN_EFAULT and *val is as it was. */
int rdmsr_safe(uint32_t msr, uint64_t *val);
int wrmsr_safe(uint32_t msr, uint64_t val);

#endif

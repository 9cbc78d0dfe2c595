/* SPDX-License-Identifier: MIT */
/*
 * Raw hypercalls. Tests need to pass wrong values on purpose, so the interface is untyped:
 * HC(name, args...) issues __HYPERVISOR_<name> with every argument cast to a machine word and
 * returns rax as a signed long. Only rcx and r11 are declared clobbered: a hypervisor that
 * destroys anything else breaks these guests, as it would break others.
 */
#ifndef KIT_HYPERCALL_H
#define KIT_HYPERCALL_H

#include "base.h"

static inline long kit_hypercall(unsigned long nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4, unsigned long a5)
{
	register unsigned long r10 __asm__("r10") = a4;
	register unsigned long r8 __asm__("r8") = a5;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a1), "S"(a2), "d"(a3), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

#define HC_0(nr) kit_hypercall(nr, 0, 0, 0, 0, 0)
#define HC_1(nr, a) kit_hypercall(nr, (unsigned long)(a), 0, 0, 0, 0)
#define HC_2(nr, a, b) kit_hypercall(nr, (unsigned long)(a), (unsigned long)(b), 0, 0, 0)
#define HC_3(nr, a, b, c) \
	kit_hypercall(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0, 0)
#define HC_4(nr, a, b, c, d)                                                               \
	kit_hypercall(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c),         \
		   (unsigned long)(d), 0)
#define HC_5(nr, a, b, c, d, e)                                                            \
	kit_hypercall(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c),         \
		   (unsigned long)(d), (unsigned long)(e))
#define HC_PICK(_0, _1, _2, _3, _4, _5, name, ...) name
#define HC(name, ...)                                                                      \
	HC_PICK(_0, ##__VA_ARGS__, HC_5, HC_4, HC_3, HC_2, HC_1, HC_0)                     \
	(__HYPERVISOR_##name, ##__VA_ARGS__)

/* The errors the tests name; values are the ABI's, which are also Linux's. */
enum {
	kEPERM = 1,
	kENOENT = 2,
	kESRCH = 3,
	kENXIO = 6,
	kE2BIG = 7,
	kEBADF = 9,
	kEAGAIN = 11,
	kENOMEM = 12,
	kEACCES = 13,
	kEFAULT = 14,
	kEBUSY = 16,
	kEEXIST = 17,
	kENODEV = 19,

	kEINVAL = 22,
	kENOSPC = 28,
	kERANGE = 34,
	kENOSYS = 38,
	kENODATA = 61,
	kETIME = 62,
	kEOPNOTSUPP = 95,
	kEADDRNOTAVAIL = 99,
	kENOBUFS = 105,
};

#endif

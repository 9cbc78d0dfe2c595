/* SPDX-License-Identifier: MIT */
/*
 * A vcpu's extended processor state (XSAVE) as tools save and restore it: XCR0, the features ever
 * used, and an XSAVE image in standard format that is just large enough for them. The vcpu is not
 * running.
 */
#ifndef DAIS_PV_XSTATE_H
#define DAIS_PV_XSTATE_H

#include <dais/types.h>

struct vcpu;

#define PV_XSTATE_HEADER	16u	/* the two words in front of the image */

struct pv_xstate {
	uint64_t xcr0, used;
	uint8_t image[];
};

/* May XCR0 hold this on a processor that has the features `have`? XSETBV faults on anything else. */
static inline bool pv_xcr0_ok(uint64_t xcr0, uint64_t have)
{
	uint64_t avx512 = xcr0 & 0xe0;

	return (xcr0 & 1) && !(xcr0 & ~have) && (!(xcr0 & 4) || (xcr0 & 2)) &&
	       (!avx512 || (avx512 == 0xe0 && (xcr0 & 4)));
}

size_t pv_xstate_max(void);			/* bytes of a struct pv_xstate with all of them */
size_t pv_xstate_get(const struct vcpu *v, struct pv_xstate *x); /* bytes used; 0: no XSAVE */

/*
 * size: bytes of *x. -EINVAL, nothing changed: features or sizes do not fit, or not a valid image.
 */
int pv_xstate_set(struct vcpu *v, const struct pv_xstate *x, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Small objects for the hypervisor itself: power-of-two size classes over single frames, whole
 * frames above.
 *
 * Memory comes zeroed and aligned to its size class (the next power of two, at least 16); from
 * PAGE_SIZE on it is page-aligned and contiguous. Lock: one of its own, above the frame
 * allocator's. Not for interrupt context.
 */
#ifndef DAIS_HV_ALLOC_H
#define DAIS_HV_ALLOC_H

#include <stddef.h>

void *hv_alloc(size_t size);			/* NULL when memory is short; size 0 gives NULL */
void hv_free(void *p);				/* NULL is allowed */

/*
 * What small objects take: frames cut into objects, and bytes of these that are taken. Frames may
 * be more than bytes need, for objects of one size are spread over them as they came and went.
 */
struct hv_alloc_use {
	unsigned long frames, bytes;
};

struct hv_alloc_use hv_alloc_use(void);

#endif

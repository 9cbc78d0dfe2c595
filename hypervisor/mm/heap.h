/* SPDX-License-Identifier: MIT */
/*
 * What the allocator offers the rest of mm/ beside <dais/frame_alloc.h>: allocation against a
 * claim.
 */
#ifndef DAIS_MM_HEAP_H
#define DAIS_MM_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct frame;

/*
 * As frame_alloc(), using up `claim` pages of what the caller has claimed (never more than
 * 2^order).
 */
struct frame *heap_alloc(unsigned int order, unsigned int address_bits, unsigned int flags,
			 uint64_t claim);

bool heap_claim(uint64_t pages);	/* false when so much is not left unclaimed */
void heap_unclaim(uint64_t pages);

#endif

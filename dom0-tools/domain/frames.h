/* SPDX-License-Identifier: MIT */
/*
 * From machine frames back to a guest's own page numbers, without the hypervisor's table of that.
 * Takes 4 bytes for each frame, in pieces that are there where the guest has memory. Pure.
 */
#ifndef DOMAIN_FRAMES_H
#define DOMAIN_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

struct frames {
	uint32_t **chunk;
	uint64_t chunks;
};

/* False when that frame has a number already, or such numbers cannot be. */
bool frames_add(struct frames *s, uint64_t mfn, uint64_t pfn);
bool frames_find(const struct frames *s, uint64_t mfn, uint64_t *pfn);
void frames_free(struct frames *s);

#endif

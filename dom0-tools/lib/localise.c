/* SPDX-License-Identifier: MIT */
/*
 * From pfns to frames in page tables: see localise.h.
 */
#include "lib/localise.h"

#include <errno.h>

#include "lib/pte.h"

int localise_missing(const uint64_t *table, const uint64_t *p2m, uint64_t pfns,
		     uint64_t missing[LOCALISE_ENTRIES], size_t *count, uint64_t *bad)
{
	uint64_t pfn;
	size_t i;

	*count = 0;
	for (i = 0; i < LOCALISE_ENTRIES; i++) {
		if (!(table[i] & PTE_PRESENT)) {
			continue;
		}
		pfn = (table[i] & PTE_FRAME) >> PTE_SHIFT;
		if (pfn >= pfns) {
			*bad = pfn;
			return -ERANGE;
		}
		if (!p2m[pfn]) {
			missing[(*count)++] = pfn;
		}
	}
	return 0;
}

void localise_table(uint64_t *to, const uint64_t *table, const uint64_t *p2m)
{
	size_t i;

	for (i = 0; i < LOCALISE_ENTRIES; i++) {
		to[i] = table[i];
		if (table[i] & PTE_PRESENT) {
			uint64_t pfn = (table[i] & PTE_FRAME) >> PTE_SHIFT;

			to[i] = (table[i] & ~PTE_FRAME) | p2m[pfn] << PTE_SHIFT;
		}
	}
}

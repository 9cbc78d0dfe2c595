/* SPDX-License-Identifier: MIT */
/*
 * Looks up the function an address lies in. The table (see boot/ksyms.awk) has the functions'
 * offsets from the start of the image in rising order, and their names, each with a NUL, in
 * the same order. Names are found by counting NULs: slow, small, and only used for backtraces.
 */
#include <dais/ksyms.h>
#include <dais/sections.h>
#include <dais/string.h>

extern const uint32_t ksyms_count;
extern const uint32_t ksyms_offsets[];
extern const char ksyms_names[];

/* How many functions start at or below off. */
static uint32_t ksym_rank(unsigned long off)
{
	uint32_t lo = 0, hi = ksyms_count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ksyms_offsets[mid] <= off) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

const char *ksym_lookup(uintptr_t addr, unsigned long *offset)
{
	uintptr_t base = (uintptr_t)__image_start;
	const char *name = ksyms_names;
	uint32_t rank;

	if ((addr < (uintptr_t)__text_start || addr >= (uintptr_t)__text_end) &&
	    (addr < (uintptr_t)__init_text_start || addr >= (uintptr_t)__init_text_end)) {
		return NULL;
	}
	rank = ksym_rank(addr - base);
	if (rank == 0) {
		return NULL;
	}
	for (uint32_t i = 1; i < rank; i++) {
		name += strlen(name) + 1;
	}
	*offset = addr - base - ksyms_offsets[rank - 1];
	return name;
}

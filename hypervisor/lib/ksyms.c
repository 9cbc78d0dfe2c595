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

const char *ksym_lookup(uintptr_t addr, unsigned long *offset)
{
	uintptr_t base = (uintptr_t)__image_start;
	uint32_t lo = 0, hi = ksyms_count;
	const char *name = ksyms_names;

	if ((addr < (uintptr_t)__text_start || addr >= (uintptr_t)__text_end) &&
	    (addr < (uintptr_t)__init_text_start || addr >= (uintptr_t)__init_text_end)) {
		return NULL;
	}
	/* Afterwards lo functions start at or below addr. */
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ksyms_offsets[mid] <= addr - base) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	if (lo == 0) {
		return NULL;
	}
	for (uint32_t i = 1; i < lo; i++) {
		name += strlen(name) + 1;
	}
	*offset = addr - base - ksyms_offsets[lo - 1];
	return name;
}

/* SPDX-License-Identifier: MIT */
/*
 * The memory map, sorted and without overlaps. Runs once, before there is an allocator, so
 * it keeps no list of the raw pieces but asks its source for them again and again: from each
 * boundary it looks for the strongest type that holds there and for the next boundary.
 */
#include <dais/boot_info.h>
#include <xen/errno.h>
#include "mbi.h"

/* Machine addresses have at most 52 bits; what claims more is cut off there. */
#define MEMMAP_LIMIT	(1UL << 52)

/* A step looks at all pieces, so this bounds the work that a strange map can cause. */
#define MEMMAP_PIECES_MAX	4096

/* How strongly a type insists. A wrong "RAM" crashes us, a wrong "reserved" wastes a page. */
static unsigned int memmap_rank(uint32_t type)
{
	switch (type) {
	case BOOT_E820_RAM:
		return 1;
	case BOOT_E820_ACPI:
		return 2;
	case BOOT_E820_NVS:
		return 3;
	case BOOT_E820_UNUSABLE:
		return 5;
	default:
		return 4;
	}
}

/*
 * What holds at address `at` (0: nothing), and in *next the closest boundary above it
 * (MEMMAP_LIMIT: none).
 */
static uint32_t memmap_type_at(const struct memmap_source *src, uint64_t at, uint64_t *next)
{
	uint32_t type = 0;
	size_t i;

	*next = MEMMAP_LIMIT;
	for (i = 0; i < src->n; i++) {
		struct memmap_piece p = src->piece(src, i);

		if (p.end > MEMMAP_LIMIT) {
			p.end = MEMMAP_LIMIT;
		}
		if (p.start >= p.end) {
			continue;
		}
		if (p.start > at && p.start < *next) {
			*next = p.start;
		}
		if (p.end > at && p.end < *next) {
			*next = p.end;
		}
		if (p.start <= at && at < p.end &&
		    (type == 0 || memmap_rank(p.type) > memmap_rank(type))) {
			type = p.type;
		}
	}
	return type;
}

static int memmap_append(struct boot_info *bi, uint64_t start, uint64_t end, uint32_t type)
{
	struct boot_e820_entry *last = bi->nr_e820 > 0 ? &bi->e820[bi->nr_e820 - 1] : NULL;

	if (last != NULL && last->end == start && last->type == type) {
		last->end = end;
		return 0;
	}
	if (bi->nr_e820 == BOOT_E820_MAX) {
		return -XEN_E2BIG;
	}
	bi->e820[bi->nr_e820++] = (struct boot_e820_entry){ start, end, type };
	return 0;
}

int memmap_build(struct boot_info *bi, const struct memmap_source *src)
{
	uint64_t at, next;
	bool ram = false;

	bi->nr_e820 = 0;
	if (src->n > MEMMAP_PIECES_MAX) {
		return -XEN_E2BIG;
	}
	for (at = 0; at < MEMMAP_LIMIT; at = next) {
		uint32_t type = memmap_type_at(src, at, &next);

		if (type != 0 && memmap_append(bi, at, next, type) != 0) {
			return -XEN_E2BIG;
		}
		ram |= type == BOOT_E820_RAM;
	}
	return ram ? 0 : -XEN_ENOENT;
}

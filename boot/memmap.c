/* SPDX-License-Identifier: MIT */
/*
 * The memory map, sorted and without overlaps. Runs once, before there is an allocator, so
 * it keeps no list of the raw pieces but asks its source for them again and again: from each
 * boundary it looks for the strongest type that holds there and for the next boundary.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <xen/errno.h>
#include "mbi.h"

/* Machine addresses have at most 52 bits; what claims more is cut off there. */
#define MEMMAP_LIMIT	(1UL << 52)

/* A step looks at all pieces, so this bounds the work that a strange map can cause. */
#define MEMMAP_PIECES_MAX	4096

/* How strongly a type insists. A wrong "RAM" crashes us, a wrong "reserved" wastes a page. */
static const uint8_t memmap_rank[] = {
	[BOOT_E820_RAM] = 1, [BOOT_E820_ACPI] = 2, [BOOT_E820_NVS] = 3, [BOOT_E820_RESERVED] = 4,
	[BOOT_E820_UNUSABLE] = 5,
};

/*
 * What holds at address `at` (0: nothing), and in *next the closest boundary above it
 * (MEMMAP_LIMIT: none).
 */
static uint32_t memmap_type_at(const struct memmap_source *src, uint64_t at, uint64_t *next)
{
	uint32_t type = 0;

	*next = MEMMAP_LIMIT;
	for (size_t i = 0; i < src->n; i++) {
		struct memmap_piece p = src->piece(src, i);

		if (p.start >= min(p.end, MEMMAP_LIMIT) || p.end <= at) {
			continue;
		}
		*next = min(*next, p.start > at ? p.start : p.end);
		if (p.start <= at && memmap_rank[p.type] > memmap_rank[type]) {
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
	uint64_t next;
	bool ram = false;

	bi->nr_e820 = 0;
	if (src->n > MEMMAP_PIECES_MAX) {
		return -XEN_E2BIG;
	}
	for (uint64_t at = 0; at < MEMMAP_LIMIT; at = next) {
		uint32_t type = memmap_type_at(src, at, &next);

		if (type != 0 && memmap_append(bi, at, next, type) != 0) {
			return -XEN_E2BIG;
		}
		ram |= type == BOOT_E820_RAM;
	}
	return ram ? 0 : -XEN_ENOENT;
}

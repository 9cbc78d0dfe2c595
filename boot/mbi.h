/* SPDX-License-Identifier: MIT */
/*
 * The multiboot2 tag walker and the memory map it makes. Pure: memory in, struct boot_info
 * out, so that both run on a host under a fuzzer.
 */
#ifndef BOOT_MBI_H
#define BOOT_MBI_H

#include <stddef.h>
#include <stdint.h>

struct boot_info;

/*
 * Fill *bi (zeroed first) from the tags at mbi, of which `avail` bytes may be read; `phys` is
 * their machine address. NULL, or what is wrong as a complete sentence for the user. Everything
 * but image_start and image_end is filled.
 */
const char *mbi_parse(struct boot_info *bi, uint32_t magic, const void *mbi, size_t avail,
		      uint64_t phys);

/* One raw piece of the loader's or firmware's memory map; end is exclusive. */
struct memmap_piece {
	uint64_t start, end;
	uint32_t type;		/* enum boot_e820_type */
};

/* Where raw pieces come from, in any order: fn(src, i) gives the i-th of n. */
struct memmap_source {
	size_t n;
	struct memmap_piece (*piece)(const struct memmap_source *src, size_t i);
	const uint8_t *data;	/* for piece() */
	size_t stride;
};

/*
 * Sort the pieces into bi->e820: where several overlap the most restrictive type wins, and
 * equal neighbours are merged. 0, -E2BIG when they do not fit, -ENOENT when none is RAM.
 */
int memmap_build(struct boot_info *bi, const struct memmap_source *src);

#endif /* BOOT_MBI_H */

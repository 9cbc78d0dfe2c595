/* SPDX-License-Identifier: MIT */
/*
 * Memory before there is an allocator: which RAM there is, which of it nobody uses, and pieces cut from that.
 * Boot CPU only, no lock. boot_mem_finish() hands what is left to the frame allocator and closes shop.
 */
#ifndef DAIS_BOOT_MEM_H
#define DAIS_BOOT_MEM_H

#include <dais/types.h>

struct boot_info;

void boot_mem_init(const struct boot_info *bi);

/* A piece aligned to align (a power of two) and wholly below `below` (0: anywhere), from as high as possible;
 * INVALID_PADDR when there is none. Not zeroed. */
paddr_t boot_mem_alloc(size_t size, size_t align, paddr_t below);

bool boot_mem_ram_in(paddr_t start, paddr_t end);	/* any RAM there, used or not? */

unsigned long boot_mem_ram_pages(void);			/* RAM of the machine, used or not */

/* Call fn for each range of RAM above 1 MiB, as frame numbers [start, end). */
void boot_mem_each_ram(void (*fn)(mfn_t start, mfn_t end));
void boot_mem_finish(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Memory before there is an allocator: lists of physical ranges, from which the frame table itself is built.
 * Order at boot: boot_mem_add() for each range of RAM, boot_mem_reserve() for what is in use, then
 * frame_table_init(), then boot_mem_alloc() as needed, then boot_mem_finish(). One CPU, no lock.
 */
#ifndef DAIS_BOOT_MEM_H
#define DAIS_BOOT_MEM_H

#include <dais/types.h>

void boot_mem_add(paddr_t start, paddr_t end);		/* RAM; partial frames are dropped; first MiB's frame 0 too */
void boot_mem_reserve(paddr_t start, paddr_t end);	/* in use: not to be handed out (partial frames included) */

/* The highest fit that ends at or below `below` (0: anywhere); INVALID_PADDR when there is none. Not zeroed. */
paddr_t boot_mem_alloc(size_t size, size_t align, paddr_t below);

/*
 * Build frame table and M2P for all RAM added. map_frames(va, pa, size) must map the memory at the address in
 * the frame table, map_m2p() at M2P_RW_BASE's part and, read-only for guests, M2P_RO_BASE's. Sizes are 2 MiB,
 * aligned; the direct map of that memory must be usable. 0 or -ENOMEM.
 */
struct boot_mem_ops {
	int (*map_frames)(vaddr_t va, paddr_t pa, size_t size);
	int (*map_m2p)(vaddr_t va, paddr_t pa, size_t size);
};
int frame_table_init(const struct boot_mem_ops *ops);

/* Everything neither reserved nor allocated goes to the frame allocator. */
void boot_mem_finish(void);

/* Number of 2 MiB pieces of M2P, and the mfn behind each (INVALID_MFN in holes): XENMEM_machphys_mfn_list. */
unsigned int m2p_chunks(void);
mfn_t m2p_chunk_mfn(unsigned int i);

#endif

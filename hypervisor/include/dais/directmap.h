/* SPDX-License-Identifier: MIT */
/*
 * Where the machine's memory and the tables about it appear in the hypervisor's address space.
 *
 * All RAM is mapped once, writable, at DIRECTMAP_BASE; the frame table and the machine-to-physical
 * table are arrays indexed by mfn, mapped only where there is RAM. Host tests replace this header
 * by one over an arena.
 */
#ifndef DAIS_DIRECTMAP_H
#define DAIS_DIRECTMAP_H

#include <dais/types.h>

#define M2P_RO_BASE	0xffff800000000000UL	/* L4 slot 256: what guests see, read-only */
#define M2P_RW_BASE	0xffff810000000000UL	/* slot 258 */
#define FRAME_TABLE_BASE 0xffff818000000000UL	/* slot 259 */
#define DIRECTMAP_BASE	0xffff830000000000UL	/* slots 262 to 271 */
#define DIRECTMAP_FRAMES ((10UL << 39) >> PAGE_SHIFT)	/* RAM above this is left unused */

/* Frame table and validity are kept for 2^16 frames (256 MiB) at a time. */
#define FRAME_GROUP_SHIFT 16
#define PT_ENTRIES	512	/* entries of a page table */
#define PT_HOLE_FIRST	256	/* L4 slots of the hypervisor */
#define PT_HOLE_LAST	271

struct frame;
#define frame_table	((struct frame *)FRAME_TABLE_BASE)
#define m2p_table	((uint64_t *)M2P_RW_BASE)

/* The hypervisor's address of a frame of RAM. */
static inline void *frame_map(mfn_t mfn)
{
	return (void *)(DIRECTMAP_BASE + (mfn << PAGE_SHIFT));
}

/* The frame in which an address of the direct map lies. */
static inline mfn_t virt_to_mfn(const void *va)
{
	return ((unsigned long)va - DIRECTMAP_BASE) >> PAGE_SHIFT;
}

static inline paddr_t virt_to_paddr(const void *va)
{
	return (paddr_t)((unsigned long)va - DIRECTMAP_BASE);
}

#endif

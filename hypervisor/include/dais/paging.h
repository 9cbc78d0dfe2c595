/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor's own address space: L4 slots 256..271, the same in every page table.
 *
 * Mappings are made at boot and by map_mmio(); nothing here touches guest entries. Lock: paging_lock.
 */
#ifndef DAIS_PAGING_H
#define DAIS_PAGING_H

#include <dais/directmap.h>
#include <dais/pagetype.h>
#include <dais/types.h>

#define HV_SLOT_FIRST	256
#define HV_SLOT_LAST	271

#define IMAGE_BASE	0xffff828000000000UL
#define MMIO_BASE	0xffff8280c0000000UL	/* map_mmio() and fixed mappings, 256 MiB */
#define MMIO_END	0xffff8280d0000000UL
#define DIRECT_END	0xffff880000000000UL

/* GDT and LDT windows: 2 MiB for each CPU; 16 GDT pages, then 16 LDT pages. */
#define DESC_BASE	0xffff828080000000UL
#define DESC_SHIFT	21
#define DESC_GDT(cpu)	(DESC_BASE + ((unsigned long)(cpu) << DESC_SHIFT))
#define DESC_LDT(cpu)	(DESC_GDT(cpu) + 16 * PAGE_SIZE)

#define PTE_HV_RW	(PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX)
#define PTE_HV_RO	(PTE_P | PTE_A | PTE_NX)
#define PTE_HV_RX	(PTE_P | PTE_A)
#define PTE_HV_UC	(PTE_HV_RW | PTE_PCD | PTE_PWT)

struct boot_info;

extern uint64_t hv_l4[512];		/* page table of the idle vcpus; source of slots 256..271 */
extern uint64_t hv_cr3;			/* its machine address */

static inline void *direct_map(paddr_t pa)
{
	return (void *)(DIRECTMAP_BASE + pa);
}

void paging_init(const struct boot_info *bi);	/* new tables, W^X; then loads them */
void paging_init_frames(void);			/* frame table and M2P; then the allocator may start */
void paging_load_ap(void);			/* control registers of a starting CPU */

/* Map n pages at va; machine memory at pa. Intermediate tables come from paging_table_new(). */
void paging_map(unsigned long va, paddr_t pa, unsigned long n, uint64_t flags);
/* Clear bits in the entries of pages of the image, and flush every CPU. Interrupts on. */
void paging_take_away(const char *start, const char *end, uint64_t bits);
/* The entry for va at `level` below l4, making the tables above it. NULL: a larger page, or nothing, is in the way. */
uint64_t *paging_entry(uint64_t *l4, unsigned long va, unsigned int level, bool make);
/* Map machine memory [start, end) at base + its address, by the largest pages that fit; what is mapped already stays. */
void paging_fill(uint64_t *l4, unsigned long base, paddr_t start, paddr_t end, uint64_t flags);
paddr_t paging_table_new(void);		/* a zeroed page: from boot_mem at first, then frame_alloc() */
paddr_t paging_walk(unsigned long va);		/* machine address behind a hypervisor address */

#define MAP_PHYS_LEN	(1UL << 20)

bool paging_reaches(paddr_t pa, size_t len);	/* can this processor address it at all? */
void *map_mmio(paddr_t pa, size_t len);		/* uncached, for good; NULL: out of reach, or no space left */
void *map_phys(paddr_t pa);			/* cached, at least MAP_PHYS_LEN from pa on; NULL as above; boot only */
paddr_t early_pages(unsigned long n);		/* boot time: n zeroed, contiguous pages below 4 GiB */

#endif

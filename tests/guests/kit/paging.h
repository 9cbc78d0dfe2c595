/* SPDX-License-Identifier: MIT */
/*
 * Addresses and page tables. Inside the image and the initial map a virtual address is
 * VIRT_BASE + pfn * 4096, and every boot page table is itself mapped there, so that a table can
 * be read through the address of its pfn.
 */
#ifndef KIT_PAGING_H
#define KIT_PAGING_H

#include "base.h"

#define PTE_P 0x001UL
#define PTE_RW 0x002UL
#define PTE_US 0x004UL
#define PTE_PWT 0x008UL
#define PTE_PCD 0x010UL
#define PTE_A 0x020UL
#define PTE_D 0x040UL
#define PTE_PSE 0x080UL
#define PTE_G 0x100UL
#define PTE_NX (1UL << 63)
#define PTE_FLAGS_RO (PTE_P | PTE_US | PTE_A)
#define PTE_FLAGS_RW (PTE_FLAGS_RO | PTE_RW | PTE_D)
#define PTE_ADDR 0x000ffffffffff000UL
#define PTE(mfn, flags) (((u64)(mfn) << 12) | (flags))

/* The machine-to-physical table: pfn of each frame, as this domain may read it. */
#define paging_m2p ((const volatile unsigned long *)HYPERVISOR_VIRT_START)

/* A zeroed, writable page of the image; never freed. Fails the run when the pool is empty. */
void *page_alloc(void);

unsigned long paging_pfn(const void *va);
u64 paging_mfn(const void *va);	    /* frame behind an address of the image */
void *paging_va_of_mfn(u64 mfn);    /* the image address whose pfn the M2P names */
u64 paging_maddr(const void *va);   /* machine address of a byte of the image */

/* Entry of the current kernel tables that maps va; level 1 is the leaf. NULL if absent. */
volatile u64 *paging_entry(unsigned long va, unsigned int level);
u64 paging_entry_maddr(unsigned long va, unsigned int level);

/* update_va_mapping with INVLPG; 0 or -errno. */
long paging_set(const void *va, u64 pte);
long paging_protect(const void *va);   /* read-only mapping of the same frame */
long paging_unprotect(const void *va); /* writable mapping of the same frame */
long paging_unmap(const void *va);

long paging_ext(unsigned int cmd, u64 mfn); /* one mmuext_op */

/* One mmu_update row; returns 0 or -errno. */
long paging_update(u64 ptr, u64 val);

/*
 * Tables for an empty part of the address space: after this the L1 entry for va exists (not
 * present). Returns the L1 table's image address.
 */
u64 *paging_grow(unsigned long va);

#endif

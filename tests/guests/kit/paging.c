/* SPDX-License-Identifier: MIT */
/*
 * Owns the page pool. Reads page tables through the initial map and changes them only by
 * hypercall. No lock: one vCPU at a time edits.
 */
#include "paging.h"

#include "hypercall.h"
#include "string.h"
#include "verdict.h"

#define POOL_PAGES 512

static char pool[POOL_PAGES][PAGE_SIZE] PAGE_ALIGNED;
static unsigned int pool_used;

void *page_alloc(void)
{
	if (pool_used == POOL_PAGES) {
		verdict_fail("page pool is empty");
	}
	return pool[pool_used++];
}

unsigned long paging_pfn(const void *va)
{
	return ((unsigned long)va - VIRT_BASE) >> PAGE_SHIFT;
}

u64 paging_mfn(const void *va)
{
	return ((const u64 *)start_info->mfn_list)[paging_pfn(va)];
}

u64 paging_maddr(const void *va)
{
	return (paging_mfn(va) << PAGE_SHIFT) | ((u64)va & (PAGE_SIZE - 1));
}

void *paging_va_of_mfn(u64 mfn)
{
	return (void *)(VIRT_BASE + (paging_m2p[mfn] << PAGE_SHIFT));
}

volatile u64 *paging_entry(unsigned long va, unsigned int level)
{
	volatile u64 *table = (volatile u64 *)start_info->pt_base;

	for (unsigned int l = 4;; l--) {
		volatile u64 *entry = &table[(va >> (3 + 9 * l)) & 511];

		if (l == level) {
			return entry;
		}
		if (!(*entry & PTE_P)) {
			return NULL;
		}
		table = paging_va_of_mfn((*entry & PTE_ADDR) >> PAGE_SHIFT);
	}
}

u64 paging_entry_maddr(unsigned long va, unsigned int level)
{
	volatile u64 *entry = paging_entry(va, level);

	if (entry == NULL) {
		verdict_fail("no level %u entry for %p", level, (void *)va);
	}
	return paging_maddr((const void *)entry);
}

long paging_set(const void *va, u64 pte)
{
	return HC(update_va_mapping, va, pte, UVMF_INVLPG | UVMF_ALL);
}

long paging_protect(const void *va)
{
	return paging_set(va, PTE(paging_mfn(va), PTE_FLAGS_RO));
}

long paging_unprotect(const void *va)
{
	return paging_set(va, PTE(paging_mfn(va), PTE_FLAGS_RW));
}

long paging_unmap(const void *va)
{
	return paging_set(va, 0);
}

long paging_ext(unsigned int cmd, u64 mfn)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.mfn = mfn;
	return HC(mmuext_op, &op, 1, 0, DOMID_SELF);
}

long paging_update(u64 ptr, u64 val)
{
	struct mmu_update row = { .ptr = ptr, .val = val };

	return HC(mmu_update, &row, 1, 0, DOMID_SELF);
}

/* Hang a fresh table under the level-`level` entry for va unless one is there. */
static void paging_grow_level(unsigned long va, unsigned int level)
{
	if (!(*paging_entry(va, level) & PTE_P)) {
		u64 *table = page_alloc();
		long err = paging_protect(table);

		if (err == 0) {
			err = paging_update(paging_entry_maddr(va, level),
					    PTE(paging_mfn(table), PTE_FLAGS_RO | PTE_RW));
		}
		if (err != 0) {
			verdict_fail("cannot add a level %u table: %ld", level - 1, err);
		}
	}
}

u64 *paging_grow(unsigned long va)
{
	paging_grow_level(va, 4);
	paging_grow_level(va, 3);
	paging_grow_level(va, 2);
	return (u64 *)((unsigned long)paging_entry(va, 1) & ~(PAGE_SIZE - 1));
}

/* SPDX-License-Identifier: MIT */
/*
 * Walking and filling page tables of the hypervisor's own kind. Owns no state: the caller names the root and has
 * the lock, and new tables come from paging_table_new(). Pure but for reading tables through the direct map.
 */
#include <dais/compiler.h>
#include <dais/paging.h>
#include <dais/x86.h>

#define PAGE_BYTES(level)	(1UL << (12 + 9 * ((level) - 1)))	/* what an entry of that level maps */
#define IDX(va, level)	(((va) / PAGE_BYTES(level)) & 511)

uint64_t *paging_entry(uint64_t *l4, unsigned long va, unsigned int level, bool make)
{
	uint64_t *table = l4;

	for (unsigned int l = 4; l > level; l--) {
		uint64_t *e = &table[IDX(va, l)];

		if (!(*e & PTE_P)) {
			if (!make) {
				return NULL;
			}
			/* US is open above the leaves: the read-only M2P is the one thing guests see */
			*e = paging_table_new() | PTE_P | PTE_RW | PTE_US | PTE_A;
		} else if (*e & PTE_PS) {
			return NULL;
		}
		table = direct_map(*e & PTE_ADDR);
	}
	return &table[IDX(va, level)];
}

void paging_fill(uint64_t *l4, unsigned long base, paddr_t start, paddr_t end, uint64_t flags)
{
	while (start < end) {
		unsigned int level = x86_features.page1gb ? 3 : 2;
		uint64_t *e;

		/* The largest page that begins at start and does not go beyond end. */
		while (level > 1 && (start % PAGE_BYTES(level) ||
				     end - start < PAGE_BYTES(level))) {
			level--;
		}
		e = paging_entry(l4, base + start, level, true);
		/* Smaller pages are there already, for a part of this one: the rest by smaller ones, too. */
		while (e != NULL && level > 1 && (*e & (PTE_P | PTE_PS)) == PTE_P) {
			e = paging_entry(l4, base + start, --level, true);
		}
		if (e != NULL && !(*e & PTE_P)) {
			*e = start | flags | (level > 1 ? PTE_PS : 0);
		}
		start += PAGE_BYTES(level);
	}
}

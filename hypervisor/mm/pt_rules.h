/* SPDX-License-Identifier: MIT */
/*
 * What a guest may put into page-table entries, and what Dais makes of it. Pure.
 *
 * Guest kernel and guest user both run in ring 3, so every present entry gets the user bit. In L1
 * entries the user's own pages become global, since they are the same in the kernel's and the
 * user's root; pages that the guest meant for its kernel are marked and are not global, so that the
 * CR3 load between the two roots hides them. Entries that are not present are the guest's own data.
 */
#ifndef DAIS_MM_PT_RULES_H
#define DAIS_MM_PT_RULES_H

#include <dais/domain.h>
#include <dais/pagetype.h>

/* Upper entries: no cache attributes, no superpages, no global bit, no protection keys. */
#define PT_UPPER_ALLOWED (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_AVAIL | PTE_AVAIL_HIGH | \
			  PTE_NX | PTE_ADDR)
#define PT_UPPER_FORBIDDEN (~PT_UPPER_ALLOWED)
#define PT_L1_ALLOWED	(PT_UPPER_ALLOWED | PTE_G)
#define PT_L1_FORBIDDEN(has_io) (~(PT_L1_ALLOWED | ((has_io) ? PTE_CACHE : 0)))

/*
 * On a processor with L1TF an entry that is not present still makes it read speculatively what lies
 * at the entry's address. So it may not look like an address of RAM, but for dom0, unless it is 0.
 * Nor may it look like a large page, which begins far below what its address bits say.
 */
static inline bool pt_absent_ok(const struct domain *d, uint64_t pte, unsigned int level)
{
	uint64_t addr = level > 1 && (pte & PTE_PS) ? PAGE_SIZE : pte & pt_l1tf_bits;

	return likely(addr - 1 >= pt_l1tf_limit) || d->is_hardware;
}

static inline uint64_t pt_l1_adjust(uint64_t pte)
{
	if (!(pte & PTE_US)) {
		pte |= PTE_GUEST_KERNEL | PTE_US;
	}
	if (!(pte & PTE_GUEST_KERNEL)) {
		pte |= PTE_G;
	}
	return pte;
}

static inline uint64_t pt_upper_adjust(uint64_t pte)
{
	return pte | PTE_US;
}

/*
 * Device memory must not be cached: write-back becomes uncached; weaker kinds lose only their
 * caching.
 */
static inline uint64_t pt_mmio_adjust(uint64_t pte)
{
	uint64_t cache = pte & PTE_CACHE;

	if (cache == 0) {
		return pte | PTE_PWT | PTE_PCD;
	}
	if (cache == PTE_PWT || cache == (PTE_PWT | PTE_PAT)) {
		return pte | PTE_PCD;
	}
	return pte;
}

/* Slots of an L4 table that are the guest's. */
static inline bool pt_l4_slot_guest(unsigned int index)
{
	return index < PT_HOLE_FIRST || index > PT_HOLE_LAST;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Where a grant mapping meets the mapper's page tables: the entry is named by virtual address, or by its own
 * machine address (GNTMAP_contains_pte). Every change goes through mm/pagetype.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/grant.h>
#include <dais/pagetype.h>
#include <dais/pv_walk.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/grant_table.h>

/* The table that holds the entry meant, RAM, and the entry's index; 0 when there is none. */
static inline mfn_t entry_find(struct vcpu *v, uint64_t host_addr, uint32_t flags,
			       unsigned int *index)
{
	if (unlikely(flags & GNTMAP_contains_pte)) {
		*index = (unsigned int)(host_addr & (PAGE_SIZE - 1)) / 8;
		return host_addr & 7 || !frame_lookup(paddr_to_mfn(host_addr)) ?
		       0 : paddr_to_mfn(host_addr);
	}
	*index = (unsigned int)(host_addr >> PAGE_SHIFT) & (PT_ENTRIES - 1);
	return pv_walk_table(v, host_addr);
}

/* The frame is pinned: of what the entry needs, the grant table has its own already. */
int16_t grant_pte_map(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn)
{
	uint64_t pte = pte_make(mfn, PTE_P | PTE_A | PTE_D);
	unsigned int index;
	mfn_t table = entry_find(v, host_addr, flags, &index);

	if (unlikely(!table)) {
		return GNTST_general_error;
	}
	pte |= flags & GNTMAP_readonly ? 0 : PTE_RW;
	pte |= flags & GNTMAP_application_map ? PTE_US : 0;
	pte |= (uint64_t)((flags >> _GNTMAP_guest_avail0) & 7) << 9;
	return likely(!pt_map_held(v->domain, table, index, pte)) ? GNTST_okay : GNTST_general_error;
}

/* What new_addr maps moves to where the grant was: its own entry is cleared. */
static int __noinline unmap_replace(struct vcpu *v, mfn_t table, unsigned int index, uint32_t flags,
				    mfn_t mfn, uint64_t new_addr)
{
	unsigned int from_index;
	mfn_t from = entry_find(v, new_addr, 0, &from_index);

	return from ? pt_move_held(v->domain, from, from_index, table, index, mfn,
				   !(flags & GNTMAP_readonly)) : -XEN_EFAULT;
}

int16_t grant_pte_unmap(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn,
			uint64_t new_addr)
{
	unsigned int index;
	mfn_t table = entry_find(v, host_addr, flags, &index);
	int rc;

	if (unlikely(!table)) {
		return GNTST_general_error;
	}
	if (unlikely(new_addr != 0)) {
		rc = unmap_replace(v, table, index, flags, mfn, new_addr);
	} else {
		rc = pt_unmap_held(v->domain, table, index, mfn, !(flags & GNTMAP_readonly));
	}
	return rc == 0 ? GNTST_okay : GNTST_general_error;
}

/*
 * A guest may show one table at several addresses, so that one entry is cached under each, and the frame is another
 * domain's: its change of type looks only at its owner's CPUs. dom0's kernel maps grants at one address each.
 */
void grant_tlb_flush(struct domain *d, uint64_t va)
{
	if (va && d->is_hardware) {
		tlb_invlpg_mask(&d->dirty_cpus, va);
	} else {
		tlb_flush_mask(&d->dirty_cpus);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Where a grant mapping meets the mapper's page tables: the entry is named by virtual address, or by its own
 * machine address (GNTMAP_contains_pte). Every change goes through mm/pagetype.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/grant.h>
#include <dais/pagetype.h>
#include <dais/percpu.h>
#include <dais/pv_walk.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/grant_table.h>

/* The entry meant. False when there is none. */
static bool entry_find(struct vcpu *v, uint64_t host_addr, uint32_t flags, struct pv_walk *w)
{
	if (flags & GNTMAP_contains_pte) {
		if (host_addr & 7) {
			return false;
		}
		w->table = paddr_to_mfn(host_addr);
		w->index = (unsigned int)(host_addr & (PAGE_SIZE - 1)) / 8;
		w->pte = 0;
		return frame_lookup(w->table) != NULL;
	}
	return pv_walk_l1(v, host_addr, w) == 0;
}

int16_t grant_pte_map(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn)
{
	uint64_t pte = pte_make(mfn, PTE_P | PTE_A | PTE_D);
	struct frame *f = frame_lookup(mfn);
	struct pt_cursor c;
	struct pv_walk w;
	uint64_t old;
	int rc;

	if (f == NULL || !entry_find(v, host_addr, flags, &w)) {
		return GNTST_general_error;
	}
	pte |= flags & GNTMAP_readonly ? 0 : PTE_RW;
	pte |= flags & GNTMAP_application_map ? PTE_US : 0;
	pte |= (uint64_t)((flags >> _GNTMAP_guest_avail0) & 7) << 9;
	pt_begin(&c, v->domain, frame_owner(f));
	old = ((uint64_t *)frame_map(w.table))[w.index];
	do {
		rc = pt_cas_entry(&c, w.table, w.index, &old, pte);
	} while (rc == -XEN_EAGAIN);
	pt_end(&c);
	return rc == 0 ? GNTST_okay : GNTST_general_error;
}

int16_t grant_pte_unmap(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn, uint64_t new_addr)
{
	uint64_t replacement = 0, old;
	struct pv_walk w, from;
	struct pt_cursor c;
	int rc;

	if (!entry_find(v, host_addr, flags, &w)) {
		return GNTST_general_error;
	}
	if (new_addr != 0) {
		if (pv_walk_l1(v, new_addr, &from) != 0) {
			return GNTST_general_error;
		}
		replacement = from.pte;
	}
	pt_begin(&c, v->domain, v->domain);
	old = ((uint64_t *)frame_map(w.table))[w.index];
	do {
		if (!(old & PTE_P) || pte_mfn(old) != mfn || !!(old & PTE_RW) != !(flags & GNTMAP_readonly)) {
			rc = -XEN_EINVAL;
			break;
		}
		rc = pt_cas_entry(&c, w.table, w.index, &old, replacement);
	} while (rc == -XEN_EAGAIN);
	pt_end(&c);
	return rc == 0 ? GNTST_okay : GNTST_general_error;
}

void grant_tlb_flush(struct domain *d, uint64_t va)
{
	if (va) {
		tlb_invlpg_mask(&d->dirty_cpus, va);
	} else {
		tlb_flush_mask(&d->dirty_cpus);
	}
}

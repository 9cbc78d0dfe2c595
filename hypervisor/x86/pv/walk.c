/* SPDX-License-Identifier: MIT */
/*
 * Walks the kernel page tables of a vcpu through the direct map. The tables are validated, so every present entry
 * above level 1 leads to a table in RAM; they may change under us, which the users of the result must expect.
 */
#include <dais/compiler.h>
#include <dais/directmap.h>
#include <dais/pagetype.h>
#include <dais/pv_walk.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

int pv_walk_l1(const struct vcpu *v, unsigned long va, struct pv_walk *w)
{
	mfn_t table = paddr_to_mfn(v->pv.kernel_cr3);
	unsigned int slot = (unsigned int)(va >> 39) & 511;

	if (!va_canonical(va) || (slot >= PT_HOLE_FIRST && slot <= PT_HOLE_LAST)) {
		return -XEN_EFAULT;
	}
	for (unsigned int shift = 39; shift > 12; shift -= 9) {
		uint64_t e = READ_ONCE(((uint64_t *)frame_map(table))[(va >> shift) & 511]);

		if (!(e & PTE_P)) {
			return -XEN_EFAULT;
		}
		table = pte_mfn(e);
	}
	w->table = table;
	w->index = (unsigned int)(va >> 12) & 511;
	w->pte = READ_ONCE(((uint64_t *)frame_map(table))[w->index]);
	return 0;
}

mfn_t pv_walk_mfn(const struct vcpu *v, unsigned long va)
{
	struct pv_walk w;

	if (pv_walk_l1(v, va, &w) != 0 || !(w.pte & PTE_P)) {
		return INVALID_MFN;
	}
	return pte_mfn(w.pte);
}

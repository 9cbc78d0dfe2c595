/* SPDX-License-Identifier: MIT */
/*
 * Walks the kernel page tables of the current vcpu through the direct map. The tables are validated, so every
 * present entry above level 1 leads to a table in RAM. Another vcpu may take them apart meanwhile; but before a
 * former table can be written by the guest, or given to anybody, this CPU has to answer a TLB flush. So the walk
 * goes with interrupts off, and sees nothing but tables. Its result may be out of date at once, which the users
 * must expect.
 */
#include <dais/pagetype.h>
#include <dais/pv_walk.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

/* Addresses that are not canonical and the hypervisor's hole are one stretch. */
#define WALK_NOT_FROM	(1UL << 47)
#define WALK_NOT_TO	(~0UL << 47 | (PT_HOLE_LAST + 1UL) << 39)

/* The entry for va in the table that `upper` (an entry, or a CR3) names; shift tells the level. */
static inline uint64_t walk_entry(uint64_t upper, unsigned long va, unsigned int shift)
{
	const char *table = frame_map(pte_mfn(upper));

	return READ_ONCE(*(const uint64_t *)(table + ((va >> (shift - 3)) & 0xff8)));
}

/* The entry that names the L1 table for va; 0 when there is none. Interrupts are off. */
static inline uint64_t walk_upper(const struct vcpu *v, unsigned long va)
{
	uint64_t e;

	/* Written out: a loop would count and shift as much again. */
	e = walk_entry(v->pv.kernel_cr3, va, 39);
	if (unlikely(!(e & PTE_P))) {
		return 0;
	}
	e = walk_entry(e, va, 30);
	if (unlikely(!(e & PTE_P))) {
		return 0;
	}
	e = walk_entry(e, va, 21);
	return likely(e & PTE_P) ? e : 0;
}

static inline bool walk_outside(unsigned long va)
{
	return unlikely(va - WALK_NOT_FROM < WALK_NOT_TO - WALK_NOT_FROM);
}

mfn_t pv_walk_table(const struct vcpu *v, unsigned long va)
{
	uint64_t e;

	if (walk_outside(va)) {
		return 0;
	}
	irq_disable();
	e = walk_upper(v, va);
	irq_enable();
	return pte_mfn(e);
}

int pv_walk_l1(const struct vcpu *v, unsigned long va, struct pv_walk *w)
{
	unsigned long flags;
	uint64_t e;

	if (walk_outside(va)) {
		return -XEN_EFAULT;
	}
	flags = irq_save();
	e = walk_upper(v, va);
	if (likely(e)) {
		w->table = pte_mfn(e);
		w->index = (unsigned int)(va >> 12) & 511;
		w->pte = walk_entry(e, va, 12);
	}
	irq_restore(flags);
	return likely(e) ? 0 : -XEN_EFAULT;
}

mfn_t pv_walk_mfn(const struct vcpu *v, unsigned long va)
{
	struct pv_walk w;

	if (pv_walk_l1(v, va, &w) != 0 || !(w.pte & PTE_P)) {
		return INVALID_MFN;
	}
	return pte_mfn(w.pte);
}

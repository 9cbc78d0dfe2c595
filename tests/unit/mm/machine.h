/* SPDX-License-Identifier: MIT */
/*
 * Short-hands of the page-type tests: domains with pages, tables, and the check that everything
 * agrees.
 */
#ifndef TESTS_UNIT_MM_MACHINE_H
#define TESTS_UNIT_MM_MACHINE_H

#include <dais/frame_alloc.h>
#include <dais/pagetype.h>
#include <dais/preempt.h>
#include <xen/errno.h>
#include "arena.h"
#include "fake.h"

#define RO	(PTE_P | PTE_US)
#define RW	(PTE_P | PTE_US | PTE_RW)

/* Domain i with n pages, running on CPUs 0 and 1. */
struct domain *machine_domain(unsigned int i, unsigned int n);

mfn_t machine_page(struct domain *d);			/* one more page for d, zeroed */
uint64_t *machine_table(mfn_t mfn);			/* its content */

/* L4 -> L3 -> L2 -> L1 in slot 0 each, with n data pages in the L1; not validated. */
struct machine_tree {
	mfn_t l4, l3, l2, l1;
	mfn_t data[8];
};
void machine_tree(struct domain *d, struct machine_tree *t, unsigned int n, uint64_t flags);

/* References of the test itself on d's frames, for the audit. */
struct machine_ref {
	mfn_t mfn;
	uint64_t type;
};
extern struct machine_ref machine_refs[64];
extern unsigned int machine_nr_refs;
void machine_ref_add(mfn_t mfn, uint64_t type);
void machine_ref_del(mfn_t mfn, uint64_t type);

/* differences; foreign mappings of all arena domains count */
long machine_audit(struct domain *d);
void machine_check(struct domain *d);			/* audit and TLB, or the test fails */
int machine_set(struct domain *d, mfn_t table, unsigned int index, uint64_t val);
void machine_destroy(struct domain *d);			/* relinquish until done */

#endif

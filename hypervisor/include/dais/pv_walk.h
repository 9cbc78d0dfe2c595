/* SPDX-License-Identifier: MIT */
/*
 * Reading the current vcpu's page tables. What is found may change at once: nothing here takes a reference.
 */
#ifndef DAIS_PV_WALK_H
#define DAIS_PV_WALK_H

#include <dais/types.h>

struct vcpu;

struct pv_walk {
	mfn_t table;		/* the L1 table that maps the address */
	unsigned int index;	/* entry in it */
	uint64_t pte;		/* what it holds */
};

/* 0, or -XEN_EFAULT when an upper level is not present or va lies in the hypervisor's hole. Kernel tables. */
int pv_walk_l1(const struct vcpu *v, unsigned long va, struct pv_walk *w);
/* The L1 table alone; 0 when there is none. Interrupts are on. */
mfn_t pv_walk_table(const struct vcpu *v, unsigned long va);
mfn_t pv_walk_mfn(const struct vcpu *v, unsigned long va);	/* INVALID_MFN when not mapped */

#endif

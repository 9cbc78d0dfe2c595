/* SPDX-License-Identifier: MIT */
/*
 * What doors need around them in a host test: the calling guest's memory, of which a stretch can be
 * made to fault, the calling vcpu, domains by number, and continued hypercalls written down.
 */
#ifndef TESTS_UNIT_HYPERCALLS_GUEST_MEM_H
#define TESTS_UNIT_HYPERCALLS_GUEST_MEM_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/domain.h>

#define GUEST_BASE	0x100000UL
#define GUEST_SIZE	0x20000UL
#define CONTINUED	0x7777L		/* what hypercall_continue() returns here */

extern uint8_t guest_mem[GUEST_SIZE];
extern struct vcpu guest_vcpu;
extern struct domain *guest_other;	/* found under its domid by anybody privileged */

struct guest_continuation {
	unsigned int count;		/* continuations since guest_reset */
	unsigned int nr, nargs;
	unsigned long args[6];
};
extern struct guest_continuation guest_continued;

void guest_reset(struct domain *d);	/* d calls; memory is zero */
void *guest_at(unsigned long va);
/* Accesses that touch [va, va + n) fault; n 0: none does. writes_only: reading is fine. */
void guest_fault(unsigned long va, unsigned long n, bool writes_only);

#endif

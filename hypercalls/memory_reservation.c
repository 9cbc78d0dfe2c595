/* SPDX-License-Identifier: MIT */
/*
 * memory_op: giving memory to a domain, taking it back, and setting some aside. Extents are worked
 * off one by one; the result is how many were done, and the first that cannot be ends the call.
 */
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/m2p.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <xen/errno.h>

#include "memory.h"

#define MAX_ORDER_PRIVILEGED	12	/* 16 MiB in one piece: large rings of dom0's drivers */
#define MAX_ORDER_OTHERS	9
#define MAX_EXTENTS		(~0UL >> 6)	/* more could not be counted in a continuation */

struct reservation {
	struct xen_memory_reservation r;
	struct domain *d;
	unsigned int bits;		/* of machine addresses, FRAME_ANY_BITS = no limit */
	bool named;			/* populate: the list says which pfns, is told the frames */
};

unsigned int memory_max_order(void)
{
	return current_vcpu()->domain->is_privileged ? MAX_ORDER_PRIVILEGED : MAX_ORDER_OTHERS;
}

static bool extent_give(const struct reservation *a, unsigned long i)
{
	unsigned long n = 1UL << a->r.extent_order;
	uint64_t pfn = 0, mfn;
	struct frame *f;

	if (a->named && copy_elem_from_guest(&pfn, a->r.extent_start, i, sizeof(pfn))) {
		return false;
	}
	f = domain_pages_alloc(a->d, a->r.extent_order, a->bits, 0);
	if (!f) {
		return false;
	}
	mfn = frame_to_mfn(f);
	if ((a->named || a->r.extent_start) &&
	    copy_elem_to_guest(a->r.extent_start, i, &mfn, sizeof(mfn))) {
		/* The guest cannot be told about it. */
		for (unsigned long j = 0; j < n; j++) {
			(void)domain_page_release(a->d, f + j);
		}
		return false;
	}
	for (unsigned long j = 0; a->named && j < n; j++) {
		(void)m2p_update(a->d, mfn + j, pfn + j);	/* another vcpu may have given it up */
	}
	return true;
}

static bool extent_take(const struct reservation *a, unsigned long i)
{
	uint64_t mfn;

	if (copy_elem_from_guest(&mfn, a->r.extent_start, i, sizeof(mfn))) {
		return false;
	}
	for (unsigned long j = 0; j < 1UL << a->r.extent_order; j++) {
		struct frame *f = frame_lookup(mfn + j);

		if (!f || domain_page_release(a->d, f)) {
			return false;
		}
	}
	return true;
}

unsigned int memory_address_bits(uint32_t mem_flags)
{
	unsigned int bits = XENMEMF_get_address_bits(mem_flags);

	return bits < 64 ? bits : FRAME_ANY_BITS;
}

/* Refusals of odd requests look like "none done": that is how callers know this interface. */
long memory_reservation(struct memory_call *c, union memory_arg *arg)
{
	struct reservation a = { .named = c->op == XENMEM_populate_physmap };
	bool take = c->op == XENMEM_decrease_reservation;
	unsigned long i = c->done;
	int rc;

	if (copy_from_guest(&a.r, c->va, sizeof(a.r))) {
		return (long)i;
	}
	a.bits = memory_address_bits(a.r.mem_flags);
	if (a.r.nr_extents > MAX_EXTENTS || i >= a.r.nr_extents ||
	    a.r.extent_order > memory_max_order() ||
	    (a.bits != FRAME_ANY_BITS && a.bits <= PAGE_SHIFT) ||
	    (a.r.mem_flags & XENMEMF_populate_on_demand)) {
		return (long)i;
	}
	rc = domain_target(a.r.domid, true, &c->d);
	if (rc) {
		return rc == -XEN_ESRCH ? (long)i : rc;
	}
	a.d = c->d;
	for (; i < a.r.nr_extents; i++) {
		if (i != c->done && preempt_check()) {
			c->done = i;
			return -ERESTART;
		}
		if (!(take ? extent_take(&a, i) : extent_give(&a, i))) {
			break;
		}
	}
	return (long)i;
}

long memory_claim(struct memory_call *c, union memory_arg *arg)
{
	const struct xen_memory_reservation *r = &arg->claim;
	int rc;

	if (r->extent_start || r->extent_order || r->mem_flags) {
		return -XEN_EINVAL;
	}
	rc = domain_target(r->domid, true, &c->d);
	return rc ? rc : domain_claim_pages(c->d, r->nr_extents);
}

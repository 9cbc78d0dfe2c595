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
	bool named;			/* populate: the list says as which pfns, and is told the frames */
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
	if ((a->named || a->r.extent_start) && copy_elem_to_guest(a->r.extent_start, i, &mfn, sizeof(mfn))) {
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

/* The address limit asked for; false when it is one that no frame can meet. */
static bool address_bits(uint32_t mem_flags, unsigned int *bits)
{
	*bits = XENMEMF_get_address_bits(mem_flags);
	if (*bits == 0 || *bits >= 64) {
		*bits = FRAME_ANY_BITS;
		return true;
	}
	return *bits > PAGE_SHIFT;
}

/* Refusals of odd requests look like "none done": that is how callers know this interface. */
long memory_reservation(struct memory_call *c, union memory_arg *arg)
{
	struct reservation a = { .named = c->op == XENMEM_populate_physmap };
	unsigned long i = c->done;
	int rc;

	if (copy_from_guest(&a.r, c->va, sizeof(a.r)) || a.r.nr_extents > MAX_EXTENTS || i >= a.r.nr_extents ||
	    a.r.extent_order > memory_max_order() || !address_bits(a.r.mem_flags, &a.bits) ||
	    (a.r.mem_flags & XENMEMF_populate_on_demand)) {
		return (long)i;
	}
	rc = domain_target(a.r.domid, true, &a.d);
	if (rc) {
		return rc == -XEN_ESRCH ? (long)i : rc;
	}
	for (; i < a.r.nr_extents; i++) {
		if (i != c->done && preempt_check()) {
			c->done = i;
			rc = -ERESTART;
			break;
		}
		if (!(c->op == XENMEM_decrease_reservation ? extent_take(&a, i) : extent_give(&a, i))) {
			break;
		}
	}
	domain_put(a.d);
	return rc ? rc : (long)i;
}

long memory_claim(struct memory_call *c, union memory_arg *arg)
{
	const struct xen_memory_reservation *r = &arg->claim;
	struct domain *d;
	int rc;

	if (r->extent_start || r->extent_order || r->mem_flags) {
		return -XEN_EINVAL;
	}
	rc = domain_target(r->domid, true, &d);
	if (rc) {
		return rc;
	}
	rc = domain_claim_pages(d, r->nr_extents);
	domain_put(d);
	return rc;
}

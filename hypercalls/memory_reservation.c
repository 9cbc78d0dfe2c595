/* SPDX-License-Identifier: MIT */
/*
 * memory_op: giving memory to a domain, taking it back, and setting some aside. Extents are worked
 * off one by one; the result is how many were done, and the first that cannot be ends the call.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/m2p.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/memory.h>

#include "memory.h"

#define MAX_ORDER_PRIVILEGED	12	/* 16 MiB in one piece: large rings of dom0's drivers */
#define MAX_ORDER_OTHERS	9
#define MAX_EXTENTS		(~0UL >> 6)	/* more could not be counted in a continuation */

struct reservation {
	struct xen_memory_reservation r;
	struct domain *d;
	unsigned int bits;		/* of machine addresses, FRAME_ANY_BITS = no limit */
};

unsigned int memory_max_order(void)
{
	return current_vcpu()->domain->is_privileged ? MAX_ORDER_PRIVILEGED : MAX_ORDER_OTHERS;
}

/* Undo the allocation of an extent that the guest cannot be told about. */
static void extent_give_up(struct domain *d, struct frame *f, unsigned int order)
{
	for (unsigned long i = 0; i < 1UL << order; i++) {
		(void)domain_page_release(d, f + i);
	}
}

static bool increase_one(const struct reservation *a, unsigned long i)
{
	struct frame *f = domain_pages_alloc(a->d, a->r.extent_order, a->bits, 0);
	uint64_t mfn;

	if (!f) {
		return false;
	}
	mfn = frame_to_mfn(f);
	if (a->r.extent_start && copy_elem_to_guest(a->r.extent_start, i, &mfn, sizeof(mfn))) {
		extent_give_up(a->d, f, a->r.extent_order);
		return false;
	}
	return true;
}

static bool populate_one(const struct reservation *a, unsigned long i)
{
	struct frame *f;
	uint64_t pfn, mfn;

	if (copy_elem_from_guest(&pfn, a->r.extent_start, i, sizeof(pfn))) {
		return false;
	}
	f = domain_pages_alloc(a->d, a->r.extent_order, a->bits, 0);
	if (!f) {
		return false;
	}
	mfn = frame_to_mfn(f);
	if (copy_elem_to_guest(a->r.extent_start, i, &mfn, sizeof(mfn))) {
		extent_give_up(a->d, f, a->r.extent_order);
		return false;
	}
	for (unsigned long j = 0; j < 1UL << a->r.extent_order; j++) {
		(void)m2p_update(a->d, mfn + j, pfn + j);	/* another vcpu may have given it up */
	}
	return true;
}

static bool decrease_one(const struct reservation *a, unsigned long i)
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

static long reservation_run(const struct reservation *a, unsigned long start,
			    unsigned long *progress,
			    bool (*one)(const struct reservation *a, unsigned long i))
{
	unsigned long i;

	for (i = start; i < a->r.nr_extents; i++) {
		if (i != start && preempt_check()) {
			*progress = i;
			return -ERESTART;
		}
		if (!one(a, i)) {
			break;
		}
	}
	return (long)i;
}

/* Refusals of odd requests look like "none done": that is how callers know this interface. */
static long reservation_call(unsigned long arg, unsigned long start, unsigned long *progress,
			     bool (*one)(const struct reservation *a, unsigned long i))
{
	struct reservation a;
	long rc;

	if (copy_from_guest(&a.r, arg, sizeof(a.r))) {
		return (long)start;
	}
	if (a.r.nr_extents > MAX_EXTENTS || start >= a.r.nr_extents ||
	    a.r.extent_order > memory_max_order() || !address_bits(a.r.mem_flags, &a.bits) ||
	    (a.r.mem_flags & XENMEMF_populate_on_demand)) {
		return (long)start;
	}
	rc = domain_target(a.r.domid, true, &a.d);
	if (rc) {
		return rc == -XEN_ESRCH ? (long)start : rc;
	}
	rc = reservation_run(&a, start, progress, one);
	domain_put(a.d);
	return rc;
}

long memory_increase(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return reservation_call(arg, start, progress, increase_one);
}

long memory_decrease(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return reservation_call(arg, start, progress, decrease_one);
}

long memory_populate(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return reservation_call(arg, start, progress, populate_one);
}

long memory_claim(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_memory_reservation r;
	struct domain *d;
	int rc;

	if (copy_from_guest(&r, arg, sizeof(r))) {
		return -XEN_EFAULT;
	}
	if (r.extent_start || r.extent_order || r.mem_flags) {
		return -XEN_EINVAL;
	}
	rc = domain_target(r.domid, true, &d);
	if (rc) {
		return rc;
	}
	rc = domain_claim_pages(d, r.nr_extents);
	domain_put(d);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * memory_op: exchange. Works in chunks, each the size of the larger kind of extent; a chunk happens
 * wholly or not at all, and nr_exchanged tells the guest how many of its input extents belong to
 * chunks that happened.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/memory.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/memory.h>

#include "memory.h"

struct exchange {
	struct xen_memory_exchange x;
	struct domain *d;
	unsigned int bits;
	unsigned int in_chunk, out_chunk;	/* log2 of extents in a chunk */
};

static int exchange_check(struct exchange *e)
{
	const struct xen_memory_reservation *in = &e->x.in, *out = &e->x.out;

	if (in->extent_order > memory_max_order() || out->extent_order > memory_max_order()) {
		return -XEN_EPERM;
	}
	/* Sizes must be equal, and neither may overflow in frames or in bytes of its list. */
	if (e->x.nr_exchanged > in->nr_extents || in->domid != out->domid ||
	    in->nr_extents > (~0UL >> 16) || out->nr_extents > (~0UL >> 16) ||
	    in->nr_extents << in->extent_order != out->nr_extents << out->extent_order) {
		return -XEN_EINVAL;
	}
	if (!guest_range_ok(in->extent_start, in->nr_extents * sizeof(xen_pfn_t)) ||
	    !guest_range_ok(out->extent_start, out->nr_extents * sizeof(xen_pfn_t))) {
		return -XEN_EFAULT;
	}
	if (in->extent_order <= out->extent_order) {
		e->in_chunk = out->extent_order - in->extent_order;
		e->out_chunk = 0;
	} else {
		e->in_chunk = 0;
		e->out_chunk = in->extent_order - out->extent_order;
	}
	e->bits = XENMEMF_get_address_bits(out->mem_flags);
	if (e->bits >= 64) {
		e->bits = FRAME_ANY_BITS;
	}
	return 0;
}

/*
 * Can the names of the new frames be read, and their numbers stored? Asked before anything happens.
 */
static int chunk_probe_out(const struct exchange *e, unsigned long chunk)
{
	unsigned long first = chunk << e->out_chunk;

	for (unsigned long i = 0; i < 1UL << e->out_chunk; i++) {
		xen_pfn_t pfn;

		if (copy_elem_from_guest(&pfn, e->x.out.extent_start, first + i, sizeof(pfn)) ||
		    copy_elem_to_guest(e->x.out.extent_start, first + i, &pfn, sizeof(pfn))) {
			return -XEN_EFAULT;
		}
	}
	return 0;
}

static int chunk_take_in(const struct exchange *e, unsigned long chunk, struct frame_list *in)
{
	unsigned long first = chunk << e->in_chunk;
	int rc = 0;

	for (unsigned long i = 0; rc == 0 && i < 1UL << e->in_chunk; i++) {
		xen_pfn_t mfn;

		if (copy_elem_from_guest(&mfn, e->x.in.extent_start, first + i, sizeof(mfn))) {
			return -XEN_EFAULT;
		}
		rc = memory_exchange_take(e->d, in, mfn, e->x.in.extent_order);
	}
	return rc;
}

/*
 * From here on there is no way back: a list that has meanwhile become unreadable is the guest's
 * loss.
 */
static void chunk_give_out(const struct exchange *e, unsigned long chunk, struct frame_list *in,
			   struct frame_list *out)
{
	unsigned long first = chunk << e->out_chunk;

	for (unsigned long i = 0; i < 1UL << e->out_chunk; i++) {
		xen_pfn_t pfn = 0, mfn;

		(void)copy_elem_from_guest(&pfn, e->x.out.extent_start, first + i, sizeof(pfn));
		mfn = memory_exchange_commit(e->d, in, out, e->x.out.extent_order, pfn);
		(void)copy_elem_to_guest(e->x.out.extent_start, first + i, &mfn, sizeof(mfn));
	}
}

static int exchange_chunk(const struct exchange *e, unsigned long chunk)
{
	struct frame_list in = { 0 }, out = { 0 };
	int rc = chunk_probe_out(e, chunk);

	if (rc) {
		return rc;
	}
	rc = memory_exchange_prepare(&out, 1UL << e->out_chunk, e->x.out.extent_order, e->bits);
	if (rc) {
		return rc;
	}
	rc = chunk_take_in(e, chunk, &in);
	if (rc) {
		memory_exchange_undo(e->d, &in, &out, e->x.out.extent_order);
		return rc;
	}
	chunk_give_out(e, chunk, &in, &out);
	return 0;
}

long memory_exchange(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct exchange e;
	unsigned long chunk, first, end;
	int rc;

	*progress = 0;
	if (copy_from_guest(&e.x, arg, sizeof(e.x))) {
		return -XEN_EFAULT;
	}
	rc = exchange_check(&e);
	if (rc) {
		return rc;
	}
	rc = domain_target(e.x.in.domid, true, &e.d);
	if (rc) {
		return rc;
	}
	first = e.x.nr_exchanged >> e.in_chunk;
	end = e.x.in.nr_extents >> e.in_chunk;
	for (chunk = first; rc == 0 && chunk < end; chunk++) {
		if (chunk != first && preempt_check()) {
			rc = -ERESTART;
			break;
		}
		rc = exchange_chunk(&e, chunk);
		if (rc) {
			break;
		}
	}
	domain_put(e.d);
	e.x.nr_exchanged = chunk << e.in_chunk;
	if (copy_to_guest(arg + offsetof(struct xen_memory_exchange, nr_exchanged),
			  &e.x.nr_exchanged, sizeof(e.x.nr_exchanged))) {
		return -XEN_EFAULT;
	}
	return rc;
}

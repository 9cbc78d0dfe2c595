/* SPDX-License-Identifier: MIT */
/*
 * memory_op: exchange. Works in chunks, each the size of the larger kind of extent; a chunk happens
 * wholly or not at all, and nr_exchanged tells the guest how many of its input extents belong to
 * chunks that happened.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/memory.h>
#include <dais/preempt.h>
#include <xen/errno.h>

#include "memory.h"

struct exchange {
	const struct xen_memory_reservation *in, *out;
	struct domain *d;
	unsigned int bits;
	unsigned int in_chunk, out_chunk;	/* log2 of extents in a chunk */
};

static int exchange_check(struct exchange *e, unsigned long nr_exchanged)
{
	const struct xen_memory_reservation *in = e->in, *out = e->out;
	unsigned int most = max(in->extent_order, out->extent_order);

	if (most > memory_max_order()) {
		return -XEN_EPERM;
	}
	/* Sizes must be equal, and neither may overflow in frames or in bytes of its list. */
	if (nr_exchanged > in->nr_extents || in->domid != out->domid ||
	    in->nr_extents > (~0UL >> 16) || out->nr_extents > (~0UL >> 16) ||
	    in->nr_extents << in->extent_order != out->nr_extents << out->extent_order) {
		return -XEN_EINVAL;
	}
	if (!guest_range_ok(in->extent_start, in->nr_extents * sizeof(xen_pfn_t)) ||
	    !guest_range_ok(out->extent_start, out->nr_extents * sizeof(xen_pfn_t))) {
		return -XEN_EFAULT;
	}
	e->in_chunk = most - in->extent_order;
	e->out_chunk = most - out->extent_order;
	e->bits = memory_address_bits(out->mem_flags);
	return 0;
}

/*
 * Before anything happens it is asked whether the names of the new frames can be read, and their
 * numbers stored. A list that becomes unreadable once there is no way back is the guest's loss.
 */
static int exchange_chunk(const struct exchange *e, unsigned long chunk)
{
	unsigned long in_first = chunk << e->in_chunk, out_first = chunk << e->out_chunk;
	unsigned long in_nr = 1UL << e->in_chunk, out_nr = 1UL << e->out_chunk;
	unsigned int order = e->out->extent_order;
	struct frame_list in = { 0 }, out = { 0 };
	xen_pfn_t pfn, mfn;
	int rc;

	for (unsigned long i = out_first; i < out_first + out_nr; i++) {
		if (copy_elem_from_guest(&pfn, e->out->extent_start, i, sizeof(pfn)) ||
		    copy_elem_to_guest(e->out->extent_start, i, &pfn, sizeof(pfn))) {
			return -XEN_EFAULT;
		}
	}
	rc = memory_exchange_prepare(&out, out_nr, order, e->bits);
	if (rc) {
		return rc;
	}
	for (unsigned long i = in_first; rc == 0 && i < in_first + in_nr; i++) {
		rc = copy_elem_from_guest(&mfn, e->in->extent_start, i, sizeof(mfn));
		if (rc == 0) {
			rc = memory_exchange_take(e->d, &in, mfn, e->in->extent_order);
		}
	}
	if (rc) {
		memory_exchange_undo(e->d, &in, &out, order);
		return rc;
	}
	for (unsigned long i = out_first; i < out_first + out_nr; i++) {
		pfn = 0;
		(void)copy_elem_from_guest(&pfn, e->out->extent_start, i, sizeof(pfn));
		mfn = memory_exchange_commit(e->d, &in, &out, order, pfn);
		(void)copy_elem_to_guest(e->out->extent_start, i, &mfn, sizeof(mfn));
	}
	return 0;
}

long memory_exchange(struct memory_call *c, union memory_arg *arg)
{
	struct xen_memory_exchange *x = &arg->exchange;
	struct exchange e = { .in = &x->in, .out = &x->out };
	unsigned long chunk, first, end;
	int rc = exchange_check(&e, x->nr_exchanged);

	if (rc == 0) {
		rc = domain_target(x->in.domid, true, &c->d);
	}
	if (rc) {
		return rc;
	}
	e.d = c->d;
	first = x->nr_exchanged >> e.in_chunk;
	end = x->in.nr_extents >> e.in_chunk;
	for (chunk = first; chunk < end; chunk++) {
		rc = chunk != first && preempt_check() ? -ERESTART : exchange_chunk(&e, chunk);
		if (rc) {
			break;
		}
	}
	c->done = 0;	/* the guest's structure tells that */
	x->nr_exchanged = chunk << e.in_chunk;
	if (copy_to_guest(c->va + offsetof(struct xen_memory_exchange, nr_exchanged),
			  &x->nr_exchanged, sizeof(x->nr_exchanged))) {
		return -XEN_EFAULT;
	}
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * Exchanging frames of a domain for others. Nothing is taken from the domain before what it is to
 * get lies ready, so that the usual failure (no memory below some address) touches nothing; and
 * what was taken can be given back, contents and machine-to-phys names intact. tot_pages does not
 * change on the way. Locks: d->page_lock, through frame_alloc.h.
 */
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/m2p.h>
#include <dais/memory.h>
#include <dais/spinlock.h>
#include <xen/errno.h>

static struct frame *list_take(struct frame_list *l)
{
	struct frame *f = frame_list_head(l);

	if (f) {
		frame_list_del(l, f);
	}
	return f;
}

static void list_free(struct frame_list *l, unsigned int order)
{
	struct frame *f;

	while ((f = list_take(l)) != NULL) {
		frame_free(f, order);
	}
}

int memory_exchange_prepare(struct frame_list *out, uint64_t nr, unsigned int order,
			    unsigned int bits)
{
	while (nr--) {
		struct frame *f = frame_alloc(order, bits, 0);

		if (!f) {
			list_free(out, order);
			return -XEN_ENOMEM;
		}
		frame_list_add(out, f);
	}
	return 0;
}

int memory_exchange_take(struct domain *d, struct frame_list *in, mfn_t mfn, unsigned int order)
{
	for (mfn_t i = 0; i < 1UL << order; i++) {
		struct frame *f = frame_lookup(mfn + i);

		if (!f || frame_steal(f, d)) {
			return -XEN_EINVAL;
		}
		frame_list_add(in, f);
	}
	return 0;
}

/* Frames that are counted as d's, and that it can no longer get since it is dying. */
static void exchange_drop(struct domain *d, struct frame *f, unsigned int order)
{
	for (mfn_t i = 0; i < 1UL << order; i++) {
		m2p_set(frame_to_mfn(f) + i, M2P_INVALID);
	}
	frame_free(f, order);
	spin_lock(&d->page_lock);
	d->tot_pages -= 1U << order;
	spin_unlock(&d->page_lock);
}

void memory_exchange_undo(struct domain *d, struct frame_list *in, struct frame_list *out,
			  unsigned int out_order)
{
	struct frame *f;

	list_free(out, out_order);
	while ((f = list_take(in)) != NULL) {
		if (frame_assign(f, 0, d)) {
			exchange_drop(d, f, 0);
		}
	}
}

mfn_t memory_exchange_commit(struct domain *d, struct frame_list *in, struct frame_list *out,
			     unsigned int out_order, pfn_t pfn)
{
	struct frame *f;

	while ((f = list_take(in)) != NULL) {
		m2p_set(frame_to_mfn(f), M2P_INVALID);
		frame_free(f, 0);
	}
	f = list_take(out);
	for (mfn_t i = 0; i < 1UL << out_order; i++) {
		m2p_set(frame_to_mfn(f) + i, pfn + i);	/* while nobody else can reach it */
	}
	if (frame_assign(f, out_order, d)) {
		exchange_drop(d, f, out_order);
		return INVALID_MFN;
	}
	return frame_to_mfn(f);
}

/* SPDX-License-Identifier: MIT */
/*
 * Frames of domains: allocation within a domain's limits, giving up, exchange, loans, claims.
 *
 * d->page_lock guards d->pages, d->xenpages, tot_pages, max_pages and outstanding_pages. A domain
 * with frames holds a reference on itself, so that a frame's owner can be followed as long as the
 * frame has references. Lock order: page_lock, then the allocator's.
 */
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/m2p.h>
#include <dais/printk.h>
#include <dais/pt_env.h>
#include <xen/errno.h>
#include "heap.h"

static bool domain_has_frames(const struct domain *d)
{
	return d->pages.count || d->xenpages.count;
}

/* With page_lock held: put n frames that nobody can reach yet on a list of d. */
static void domain_adopt(struct domain *d, struct frame_list *list, struct frame *f, uint64_t n,
			 uint64_t count)
{
	if (!domain_has_frames(d)) {
		BUG_ON(!domain_get(d));
	}
	for (uint64_t i = 0; i < n; i++) {
		frame_list_add(list, &f[i]);
		atomic_set(&f[i].owner, frame_owner_id(d));
		atomic_set_release(&f[i].count, count);
	}
}

/* The last reference of a domain's frame went. */
void frame_put_final(struct frame *f)
{
	struct domain *d = frame_owner(f);
	bool lent = f->count & FRAME_STATIC, last;

	BUG_ON(!d || (f->count & (FRAME_ALLOC | FRAME_REFS)));
	BUG_ON(!lent && (f->type & (TYPE_COUNT | TYPE_PARTIAL)));
	f->tlb_stamp = (uint32_t)tlb_now();
	m2p_set(frame_to_mfn(f), M2P_INVALID);
	spin_lock(&d->page_lock);
	frame_list_del(lent ? &d->xenpages : &d->pages, f);
	f->type = 0;
	atomic_set(&f->owner, 0);
	atomic_set(&f->count, 0);
	if (!lent) {
		d->tot_pages--;
	}
	last = !domain_has_frames(d);
	spin_unlock(&d->page_lock);
	if (!lent) {
		frame_free(f, 0);
	}
	if (last) {
		domain_put(d);
	}
}

int frame_assign(struct frame *f, unsigned int order, struct domain *d)
{
	int rc = -XEN_EINVAL;

	spin_lock(&d->page_lock);
	if (d->dying == DOMAIN_ALIVE) {
		domain_adopt(d, &d->pages, f, 1UL << order, FRAME_ALLOC | 1);
		rc = 0;
	}
	spin_unlock(&d->page_lock);
	return rc;
}

/*
 * Set aside room for n pages: counted in tot_pages, and as much as possible taken from the claim.
 */
static bool domain_reserve(struct domain *d, uint64_t n, uint64_t *claim)
{
	bool ok = false;

	spin_lock(&d->page_lock);
	if (d->dying == DOMAIN_ALIVE && d->tot_pages <= d->max_pages &&
	    n <= d->max_pages - d->tot_pages) {
		d->tot_pages += (uint32_t)n;
		*claim = n < d->outstanding_pages ? n : d->outstanding_pages;
		d->outstanding_pages -= (uint32_t)*claim;
		ok = true;
	}
	spin_unlock(&d->page_lock);
	return ok;
}

static void domain_unreserve(struct domain *d, uint64_t n, uint64_t claim)
{
	spin_lock(&d->page_lock);
	d->tot_pages -= (uint32_t)n;
	if (d->dying == DOMAIN_ALIVE) {
		d->outstanding_pages += (uint32_t)claim;
	} else {
		heap_unclaim(claim);	/* its claims were given up meanwhile: nobody would look again */
	}
	spin_unlock(&d->page_lock);
}

struct frame *domain_pages_alloc(struct domain *d, unsigned int order, unsigned int address_bits,
				 unsigned int flags)
{
	uint64_t n = 1UL << order, claim = 0;
	struct frame *f;

	if (order > FRAME_MAX_ORDER || !domain_reserve(d, n, &claim)) {
		return NULL;
	}
	f = heap_alloc(order, address_bits, flags, claim);
	if (!f) {
		domain_unreserve(d, n, claim);
		return NULL;
	}
	if (frame_assign(f, order, d)) {
		frame_free(f, order);
		domain_unreserve(d, n, 0);	/* it is dying: the claim is not needed any more */
		return NULL;
	}
	return f;
}

/*
 * Whoever holds a type reference holds a plain one too, so a frame whose only reference is the
 * allocation's is used by nobody.
 */
int frame_steal(struct frame *f, struct domain *d)
{
	uint64_t x = FRAME_ALLOC | 1;
	bool last = false;
	int rc = 0;

	spin_lock(&d->page_lock);
	if (atomic_read(&f->owner) != frame_owner_id(d) || (atomic_read(&f->count) & FRAME_STATIC)) {
		rc = -XEN_EINVAL;
	} else if (!atomic_cas(&f->count, &x, 0)) {
		rc = -XEN_EBUSY;
	} else {
		frame_list_del(&d->pages, f);
		f->type = 0;
		f->tlb_stamp = (uint32_t)tlb_now();
		atomic_set(&f->owner, 0);
		last = !domain_has_frames(d);
	}
	spin_unlock(&d->page_lock);
	if (last) {
		domain_put(d);
	}
	return rc;
}

bool frame_give_up(struct frame *f)
{
	if (!(atomic_fetch_and(&f->count, ~FRAME_ALLOC) & FRAME_ALLOC)) {
		return false;
	}
	frame_put(f);
	return true;
}

int domain_page_release(struct domain *d, struct frame *f)
{
	bool ok = frame_get(f, d);

	if (ok) {
		ok = frame_give_up(f);
		frame_put(f);
	}
	return ok ? 0 : -XEN_EINVAL;
}

/*
 * The loan's own type reference keeps tables away, and for a read-only page writable mappings too.
 */
void frame_share_with(struct frame *f, struct domain *d, bool read_only)
{
	BUG_ON(f->owner || f->count);
	f->type = (read_only ? TYPE_NONE : TYPE_WRITABLE) | 1;
	spin_lock(&d->page_lock);
	domain_adopt(d, &d->xenpages, f, 1, FRAME_STATIC | FRAME_ALLOC | 1);
	spin_unlock(&d->page_lock);
}

int domain_claim_pages(struct domain *d, unsigned long pages)
{
	int rc = 0;

	spin_lock(&d->page_lock);
	if (pages == 0) {
		heap_unclaim(d->outstanding_pages);
		d->outstanding_pages = 0;
	} else if (d->outstanding_pages || d->dying != DOMAIN_ALIVE || pages > d->max_pages ||
		   pages < d->tot_pages) {
		rc = -XEN_EINVAL;
	} else if (!heap_claim(pages - d->tot_pages)) {
		rc = -XEN_ENOMEM;
	} else {
		d->outstanding_pages = (uint32_t)(pages - d->tot_pages);
	}
	spin_unlock(&d->page_lock);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * Machine memory: who gets which frames.
 *
 * A buddy allocator with one zone for each power of two of the frame number, so that "below 2^n" is
 * a choice of zones. Memory is zeroed between two owners: lazily, by the idle loop
 * (frame_scrub_idle) or at the latest when it is handed out. A frame is never handed out while a
 * TLB may still hold a translation to it.
 *
 * Locks: the allocator's own lock is innermost; domain_* take d->page_lock. Nothing here may be
 * called with interrupts off or from interrupt context (handing memory out may have to flush other
 * CPUs' TLBs).
 */
#ifndef DAIS_FRAME_ALLOC_H
#define DAIS_FRAME_ALLOC_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/frame.h>
#include <dais/types.h>

#define FRAME_MAX_ORDER	20		/* 4 GiB */
#define FRAME_ANY_BITS	0		/* no address limit */

/* Flag of allocations. */
#define FRAME_NOZERO	1u		/* any old content will do: dom0 at boot, own use */

/*
 * 2^order contiguous, naturally aligned frames wholly below 2^address_bits bytes, owned by nobody;
 * NULL when there are none, or when they are claimed. Zeroed unless FRAME_NOZERO.
 */
struct frame *frame_alloc(unsigned int order, unsigned int address_bits, unsigned int flags);

/* Back to the free lists: frames from frame_alloc() without owner or references. */
void frame_free(struct frame *f, unsigned int order);

/*
 * The same for a domain: each frame gets owner d, the allocation's reference, and a place in
 * d->pages. Refused (NULL) beyond d->max_pages or when d is dying. Takes d->page_lock.
 */
struct frame *domain_pages_alloc(struct domain *d, unsigned int order, unsigned int address_bits,
				 unsigned int flags);

/*
 * Give frames from frame_alloc() to d as domain_pages_alloc() does once it has counted them in
 * d->tot_pages. 0, -EINVAL dying.
 */
int frame_assign(struct frame *f, unsigned int order, struct domain *d);

/*
 * Take a frame from d that nobody uses: its only reference is the allocation's and it has no type
 * in use. It is then as from frame_alloc(), but still counted in d->tot_pages: another is to take
 * its place. 0, -EINVAL not d's frame, -EBUSY in use.
 */
int frame_steal(struct frame *f, struct domain *d);

/*
 * Drop the reference of the allocation: the domain gives the frame up, and it is freed when the
 * last mapping goes. -EINVAL when it is not d's or was given up before.
 */
int domain_page_release(struct domain *d, struct frame *f);
bool frame_give_up(struct frame *f);	/* the same for a frame that is referenced; false: before */

/*
 * Lend frames of the hypervisor (from frame_alloc(), order 0) to a domain, which may map them,
 * writable only unless read_only. They join d->xenpages. When d is torn down or frame_give_up() is
 * called the loan ends with the last mapping; the frame stays the hypervisor's, to be freed with
 * frame_free() once frame_refs() is 0 (at the latest when struct domain is freed).
 */
void frame_share_with(struct frame *f, struct domain *d, bool read_only);

/*
 * Claims: set aside so many pages in all (counting those d has). 0 pages cancels. -EINVAL, -ENOMEM.
 */
int domain_claim_pages(struct domain *d, unsigned long pages);

/* Figures, in pages. */
unsigned long frame_alloc_total(void);		/* ever given to the allocator */
unsigned long frame_alloc_free(void);
unsigned long frame_alloc_dirty(void);		/* free, waiting to be scrubbed (an upper bound) */
unsigned long frame_alloc_claimed(void);	/* outstanding claims of all domains */
unsigned long frame_alloc_free_below(unsigned int address_bits);

/* Zero a few free pages. Returns true when there is more to do. For the idle loop. */
bool frame_scrub_idle(void);

/*
 * Hand [start, end) to the allocator: at boot, and when init memory or modules are no longer
 * needed.
 */
void frame_alloc_add(mfn_t start, mfn_t end);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Using a grant entry, whoever for: the one place that trusts nothing in the table.
 *
 * Flags and domid are one word, read once; in version 1 the in-use bits are set in it by
 * compare-and-swap from exactly the value that was checked, a fixed number of times, in version 2
 * in the status word, whereupon the first is checked again. The frame number and the part of the
 * page are read once after that and kept: what the guest does to the entry afterwards changes
 * nothing. While there are readers one plain reference on the frame is held, while there are
 * writers one with the writable type. Transitive grants of version 2 are not offered: they are no
 * type that grants anything.
 *
 * grant_table.lock of the granting domain guards the active entry and the in-use bits.
 */
#include "grant_internal.h"
#include <dais/frame.h>
#include <dais/pagetype.h>
#include <xen/errno.h>

#define TRIES		5
#define NO_FRAME	(~0u)	/* no RAM has this number */

/* Flags and domid of an entry, as one word: they change together or not at all. */
#define WORD_DOMID(w)	((w) >> 16)

BUILD_BUG_ON(offsetof(struct grant_entry_v1, flags) || offsetof(union grant_entry_v2, hdr));
BUILD_BUG_ON(offsetof(struct grant_entry_v1, domid) != 2 ||
	     offsetof(struct grant_entry_header, domid) != 2);
BUILD_BUG_ON(offsetof(union grant_entry_v2, sub_page.frame) !=
	     offsetof(union grant_entry_v2, full_page.frame));

BUILD_BUG_ON(grant_shift(GRANT_WRITE) != 16 || GTF_writing != 16);
#define grant_use_bits(kind)	(GTF_reading | grant_shift(kind))

static inline bool grant_allows(uint32_t w, uint16_t ldomid, unsigned int kind)
{
	return likely((w & (GTF_type_mask | kind)) == GTF_permit_access && WORD_DOMID(w) == ldomid);
}

/* Show the entry as in use. GNTST_*. Under gt->lock. */
static inline int16_t grant_mark(uint32_t *word, uint16_t ldomid, unsigned int kind)
{
	uint32_t w = atomic_read(word);

	for (unsigned int i = 0; i < TRIES; i++) {
		if (unlikely(!grant_allows(w, ldomid, kind))) {
			return GNTST_general_error;
		}
		if (likely(atomic_cas(word, &w, w | grant_use_bits(kind)))) {
			return GNTST_okay;
		}
	}
	return GNTST_general_error;	/* the granting guest keeps changing it */
}

static void grant_unmark(uint16_t *status, uint16_t bits)
{
	atomic_and(status, (uint16_t)~bits);
}

inline int16_t grant_hold_frame(struct domain *d, struct frame *f, bool readonly)
{
	int rc;

	if (!f || (readonly && !frame_get(f, d))) {
		return GNTST_bad_page;
	}
	rc = readonly ? 0 : frame_get_writable(f, d);
	if (rc == -XEN_EBUSY) {
		return GNTST_general_error;	/* a page table or descriptor page */
	}
	return rc ? GNTST_bad_page : GNTST_okay;
}

/*
 * grant_mark() for an entry of version 2, which shows use and grants in two places: mark first,
 * then look whether it still stands. Without other uses, what it names goes into a.
 */
static int16_t __noinline grant_enter_v2(const struct grant_table *gt, uint32_t ref,
					 struct grant_active *a, uint16_t ldomid, unsigned int kind)
{
	union grant_entry_v2 *e = (union grant_entry_v2 *)grant_entry_of(gt, ref);
	uint16_t *status = grant_status_of(gt, ref), had = atomic_read(status);
	uint64_t mfn;

	if (!grant_allows(atomic_read((uint32_t *)e), ldomid, kind)) {
		return GNTST_general_error;
	}
	atomic_or(status, (uint16_t)grant_use_bits(kind));
	if (!grant_allows(atomic_read((uint32_t *)e), ldomid, kind)) {
		grant_unmark(status, (uint16_t)(grant_use_bits(kind) & ~had));
		return GNTST_general_error;
	}
	if (a->uses) {
		return GNTST_okay;
	}
	mfn = atomic_read(&e->full_page.frame);
	a->mfn = mfn >> 32 ? NO_FRAME : (uint32_t)mfn;
	if (atomic_read(&e->hdr.flags) & GTF_sub_page) {
		a->start = atomic_read(&e->sub_page.page_off);
		a->length = atomic_read(&e->sub_page.length);
	}
	if ((kind & GRANT_MAP) && a->length != PAGE_SIZE) {
		grant_unmark(status, GTF_reading | GTF_writing);
		return GNTST_general_error;
	}
	return GNTST_okay;
}

/*
 * Under gt->lock: the entry has no use of this kind yet. Which part of which page is meant does not
 * change while there is a use of the other kind.
 */
static __always_inline int16_t grant_first_use(struct domain *rd, struct grant_table *gt,
					       uint32_t ref, struct grant_active *a,
					       uint16_t ldomid, unsigned int kind)
{
	uint32_t uses = a->uses;
	int16_t rc;

	if (likely(!uses)) {
		a->start = 0;
		a->length = PAGE_SIZE;
	}
	if (likely(gt->version == 1)) {
		struct grant_entry_v1 *e = grant_entry_v1_of(gt, ref);

		rc = grant_mark((uint32_t *)e, ldomid, kind);
		if (likely(!uses)) {
			a->mfn = atomic_read(&e->frame);
		}
	} else {
		rc = grant_enter_v2(gt, ref, a, ldomid, kind);
	}
	if (unlikely(rc)) {
		return rc;
	}
	rc = grant_hold_frame(rd, frame_lookup(a->mfn), !(kind & GRANT_WRITE));
	if (unlikely(rc)) {
		/* Take back only what was not there before. */
		grant_unmark(grant_status_of(gt, ref),
			     !uses ? GTF_reading | GTF_writing : (uint16_t)grant_shift(kind));
		return rc;
	}
	gt->nr_active += !uses;
	a->domid = ldomid;
	return GNTST_okay;
}

int16_t grant_pin(struct domain *rd, uint32_t ref, uint16_t ldomid, unsigned int kind,
		  unsigned int n, const struct grant_active **out)
{
	struct grant_table *gt = rd->grant;
	struct grant_active *a;
	int16_t rc = GNTST_okay;
	uint32_t uses;

	spin_lock(&gt->lock);
	if (unlikely(ref >= gt->nr_entries)) {
		rc = gt->dying ? GNTST_bad_domain : GNTST_bad_gntref;
		goto out;
	}
	ref = array_index_nospec(ref, gt->nr_entries);
	a = grant_active_of(gt, ref);
	*out = a;
	uses = (a->uses >> grant_shift(kind)) & GRANT_USES_MAX;
	if (a->uses && (a->domid != ldomid || ((kind & GRANT_MAP) && a->length != PAGE_SIZE))) {
		rc = GNTST_general_error;
	} else if (uses == 0) {
		rc = grant_first_use(rd, gt, ref, a, ldomid, kind);
	} else if (unlikely(uses > GRANT_USES_MAX - n)) {
		rc = GNTST_no_space;
	}
	if (likely(!rc)) {
		a->uses += n << grant_shift(kind);
	}
out:
	spin_unlock(&gt->lock);
	return rc;
}

void grant_unpin(struct domain *rd, uint32_t ref, unsigned int kind, unsigned int n)
{
	struct grant_table *gt = rd->grant;
	struct grant_active *a = grant_active_of(gt, ref);
	unsigned int shift = grant_shift(kind);
	struct frame *drop = NULL;

	spin_lock(&gt->lock);
	a->uses -= n << shift;
	if (!((a->uses >> shift) & GRANT_USES_MAX)) {
		uint16_t bits = (uint16_t)((a->uses ? 0 : GTF_reading) | shift);

		drop = mfn_to_frame(a->mfn);
		gt->nr_active -= !a->uses;
		if (bits) {
			grant_unmark(grant_status_of(gt, ref), bits);
		}
	}
	spin_unlock(&gt->lock);
	/* The last reference may free the frame, which takes the owner's locks: not under ours. */
	if (drop && !shift) {
		frame_put_inline(drop);
	} else if (drop) {
		frame_put_writable(drop);
	}
}

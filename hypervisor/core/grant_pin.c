/* SPDX-License-Identifier: MIT */
/*
 * Using a grant entry, whoever for: the one place that trusts nothing in the table.
 *
 * Flags and domid are one word, read once; the in-use bits are set in it by compare-and-swap from
 * exactly the value that was checked, a fixed number of times. The frame number is read once after
 * that and kept: what the guest does to the entry afterwards changes nothing. While there are
 * readers one plain reference on the frame is held, while there are writers one with the writable
 * type.
 *
 * grant_table.lock of the granting domain guards the active entry and the in-use bits.
 */
#include "grant_internal.h"
#include <dais/frame.h>
#include <dais/pagetype.h>
#include <xen/errno.h>

#define TRIES	5

/* Flags and domid of an entry, as one word: they change together or not at all. */
#define WORD_DOMID(w)	((w) >> 16)

BUILD_BUG_ON(offsetof(struct grant_entry_v1, flags) != 0);
BUILD_BUG_ON(offsetof(struct grant_entry_v1, domid) != 2);

/* Show the entry as read, and as written when !readonly. GNTST_*. Under gt->lock. */
static inline int16_t grant_mark(struct grant_entry_v1 *e, uint16_t ldomid, bool readonly)
{
	uint32_t may = GTF_type_mask | GTF_sub_page | (readonly ? 0 : GTF_readonly);
	uint32_t use = readonly ? GTF_reading : GTF_reading | GTF_writing;
	uint32_t *word = (uint32_t *)e, w = atomic_read(word);

	for (unsigned int i = 0; i < TRIES; i++) {
		if (unlikely((w & may) != GTF_permit_access || WORD_DOMID(w) != ldomid)) {
			return GNTST_general_error;
		}
		if (likely(atomic_cas(word, &w, w | use))) {
			return GNTST_okay;
		}
	}
	return GNTST_general_error;	/* the granting guest keeps changing it */
}

static void grant_unmark(struct grant_entry_v1 *e, uint16_t bits)
{
	atomic_and(&e->flags, (uint16_t)~bits);
}

/* Take the first reference of its kind on the frame. GNTST_*. */
static inline int16_t grant_hold_frame(struct domain *rd, uint64_t mfn, bool readonly)
{
	struct frame *f = frame_lookup(mfn);

	if (!f) {
		return GNTST_bad_page;
	}
	if (readonly) {
		return frame_get(f, rd) ? GNTST_okay : GNTST_bad_page;
	}
	switch (frame_get_writable(f, rd)) {
	case 0:
		return GNTST_okay;
	case -XEN_EBUSY:
		return GNTST_general_error;	/* a page table or descriptor page */
	default:
		return GNTST_bad_page;
	}
}

/* Under gt->lock: the entry has no use of this kind yet. */
static inline int16_t grant_first_use(struct domain *rd, struct grant_entry_v1 *e, struct grant_active *a,
			       uint16_t ldomid, bool readonly)
{
	uint64_t mfn = a->mfn;
	int16_t rc = grant_mark(e, ldomid, readonly);

	if (unlikely(rc)) {
		return rc;
	}
	if (!a->uses) {
		mfn = atomic_read(&e->frame);
	}
	rc = grant_hold_frame(rd, mfn, readonly);
	if (unlikely(rc)) {
		/* Take back only what was not there before. */
		grant_unmark(e, !a->uses ? GTF_reading | GTF_writing : readonly ? 0 : GTF_writing);
		return rc;
	}
	a->mfn = mfn;
	a->domid = ldomid;
	return GNTST_okay;
}

int16_t grant_pin(struct domain *rd, uint32_t ref, uint16_t ldomid, bool readonly, unsigned int n,
		  uint64_t *mfn)
{
	struct grant_table *gt = rd->grant;
	unsigned int shift = grant_shift(readonly);
	struct grant_active *a;
	uint32_t limit, kind;
	int16_t rc = GNTST_okay;

	if (unlikely(!gt)) {
		return GNTST_bad_domain;
	}
	limit = atomic_read_acquire(&gt->nr_frames) * (uint32_t)GRANT_V1_PER_FRAME;
	if (unlikely(ref >= limit)) {
		return GNTST_bad_gntref;
	}
	ref = array_index_nospec(ref, limit);
	a = grant_active_of(gt, ref);

	spin_lock(&gt->lock);
	kind = (a->uses >> shift) & GRANT_USES_MAX;
	if (unlikely(gt->dying)) {
		rc = GNTST_bad_domain;
	} else if (a->uses && a->domid != ldomid) {
		rc = GNTST_general_error;
	} else if (unlikely(kind > GRANT_USES_MAX - n)) {
		rc = GNTST_no_space;
	} else if (kind == 0) {
		rc = grant_first_use(rd, grant_entry_of(gt, ref), a, ldomid, readonly);
	}
	if (likely(!rc)) {
		a->uses += n << shift;
		*mfn = a->mfn;
	}
	spin_unlock(&gt->lock);
	return rc;
}

void grant_unpin(struct domain *rd, uint32_t ref, bool readonly, unsigned int n)
{
	struct grant_table *gt = rd->grant;
	struct grant_active *a = grant_active_of(gt, ref);
	unsigned int shift = grant_shift(readonly);
	struct frame *drop = NULL;

	spin_lock(&gt->lock);
	a->uses -= n << shift;
	if (!((a->uses >> shift) & GRANT_USES_MAX)) {
		uint16_t bits =
			(uint16_t)((a->uses ? 0 : GTF_reading) | (readonly ? 0 : GTF_writing));

		drop = mfn_to_frame(a->mfn);
		if (bits) {
			grant_unmark(grant_entry_of(gt, ref), bits);
		}
	}
	spin_unlock(&gt->lock);
	/* The last reference may free the frame, which takes the owner's locks: not under ours. */
	if (drop && readonly) {
		frame_put_inline(drop);
	} else if (drop) {
		frame_put_writable(drop);
	}
}

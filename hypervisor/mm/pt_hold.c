/* SPDX-License-Identifier: MIT */
/*
 * What keeps tables in use beside other tables: pins, the roots in vcpus' CR3s, and descriptor
 * pages.
 */
#include <dais/domain.h>
#include <dais/pagetype.h>
#include <xen/errno.h>
#include "pt_internal.h"

/* Settle, then take plain and type reference; with the lock held. */
static int hold_get(struct domain *d, mfn_t mfn, uint64_t type)
{
	int rc;

	do {
		rc = pt_settle_locked(d);
		if (rc == 0) {
			rc = pt_table_get(d, mfn, type);
		}
	} while (rc == PT_AGAIN);
	return rc;
}

/* Dismantle what can be now; the rest waits for pt_settle(). */
static void hold_unlock(struct domain *d)
{
	if (d->pt.zap) {
		(void)pt_settle_locked(d);
	}
	spin_unlock(&d->pt_lock);
}

int pt_settle(struct domain *d)
{
	int rc;

	if (likely(!atomic_read(&d->pt.zap))) {
		return 0;
	}
	spin_lock(&d->pt_lock);
	rc = pt_settle_locked(d);
	spin_unlock(&d->pt_lock);
	return rc;
}

int pt_pin(struct domain *d, mfn_t mfn, unsigned int level)
{
	int rc;

	if (level < 1 || level > 4) {
		return -XEN_EINVAL;
	}
	spin_lock(&d->pt_lock);
	rc = hold_get(d, mfn, type_of_level(level));
	if (rc == 0) {
		struct frame *f = frame_lookup(mfn);

		if (f->type & TYPE_PINNED) {
			pt_table_put(d, f);
			rc = -XEN_EINVAL;
		} else {
			atomic_set(&f->type, f->type | TYPE_PINNED);
		}
	}
	hold_unlock(d);
	return rc;
}

int pt_unpin(struct domain *d, mfn_t mfn)
{
	struct frame *f = frame_lookup(mfn);
	int rc = -XEN_EINVAL;

	if (!f || !frame_get(f, d)) {
		return rc;
	}
	spin_lock(&d->pt_lock);
	if (f->type & TYPE_PINNED) {
		atomic_set(&f->type, f->type & ~TYPE_PINNED);
		pt_table_put(d, f);
		rc = 0;
	}
	hold_unlock(d);
	frame_put(f);
	return rc;
}

int pt_root_get(struct domain *d, mfn_t mfn)
{
	int rc;

	spin_lock(&d->pt_lock);
	rc = hold_get(d, mfn, TYPE_L4);
	hold_unlock(d);
	return rc;
}

/*
 * A page of descriptors refers to no others, so what waits to be dismantled is in its way only while it is one of
 * that. It may be asked for in the middle of a context switch, where dismantling for long would stop the CPU.
 */
int pt_desc_get(struct domain *d, mfn_t mfn)
{
	int rc;

	spin_lock(&d->pt_lock);
	rc = pt_table_get(d, mfn, TYPE_SEG_DESC);
	if (rc != 0) {
		rc = hold_get(d, mfn, TYPE_SEG_DESC);
	}
	hold_unlock(d);
	return rc;
}

void pt_hold_put(struct domain *d, mfn_t mfn)
{
	spin_lock(&d->pt_lock);
	pt_table_put(d, mfn_to_frame(mfn));
	hold_unlock(d);
}

int pt_desc_set(struct domain *d, mfn_t mfn, unsigned int index, uint64_t desc)
{
	struct frame *f = frame_lookup(mfn);
	bool typed, ok;

	if (!f || index >= PAGE_SIZE / sizeof(desc) || !frame_get(f, d)) {
		return -XEN_EINVAL;
	}
	index = array_index_nospec(index, PAGE_SIZE / sizeof(desc));
	spin_lock(&d->pt_lock);
	typed = (f->type & (TYPE_MASK | TYPE_VALIDATED)) == (TYPE_SEG_DESC | TYPE_VALIDATED);
	ok = seg_desc_fix(&desc) && (typed || type_get_writable(f));
	if (ok) {
		atomic_set((uint64_t *)frame_address(f) + index, desc);
	}
	if (ok && !typed) {
		type_put_writable(f);
	}
	spin_unlock(&d->pt_lock);
	frame_put(f);
	return ok ? 0 : -XEN_EINVAL;
}

/* SPDX-License-Identifier: MIT */
/*
 * The table of a granting domain: frames of entries shared with it, our own notes beside them,
 * growth, and the operations that look at or rearrange entries.
 *
 * grant_table.lock guards it all. Pages are stored before nr_frames is raised, so that a reference
 * below the limit can be turned into a note of ours by anybody who has read nr_frames.
 */
#include "grant_internal.h"
#include <dais/frame_alloc.h>
#include <dais/hv_alloc.h>
#include <xen/errno.h>
#include <xen/memory.h>

/* --- growth --- */

void *grant_page_new(struct domain *d)
{
	struct frame *f = frame_alloc(0, FRAME_ANY_BITS, 0);

	if (!f) {
		return NULL;
	}
	frame_share_with(f, d, false);
	return frame_address(f);
}

static void grant_page_free(void *page)
{
	struct frame *f = mfn_to_frame(virt_to_mfn(page));

	(void)frame_give_up(f);	/* already done if the domain's memory was given up */
	frame_free(f, 0);
}

/* One more page of entries, within the limit. -ENOMEM. Under gt->lock. */
static int grant_grow(struct domain *d, struct grant_table *gt)
{
	struct grant_active *active;
	int rc = 0;

	if (gt->version == 2) {
		rc = grant_status_grow(d, gt->nr_frames + 1);
	}
	active = rc ? NULL : hv_alloc(GRANT_V1_PER_FRAME * sizeof(*active));
	gt->shared[gt->nr_frames] = active ? grant_page_new(d) : NULL;
	if (!gt->shared[gt->nr_frames]) {
		hv_free(active);
		return -XEN_ENOMEM;
	}
	gt->active[gt->nr_frames] = active;
	atomic_set_release(&gt->nr_frames, gt->nr_frames + 1);
	grant_count_entries(gt);
	return 0;
}

int grant_setup_table(struct domain *d, uint32_t nr)
{
	struct grant_table *gt = d->grant;
	int rc = 0;

	if (nr > gt->max_frames) {
		return -XEN_ENOSPC;
	}
	if (nr <= atomic_read(&gt->nr_frames)) {
		return 0;
	}
	spin_lock(&gt->lock);
	if (gt->dying) {
		rc = -XEN_EINVAL;
	}
	while (!rc && gt->nr_frames < nr) {
		rc = grant_grow(d, gt);
	}
	spin_unlock(&gt->lock);
	return rc;
}

/* --- life --- */

int grant_table_create(struct domain *d, uint32_t max_frames, uint32_t max_maptrack,
		       unsigned int max_version)
{
	struct grant_table *gt;
	int rc;

	max_frames = (int32_t)max_frames < 0 ? GRANT_MAX_FRAMES_DEFAULT : max_frames;
	max_maptrack = (int32_t)max_maptrack < 0 ? GRANT_MAX_MAPTRACK_DEFAULT : max_maptrack;
	if (max_frames == 0 || max_frames > GRANT_FRAMES_LIMIT
	    || max_maptrack > GRANT_MAPTRACK_LIMIT || max_version - 1 > 1) {
		return -XEN_EINVAL;
	}
	gt = hv_alloc(sizeof(*gt));
	if (!gt) {
		return -XEN_ENOMEM;
	}
	spin_lock_init(&gt->lock);
	gt->version = 1;
	gt->max_version = (uint8_t)max_version;
	gt->max_frames = max_frames;
	gt->shared = hv_alloc(max_frames * sizeof(*gt->shared));
	gt->active = hv_alloc(max_frames * sizeof(*gt->active));
	rc = gt->shared && gt->active ? maptrack_init(gt, max_maptrack) : -XEN_ENOMEM;
	d->grant = gt;
	return rc ? rc : grant_setup_table(d, 1);
}

void grant_table_free(struct domain *d)
{
	struct grant_table *gt = d->grant;
	uint32_t i;

	for (i = 0; i < gt->nr_frames; i++) {
		grant_page_free(gt->shared[i]);
		hv_free(gt->active[i]);
	}
	for (i = 0; i < gt->nr_status; i++) {
		grant_page_free(gt->status[i]);
	}
	maptrack_destroy(gt);
	hv_free(gt->status);
	hv_free(gt->shared);
	hv_free(gt->active);
	hv_free(gt);
	d->grant = NULL;
}

/* --- size and frames --- */

int grant_frame_mfn(struct domain *d, bool status, uint32_t idx, uint64_t *mfn)
{
	struct grant_table *gt = d->grant;
	uint32_t nr = status ? min(grant_nr_status_frames(d), atomic_read_acquire(&gt->nr_status)) :
		      atomic_read_acquire(&gt->nr_frames);

	if (idx >= nr) {
		return -XEN_EINVAL;
	}
	idx = array_index_nospec(idx, nr);
	*mfn = virt_to_mfn(status ? (void *)gt->status[idx] : gt->shared[idx]);
	return 0;
}

void grant_query_size(struct domain *d, uint32_t *nr_frames, uint32_t *max_frames)
{
	*nr_frames = atomic_read(&d->grant->nr_frames);
	*max_frames = d->grant->max_frames;
}

int grant_resource_frames(struct domain *d, unsigned int id, uint32_t first, uint32_t n,
			  uint64_t *mfns)
{
	bool status = id == XENMEM_resource_grant_table_id_status;
	uint32_t i;
	int rc;

	if (first + n < first || (status && grant_get_version(d) != 2)
	    || first + n > grant_resource_max(d, id)) {
		return -XEN_EINVAL;
	}
	rc = grant_setup_table(d, !status ? first + n :
			       min((first + n) * GRANT_STATUS_SPAN, d->grant->max_frames));
	for (i = 0; !rc && i < n; i++) {
		rc = grant_frame_mfn(d, status, first + i, &mfns[i]);
	}
	return rc;
}

uint32_t grant_resource_max(struct domain *d, unsigned int id)
{
	uint32_t max = d->grant->max_frames;

	return id == XENMEM_resource_grant_table_id_status ? DIV_ROUND_UP(max, GRANT_STATUS_SPAN) :
	       max;
}

/* --- entries --- */

/* Exchange n 64-bit words. */
static void grant_swap_words(uint64_t *a, uint64_t *b, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint64_t was = atomic_read(&a[i]);

		atomic_set(&a[i], atomic_read(&b[i]));
		atomic_set(&b[i], was);
	}
}

/* Nobody uses either, so their in-use bits are clear wherever they are. */
void grant_swap(struct domain *d, void *arg)
{
	struct gnttab_swap_grant_ref *op = arg;
	struct grant_table *gt = d->grant;
	uint32_t a = op->ref_a, b = op->ref_b;

	spin_lock(&gt->lock);
	op->status = GNTST_okay;
	if (a >= gt->nr_entries || b >= gt->nr_entries) {
		op->status = GNTST_bad_gntref;
	} else if (a != b) {
		a = array_index_nospec(a, gt->nr_entries);
		b = array_index_nospec(b, gt->nr_entries);
		if (grant_active_of(gt, a)->uses || grant_active_of(gt, b)->uses) {
			op->status = GNTST_eagain;
		} else {
			grant_swap_words((uint64_t *)grant_entry_of(gt, a),
					 (uint64_t *)grant_entry_of(gt, b), gt->version);
		}
	}
	spin_unlock(&gt->lock);
}

void grant_transfer(struct domain *caller, void *arg)
{
	struct gnttab_transfer *op = arg;
	struct frame *f = frame_lookup(op->mfn);

	/* No guest of today gives frames away like this. */
	op->status = f && frame_owner(f) == caller ? GNTST_general_error : GNTST_bad_page;
}

int grant_cache_flush(struct domain *d, const struct gnttab_cache_flush *op)
{
	struct frame *f = frame_lookup(paddr_to_mfn(op->a.dev_bus_addr));

	if (op->offset >= PAGE_SIZE || op->offset + (unsigned int)op->length > PAGE_SIZE ||
	    (op->op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL))) {
		return -XEN_EINVAL;
	}
	if (op->length == 0 || op->op == 0) {
		return 0;
	}
	if (!f) {
		return -XEN_EINVAL;
	}
	if (frame_owner(f) != d) {
		return -XEN_EPERM;
	}
	/* Caches are coherent; only to lose what was written has a meaning, and is not done. */
	return op->op & GNTTAB_CACHE_CLEAN ? 0 : -XEN_EOPNOTSUPP;
}

void grant_each_hold(struct domain *d, void (*fn)(void *arg, uint64_t mfn, bool writable), void *arg)
{
	struct grant_table *gt = d->grant;
	uint32_t nr = atomic_read_acquire(&gt->nr_frames) * (uint32_t)GRANT_V1_PER_FRAME;

	for (uint32_t ref = 0; ref < nr; ref++) {
		struct grant_active a;

		spin_lock(&gt->lock);
		a = *grant_active_of(gt, ref);
		spin_unlock(&gt->lock);
		if (grant_readers(&a)) {
			fn(arg, a.mfn, false);
		}
		if (grant_writers(&a)) {
			fn(arg, a.mfn, true);
		}
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The two forms of a table, and the change from one to the other. Version 2 has larger entries,
 * which can name any frame or a part of one, and shows their use in frames of its own: a status
 * frame serves GRANT_STATUS_SPAN frames of entries.
 *
 * The reserved entries, which tools fill in and may have mapped, live through a change; all others
 * are cleared and must not be in use. Status frames stay when a table goes back to version 1, for
 * the next time, and are unreachable meanwhile: going back with one of them mapped is refused.
 *
 * All under grant_table.lock.
 */
#include "grant_internal.h"
#include <dais/hv_alloc.h>
#include <dais/string.h>
#include <xen/errno.h>

#define RESERVED	GNTTAB_NR_RESERVED_ENTRIES

BUILD_BUG_ON(GRANT_STATUS_PER_FRAME != GRANT_V2_PER_FRAME * GRANT_STATUS_SPAN);

void grant_count_entries(struct grant_table *gt)
{
	gt->nr_entries = gt->nr_frames * (uint32_t)(gt->version == 1 ? GRANT_V1_PER_FRAME :
						    GRANT_V2_PER_FRAME);
}

int grant_status_grow(struct domain *d, uint32_t frames)
{
	struct grant_table *gt = d->grant;
	uint32_t max = DIV_ROUND_UP(gt->max_frames, GRANT_STATUS_SPAN);

	if (!gt->status) {
		gt->status = hv_alloc(max * sizeof(*gt->status));
	}
	while (gt->status && gt->nr_status * GRANT_STATUS_SPAN < frames) {
		gt->status[gt->nr_status] = grant_page_new(d);
		if (!gt->status[gt->nr_status]) {
			return -XEN_ENOMEM;
		}
		atomic_set_release(&gt->nr_status, gt->nr_status + 1);
	}
	return gt->status ? 0 : -XEN_ENOMEM;
}

uint32_t grant_nr_status_frames(struct domain *d)
{
	struct grant_table *gt = d->grant;

	return atomic_read_acquire(&gt->version) == 2 ?
	       DIV_ROUND_UP(atomic_read(&gt->nr_frames), GRANT_STATUS_SPAN) : 0;
}

uint32_t grant_get_version(struct domain *d)
{
	return atomic_read(&d->grant->version);
}

/* --- the change --- */

/* Entries in use beside the reserved ones. */
static bool grant_busy(const struct grant_table *gt)
{
	uint32_t n = gt->nr_active;

	for (uint32_t ref = 0; ref < RESERVED; ref++) {
		n -= grant_active_of(gt, ref)->uses != 0;
	}
	return n != 0;
}

/* A reserved entry as version 1 says it. False when it cannot. */
static bool grant_keep(const struct grant_table *gt, uint32_t ref, struct grant_entry_v1 *keep)
{
	union grant_entry_v2 *e = (union grant_entry_v2 *)grant_entry_of(gt, ref);
	uint32_t word;
	uint64_t frame;

	if (gt->version == 1) {
		*(uint64_t *)keep = atomic_read((uint64_t *)e);
		return true;
	}
	word = atomic_read((uint32_t *)e);
	frame = atomic_read(&e->full_page.frame);
	keep->flags = (uint16_t)(word | atomic_read(grant_status_of(gt, ref)));
	keep->domid = (uint16_t)(word >> 16);
	keep->frame = (uint32_t)frame;
	return (word & GTF_type_mask) != GTF_transitive &&
	       ((word & GTF_type_mask) != GTF_permit_access || frame >> 32 == 0);
}

static void grant_restore(const struct grant_table *gt, uint32_t ref,
			  const struct grant_entry_v1 *keep)
{
	union grant_entry_v2 *e = (union grant_entry_v2 *)grant_entry_of(gt, ref);
	uint16_t use = keep->flags & (GTF_reading | GTF_writing);

	if (gt->version == 1) {
		*(struct grant_entry_v1 *)e = *keep;
		return;
	}
	e->full_page.frame = keep->frame;
	e->hdr.domid = keep->domid;
	atomic_set(grant_status_of(gt, ref), use);
	atomic_set_release(&e->hdr.flags, (uint16_t)(keep->flags & ~use));
}

/* Somebody but us refers to a status frame. */
static bool grant_status_mapped(const struct grant_table *gt)
{
	for (uint32_t i = 0; i < gt->nr_status; i++) {
		if (frame_refs(mfn_to_frame(virt_to_mfn(gt->status[i]))) > 1) {
			return true;
		}
	}
	return false;
}

static void grant_clear_pages(const struct grant_table *gt)
{
	for (uint32_t i = 0; i < gt->nr_frames; i++) {
		memset(gt->shared[i], 0, PAGE_SIZE);
	}
	for (uint32_t i = 0; i < gt->nr_status; i++) {
		memset(gt->status[i], 0, PAGE_SIZE);
	}
}

/* Under gt->lock. */
static int grant_change(struct domain *d, struct grant_table *gt, uint8_t version)
{
	struct grant_entry_v1 keep[RESERVED];
	int rc = version == 2 ? grant_status_grow(d, gt->nr_frames) : 0;

	for (uint32_t ref = 0; !rc && ref < RESERVED; ref++) {
		rc = grant_keep(gt, ref, &keep[ref]) ? 0 : -XEN_ERANGE;
	}
	if (!rc && version == 1 && grant_status_mapped(gt)) {
		rc = -XEN_EBUSY;
	}
	if (rc) {
		return rc;
	}
	grant_clear_pages(gt);
	atomic_set_release(&gt->version, version);
	for (uint32_t ref = 0; ref < RESERVED; ref++) {
		grant_restore(gt, ref, &keep[ref]);
	}
	grant_count_entries(gt);
	return 0;
}

int grant_set_version(struct domain *d, uint32_t version)
{
	struct grant_table *gt = d->grant;
	int rc = 0;

	if (version != 1 && version != 2) {
		return -XEN_EINVAL;
	}
	if (version > gt->max_version) {
		return -XEN_ENOSYS;
	}
	spin_lock(&gt->lock);
	if (gt->dying || grant_busy(gt)) {
		rc = gt->version == version ? 0 : -XEN_EBUSY;
	} else if (gt->version != version) {
		rc = grant_change(d, gt, (uint8_t)version);
	}
	spin_unlock(&gt->lock);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * The frame table: which frames exist, lists of frames, and references that outlive one function.
 *
 * The table is built once, at boot, by one CPU. Lists are guarded by whoever owns them.
 */
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/frame_table.h>
#include <dais/m2p.h>
#include <dais/printk.h>
#include <xen/errno.h>

#define GROUP_FRAMES	(1UL << FRAME_GROUP_SHIFT)

mfn_t frame_max;
unsigned long frame_groups[((DIRECTMAP_FRAMES >> FRAME_GROUP_SHIFT) + 63) / 64];

int frame_table_add(mfn_t start, mfn_t end, int (*back)(vaddr_t va, size_t size))
{
	end = min_t(mfn_t, end, DIRECTMAP_FRAMES);
	start = max(start, 1UL);	/* 0 means "none" in lists and owners */
	for (mfn_t mfn = start; mfn < end; mfn++) {
		mfn_t group = mfn >> FRAME_GROUP_SHIFT;

		if (!((frame_groups[group / 64] >> (group % 64)) & 1)) {
			struct frame *f = mfn_to_frame(group << FRAME_GROUP_SHIFT);
			int rc = back((vaddr_t)f, GROUP_FRAMES * sizeof(*f));

			if (rc) {
				return rc;
			}
			for (mfn_t i = 0; i < GROUP_FRAMES; i++) {
				f[i].count = FRAME_HOLE;
			}
			frame_groups[group / 64] |= 1UL << (group % 64);
		}
		mfn_to_frame(mfn)->count = 0;
	}
	if (start < end) {
		frame_max = max(frame_max, end);
	}
	return 0;
}

/* The link to the frame after (before) mfn on a list; of 0, the list's own. */
static uint32_t *link_next(struct frame_list *l, uint32_t mfn)
{
	return mfn ? &mfn_to_frame(mfn)->next : &l->head;
}

static uint32_t *link_prev(struct frame_list *l, uint32_t mfn)
{
	return mfn ? &mfn_to_frame(mfn)->prev : &l->tail;
}

static void frame_list_insert(struct frame_list *l, struct frame *f, uint32_t prev, uint32_t next)
{
	f->prev = prev;
	f->next = next;
	*link_next(l, prev) = (uint32_t)frame_to_mfn(f);
	*link_prev(l, next) = (uint32_t)frame_to_mfn(f);
	l->count++;
}

void frame_list_add(struct frame_list *l, struct frame *f)
{
	frame_list_insert(l, f, l->tail, 0);
}

void frame_list_push(struct frame_list *l, struct frame *f)
{
	frame_list_insert(l, f, 0, l->head);
}

void frame_list_del(struct frame_list *l, struct frame *f)
{
	*link_next(l, f->prev) = f->next;
	*link_prev(l, f->next) = f->prev;
	f->next = 0;
	f->prev = 0;
	l->count--;
}

void frame_put(struct frame *f)
{
	frame_put_inline(f);
}

int m2p_update(struct domain *d, mfn_t mfn, uint64_t pfn)
{
	struct frame *f = frame_lookup(mfn);

	if (!f || !frame_get(f, d)) {
		return -XEN_EINVAL;
	}
	m2p_set(frame_to_mfn(f), pfn);
	frame_put(f);
	return 0;
}

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
#define GROUP_WORDS	(((DIRECTMAP_FRAMES >> FRAME_GROUP_SHIFT) + 63) / 64)

mfn_t frame_max;
unsigned long frame_groups[GROUP_WORDS];

static int frame_group_add(mfn_t group, int (*back)(vaddr_t va, size_t size))
{
	struct frame *f = mfn_to_frame(group << FRAME_GROUP_SHIFT);
	int rc = back((vaddr_t)f, GROUP_FRAMES * sizeof(*f));

	if (rc) {
		return rc;
	}
	for (mfn_t i = 0; i < GROUP_FRAMES; i++) {
		f[i].count = FRAME_HOLE;
	}
	frame_groups[group / 64] |= 1UL << (group % 64);
	return 0;
}

int frame_table_add(mfn_t start, mfn_t end, int (*back)(vaddr_t va, size_t size))
{
	if (end > DIRECTMAP_FRAMES) {
		end = DIRECTMAP_FRAMES;
	}
	if (start == 0) {
		start = 1;	/* 0 means "none" in lists and owners */
	}
	for (mfn_t mfn = start; mfn < end; mfn++) {
		mfn_t group = mfn >> FRAME_GROUP_SHIFT;

		if (!((frame_groups[group / 64] >> (group % 64)) & 1)) {
			int rc = frame_group_add(group, back);

			if (rc) {
				return rc;
			}
		}
		mfn_to_frame(mfn)->count = 0;
	}
	if (start < end && end > frame_max) {
		frame_max = end;
	}
	return 0;
}

void frame_list_add(struct frame_list *l, struct frame *f)
{
	uint32_t mfn = (uint32_t)frame_to_mfn(f);

	f->next = 0;
	f->prev = l->tail;
	if (l->tail) {
		mfn_to_frame(l->tail)->next = mfn;
	} else {
		l->head = mfn;
	}
	l->tail = mfn;
	l->count++;
}

void frame_list_push(struct frame_list *l, struct frame *f)
{
	uint32_t mfn = (uint32_t)frame_to_mfn(f);

	f->prev = 0;
	f->next = l->head;
	if (l->head) {
		mfn_to_frame(l->head)->prev = mfn;
	} else {
		l->tail = mfn;
	}
	l->head = mfn;
	l->count++;
}

void frame_list_del(struct frame_list *l, struct frame *f)
{
	if (f->next) {
		mfn_to_frame(f->next)->prev = f->prev;
	} else {
		l->tail = f->prev;
	}
	if (f->prev) {
		mfn_to_frame(f->prev)->next = f->next;
	} else {
		l->head = f->next;
	}
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

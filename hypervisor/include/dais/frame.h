/* SPDX-License-Identifier: MIT */
/*
 * One struct frame for each 4 KiB frame of RAM: who owns it, how often it is referred to, and as
 * what.
 *
 * Every use of a domain's frame is a reference (count word). Some uses also need the frame to have
 * a *type*: a page table of one level, a page of descriptors, or a page that may be mapped
 * writable. The types exclude each other; a frame changes its type only while nobody holds a type
 * reference. That is the whole defence: what is a page table cannot be mapped writable. Whoever
 * holds a type reference also holds a plain one.
 *
 * Both words change by compare-and-swap from any CPU. Table and descriptor types are taken and
 * dropped under the owner's pt_lock (mm/pagetype), the writable type under no lock. The owner field
 * is stable while a reference is held. List links belong to whoever owns the list: d->page_lock, or
 * the allocator's lock.
 */
#ifndef DAIS_FRAME_H
#define DAIS_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/atomic.h>
#include <dais/compiler.h>
#include <dais/directmap.h>
#include <dais/types.h>

struct domain;

struct frame {
	uint64_t count;		/* FRAME_* flags and references */
	uint64_t type;		/* TYPE_* ; while free: the block's order, see mm/frame_alloc */
	uint32_t owner;		/* mfn of the (page-aligned) struct domain; 0 = nobody */
	uint32_t next, prev;	/* list links as mfns; 0 ends */
	union {
		/* TLB clock when last unmapped writable, dismantled or freed */
		uint32_t tlb_stamp;
		uint32_t zap_next;	/* while waiting to be dismantled */
	};
};

BUILD_BUG_ON(sizeof(struct frame) != 32);

/* Count word. */
#define FRAME_HOLE	(1UL << 63)	/* not RAM; nothing else is meaningful */
#define FRAME_ALLOC	(1UL << 62)	/* the domain holds the reference it got at allocation */
#define FRAME_STATIC	(1UL << 61)	/* the hypervisor's, lent: not freed with the last reference */
#define FRAME_FREE	(1UL << 60)	/* in the free lists */
#define FRAME_HEAD	(1UL << 59)	/* first frame of a free block */
#define FRAME_DIRTY	(1UL << 58)	/* free, content not yet zeroed */
#define FRAME_SLAB	(1UL << 57)	/* hv_alloc() cuts it into small objects */
#define FRAME_BIG	(1UL << 56)	/* hv_alloc() gave it out whole */
#define FRAME_REFS	((1UL << 48) - 1)

/*
 * Type word: type, flags, progress (entries that hold references while partial), number of type
 * references.
 */
#define TYPE_SHIFT	60
#define TYPE_MASK	(15UL << TYPE_SHIFT)
#define TYPE_NONE	(0UL << TYPE_SHIFT)
#define TYPE_L1		(1UL << TYPE_SHIFT)
#define TYPE_L2		(2UL << TYPE_SHIFT)
#define TYPE_L3		(3UL << TYPE_SHIFT)
#define TYPE_L4		(4UL << TYPE_SHIFT)
#define TYPE_SEG_DESC	(5UL << TYPE_SHIFT)
#define TYPE_WRITABLE	(7UL << TYPE_SHIFT)
#define TYPE_PINNED	(1UL << 59)	/* one type reference belongs to the guest's pin */
#define TYPE_VALIDATED	(1UL << 58)	/* tables: every entry is checked and holds its references */
#define TYPE_PARTIAL	(1UL << 57)	/* unused tables: entries [0, progress) hold theirs */
#define TYPE_ZAP	(1UL << 56)	/* partial, and on its domain's list to dismantle */
#define TYPE_BUSY	(1UL << 55)	/* writable: old translations are still being flushed */
#define TYPE_PROGRESS_SHIFT 40
#define TYPE_PROGRESS	(0x3ffUL << TYPE_PROGRESS_SHIFT)
#define TYPE_COUNT	((1UL << 40) - 1)	/* RAM cannot hold 2^40 entries */

#define frame_type(f)		(atomic_read(&(f)->type) & TYPE_MASK)
#define frame_refs(f)		(atomic_read(&(f)->count) & FRAME_REFS)

/*
 * Frames numbered from 0 to frame_max - 1 may exist; groups tells which stretches have a frame
 * table.
 */
extern mfn_t frame_max;
extern unsigned long frame_groups[];

static inline struct frame *mfn_to_frame(mfn_t mfn)
{
	return frame_table + mfn;
}

static inline mfn_t frame_to_mfn(const struct frame *f)
{
	return (mfn_t)(f - frame_table);
}

/* The frame with a number that anybody may have made up; NULL when there is no RAM there. */
static inline struct frame *frame_lookup(mfn_t mfn)
{
	mfn_t group;
	struct frame *f;

	if (unlikely(mfn >= frame_max)) {
		return NULL;
	}
	mfn = array_index_nospec(mfn, frame_max);
	group = mfn >> FRAME_GROUP_SHIFT;
	if (unlikely(!((frame_groups[group / 64] >> (group % 64)) & 1))) {
		return NULL;
	}
	f = mfn_to_frame(mfn);
	return unlikely(atomic_read(&f->count) & FRAME_HOLE) ? NULL : f;
}

static inline bool mfn_valid(mfn_t mfn)
{
	return frame_lookup(mfn) != NULL;
}

static inline void *frame_address(const struct frame *f)
{
	return frame_map(frame_to_mfn(f));
}

static inline uint32_t frame_owner_id(const struct domain *d)
{
	return (uint32_t)virt_to_mfn(d);
}

/* NULL when nobody owns it. Stable only while a reference is held. */
static inline struct domain *frame_owner(const struct frame *f)
{
	uint32_t o = atomic_read(&f->owner);

	return o ? (struct domain *)frame_map(o) : NULL;
}

void frame_put_final(struct frame *f);	/* the last reference went: give the frame back */
void frame_put(struct frame *f);

static inline void frame_put_inline(struct frame *f)
{
	if (unlikely((atomic_sub(&f->count, 1) & FRAME_REFS) == 0)) {
		frame_put_final(f);
	}
}

/*
 * Take a reference on a frame that d owns. False when d does not own it, or it is being freed:
 * nobody's, free and hypervisor frames have no references, so none can be added.
 */
static inline bool frame_get(struct frame *f, const struct domain *d)
{
	uint32_t id = frame_owner_id(d);
	uint64_t x = atomic_read(&f->count);

	if (unlikely(atomic_read(&f->owner) != id)) {
		return false;
	}
	do {
		if (unlikely((x & FRAME_REFS) == 0)) {
			return false;
		}
	} while (unlikely(!atomic_cas(&f->count, &x, x + 1)));
	if (unlikely(atomic_read(&f->owner) != id)) {
		frame_put(f);
		return false;
	}
	return true;
}

/* One more reference where the caller already holds one. */
static inline void frame_get_known(struct frame *f)
{
	(void)atomic_add(&f->count, 1);
}

/* Doubly linked list of frames; all zero is empty. Frame 0 is never in use. */
struct frame_list {
	uint32_t head, tail;
	uint64_t count;
};

void frame_list_add(struct frame_list *l, struct frame *f);	/* at the tail */
void frame_list_push(struct frame_list *l, struct frame *f);	/* at the head */
void frame_list_del(struct frame_list *l, struct frame *f);

static inline struct frame *frame_list_head(const struct frame_list *l)
{
	return l->head ? mfn_to_frame(l->head) : NULL;
}

static inline struct frame *frame_list_tail(const struct frame_list *l)
{
	return l->tail ? mfn_to_frame(l->tail) : NULL;
}

static inline struct frame *frame_list_next(const struct frame *f)
{
	return f->next ? mfn_to_frame(f->next) : NULL;
}

#endif

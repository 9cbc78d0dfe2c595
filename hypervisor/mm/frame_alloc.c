/* SPDX-License-Identifier: MIT */
/*
 * The buddy allocator. Zone z holds the frames numbered 2^z to 2^(z+1) - 1; a naturally aligned
 * block never crosses such a border, so blocks merge freely inside a zone. In each zone there is
 * one list for each order.
 *
 * A free frame is clean (all zero) or has FRAME_DIRTY. The first frame of a block knows the first
 * that may be dirty; blocks with dirty frames stand at the tail of their list, clean ones at the
 * head, where allocations take them. A dirty frame may still be in some CPU's TLB: it is flushed
 * before it is zeroed or handed out, and zeroed after that, so a clean frame cannot be written by
 * its former owner any more.
 *
 * heap_lock guards lists, figures and all fields of free frames. Innermost of all; held with
 * interrupts on.
 */
#include <dais/frame_alloc.h>
#include <dais/printk.h>
#include <dais/pt_env.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include "heap.h"

#define ZONES		32
#define SCRUB_BATCH	4	/* frames zeroed with the lock held */
#define SCRUB_SCAN	256	/* clean frames skipped with the lock held */

static spinlock_t heap_lock = SPINLOCK_INIT;
static struct frame_list heap_list[ZONES][FRAME_MAX_ORDER + 1];
static uint32_t zone_orders[ZONES];		/* bit o: list of order o is not empty */
static uint64_t pages_total, pages_free, pages_dirty, pages_claimed;

/*
 * The type word of a block's first frame: order in the low byte, index of the first dirty frame
 * above.
 */
#define BLOCK_WORD(order, first) ((uint64_t)(order) | ((uint64_t)(first) << 8))
#define BLOCK_ORDER(f)		((unsigned int)((f)->type & 0xff))
#define BLOCK_FIRST_DIRTY(f)	((f)->type >> 8)

static unsigned int zone_of(const struct frame *f)
{
	return 63 - (unsigned int)__builtin_clzl(frame_to_mfn(f));
}

/* Highest zone wholly below 2^bits bytes, -1 when there is none. */
static int zone_below(unsigned int bits)
{
	if (bits == FRAME_ANY_BITS || bits >= PAGE_SHIFT + ZONES) {
		return ZONES - 1;
	}
	return bits <= PAGE_SHIFT ? -1 : (int)(bits - PAGE_SHIFT) - 1;
}

static void block_link(struct frame *f, unsigned int order, uint64_t first_dirty)
{
	unsigned int zone = zone_of(f);

	atomic_set(&f->count, f->count | FRAME_HEAD);
	f->type = BLOCK_WORD(order, first_dirty);
	if (first_dirty >> order) {
		frame_list_push(&heap_list[zone][order], f);
	} else {
		frame_list_add(&heap_list[zone][order], f);
	}
	zone_orders[zone] |= 1u << order;
}

static void block_unlink(struct frame *f, unsigned int order)
{
	unsigned int zone = zone_of(f);

	frame_list_del(&heap_list[zone][order], f);
	if (!heap_list[zone][order].head) {
		zone_orders[zone] &= ~(1u << order);
	}
	atomic_set(&f->count, f->count & ~FRAME_HEAD);
}

/* Put a block on its list, merged with its free neighbours. Its frames already say FRAME_FREE. */
static void block_insert(struct frame *f, unsigned int order, uint64_t first_dirty)
{
	while (order < FRAME_MAX_ORDER) {
		struct frame *buddy = frame_lookup(frame_to_mfn(f) ^ (1UL << order));
		uint64_t size = 1UL << order, buddy_dirty;

		if (!buddy || !(buddy->count & FRAME_HEAD) || BLOCK_ORDER(buddy) != order) {
			break;
		}
		buddy_dirty = BLOCK_FIRST_DIRTY(buddy);
		block_unlink(buddy, order);
		if (buddy < f) {
			first_dirty = buddy_dirty < size ? buddy_dirty : first_dirty + size;
			f = buddy;
		} else if (first_dirty >= size) {
			first_dirty = buddy_dirty + size;
		}
		order++;
	}
	block_link(f, order, first_dirty);
}

/* Unlink a block and cut it down to `order`, the rest going back. */
static struct frame *block_take(unsigned int zone, unsigned int from, unsigned int order)
{
	struct frame *f = frame_list_head(&heap_list[zone][from]);
	uint64_t first_dirty = BLOCK_FIRST_DIRTY(f);

	block_unlink(f, from);
	while (from > order) {
		uint64_t half;

		from--;
		half = 1UL << from;
		/* Where the second half's dirt begins is unknown when the first half has some. */
		block_link(f + half, from, first_dirty < half ? 0 : first_dirty - half);
		if (first_dirty > half) {
			first_dirty = half;
		}
	}
	return f;
}

static struct frame *heap_find(unsigned int order, unsigned int address_bits)
{
	for (int zone = zone_below(address_bits); zone >= (int)order; zone--) {
		uint32_t fits = zone_orders[zone] >> order;

		if (fits) {
			return block_take((unsigned int)zone,
					  order + (unsigned int)__builtin_ctz(fits), order);
		}
	}
	return NULL;
}

/* Later of two stamps, where 0 is "never mapped". */
static uint32_t stamp_later(uint32_t a, uint32_t b)
{
	uint64_t now = tlb_now();

	if (!a || !b) {
		return a | b;
	}
	return tlb_stamp_time(a, now) > tlb_stamp_time(b, now) ? a : b;
}

/* The dirty ones of n frames: flushed from every TLB and then, if asked for, zeroed. */
static void frames_clean(struct frame *f, uint64_t n, bool zero)
{
	uint64_t dirty = 0;
	uint32_t stamp = 0;

	for (uint64_t i = 0; i < n; i++) {
		if (f[i].count & FRAME_DIRTY) {
			stamp = stamp_later(stamp, f[i].tlb_stamp);
			dirty++;
		}
	}
	if (stamp) {
		tlb_flush_stale(NULL, stamp);
	}
	for (uint64_t i = 0; dirty && i < n; i++) {
		if (f[i].count & FRAME_DIRTY) {
			if (zero) {
				memset(frame_address(&f[i]), 0, PAGE_SIZE);
			}
			atomic_set(&f[i].count, f[i].count & ~FRAME_DIRTY);
			f[i].tlb_stamp = 0;
		}
	}
	if (dirty) {
		(void)atomic_sub(&pages_dirty, dirty);
	}
}

struct frame *heap_alloc(unsigned int order, unsigned int address_bits, unsigned int flags,
			 uint64_t claim)
{
	uint64_t n = 1UL << order;
	struct frame *f = NULL;

	if (order > FRAME_MAX_ORDER) {
		return NULL;
	}
	spin_lock(&heap_lock);
	if (pages_free >= n + pages_claimed - claim) {
		f = heap_find(order, address_bits);
	}
	if (f) {
		pages_free -= n;
		pages_claimed -= claim;
	}
	spin_unlock(&heap_lock);
	if (!f) {
		return NULL;
	}
	frames_clean(f, n, !(flags & FRAME_NOZERO));
	for (uint64_t i = 0; i < n; i++) {
		f[i].type = 0;
		f[i].owner = 0;
		atomic_set_release(&f[i].count, 0);
	}
	return f;
}

struct frame *frame_alloc(unsigned int order, unsigned int address_bits, unsigned int flags)
{
	return heap_alloc(order, address_bits, flags, 0);
}

void frame_free(struct frame *f, unsigned int order)
{
	uint64_t n = 1UL << order;

	spin_lock(&heap_lock);
	for (uint64_t i = 0; i < n; i++) {
		BUG_ON((f[i].count & (FRAME_REFS | FRAME_FREE | FRAME_HOLE | FRAME_ALLOC)) ||
		       f[i].owner);
		f[i].type = 0;
		atomic_set(&f[i].count, FRAME_FREE | FRAME_DIRTY);
	}
	(void)atomic_add(&pages_dirty, n);
	pages_free += n;
	block_insert(f, order, 0);
	spin_unlock(&heap_lock);
}

void frame_alloc_add(mfn_t start, mfn_t end)
{
	start = max(start, 1UL);
	end = min(end, frame_max);
	while (start < end) {
		int order = min(__builtin_ctzl(start), 63 - __builtin_clzl(end - start));

		order = min(order, FRAME_MAX_ORDER);
		frame_free(mfn_to_frame(start), (unsigned int)order);
		start += 1UL << order;
		(void)atomic_add(&pages_total, 1UL << order);
	}
}

bool heap_claim(uint64_t pages)
{
	bool ok;

	spin_lock(&heap_lock);
	ok = pages_free >= pages_claimed && pages_free - pages_claimed >= pages;
	if (ok) {
		pages_claimed += pages;
	}
	spin_unlock(&heap_lock);
	return ok;
}

void heap_unclaim(uint64_t pages)
{
	spin_lock(&heap_lock);
	pages_claimed -= pages;
	spin_unlock(&heap_lock);
}

/* Zero up to SCRUB_BATCH frames of a block, from its first dirty one on. */
static void block_scrub(struct frame *f, unsigned int order)
{
	uint64_t first = BLOCK_FIRST_DIRTY(f), i, found = 0;
	uint64_t limit = min(1UL << order, first + SCRUB_SCAN);

	for (i = first; i < limit && found < SCRUB_BATCH; i++) {
		found += !!(f[i].count & FRAME_DIRTY);
	}
	frames_clean(f + first, i - first, true);
	block_unlink(f, order);
	block_link(f, order, i);
}

bool frame_scrub_idle(void)
{
	bool more = false;

	if (!spin_trylock(&heap_lock)) {
		return true;
	}
	for (int zone = ZONES - 1; zone >= 0 && !more; zone--) {
		for (uint32_t orders = zone_orders[zone]; orders && !more; orders &= orders - 1) {
			unsigned int order = (unsigned int)__builtin_ctz(orders);
			struct frame *f = frame_list_tail(&heap_list[zone][order]);

			if (!(BLOCK_FIRST_DIRTY(f) >> order)) {
				block_scrub(f, order);
				more = true;
			}
		}
	}
	spin_unlock(&heap_lock);
	return more;
}

unsigned long frame_alloc_total(void)
{
	return atomic_read(&pages_total);
}

unsigned long frame_alloc_free(void)
{
	return atomic_read(&pages_free);
}

unsigned long frame_alloc_dirty(void)
{
	return atomic_read(&pages_dirty);
}

unsigned long frame_alloc_claimed(void)
{
	return atomic_read(&pages_claimed);
}

unsigned long frame_alloc_free_below(unsigned int address_bits)
{
	unsigned long n = 0;

	spin_lock(&heap_lock);
	for (int zone = zone_below(address_bits); zone >= 0; zone--) {
		for (unsigned int order = 0; order <= FRAME_MAX_ORDER; order++) {
			n += heap_list[zone][order].count << order;
		}
	}
	spin_unlock(&heap_lock);
	return n;
}

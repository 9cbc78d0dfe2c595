/* SPDX-License-Identifier: MIT */
/*
 * Small objects for the hypervisor. Each size class (16 to 2048 bytes) owns frames cut into equal
 * objects; a frame's struct frame says the class, how many objects are taken and where the first
 * free one is, so objects need no header and keep the alignment of their size. A frame whose last
 * object goes is given back.
 *
 * slab_lock guards the lists of frames with room and all of their state; the frame allocator's lock
 * is never taken inside it.
 */
#include <dais/frame_alloc.h>
#include <dais/hv_alloc.h>
#include <dais/printk.h>
#include <dais/spinlock.h>
#include <dais/string.h>

#define CLASS_MIN_SHIFT	4
#define CLASS_MAX_SHIFT	11
#define CLASSES		(CLASS_MAX_SHIFT - CLASS_MIN_SHIFT + 1)

/* In f->tlb_stamp, which the allocator resets: offset of the first free object, or the end mark. */
#define NO_OBJECT	0xffffffffu
#define FIRST_FREE(f)	((f)->tlb_stamp)

/* The type word: class (or order, for whole frames) in the low byte, objects taken above. */
#define SLAB_CLASS(f)	((unsigned int)((f)->type & 0xff))
#define SLAB_TAKEN(f)	((f)->type >> 8)
#define SLAB_ONE	(1UL << 8)

static spinlock_t slab_lock = SPINLOCK_INIT;
static struct frame_list slab_room[CLASSES];	/* frames with at least one free object */
static struct hv_alloc_use slab_use;

/* The smallest power of two, from 2^least on, that size fits in. */
static unsigned int shift_of(size_t size, unsigned int least)
{
	return size <= 1UL << least ? least : 64 - (unsigned int)__builtin_clzl(size - 1);
}

static void *hv_alloc_frames(size_t size)
{
	unsigned int order = shift_of(size, PAGE_SHIFT) - PAGE_SHIFT;
	struct frame *f = frame_alloc(order, FRAME_ANY_BITS, 0);

	if (!f) {
		return NULL;
	}
	f->type = order;
	f->count = FRAME_BIG;
	return frame_address(f);
}

/* One more frame for a class, objects chained by offset. False when memory is short. */
static bool slab_grow(unsigned int class)
{
	struct frame *f = frame_alloc(0, FRAME_ANY_BITS, 0);
	uint32_t step = 1u << (class + CLASS_MIN_SHIFT);

	if (!f) {
		return false;
	}
	for (uint32_t off = 0; off < PAGE_SIZE; off += step) {
		*(uint32_t *)((char *)frame_address(f) + off) =
			off + step < PAGE_SIZE ? off + step : NO_OBJECT;
	}
	FIRST_FREE(f) = 0;
	f->type = class;
	f->count = FRAME_SLAB;
	spin_lock(&slab_lock);
	frame_list_push(&slab_room[class], f);
	slab_use.frames++;
	spin_unlock(&slab_lock);
	return true;
}

static void *slab_take(unsigned int class)
{
	struct frame *f = frame_list_head(&slab_room[class]);
	char *p;

	if (!f) {
		return NULL;
	}
	p = (char *)frame_address(f) + FIRST_FREE(f);
	FIRST_FREE(f) = *(uint32_t *)p;
	f->type += SLAB_ONE;
	slab_use.bytes += 1UL << (class + CLASS_MIN_SHIFT);
	if (FIRST_FREE(f) == NO_OBJECT) {
		frame_list_del(&slab_room[class], f);
	}
	*(uint32_t *)p = 0;	/* the rest was zeroed when it was freed */
	return p;
}

void *hv_alloc(size_t size)
{
	unsigned int class;
	void *p;

	if (size == 0) {
		return NULL;
	}
	if (size > 1UL << CLASS_MAX_SHIFT) {
		return hv_alloc_frames(size);
	}
	class = shift_of(size, CLASS_MIN_SHIFT) - CLASS_MIN_SHIFT;
	do {
		spin_lock(&slab_lock);
		p = slab_take(class);
		spin_unlock(&slab_lock);
	} while (!p && slab_grow(class));
	return p;
}

static bool slab_give(struct frame *f, char *p)
{
	unsigned int class = SLAB_CLASS(f);
	uint32_t off = (uint32_t)((unsigned long)p & (PAGE_SIZE - 1));

	BUG_ON(off & ((1u << (class + CLASS_MIN_SHIFT)) - 1) || SLAB_TAKEN(f) == 0);
	if (FIRST_FREE(f) == NO_OBJECT) {
		frame_list_push(&slab_room[class], f);
	}
	memset(p, 0, 1UL << (class + CLASS_MIN_SHIFT));
	*(uint32_t *)p = FIRST_FREE(f);
	FIRST_FREE(f) = off;
	f->type -= SLAB_ONE;
	slab_use.bytes -= 1UL << (class + CLASS_MIN_SHIFT);
	if (SLAB_TAKEN(f) || slab_room[class].count == 1) {
		return false;	/* keep one spare frame for each class */
	}
	frame_list_del(&slab_room[class], f);
	slab_use.frames--;
	return true;
}

void hv_free(void *p)
{
	struct frame *f;
	bool empty;

	if (!p) {
		return;
	}
	f = frame_lookup(virt_to_mfn(p));
	BUG_ON(!f || !(f->count & (FRAME_SLAB | FRAME_BIG)));
	if (f->count & FRAME_BIG) {
		unsigned int order = (unsigned int)f->type;

		f->count = 0;
		frame_free(f, order);
		return;
	}
	spin_lock(&slab_lock);
	empty = slab_give(f, p);
	spin_unlock(&slab_lock);
	if (empty) {
		f->count = 0;
		f->tlb_stamp = 0;
		frame_free(f, 0);
	}
}

struct hv_alloc_use hv_alloc_use(void)
{
	struct hv_alloc_use use;

	spin_lock(&slab_lock);
	use = slab_use;
	spin_unlock(&slab_lock);
	return use;
}

/* SPDX-License-Identifier: MIT */
/*
 * Sorted sets of inclusive ranges. Invariant: ranges rise, do not overlap and do not
 * touch, so a set has exactly one representation and `contains` looks at one range.
 *
 * Every change decides first whether it needs a node and gets it before touching the
 * list: a refusal leaves the set as it was.
 */
#include <dais/rangeset.h>
#include <xen/errno.h>

void rangeset_init(struct rangeset *rs, const struct rangeset_mem *mem, void *ctx,
		   unsigned int limit)
{
	list_init(&rs->ranges);
	rs->mem = mem;
	rs->ctx = ctx;
	rs->count = 0;
	rs->limit = limit;
}

static void rangeset_drop(struct rangeset *rs, struct range *r)
{
	list_del(&r->link);
	rs->count--;
	rs->mem->free(rs->ctx, r);
}

void rangeset_destroy(struct rangeset *rs)
{
	struct range *r, *next;

	list_for_each_entry_safe(r, next, &rs->ranges, link) {
		rangeset_drop(rs, r);
	}
}

/* Put a new range right after pos (a head means: first). */
static int rangeset_insert(struct rangeset *rs, struct list_head *pos, unsigned long start,
			   unsigned long end)
{
	struct range *r;

	if (rs->limit != 0 && rs->count >= rs->limit) {
		return -XEN_E2BIG;
	}
	r = rs->mem->alloc(rs->ctx);
	if (r == NULL) {
		return -XEN_ENOMEM;
	}
	r->start = start;
	r->end = end;
	list_add(&r->link, pos);
	rs->count++;
	return 0;
}

/* The first range that ends at or after n; NULL when there is none. */
static struct range *rangeset_at_or_after(const struct rangeset *rs, unsigned long n)
{
	struct range *r;

	list_for_each_entry(r, &rs->ranges, link) {
		if (r->end >= n) {
			return r;
		}
	}
	return NULL;
}

int rangeset_add(struct rangeset *rs, unsigned long start, unsigned long end)
{
	struct range *r, *next;

	if (end < start) {
		return -XEN_EINVAL;
	}
	/* start - 1: a range that ends right before this one joins it. */
	r = rangeset_at_or_after(rs, start > 0 ? start - 1 : 0);
	if (r == NULL) {
		return rangeset_insert(rs, rs->ranges.prev, start, end);
	}
	if (end != ~0UL && r->start > end + 1) {
		return rangeset_insert(rs, r->link.prev, start, end);
	}
	if (start < r->start) {
		r->start = start;
	}
	if (end <= r->end) {
		return 0;
	}
	r->end = end;
	/* It grew upwards: swallow what it now reaches. */
	while (r->link.next != &rs->ranges) {
		next = list_entry(r->link.next, struct range, link);
		if (end != ~0UL && next->start > end + 1) {
			break;
		}
		if (next->end > r->end) {
			r->end = next->end;
		}
		rangeset_drop(rs, next);
	}
	return 0;
}

int rangeset_remove(struct rangeset *rs, unsigned long start, unsigned long end)
{
	struct range *r, *next;
	int ret;

	if (end < start) {
		return -XEN_EINVAL;
	}
	r = rangeset_at_or_after(rs, start);
	if (r == NULL) {
		return 0;
	}
	if (r->start < start && r->end > end) {
		/* A hole in the middle: the only case that needs a node. */
		ret = rangeset_insert(rs, &r->link, end + 1, r->end);
		if (ret == 0) {
			r->end = start - 1;
		}
		return ret;
	}
	if (r->start < start) {
		next = list_entry(r->link.next, struct range, link);
		r->end = start - 1;
		r = next;
	}
	while (&r->link != &rs->ranges && r->end <= end) {
		next = list_entry(r->link.next, struct range, link);
		rangeset_drop(rs, r);
		r = next;
	}
	if (&r->link != &rs->ranges && r->start <= end) {
		r->start = end + 1;
	}
	return 0;
}

bool rangeset_contains(const struct rangeset *rs, unsigned long start, unsigned long end)
{
	const struct range *r = rangeset_at_or_after(rs, start);

	return r != NULL && start <= end && r->start <= start && r->end >= end;
}

bool rangeset_empty(const struct rangeset *rs)
{
	return list_empty(&rs->ranges);
}

int rangeset_walk(const struct rangeset *rs, unsigned long start, unsigned long end,
		  int (*fn)(unsigned long start, unsigned long end, void *arg), void *arg)
{
	struct range *r;
	int ret = 0;

	list_for_each_entry(r, &rs->ranges, link) {
		if (r->end < start) {
			continue;
		}
		if (r->start > end || ret != 0) {
			break;
		}
		ret = fn(r->start > start ? r->start : start, r->end < end ? r->end : end, arg);
	}
	return ret;
}

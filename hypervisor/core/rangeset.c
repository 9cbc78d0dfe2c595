/* SPDX-License-Identifier: MIT */
/*
 * Sorted sets of inclusive ranges. Invariant: ranges rise, do not overlap and do not
 * touch, so a set has exactly one representation and `contains` looks at one range.
 *
 * Every change decides first whether it needs a node and gets it before touching the
 * list: a refusal leaves the set as it was.
 */
#include <dais/compiler.h>
#include <dais/hv_alloc.h>
#include <dais/rangeset.h>
#include <xen/errno.h>

void rangeset_init(struct rangeset *rs, unsigned int limit)
{
	list_init(&rs->ranges);
	rs->count = 0;
	rs->limit = limit;
}

static void rangeset_drop(struct rangeset *rs, struct range *r)
{
	list_del(&r->link);
	rs->count--;
	hv_free(r);
}

/* Put a new range right after pos (a head means: first). */
static int rangeset_insert(struct rangeset *rs, struct list_head *pos, unsigned long start,
			   unsigned long end)
{
	struct range *r;

	if (rs->count >= rs->limit) {
		return -XEN_E2BIG;
	}
	r = hv_alloc(sizeof(*r));
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

/* Do the two overlap or touch, when r ends at or after start - 1? */
static bool rangeset_reaches(const struct range *r, unsigned long end)
{
	return end == ~0UL || r->start <= end + 1;
}

int rangeset_add(struct rangeset *rs, unsigned long start, unsigned long end)
{
	struct range *r, *next;

	if (end < start) {
		return -XEN_EINVAL;
	}
	/* start - 1: a range that ends right before this one joins it. */
	r = rangeset_at_or_after(rs, start > 0 ? start - 1 : 0);
	if (r == NULL || !rangeset_reaches(r, end)) {
		return rangeset_insert(rs, r == NULL ? rs->ranges.prev : r->link.prev, start, end);
	}
	r->start = min(r->start, start);
	r->end = max(r->end, end);
	/* It may have grown upwards: swallow what it now reaches. */
	next = list_entry(r->link.next, struct range, link);
	while (&next->link != &rs->ranges && rangeset_reaches(next, end)) {
		r->end = max(r->end, next->end);
		rangeset_drop(rs, next);
		next = list_entry(r->link.next, struct range, link);
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
	list_for_each_entry_safe(r, next, &rs->ranges, link) {
		if (r->end < start || r->start > end) {
			continue;
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
			r->end = start - 1;
		} else if (r->end > end) {
			r->start = end + 1;
		} else {
			rangeset_drop(rs, r);
		}
	}
	return 0;
}

bool rangeset_contains(const struct rangeset *rs, unsigned long start, unsigned long end)
{
	const struct range *r = rangeset_at_or_after(rs, start);

	return r != NULL && start <= end && r->start <= start && r->end >= end;
}

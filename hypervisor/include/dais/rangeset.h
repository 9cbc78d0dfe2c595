/* SPDX-License-Identifier: MIT */
/*
 * Sets of unsigned numbers kept as sorted, disjoint, non-adjacent inclusive ranges:
 * which machine frames, I/O ports or interrupts a domain may use.
 *
 * A failed change changes nothing. No locking here: the owner of the set says which lock
 * guards it.
 */
#ifndef DAIS_RANGESET_H
#define DAIS_RANGESET_H

#include <stdbool.h>
#include <stddef.h>
#include <dais/list.h>

struct range {
	struct list_head link;
	unsigned long start, end;	/* inclusive */
};

struct rangeset {
	struct list_head ranges;
	unsigned int count, limit;	/* ranges held; most that may be held */
};

/* An empty set. limit bounds what a guest can make it hold. */
void rangeset_init(struct rangeset *rs, unsigned int limit);

/*
 * Add (remove) every number of [start, end]. 0, -EINVAL when end < start, -ENOMEM when
 * the allocator has none, -E2BIG when the limit is reached. To remove everything gives back
 * all nodes and cannot fail.
 */
int rangeset_add(struct rangeset *rs, unsigned long start, unsigned long end);
int rangeset_remove(struct rangeset *rs, unsigned long start, unsigned long end);

/* Is all of [start, end] in the set? An inverted range is contained in none. */
bool rangeset_contains(const struct rangeset *rs, unsigned long start, unsigned long end);

#endif /* DAIS_RANGESET_H */

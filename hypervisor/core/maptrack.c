/* SPDX-License-Identifier: MIT */
/*
 * Handles: a domain's own list of the grant mappings it holds. Pages of entries are added as needed
 * up to the domain's limit, under maptrack_lock; free entries are chained through their ref field.
 *
 * The head of the chain changes by compare-and-swap and carries a count of changes, so that an
 * entry which was taken and given back meanwhile is not mistaken for the same head. Pages never go,
 * so reading the link of an entry that somebody else just took is harmless. An entry in use is
 * owned by whoever sets MAPTRACK_BUSY in its flags, so two unmaps of one handle cannot both go on.
 * A page pointer is stored before nr_maptrack is raised, so a handle below the limit can be looked
 * at without the lock.
 */
#include "grant_internal.h"
#include <dais/hv_alloc.h>
#include <xen/errno.h>

BUILD_BUG_ON(sizeof(struct maptrack) != 16);

static struct maptrack *maptrack_of(const struct grant_table *gt, uint32_t handle)
{
	return &gt->maptrack[handle / MAPTRACK_PER_PAGE][handle % MAPTRACK_PER_PAGE];
}

int maptrack_init(struct grant_table *gt, uint32_t max_pages)
{
	spin_lock_init(&gt->maptrack_lock);
	gt->max_maptrack = max_pages;
	gt->maptrack_free = MAPTRACK_NONE;
	gt->maptrack = hv_alloc(max_pages * sizeof(*gt->maptrack));
	return gt->maptrack || !max_pages ? 0 : -XEN_ENOMEM;
}

void maptrack_destroy(struct grant_table *gt)
{
	uint32_t i;

	for (i = 0; i < gt->nr_maptrack; i++) {
		hv_free(gt->maptrack[i]);
	}
	hv_free(gt->maptrack);
}

/* Put the entries first..last, linked already, on the chain. */
static void maptrack_push(struct grant_table *gt, uint32_t first, struct maptrack *last)
{
	uint64_t head = atomic_read(&gt->maptrack_free), new;

	do {
		atomic_set(&last->ref, (uint32_t)head);
		new = ((head >> 32) + 1) << 32 | first;
	} while (unlikely(!atomic_cas(&gt->maptrack_free, &head, new)));
}

/* One more page, unless somebody else made one meanwhile. False: none may or can be had. */
static bool __noinline maptrack_grow(struct grant_table *gt)
{
	uint32_t nr, first;
	struct maptrack *page = NULL;
	bool more;

	spin_lock(&gt->maptrack_lock);
	nr = gt->nr_maptrack;
	more = (uint32_t)atomic_read(&gt->maptrack_free) != MAPTRACK_NONE;
	if (!more && nr < gt->max_maptrack) {
		page = hv_alloc(PAGE_SIZE);
	}
	if (page) {
		first = nr * (uint32_t)MAPTRACK_PER_PAGE;
		for (uint32_t i = 0; i < MAPTRACK_PER_PAGE - 1; i++) {
			page[i].ref = first + i + 1;
		}
		gt->maptrack[nr] = page;
		atomic_set_release(&gt->nr_maptrack, nr + 1);
		maptrack_push(gt, first, &page[MAPTRACK_PER_PAGE - 1]);
	}
	spin_unlock(&gt->maptrack_lock);
	return more || page;
}

struct maptrack *maptrack_alloc(struct grant_table *gt, uint32_t *handle)
{
	uint64_t head = atomic_read(&gt->maptrack_free);

	for (;;) {
		struct maptrack *m;

		if (unlikely((uint32_t)head == MAPTRACK_NONE)) {
			if (!maptrack_grow(gt)) {
				return NULL;
			}
			head = atomic_read(&gt->maptrack_free);
			continue;
		}
		m = maptrack_of(gt, (uint32_t)head);
		*handle = (uint32_t)head;
		if (likely(atomic_cas(&gt->maptrack_free, &head,
				      ((head >> 32) + 1) << 32 | atomic_read(&m->ref)))) {
			return m;
		}
	}
}

struct maptrack *maptrack_claim(struct grant_table *gt, uint32_t handle)
{
	uint32_t limit = atomic_read_acquire(&gt->nr_maptrack) * (uint32_t)MAPTRACK_PER_PAGE;
	struct maptrack *m;
	uint16_t flags;

	if (unlikely(handle >= limit)) {
		return NULL;
	}
	m = maptrack_of(gt, array_index_nospec(handle, limit));
	flags = atomic_read(&m->flags);
	if (unlikely((flags & (MAPTRACK_USED | MAPTRACK_BUSY)) != MAPTRACK_USED)) {
		return NULL;
	}
	return atomic_cas(&m->flags, &flags, (uint16_t)(flags | MAPTRACK_BUSY)) ? m : NULL;
}

void maptrack_unclaim(struct maptrack *m, uint32_t flags)
{
	atomic_set_release(&m->flags, (uint16_t)(flags | MAPTRACK_USED));
}

void maptrack_free(struct grant_table *gt, struct maptrack *m, uint32_t handle)
{
	m->rd = NULL;
	atomic_set_release(&m->flags, 0);
	maptrack_push(gt, handle, m);
}

uint32_t grant_handle_pages(const struct domain *d)
{
	return atomic_read(&d->grant->nr_maptrack);
}

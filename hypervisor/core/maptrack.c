/* SPDX-License-Identifier: MIT */
/*
 * Handles: a domain's own list of the grant mappings it holds. Pages of entries are added as needed up to the
 * domain's limit; free entries are chained through their ref field.
 *
 * maptrack_lock guards the chain and the growth. An entry in use is owned by whoever sets MAPTRACK_BUSY in its flags
 * by compare-and-swap, so two unmaps of one handle cannot both go on. A page pointer is stored before nr_maptrack
 * is raised, so a handle below the limit can be looked at without the lock.
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
	if (max_pages == 0) {
		return 0;
	}
	gt->maptrack = hv_alloc(max_pages * sizeof(*gt->maptrack));
	return gt->maptrack ? 0 : -XEN_ENOMEM;
}

void maptrack_destroy(struct grant_table *gt)
{
	uint32_t i;

	for (i = 0; i < gt->nr_maptrack; i++) {
		hv_free(gt->maptrack[i]);
	}
	hv_free(gt->maptrack);
	gt->maptrack = NULL;
}

/* Under maptrack_lock. */
static int maptrack_grow(struct grant_table *gt)
{
	uint32_t first = gt->nr_maptrack * (uint32_t)MAPTRACK_PER_PAGE, i;
	struct maptrack *page;

	if (gt->nr_maptrack == gt->max_maptrack) {
		return -XEN_ENOSPC;
	}
	page = hv_alloc(PAGE_SIZE);
	if (!page) {
		return -XEN_ENOMEM;
	}
	for (i = 0; i < MAPTRACK_PER_PAGE - 1; i++) {
		page[i].ref = first + i + 1;
	}
	page[i].ref = MAPTRACK_NONE;
	gt->maptrack[gt->nr_maptrack] = page;
	gt->maptrack_free = first;
	atomic_set_release(&gt->nr_maptrack, gt->nr_maptrack + 1);
	return 0;
}

int maptrack_alloc(struct grant_table *gt, uint32_t *handle)
{
	int rc = 0;

	spin_lock(&gt->maptrack_lock);
	if (gt->maptrack_free == MAPTRACK_NONE) {
		rc = maptrack_grow(gt);
	}
	if (!rc) {
		*handle = gt->maptrack_free;
		gt->maptrack_free = maptrack_of(gt, *handle)->ref;
		gt->maptrack_used++;
	}
	spin_unlock(&gt->maptrack_lock);
	return rc;
}

void maptrack_publish(struct grant_table *gt, uint32_t handle, struct domain *rd, uint32_t ref, uint16_t flags)
{
	struct maptrack *m = maptrack_of(gt, handle);

	m->rd = rd;
	m->ref = ref;
	atomic_set_release(&m->flags, flags | MAPTRACK_USED);
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

void maptrack_unclaim(struct maptrack *m, uint16_t flags)
{
	atomic_set_release(&m->flags, (uint16_t)(flags | MAPTRACK_USED));
}

void maptrack_free(struct grant_table *gt, uint32_t handle)
{
	struct maptrack *m = maptrack_of(gt, handle);

	m->rd = NULL;
	atomic_set(&m->flags, 0);
	spin_lock(&gt->maptrack_lock);
	m->ref = gt->maptrack_free;
	gt->maptrack_free = handle;
	gt->maptrack_used--;
	spin_unlock(&gt->maptrack_lock);
}

uint32_t grant_mappings_held(struct domain *d)
{
	return d->grant ? atomic_read(&d->grant->maptrack_used) : 0;
}

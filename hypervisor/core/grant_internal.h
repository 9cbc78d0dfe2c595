/* SPDX-License-Identifier: MIT */
/*
 * What the files of the grant room share. See dais/grant.h for the locks.
 *
 *	grant_table.c	a domain's table: its frames, size, version, life
 *	grant_pin.c	using an entry: checking it, marking it in use, holding its frame
 *	grant_map.c	map and unmap
 *	grant_copy.c	copy
 *	maptrack.c	handles of the mappings a domain holds
 */
#ifndef DAIS_GRANT_INTERNAL_H
#define DAIS_GRANT_INTERNAL_H

#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/grant.h>
#include <xen/grant_table.h>

#define GRANT_V1_PER_FRAME	(PAGE_SIZE / sizeof(struct grant_entry_v1))
#define MAPTRACK_PER_PAGE	(PAGE_SIZE / sizeof(struct maptrack))
#define MAPTRACK_USED		(1u << 15)	/* in maptrack.flags, beside GNTMAP_* */
#define MAPTRACK_BUSY		(1u << 14)	/* an unmap owns it */

/* Our own note of an entry, beside what the guest shows. [t]: grant_table.lock */
struct grant_active {
	uint64_t mfn;			/* [t] fixed while in use */
	uint32_t uses; /* [t] readers, and writers << 16; host and device mapping count one each */
	uint16_t domid;			/* [t] whose uses these are */
	uint16_t pad;
};

#define GRANT_USES_MAX		0xffffu
#define grant_shift(readonly)	((readonly) ? 0u : 16u)
#define grant_readers(a)	((a)->uses & GRANT_USES_MAX)
#define grant_writers(a)	((a)->uses >> 16)

/* One mapping. Free ones are chained by ref. */
struct maptrack {
	struct domain *rd;		/* granting domain, referenced */
	uint32_t ref;
	uint16_t flags;			/* [a] GNTMAP_* that are still in force, MAPTRACK_* */
	uint16_t pad;
};

struct grant_table {
	spinlock_t lock;
	bool dying;			/* [t] no new uses */
	uint32_t max_frames, nr_frames;	/* [I]; [t], atomic to readers without */
	struct grant_entry_v1 **shared;	/* [t] nr_frames pages; they appear and never go */
	struct grant_active **active;	/* [t] GRANT_V1_PER_FRAME for each page */

	spinlock_t maptrack_lock;	/* growth only */
	struct maptrack **maptrack;	/* pages; appear and never go before free */
	uint32_t max_maptrack, nr_maptrack; /* pages: [I]; atomic */
	uint64_t maptrack_free; /* [a] head of the chain or MAPTRACK_NONE; changes counted in the
				   high half */
	uint32_t release_at;		/* progress of grant_table_destroy() */
};

#define MAPTRACK_NONE	(~0u)

/*
 * Use entry `ref` of rd, on behalf of domain ldomid, `n` times (1 or 2). On success the entry shows
 * as in use and the frame, *mfn, is held, writable if so asked. GNTST_*.
 */
int16_t grant_pin(struct domain *rd, uint32_t ref, uint16_t ldomid, bool readonly, unsigned int n,
		  uint64_t *mfn);
void grant_unpin(struct domain *rd, uint32_t ref, bool readonly, unsigned int n);

static inline struct grant_active *grant_active_of(const struct grant_table *gt, uint32_t ref)
{
	return &gt->active[ref / GRANT_V1_PER_FRAME][ref % GRANT_V1_PER_FRAME];
}

static inline struct grant_entry_v1 *grant_entry_of(const struct grant_table *gt, uint32_t ref)
{
	return &gt->shared[ref / GRANT_V1_PER_FRAME][ref % GRANT_V1_PER_FRAME];
}

/* maptrack.c. alloc: -ENOSPC, -ENOMEM; the entry is the caller's until maptrack_publish(). */
int maptrack_alloc(struct grant_table *gt, uint32_t *handle);
void maptrack_publish(struct grant_table *gt, uint32_t handle, struct domain *rd, uint32_t ref,
		      uint16_t flags);
/* Become the only user of a handle the guest named; NULL when it is not a mapping, or is being
 * unmapped. */
struct maptrack *maptrack_claim(struct grant_table *gt, uint32_t handle);
void maptrack_unclaim(struct maptrack *m, uint16_t flags); /* with the GNTMAP_* left in force */
void maptrack_free(struct grant_table *gt,
		   uint32_t handle); /* of a claimed, or never published, one */
int maptrack_init(struct grant_table *gt, uint32_t max_pages);
void maptrack_destroy(struct grant_table *gt);

#endif

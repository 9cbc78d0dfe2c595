/* SPDX-License-Identifier: MIT */
/*
 * What the files of the grant room share. See dais/grant.h for the locks.
 *
 *	grant_table.c	a domain's table: its frames, size, life
 *	grant_version.c	changing between the two forms of a table; status frames
 *	grant_pin.c	using an entry: checking it, marking it in use, holding its frame
 *	grant_map.c	map and unmap
 *	grant_copy.c	copy
 *	grant_dump.c	what a debug key shows of all this
 *	maptrack.c	handles of the mappings a domain holds
 */
#ifndef DAIS_GRANT_INTERNAL_H
#define DAIS_GRANT_INTERNAL_H

#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/grant.h>
#include <xen/grant_table.h>

#define GRANT_V1_PER_FRAME	(PAGE_SIZE / sizeof(struct grant_entry_v1))
#define GRANT_V2_PER_FRAME	(PAGE_SIZE / sizeof(union grant_entry_v2))
#define GRANT_STATUS_PER_FRAME	(PAGE_SIZE / sizeof(grant_status_t))
#define GRANT_STATUS_SPAN	8u	/* frames of entries a status frame is for */
#define MAPTRACK_PER_PAGE	(PAGE_SIZE / sizeof(struct maptrack))
#define MAPTRACK_USED		(1u << 15)	/* in maptrack.flags, beside GNTMAP_* */
#define MAPTRACK_BUSY		(1u << 14)	/* an unmap owns it */

/*
 * Our own note of an entry, beside what the guest shows. All but `uses` is fixed while in use.
 * [t]: grant_table.lock
 */
struct grant_active {
	uint32_t mfn;			/* [t] RAM: its numbers fit */
	uint32_t uses; /* [t] readers, and writers << 16; host and device mapping count one each */
	uint16_t domid;			/* [t] whose uses these are */
	uint16_t start, length;		/* [t] the part of the page that is granted */
	uint16_t pad;
};

#define GRANT_USES_MAX		0xffffu
#define grant_shift(kind)	(((kind) & GRANT_WRITE) << 2)	/* 0 or 16 */
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
	bool dying;			/* [t] */
	uint8_t version, max_version;	/* [t] 1 or 2; [I] */
	uint32_t nr_entries;		/* [t] what may be used; 0 when dying */
	uint32_t nr_active;		/* [t] entries in use */
	uint32_t max_frames, nr_frames;	/* [I]; [t], atomic to readers without */
	void **shared;			/* [t] nr_frames pages; they appear and never go */
	struct grant_active **active;	/* [t] GRANT_V1_PER_FRAME for each page */
	grant_status_t **status;	/* [t] nr_status pages, from the first change to version 2 */
	uint32_t nr_status;		/* [t], atomic to readers without; likewise */

	spinlock_t maptrack_lock;	/* growth only */
	struct maptrack **maptrack;	/* pages; appear and never go before free */
	uint32_t max_maptrack, nr_maptrack; /* pages: [I]; atomic */
	uint64_t maptrack_free; /* [a] head of the chain or MAPTRACK_NONE; changes counted in the
				   high half */
	uint32_t release_at;		/* progress of grant_table_destroy() */
};

#define MAPTRACK_NONE	(~0u)

/* grant_table.c, grant_version.c: under gt->lock. A new page shared with d; NULL. Status frames for
 * `frames` frames of entries: -ENOMEM. nr_entries after a change of size or version. */
void *grant_page_new(struct domain *d);
int grant_status_grow(struct domain *d, uint32_t frames);
void grant_count_entries(struct grant_table *gt);

/* A kind of use: read a copy of it (0), or more; by the flag of an entry that forbids it. */
#define GRANT_WRITE	GTF_readonly
#define GRANT_MAP	GTF_sub_page

/*
 * Use entry `ref` of rd, on behalf of domain ldomid, `n` times (1 or 2). On success the entry shows
 * as in use and the frame, in *a, is held, writable with GRANT_WRITE. GNTST_*.
 */
int16_t grant_pin(struct domain *rd, uint32_t ref, uint16_t ldomid, unsigned int kind,
		  unsigned int n, const struct grant_active **a);
/* Take a reference on a frame of d (NULL: there is none), with the writable type unless readonly.
 * GNTST_*. */
int16_t grant_hold_frame(struct domain *d, struct frame *f, bool readonly);
void grant_unpin(struct domain *rd, uint32_t ref, unsigned int kind, unsigned int n);

static inline struct grant_active *grant_active_of(const struct grant_table *gt, uint32_t ref)
{
	return &gt->active[ref / GRANT_V1_PER_FRAME][ref % GRANT_V1_PER_FRAME];
}

/* The entry, by its first word: flags and domid, in both versions. Under gt->lock. */
static inline uint32_t *grant_entry_of(const struct grant_table *gt, uint32_t ref)
{
	uint64_t at = (uint64_t)ref << (gt->version + 2);

	return (uint32_t *)((char *)gt->shared[at / PAGE_SIZE] + at % PAGE_SIZE);
}

static inline struct grant_entry_v1 *grant_entry_v1_of(const struct grant_table *gt, uint32_t ref)
{
	return (struct grant_entry_v1 *)gt->shared[ref / GRANT_V1_PER_FRAME] +
	       ref % GRANT_V1_PER_FRAME;
}

/* Where its in-use bits are shown. Under gt->lock. */
static inline uint16_t *grant_status_of(const struct grant_table *gt, uint32_t ref)
{
	if (likely(gt->version == 1)) {
		return &grant_entry_v1_of(gt, ref)->flags;
	}
	return &gt->status[ref / GRANT_STATUS_PER_FRAME][ref % GRANT_STATUS_PER_FRAME];
}

BUILD_BUG_ON(sizeof(struct grant_entry_v1) != 1 << 3 || sizeof(union grant_entry_v2) != 1 << 4);

/* maptrack.c. alloc: NULL when the limit is reached or memory is short; the entry is the caller's
 * until it is published. */
struct maptrack *maptrack_alloc(struct grant_table *gt, uint32_t *handle);
/* Become the only user of a handle the guest named; NULL when it is not a mapping, or is being
 * unmapped. */
struct maptrack *maptrack_claim(struct grant_table *gt, uint32_t handle);
void maptrack_unclaim(struct maptrack *m, uint32_t flags); /* with the GNTMAP_* left in force */
/* of a claimed, or never published, one */
void maptrack_free(struct grant_table *gt, struct maptrack *m, uint32_t handle);
int maptrack_init(struct grant_table *gt, uint32_t max_pages);
void maptrack_destroy(struct grant_table *gt);

static inline void maptrack_publish(struct maptrack *m, struct domain *rd, uint32_t ref,
				    uint16_t flags)
{
	m->rd = rd;
	m->ref = ref;
	atomic_set_release(&m->flags, (uint16_t)(flags | MAPTRACK_USED));
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Grant tables: frames a domain lets others map or copy, and the mappings others hold.
 *
 * The table's frames are shared with a hostile guest: every word is read once, and the in-use bits
 * are set by compare-and-swap against what was checked. A use of a grant holds a reference on the
 * frame (and the writable type, when writable) from its first map to its last unmap, whatever the
 * guest does to the entry meanwhile.
 *
 * Locks: grant_table.lock of the granting domain (size and entries) and grant_table.maptrack_lock
 * of the mapper (handles) are leaves, taken with interrupts on, never together, and held for a few
 * dozen instructions. Frames are put, page tables changed and TLBs flushed with neither held.
 *
 * Doors call with ABI structures whose guest pointers they have dealt with; status is a GNTST_*
 * value.
 */
#ifndef DAIS_GRANT_H
#define DAIS_GRANT_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/spinlock.h>
#include <xen/grant_table.h>

struct domain;
struct grant_table;
struct vcpu;

#define GRANT_BATCH		16u	/* most elements for the _batch calls */
#define GRANT_MAX_FRAMES_DEFAULT 64u
#define GRANT_MAX_MAPTRACK_DEFAULT 1024u
#define GRANT_FRAMES_LIMIT	8192u	/* nobody may ask for more */
#define GRANT_MAPTRACK_LIMIT	65536u

/* Pages of entries and of handles (0 = may not map); negative as int32_t: the default. One entry
 * page exists from the start. max_version is 1 or more. What it made before it failed is for
 * grant_table_free(). */
int grant_table_create(struct domain *d, uint32_t max_frames, uint32_t max_maptrack,
		       unsigned int max_version);
/* dying: undo every mapping d holds. -ERESTART: call again */
int grant_table_destroy(struct domain *d);
void grant_table_free(struct domain *d);	/* nobody can reach d any more */

/*
 * One element each, which gets its status: a struct gnttab_map_grant_ref for the current vcpu, a
 * gnttab_copy, a gnttab_transfer (always refused), a gnttab_swap_grant_ref.
 */
void grant_map(struct domain *caller, void *op);
void grant_copy(struct domain *caller, void *op);
void grant_transfer(struct domain *caller, void *op);
void grant_swap(struct domain *caller, void *op);

/* struct gnttab_unmap_grant_ref or gnttab_unmap_and_replace of the current domain; n <=
 * GRANT_BATCH. One TLB flush per batch. */
void grant_unmap_batch(void *ops, unsigned int n);
void grant_unmap_replace_batch(void *ops, unsigned int n);
/* Checks its argument; there is nothing to flush. -EINVAL, -EPERM, -EOPNOTSUPP */
int grant_cache_flush(struct domain *d, const struct gnttab_cache_flush *op);

/* Table: grow it to nr_frames, within its limit. -ENOSPC, -EINVAL (dying), -ENOMEM */
int grant_setup_table(struct domain *d, uint32_t nr_frames);
/* The frame of entries, or of status words, with that index; -EINVAL past the end. */
int grant_frame_mfn(struct domain *d, bool status, uint32_t idx, uint64_t *mfn);
void grant_query_size(struct domain *d, uint32_t *nr_frames, uint32_t *max_frames);
uint32_t grant_nr_status_frames(struct domain *d);
/* 0; -ENOSYS: more than it may; -EINVAL: no version; -EBUSY: entries or status frames are in use;
 * -ERANGE: an entry that stays has no other form; -ENOMEM */
int grant_set_version(struct domain *d, uint32_t version);
uint32_t grant_get_version(struct domain *d);

/* acquire_resource: id 0 shared frames, 1 status frames. Fills mfns[0..n) from `first`, growing the
 * table. */
int grant_resource_frames(struct domain *d, unsigned int id, uint32_t first, uint32_t n,
			  uint64_t *mfns);
uint32_t grant_resource_max(struct domain *d, unsigned int id);

uint32_t grant_handle_pages(const struct domain *d);	/* for its handles; never fewer than before */

/* Each reference that grants in use hold on frames of d: fn(arg, mfn, with the writable type). */
void grant_each_hold(struct domain *d, void (*fn)(void *arg, uint64_t mfn, bool writable),
		     void *arg);

/*
 * Provided by the page-table room (x86/pv). Write, or remove, the level-1 entry of a grant mapping
 * of the current vcpu. host_addr: a virtual address, or with GNTMAP_contains_pte the machine
 * address of the entry. flags GNTMAP_*: readonly, application_map and available bits. On unmap the
 * entry must map exactly mfn, as writable as flags say; it gets new_addr's entry when that is not
 * 0. The entry's own references on frames are theirs; the TLB flush is ours. Return GNTST_*.
 */
int16_t grant_pte_map(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn);
int16_t grant_pte_unmap(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn,
			uint64_t new_addr);
/* Flush what an unmap batch left in any TLB of d. va: the single address touched, or 0 = all. */
void grant_tlb_flush(struct domain *d, uint64_t va);

#endif

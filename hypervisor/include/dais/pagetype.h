/* SPDX-License-Identifier: MIT */
/*
 * Page types: the security core. Turns a guest's pages into page tables and back, and is the only
 * writer of guest page-table entries.
 *
 * Promises: an entry of a validated table refers only to frames its owner may refer to, holds one
 * reference (and for writable mappings and lower tables one type reference) on each, and no frame
 * that is a page table or descriptor page is mapped writable by anybody. See the top of
 * mm/pagetype.c for how.
 *
 * Lock: d->pt_lock of the domain that owns the tables; every function here takes it, and none may
 * be called with it held (inside pt_begin/pt_end it is held) or with interrupts off. d->page_lock
 * and the allocator's lock nest inside. Page-table locks of two domains are never held at once.
 *
 * -ERESTART: progress was kept and other work is due; call again with the same arguments (the door
 * uses hypercall_continue()). Tables that lost their last reference are dismantled by later calls;
 * a door that changed tables ends with pt_settle(d) and continues itself while that says -ERESTART.
 */
#ifndef DAIS_PAGETYPE_H
#define DAIS_PAGETYPE_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/frame.h>
#include <dais/types.h>

/* Bits of page-table entries. */
#define PTE_P		(1UL << 0)
#define PTE_RW		(1UL << 1)
#define PTE_US		(1UL << 2)
#define PTE_PWT		(1UL << 3)
#define PTE_PCD		(1UL << 4)
#define PTE_A		(1UL << 5)
#define PTE_D		(1UL << 6)
#define PTE_PAT		(1UL << 7)	/* L1 */
#define PTE_PS		(1UL << 7)	/* L2 and up */
#define PTE_G		(1UL << 8)
#define PTE_AVAIL	(7UL << 9)
#define PTE_GUEST_KERNEL (1UL << 52)	/* ours: the guest left US clear */
#define PTE_AVAIL_HIGH	(0x7fUL << 52)
#define PTE_NX		(1UL << 63)
#define PTE_ADDR	0x000ffffffffff000UL
#define PTE_CACHE	(PTE_PWT | PTE_PCD | PTE_PAT)

#define pte_mfn(pte)	(((pte) & PTE_ADDR) >> PAGE_SHIFT)
#define pte_make(mfn, flags) (((uint64_t)(mfn) << PAGE_SHIFT) | (flags))

/*
 * Set at boot. Highest address of RAM on a processor with L1TF (0: it has none), and which bits of
 * an entry's address it surely looks at: caches compare no more than they have to.
 */
extern uint64_t pt_l1tf_limit, pt_l1tf_bits;

/* Per-domain state, inside struct domain. Guarded by d->pt_lock. */
struct pt_domain {
	uint32_t zap;		/* head of the list of tables to dismantle, by zap_next */
	uint8_t phase;		/* of pt_relinquish() */
	bool dead;		/* no new table types: being relinquished */
	uint64_t left;		/* frames to visit in this phase */
};

/*
 * A run of entry changes in tables of one domain. Holds d->pt_lock from pt_begin() to pt_end() and
 * keeps the table of the last change at hand. pg_owner: the domain that must own what L1 entries
 * map (d itself, a foreign domain the caller has rights over, dom_xen, or dom_io for d's own MMIO).
 */
struct pt_cursor {
	struct domain *d, *pg_owner;
	struct frame *table;	/* referenced; NULL = none */
	uint64_t *entries;
};

#define PT_PRESERVE_AD	1u	/* keep accessed and dirty as they are in the old entry */

void pt_begin(struct pt_cursor *c, struct domain *d, struct domain *pg_owner);
void pt_end(struct pt_cursor *c);

/*
 * The one way to change a guest's page-table entry: entry `index` of the frame `table`, which d
 * owns. If the frame is no page table, this is a plain store (as MMU_NORMAL_PT_UPDATE allows).
 * Errors, all before any effect:
 *   -EINVAL  not d's frame, forbidden bits, hypervisor slot, lower table missing or of another kind
 *   -EBUSY   L1: the target is not pg_owner's, or is in use as another type
 *   -EPERM   L1: MMIO without permission
 *   -ERESTART  see above
 * Every entry holds its own references, also those that grant maps write: the grant table's come
 * on top of them, and a guest that overwrites such an entry harms nobody's count.
 */
int pt_set_entry(struct pt_cursor *c, mfn_t table, unsigned int index, uint64_t val,
		 unsigned int flags);

/* What an entry of a validated table of d holds. -EINVAL: it is no such table. */
int pt_get_entry(struct pt_cursor *c, mfn_t table, unsigned int index, uint64_t *val);

/*
 * pt_set_entry() if the entry holds *old; else -EAGAIN, and *old is what it holds. Only for frames that
 * are page tables (-EINVAL otherwise).
 */
int pt_cas_entry(struct pt_cursor *c, mfn_t table, unsigned int index, uint64_t *old, uint64_t val);

/* One entry changed with a lock round trip of its own. */
int pt_set_entry_one(struct domain *d, struct domain *pg_owner, mfn_t table, unsigned int index,
		     uint64_t val, unsigned int flags);

/*
 * For the grant table, which holds on the frame itself what an entry for it needs (a plain
 * reference, and the type "writable" for a writable entry), and goes on holding it. map: `pte` is
 * a present entry without bits that pt_set_entry() could refuse. unmap: removes an entry that names
 * mfn and is writable or not as said; -EINVAL when it is another one. move: has another entry take
 * its place; -EINVAL also when that is the same. Tables are RAM, whoever owns them. -EAGAIN from
 * all: one is no validated L1 table of d. Tables that wait to be dismantled are not in the way.
 */
int pt_map_held(struct domain *d, mfn_t table, unsigned int index, uint64_t pte);
int pt_unmap_held(struct domain *d, mfn_t table, unsigned int index, mfn_t mfn, bool writable);
int pt_move_held(struct domain *d, mfn_t from, unsigned int from_index, mfn_t table,
		 unsigned int index, mfn_t mfn, bool writable);

/* Finish dismantling. 0 or -ERESTART. */
int pt_settle(struct domain *d);

/*
 * MMUEXT_PIN_Lx_TABLE (level 1 to 4), UNPIN. 0, -ERESTART, -EINVAL (pinned already, other use, not
 * pinned), or what is wrong with the first bad entry (as pt_set_entry()).
 */
int pt_pin(struct domain *d, mfn_t mfn, unsigned int level);
int pt_unpin(struct domain *d, mfn_t mfn);

/*
 * A vcpu's CR3 holds one of these for its kernel root and one for its user root. 0, -EINVAL,
 * -ERESTART. pt_desc_get(): the same for pages of GDT and LDT; -EINVAL also when one holds a bad
 * descriptor. Both are dropped by pt_hold_put().
 */
int pt_root_get(struct domain *d, mfn_t mfn);
int pt_desc_get(struct domain *d, mfn_t mfn);
void pt_hold_put(struct domain *d, mfn_t mfn);

/*
 * update_descriptor: store one checked descriptor; a page that is no descriptor page gets a plain
 * store.
 */
int pt_desc_set(struct domain *d, mfn_t mfn, unsigned int index, uint64_t desc);

/* Make a descriptor safe for ring 3 or say it cannot be. */
bool seg_desc_fix(uint64_t *desc);

/*
 * References with type "writable", for whoever stores into a guest's frame by the direct map or
 * keeps doing so (event pages, grant copy). No lock. get: 0, -EINVAL not d's, -EBUSY in use as a
 * table. put drops both.
 */
int frame_get_writable(struct frame *f, struct domain *d);
void frame_put_writable(struct frame *f);

/*
 * Domain teardown. The vcpus no longer run, no CPU has their tables loaded, and their roots and
 * descriptor pages have been put. Drops pins, dismantles tables, gives up all pages. 0 or
 * -ERESTART. Pages that others still map go when those do; each domain with pages holds a reference
 * on itself.
 */
int pt_relinquish(struct domain *d);

/*
 * Recompute what every frame of d should have from its tables, pins and the caller's knowledge, and
 * compare. `extra` is called once and reports each reference that no page-table entry explains,
 * through pt_audit_ref(): roots, descriptor pages, event pages, grants, mappings in tables of other
 * domains. d must be paused; allocates memory. Returns the number of differences, each of which was
 * printed; negative: could not.
 */
struct pt_audit;
typedef void (*pt_audit_extra)(struct domain *d, struct pt_audit *a, void *arg);
/* TYPE_NONE: a plain reference only */
void pt_audit_ref(struct pt_audit *a, mfn_t mfn, uint64_t type);
/* count mapper's entries that map d's frames */
void pt_audit_foreign(struct pt_audit *a, struct domain *mapper);
long pt_audit(struct domain *d, pt_audit_extra extra, void *arg);

#endif

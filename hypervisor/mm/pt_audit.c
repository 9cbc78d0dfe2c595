/* SPDX-License-Identifier: MIT */
/*
 * The audit: count again, from scratch, what every frame of a domain should have, and compare.
 *
 * It trusts nothing the validation keeps: it walks all frames of the domain, takes those that say
 * they are tables at their word, and counts what their entries refer to. Together with pins,
 * allocation references and what the caller knows (roots, descriptor pages, grants), that must be
 * what the count words say; and no writable entry may name a frame that has any other type.
 *
 * The sums are kept in pages found through a directory indexed by the upper part of the mfn. The
 * domain is paused and the caller sees to it that nobody else changes references meanwhile;
 * d->pt_lock is held.
 */
#include <dais/domain.h>
#include <dais/hv_alloc.h>
#include <dais/pagetype.h>
#include <dais/printk.h>
#include <xen/errno.h>
#include "pt_internal.h"
#include "pt_rules.h"

#define LEAF_SHIFT	8
#define LEAF_FRAMES	(1UL << LEAF_SHIFT)

struct audit_sum {
	uint64_t refs;		/* plain references that were found */
	uint64_t types;		/* type references */
};

struct pt_audit {
	struct domain *d;
	struct audit_sum **leaf;
	uint64_t leaves;
	long bad;
	bool no_memory;
};

static void audit_bad(struct pt_audit *a, const struct frame *f, const char *what, uint64_t is,
		      uint64_t should)
{
	a->bad++;
	pr_err("audit: d%u frame %#lx (count %#lx type %#lx): %s is %#lx, should be %#lx\n",
	       a->d->domid, (unsigned long)frame_to_mfn(f), (unsigned long)f->count,
	       (unsigned long)f->type, what, (unsigned long)is, (unsigned long)should);
}

static struct audit_sum *audit_sum(struct pt_audit *a, const struct frame *f)
{
	static struct audit_sum spare;
	uint64_t mfn = frame_to_mfn(f), i = mfn >> LEAF_SHIFT;

	if (!a->leaf[i]) {
		a->leaf[i] = hv_alloc(LEAF_FRAMES * sizeof(struct audit_sum));
	}
	if (!a->leaf[i]) {
		a->no_memory = true;
		return &spare;
	}
	return &a->leaf[i][mfn & (LEAF_FRAMES - 1)];
}

void pt_audit_ref(struct pt_audit *a, mfn_t mfn, uint64_t type)
{
	struct frame *f = frame_lookup(mfn);
	struct audit_sum *s;

	if (!f || frame_owner(f) != a->d) {
		return;
	}
	s = audit_sum(a, f);
	s->refs++;
	if (type != TYPE_NONE) {
		s->types++;
		if (frame_type(f) != type) {
			audit_bad(a, f, "type (held)", frame_type(f), type);
		}
	}
}

/* What one present entry refers to. */
static void audit_entry(struct pt_audit *a, unsigned int level, uint64_t pte)
{
	uint64_t type = level > 1      ? type_of_level(level - 1)
			: pte & PTE_RW ? TYPE_WRITABLE
				       : TYPE_NONE;
	struct frame *f = frame_lookup(pte_mfn(pte));

	if (level > 1 && (!f || frame_owner(f) != a->d || !(f->type & TYPE_VALIDATED))) {
		a->bad++;
		pr_err("audit: d%u: a level %u entry %#lx refers to no valid table of the domain\n",
		       a->d->domid, level, (unsigned long)pte);
		return;
	}
	if (pte & (level > 1 ? PT_UPPER_FORBIDDEN : PT_L1_FORBIDDEN(true))) {
		a->bad++;
		pr_err("audit: d%u: a level %u entry has forbidden bits: %#lx\n", a->d->domid,
		       level, (unsigned long)pte);
	}
	pt_audit_ref(a, pte_mfn(pte), type);
}

/* All entries of a table that hold references; of a page that is none, nothing. */
static void audit_table(struct pt_audit *a, const struct frame *f)
{
	uint64_t x = f->type, *e = frame_address(f);
	unsigned int level = level_of_type(x & TYPE_MASK);
	unsigned int n = x & TYPE_PARTIAL ? type_progress(x) : PT_ENTRIES;

	if (!type_is_table(x) || !(x & (TYPE_VALIDATED | TYPE_PARTIAL))) {
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		if ((e[i] & PTE_P) && (level != 4 || pt_l4_slot_guest(i))) {
			audit_entry(a, level, e[i]);
		}
	}
}

/* References a frame has by itself: from its allocation, its pin, its own partial state, a loan. */
static void audit_own(struct pt_audit *a, const struct frame *f)
{
	struct audit_sum *s = audit_sum(a, f);
	uint64_t x = f->type;

	s->refs += !!(f->count & FRAME_ALLOC) + !!(x & TYPE_PINNED) + !!(x & TYPE_PARTIAL);
	s->types += !!(f->count & FRAME_STATIC) + !!(x & TYPE_PINNED);
	if (frame_owner(f) != a->d) {
		audit_bad(a, f, "owner", f->owner, frame_owner_id(a->d));
	}
}

static void audit_compare(struct pt_audit *a, const struct frame *f)
{
	const struct audit_sum *s = audit_sum(a, f);
	uint64_t x = f->type, n = x & TYPE_COUNT;
	bool table = type_is_table(x), ok;

	if (frame_refs(f) != s->refs) {
		audit_bad(a, f, "references", frame_refs(f), s->refs);
	}
	if (n != s->types) {
		audit_bad(a, f, "type references", n, s->types);
	}
	/* Flags that contradict each other? */
	if (table || (x & TYPE_MASK) == TYPE_SEG_DESC) {
		ok = n ? (x & TYPE_VALIDATED) && !(x & (TYPE_PARTIAL | TYPE_ZAP)) :
		     table && (x & TYPE_PARTIAL) && !(x & (TYPE_VALIDATED | TYPE_PINNED));
	} else {
		ok = !(x & (TYPE_VALIDATED | TYPE_PARTIAL | TYPE_ZAP | TYPE_PINNED | TYPE_BUSY)) &&
		     ((x & TYPE_MASK) == TYPE_WRITABLE || x == TYPE_NONE ||
		      (f->count & FRAME_STATIC));
	}
	if (!ok) {
		audit_bad(a, f, "state of the type word", x, 0);
	}
}

static void audit_each(struct pt_audit *a, const struct frame_list *list,
		       void (*fn)(struct pt_audit *a, const struct frame *f))
{
	uint64_t n = 0;

	for (const struct frame *f = frame_list_head(list); f; f = frame_list_next(f)) {
		if (++n > list->count) {
			break;
		}
		fn(a, f);
	}
	if (n != list->count) {
		a->bad++;
		pr_err("audit: d%u: a page list says %lu frames, but has %lu\n", a->d->domid,
		       (unsigned long)list->count, (unsigned long)n);
	}
}

/* Entries of L1 tables of `mapper`, counting only those that name frames of a->d. */
void pt_audit_foreign(struct pt_audit *a, struct domain *mapper)
{
	if (mapper == a->d) {
		return;
	}
	spin_lock(&mapper->page_lock);
	for (struct frame *f = frame_list_head(&mapper->pages); f; f = frame_list_next(f)) {
		if (frame_type(f) == TYPE_L1) {
			audit_table(a, f);
		}
	}
	spin_unlock(&mapper->page_lock);
}

long pt_audit(struct domain *d, pt_audit_extra extra, void *arg)
{
	struct pt_audit a = { .d = d, .leaves = (frame_max + LEAF_FRAMES - 1) >> LEAF_SHIFT };

	a.leaf = hv_alloc(a.leaves * sizeof(*a.leaf));
	if (!a.leaf) {
		return -XEN_ENOMEM;
	}
	if (extra) {
		extra(d, &a, arg);
	}
	spin_lock(&d->pt_lock);
	audit_each(&a, &d->pages, audit_own);
	audit_each(&a, &d->xenpages, audit_own);
	audit_each(&a, &d->pages, audit_table);
	audit_each(&a, &d->pages, audit_compare);
	audit_each(&a, &d->xenpages, audit_compare);
	if (d->tot_pages != d->pages.count) {
		a.bad++;
		pr_err("audit: d%u: tot_pages is %u, but it has %lu\n", d->domid, d->tot_pages,
		       (unsigned long)d->pages.count);
	}
	spin_unlock(&d->pt_lock);
	for (uint64_t i = 0; i < a.leaves; i++) {
		hv_free(a.leaf[i]);
	}
	hv_free(a.leaf);
	return a.no_memory ? -XEN_ENOMEM : a.bad;
}

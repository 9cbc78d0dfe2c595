/* SPDX-License-Identifier: MIT */
/*
 * How a frame becomes a page table and ceases to be one.
 *
 * A guest edits its page tables itself, as memory, until it asks for one to be used. Then every
 * entry is checked and a reference taken on what it names: a plain one for a read-only mapping, a
 * plain and a "writable" one for a writable mapping, a plain and an "L(n-1) table" one for a lower
 * table. Types exclude each other, so from there on nobody can map the table writable, and all
 * changes come through pt_set_entry(), which keeps the references true. The processor then only
 * ever walks checked entries.
 *
 * Type words of tables go through these states; all moves are made under the owner's pt_lock:
 *
 *	NONE or WRITABLE, count 0   nobody uses it as anything
 *	Ln, count 1, no flags       being validated, right now, by the holder of pt_lock
 *	Ln, count >= 1, VALIDATED   a page table
 *	Ln, count 0, PARTIAL        entries [0, progress) hold references: was interrupted
 *	Ln, count 0, PARTIAL|ZAP    the same, queued for dismantling
 *
 * A partial table stands for itself: it holds one plain reference on itself, and no other table
 * refers to it. Interrupted validation of a tree simply leaves a partial table on each level, which
 * the repeated call takes up again; if something else is wanted of such a frame first, it is
 * dismantled. A table that loses its last type reference is queued at once, and so is one that
 * fails validation, each with its progress; dismantling is therefore a loop over a queue, never a
 * recursion, and may stop after any entry.
 *
 * Old translations: before a frame's type changes, every CPU that may have used its domain's tables
 * since the frame was last writable, or last a table (its stamp), is flushed.
 */
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/pagetype.h>
#include <dais/preempt.h>
#include <dais/printk.h>
#include <dais/pt_env.h>
#include <xen/errno.h>
#include "pt_internal.h"
#include "pt_rules.h"

uint64_t pt_l1tf_limit __ro_after_init, pt_l1tf_bits __ro_after_init = PTE_ADDR;

static void type_flush(struct frame *f)
{
	const struct domain *d = frame_owner(f);

	if (f->tlb_stamp && d) {
		tlb_flush_stale(&d->dirty_cpus, f->tlb_stamp);
	}
}

/* Waiting while it is BUSY is short; interrupts are on: the flush can reach this CPU meanwhile. */
static uint64_t type_read(struct frame *f)
{
	uint64_t x;

	while ((x = atomic_read(&f->type)) & TYPE_BUSY) {
		cpu_relax();
	}
	return x;
}

/* From no type to writable. BUSY keeps others from using the new type before the flush is done. */
bool type_become_writable(struct frame *f)
{
	for (;;) {
		uint64_t x = type_read(f);
		bool fresh = x == TYPE_NONE;

		if (!fresh && (x & TYPE_MASK) != TYPE_WRITABLE) {
			return false;
		}
		if (!atomic_cas(&f->type, &x, fresh ? TYPE_WRITABLE | TYPE_BUSY | 1 : x + 1)) {
			continue;
		}
		if (fresh) {
			type_flush(f);
			atomic_and(&f->type, ~TYPE_BUSY);
		}
		return true;
	}
}

int frame_get_writable(struct frame *f, struct domain *d)
{
	if (!frame_get(f, d)) {
		return -XEN_EINVAL;
	}
	if (!type_get_writable(f)) {
		frame_put(f);
		return -XEN_EBUSY;
	}
	return 0;
}

void frame_put_writable(struct frame *f)
{
	type_put_writable(f);
	frame_put_inline(f);
}

/* What the slow path of an L1 entry names when it is no RAM. */
static int l1_mmio_get(struct domain *d, struct domain *pg_owner, uint64_t *pte)
{
	struct domain *who = pg_owner == dom_io ? d : pg_owner;
	bool write = *pte & PTE_RW;
	int rc = pt_env_mmio_ok(who, pte_mfn(*pte), write);

	if (rc >= 0 && who != d) {
		int rc2 = pt_env_mmio_ok(d, pte_mfn(*pte), write);

		rc = rc2 < 0 ? rc2 : rc | rc2;
	}
	if (rc == PT_MMIO_RO) {
		*pte &= ~PTE_RW;
	}
	*pte = pt_mmio_adjust(*pte);
	return min(rc, 0);
}

static __always_inline int l1_target_get(struct domain *d, struct domain *pg_owner, uint64_t *pte)
{
	struct frame *f = frame_lookup(pte_mfn(*pte));

	if (unlikely(!f)) {
		return l1_mmio_get(d, pg_owner, pte);
	}
	if (unlikely(!frame_get(f, pg_owner))) {
		return -XEN_EBUSY;
	}
	if ((*pte & PTE_RW) && unlikely(!type_get_writable(f))) {
		int rc = -XEN_EBUSY;

		/* A leftover of an interrupted validation is in the way: it goes first. */
		if (pg_owner == d && (atomic_read(&f->type) & TYPE_PARTIAL)) {
			pt_zap(d, f);
			rc = PT_AGAIN;
		}
		frame_put(f);
		return rc;
	}
	return 0;
}

int pt_l1_target_get(struct domain *d, struct domain *pg_owner, uint64_t *pte)
{
	return l1_target_get(d, pg_owner, pte);
}

void pt_zap(struct domain *d, struct frame *f)
{
	uint64_t x = atomic_read(&f->type);

	BUG_ON(!(x & TYPE_PARTIAL));
	if (!(x & TYPE_ZAP)) {
		atomic_set(&f->type, x | TYPE_ZAP);
		f->zap_next = d->pt.zap;
		atomic_set(&d->pt.zap, (uint32_t)frame_to_mfn(f));
	}
}

/*
 * Stop here, with references held by entries [0, progress). Another plain reference makes it stand
 * for itself.
 */
static void table_make_partial(struct frame *f, uint64_t type, unsigned int progress)
{
	frame_get_known(f);
	atomic_set(&f->type, type | TYPE_PARTIAL | ((uint64_t)progress << TYPE_PROGRESS_SHIFT));
}

/* Entry checks. The frame is no table yet and mapped writable by nobody: its words are stable. */
static int l1_validate(struct domain *d, uint64_t *e, unsigned int *progress)
{
	uint64_t forbidden = PT_L1_FORBIDDEN(pt_env_has_io(d));
	unsigned int i;
	int rc = 0;

	for (i = *progress; i < PT_ENTRIES; i++) {
		uint64_t pte = e[i];

		if (!(pte & PTE_P) && pt_absent_ok(d, pte, 1)) {
			continue;
		}
		rc = unlikely(pte & forbidden || !(pte & PTE_P)) ? -XEN_EINVAL : l1_target_get(d, d, &pte);
		if (unlikely(rc)) {
			break;
		}
		pte = pt_l1_adjust(pte);
		if (pte != e[i]) {
			e[i] = pte;
		}
	}
	*progress = i;
	return rc;
}

static int upper_validate(struct domain *d, uint64_t *e, unsigned int level, unsigned int *progress)
{
	unsigned int i;
	int rc = 0;

	for (i = *progress; !rc && i < PT_ENTRIES; i++) {
		uint64_t pte = e[i];

		if ((!(pte & PTE_P) && pt_absent_ok(d, pte, level)) ||
		    (level == 4 && !pt_l4_slot_guest(i))) {
			continue;
		}
		rc = (pte & PT_UPPER_FORBIDDEN) || !(pte & PTE_P) ? -XEN_EINVAL :
		     pt_table_get(d, pte_mfn(pte), type_of_level(level - 1));
		if (rc) {
			break;
		}
		e[i] = pt_upper_adjust(pte);
		if (i + 1 < PT_ENTRIES && preempt_check()) {
			rc = -ERESTART;
		}
	}
	*progress = i;
	return rc;
}

static int desc_validate(uint64_t *e)
{
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*e); i++) {
		uint64_t desc = e[i];

		if (!seg_desc_fix(&desc)) {
			return -XEN_EINVAL;
		}
		if (desc != e[i]) {
			e[i] = desc;
		}
	}
	return 0;
}

/* f has the type with count 1 and nothing else yet. */
static int table_validate(struct domain *d, struct frame *f, uint64_t type, unsigned int progress)
{
	uint64_t *e = frame_address(f);
	int rc;

	if (type == TYPE_SEG_DESC) {
		rc = desc_validate(e);
		atomic_set(&f->type, rc ? TYPE_NONE : type | TYPE_VALIDATED | 1);
		return rc;
	}
	rc = type == TYPE_L1 ? l1_validate(d, e, &progress) :
	     upper_validate(d, e, level_of_type(type), &progress);
	if (rc == 0) {
		if (type == TYPE_L4) {
			pt_env_fill_hole(d, e);
		}
		atomic_set(&f->type, type | TYPE_VALIDATED | 1);
		return 0;
	}
	table_make_partial(f, type, progress);
	if (rc != -ERESTART && rc != PT_AGAIN) {
		pt_zap(d, f);
	}
	return rc;
}

/*
 * From no use at all to a table type. Foreign mappers race for the type word, so it moves by
 * compare-and-swap.
 */
static int type_promote(struct domain *d, struct frame *f, uint64_t type)
{
	uint64_t x;

	do {
		x = type_read(f);
		if (x != TYPE_NONE && x != TYPE_WRITABLE) {
			return -XEN_EINVAL;
		}
	} while (!atomic_cas(&f->type, &x, type | 1));
	type_flush(f);
	return table_validate(d, f, type, 0);
}

/*
 * A type reference on a table or descriptor page; the caller holds a plain one. -EINVAL, -ERESTART,
 * PT_AGAIN.
 */
static int type_get(struct domain *d, struct frame *f, uint64_t type)
{
	uint64_t x = atomic_read(&f->type);
	int rc;

	if (d->pt.dead) {
		return -XEN_EINVAL;
	}
	if ((x & (TYPE_MASK | TYPE_VALIDATED)) == (type | TYPE_VALIDATED)) {
		atomic_set(&f->type, x + 1);
		return 0;
	}
	if (!(x & TYPE_PARTIAL)) {
		return type_promote(d, f, type);
	}
	if ((x & TYPE_MASK) != type || (x & TYPE_ZAP)) {
		pt_zap(d, f);
		return PT_AGAIN;
	}
	atomic_set(&f->type, type | 1);
	rc = table_validate(d, f, type, type_progress(x));
	frame_put(f);		/* the partial table's own; the caller has another */
	return rc;
}

void pt_table_put(struct domain *d, struct frame *f)
{
	uint64_t x = atomic_read(&f->type);

	BUG_ON(!(x & TYPE_VALIDATED) || !(x & TYPE_COUNT));
	if ((x & TYPE_COUNT) > 1) {
		atomic_set(&f->type, x - 1);
	} else if ((x & TYPE_MASK) == TYPE_SEG_DESC) {
		f->tlb_stamp = (uint32_t)tlb_now();
		atomic_set(&f->type, TYPE_NONE);
	} else {
		table_make_partial(f, x & TYPE_MASK, PT_ENTRIES);
		pt_zap(d, f);
	}
	frame_put(f);
}

int pt_table_get(struct domain *d, mfn_t mfn, uint64_t type)
{
	struct frame *f = frame_lookup(mfn);
	int rc;

	if (!f || !frame_get(f, d)) {
		return -XEN_EINVAL;
	}
	rc = type_get(d, f, type);
	if (rc) {
		frame_put(f);
	}
	return rc;
}

/*
 * Let go of what entries [0, progress) refer to. True when done; else *progress is where to go on.
 */
static bool table_drop_entries(struct domain *d, uint64_t *e, unsigned int level,
			       unsigned int *progress)
{
	for (unsigned int i = *progress; i-- > 0;) {
		uint64_t pte = e[i];

		if (!(pte & PTE_P) || (level == 4 && !pt_l4_slot_guest(i))) {
			continue;
		}
		if (level == 1) {
			pt_l1_target_put(pte);
			continue;
		}
		pt_table_put(d, mfn_to_frame(pte_mfn(pte)));
		if (i > 0 && preempt_check()) {
			*progress = i;
			return false;
		}
	}
	return true;
}

/*
 * The hypervisor's slots of a former L4 stay filled: an idle CPU may still have it loaded until
 * told otherwise, and what they show is nothing a guest may not know.
 */
int pt_settle_locked(struct domain *d)
{
	while (d->pt.zap) {
		struct frame *f = mfn_to_frame(d->pt.zap);
		uint64_t x = atomic_read(&f->type);
		unsigned int progress = type_progress(x);

		atomic_set(&d->pt.zap, f->zap_next);
		if (!table_drop_entries(d, frame_address(f), level_of_type(x & TYPE_MASK),
					&progress)) {
			x &= ~(TYPE_PROGRESS | TYPE_ZAP);
			atomic_set(&f->type, x | ((uint64_t)progress << TYPE_PROGRESS_SHIFT));
			pt_zap(d, f);
			return -ERESTART;
		}
		f->tlb_stamp = (uint32_t)tlb_now();
		atomic_set_release(&f->type, TYPE_NONE);
		frame_put(f);
		if (d->pt.zap && preempt_check()) {
			return -ERESTART;
		}
	}
	return 0;
}

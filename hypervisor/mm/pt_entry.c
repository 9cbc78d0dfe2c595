/* SPDX-License-Identifier: MIT */
/*
 * The one place where an entry of a guest's page table is changed.
 *
 * New references are taken before the entry is written and old ones dropped after, so a failed
 * change has no effect and a frame is never without the reference its mapping needs. The processor
 * may set accessed and dirty bits at any moment: entries are exchanged atomically. Everything else
 * about a table's entries is stable under d->pt_lock.
 */
#include <dais/domain.h>
#include <dais/pagetype.h>
#include <xen/errno.h>
#include "pt_internal.h"
#include "pt_rules.h"

/* How a new value replaces the old. */
enum store_how { STORE_PLAIN, STORE_KEEP_AD, STORE_COMPARE };

struct pt_store {
	enum store_how how;
	uint64_t expect;	/* STORE_COMPARE: what must be there; afterwards what was */
};

/* False when the comparison failed. *old: the entry as it was at the exchange. */
static __always_inline bool entry_store(uint64_t *p, uint64_t val, struct pt_store *s, uint64_t *old)
{
	bool ok;

	if (s->how == STORE_PLAIN) {
		*old = atomic_xchg(p, val);
		return true;
	}
	if (s->how == STORE_COMPARE) {
		ok = atomic_cas(p, &s->expect, val);
		*old = s->expect;
		return ok;
	}
	*old = atomic_read(p);
	while (!atomic_cas(p, old, val | (*old & (PTE_A | PTE_D)))) {
		;
	}
	return true;
}

/*
 * From read-only to writable or back, same frame: only the type reference changes hands. The
 * frame's owner has to be the one named, as for any new writable mapping. PT_AGAIN: not so simple.
 */
static int l1_toggle_write(struct pt_cursor *c, uint64_t *p, uint64_t val, struct pt_store *s)
{
	struct frame *f = frame_lookup(pte_mfn(val));
	uint64_t old;
	bool stored;

	if (!f || atomic_read(&f->owner) != frame_owner_id(c->pg_owner) ||
	    ((val & PTE_RW) && !type_get_writable(f))) {
		return PT_AGAIN;
	}
	stored = entry_store(p, val, s, &old);
	if (stored == !(val & PTE_RW)) {
		type_put_writable(f);	/* the old entry's, or what was taken in vain */
	}
	return stored ? 0 : -XEN_EAGAIN;
}

/* val has a bit that not everybody may set. */
static bool __noinline l1_bits_ok(const struct domain *d, uint64_t val)
{
	return !(val & PT_L1_FORBIDDEN(true)) && pt_env_has_io(d);
}

static __always_inline int l1_set(struct pt_cursor *c, uint64_t *p, uint64_t val,
				  struct pt_store *s)
{
	uint64_t old = atomic_read(p), changed;
	int rc;

	if (val & PTE_P) {
		if (unlikely(val & PT_L1_FORBIDDEN(false)) && !l1_bits_ok(c->d, val)) {
			return -XEN_EINVAL;
		}
		val = pt_l1_adjust(val);
		changed = old ^ val;
		if ((old & PTE_P) && !(changed & (PTE_ADDR | PTE_CACHE))) {
			if (!(changed & PTE_RW)) {
				return entry_store(p, val, s, &old) ? 0 : -XEN_EAGAIN;
			}
			rc = l1_toggle_write(c, p, val, s);
			if (rc != PT_AGAIN) {
				return rc;
			}
		}
		rc = pt_l1_target_get(c->d, c->pg_owner, &val);
		if (unlikely(rc)) {
			return rc;
		}
	} else if (unlikely(!pt_absent_ok(c->d, val, 1))) {
		return -XEN_EINVAL;
	}
	if (unlikely(!entry_store(p, val, s, &old))) {
		if (val & PTE_P) {
			pt_l1_target_put(val);
		}
		return -XEN_EAGAIN;
	}
	if (old & PTE_P) {
		pt_l1_target_put(old);
	}
	return 0;
}

static int upper_set(struct pt_cursor *c, uint64_t *p, unsigned int level, uint64_t val,
		     struct pt_store *s)
{
	uint64_t old = atomic_read(p), drop;
	bool same = (old & PTE_P) && (val & PTE_P) && !((old ^ val) & PTE_ADDR), stored;
	int rc = 0;

	if (!(val & PTE_P)) {
		rc = pt_absent_ok(c->d, val, level) ? 0 : -XEN_EINVAL;
	} else if (val & PT_UPPER_FORBIDDEN) {
		rc = -XEN_EINVAL;
	} else if (!same) {
		rc = pt_table_get(c->d, pte_mfn(val), type_of_level(level - 1));
	}
	if (rc) {
		return rc;
	}
	stored = entry_store(p, val & PTE_P ? pt_upper_adjust(val) : val, s, &old);
	if (stored && level == 4) {
		pt_env_root_changed();
	}
	drop = stored ? old : val;
	if (!same && (drop & PTE_P)) {
		pt_table_put(c->d, mfn_to_frame(pte_mfn(drop)));
	}
	return stored ? 0 : -XEN_EAGAIN;
}

/* In anything but a validated L1 table. */
static int __noinline cursor_other_set(struct pt_cursor *c, unsigned int index, uint64_t val,
				       struct pt_store *s)
{
	uint64_t x = atomic_read(&c->table->type), *p = c->entries + index;

	if (x & TYPE_PARTIAL) {
		pt_zap(c->d, c->table);
		return PT_AGAIN;
	}
	if (type_is_table(x) && (x & TYPE_VALIDATED)) {
		unsigned int level = level_of_type(x & TYPE_MASK);

		if (level == 4 && !pt_l4_slot_guest(index)) {
			return -XEN_EINVAL;
		}
		return upper_set(c, p, level, val, s);
	}
	if (s->how == STORE_COMPARE || !type_get_writable(c->table)) {
		return -XEN_EINVAL;
	}
	atomic_set(p, val);	/* in a page that is no table: its owner may write it anyway */
	type_put_writable(c->table);
	return 0;
}

static inline bool table_is_l1(const struct frame *f)
{
	uint64_t x = atomic_read(&f->type);

	return likely((x & (TYPE_MASK | TYPE_VALIDATED)) == (TYPE_L1 | TYPE_VALIDATED));
}

static inline void cursor_drop(struct pt_cursor *c)
{
	if (c->table) {
		frame_put_inline(c->table);
		c->table = NULL;
	}
}

static inline int cursor_seek(struct pt_cursor *c, mfn_t table)
{
	struct frame *f = frame_lookup(table);

	cursor_drop(c);
	if (!f || !frame_get(f, c->d)) {
		return -XEN_EINVAL;
	}
	c->table = f;
	c->entries = frame_address(f);
	return 0;
}

int pt_get_entry(struct pt_cursor *c, mfn_t table, unsigned int index, uint64_t *val)
{
	uint64_t x;

	if (index >= PT_ENTRIES || cursor_seek(c, table) != 0) {
		return -XEN_EINVAL;
	}
	x = atomic_read(&c->table->type);
	if (!type_is_table(x) || !(x & TYPE_VALIDATED)) {
		return -XEN_EINVAL;
	}
	*val = atomic_read(&c->entries[array_index_nospec(index, PT_ENTRIES)]);
	return 0;
}

static __always_inline int cursor_set(struct pt_cursor *c, mfn_t table, unsigned int index,
				      uint64_t val, struct pt_store *s)
{
	int rc;

	if (unlikely(index >= PT_ENTRIES)) {
		return -XEN_EINVAL;
	}
	index = array_index_nospec(index, PT_ENTRIES);
	if (!c->table || frame_to_mfn(c->table) != table) {
		rc = cursor_seek(c, table);
		if (unlikely(rc)) {
			return rc;
		}
	}
	do {
		if (unlikely(c->d->pt.zap)) {
			rc = pt_settle_locked(c->d);
			if (rc) {
				return rc;
			}
		}
		rc = table_is_l1(c->table) ? l1_set(c, c->entries + index, val, s) :
		     cursor_other_set(c, index, val, s);
	} while (unlikely(rc == PT_AGAIN));
	return rc;
}

int pt_set_entry(struct pt_cursor *c, mfn_t table, unsigned int index, uint64_t val,
		 unsigned int flags)
{
	struct pt_store s = { .how = flags & PT_PRESERVE_AD ? STORE_KEEP_AD : STORE_PLAIN };

	return cursor_set(c, table, index, val, &s);
}

int pt_cas_entry(struct pt_cursor *c, mfn_t table, unsigned int index, uint64_t *old, uint64_t val)
{
	struct pt_store s = { .how = STORE_COMPARE, .expect = *old };
	int rc = cursor_set(c, table, index, val, &s);

	if (rc == -XEN_EAGAIN) {
		*old = s.expect;
	}
	return rc;
}

inline void pt_begin(struct pt_cursor *c, struct domain *d, struct domain *pg_owner)
{
	c->d = d;
	c->pg_owner = pg_owner;
	c->table = NULL;
	spin_lock(&d->pt_lock);
}

inline void pt_end(struct pt_cursor *c)
{
	cursor_drop(c);
	if (unlikely(c->d->pt.zap)) {
		(void)pt_settle_locked(c->d);	/* what is left waits for pt_settle() */
	}
	spin_unlock(&c->d->pt_lock);
}

int pt_set_entry_one(struct domain *d, struct domain *pg_owner, mfn_t table, unsigned int index,
		     uint64_t val, unsigned int flags)
{
	struct pt_store s = { .how = flags & PT_PRESERVE_AD ? STORE_KEEP_AD : STORE_PLAIN };
	struct pt_cursor c;
	int rc;

	pt_begin(&c, d, pg_owner);
	rc = cursor_set(&c, table, index, val, &s);
	pt_end(&c);
	return rc;
}

/*
 * Take a reference on t, a validated L1 table of d. False: it is something else. Tables that wait to be dismantled
 * are not validated any more, and need not go first: who unmaps a grant cannot be told to come again, and what he is
 * refused stays mapped. Under d->pt_lock.
 */
static inline bool held_table(struct domain *d, struct frame *t)
{
	if (unlikely(!frame_get(t, d))) {
		return false;
	}
	if (unlikely(!table_is_l1(t))) {
		frame_put(t);
		return false;
	}
	return true;
}

/* The same, with d->pt_lock, until held_end(). */
static inline bool held_begin(struct domain *d, struct frame *t)
{
	spin_lock(&d->pt_lock);
	if (unlikely(!held_table(d, t))) {
		spin_unlock(&d->pt_lock);
		return false;
	}
	return true;
}

static inline void held_end(struct domain *d, struct frame *t)
{
	frame_put_inline(t);
	spin_unlock(&d->pt_lock);
}

/* In bounds, guessed or not. */
static inline uint64_t *held_entry(mfn_t table, unsigned int index)
{
	return (uint64_t *)frame_map(table) + index % PT_ENTRIES;
}

int pt_map_held(struct domain *d, mfn_t table, unsigned int index, uint64_t pte)
{
	struct frame *f = mfn_to_frame(pte_mfn(pte)), *t = mfn_to_frame(table);
	uint64_t old;

	if (unlikely(!held_begin(d, t))) {
		return -XEN_EAGAIN;
	}
	frame_get_known(f);
	if (pte & PTE_RW) {
		(void)atomic_add(&f->type, 1);	/* writable and not BUSY: the caller's own is there */
	}
	old = atomic_xchg(held_entry(table, index), pt_l1_adjust(pte));
	if (old & PTE_P) {
		pt_l1_target_put(old);
	}
	held_end(d, t);
	return 0;
}

/* Is it an entry for mfn, writable or not as said? */
static inline bool held_is(uint64_t pte, mfn_t mfn, bool writable)
{
	return likely(((pte & (PTE_ADDR | PTE_P | PTE_RW)) ^ pte_make(mfn, PTE_P)) ==
		      (writable ? PTE_RW : 0));
}

/* Put `new` in place of such an entry. False: it is another one. Under d->pt_lock. */
static __always_inline bool held_replace(uint64_t *p, mfn_t mfn, bool writable, uint64_t new)
{
	struct frame *f = mfn_to_frame(mfn);
	uint64_t old = atomic_read(p);

	do {	/* only the processor, which sets A and D, can make it try again */
		if (!held_is(old, mfn, writable)) {
			return false;
		}
	} while (unlikely(!atomic_cas(p, &old, new)));
	if (writable) {
		type_put_writable(f);
	}
	frame_put_inline(f);
	return true;
}

int pt_unmap_held(struct domain *d, mfn_t table, unsigned int index, mfn_t mfn, bool writable)
{
	struct frame *t = mfn_to_frame(table);
	bool done;

	if (unlikely(!held_begin(d, t))) {
		return -XEN_EAGAIN;
	}
	done = held_replace(held_entry(table, index), mfn, writable, 0);
	held_end(d, t);
	return likely(done) ? 0 : -XEN_EINVAL;
}

/* Its references move with the entry. */
int pt_move_held(struct domain *d, mfn_t from, unsigned int from_index, mfn_t table,
		 unsigned int index, mfn_t mfn, bool writable)
{
	struct frame *t = mfn_to_frame(table), *ft = mfn_to_frame(from);
	uint64_t *p = held_entry(table, index), *fp = held_entry(from, from_index);
	int rc = -XEN_EAGAIN;

	if (!held_begin(d, t)) {
		return rc;
	}
	if (held_table(d, ft)) {
		rc = fp != p && held_is(atomic_read(p), mfn, writable) ? 0 : -XEN_EINVAL;
		if (rc == 0) {
			(void)held_replace(p, mfn, writable, atomic_xchg(fp, 0));
		}
		frame_put(ft);
	}
	held_end(d, t);
	return rc;
}

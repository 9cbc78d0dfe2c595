/* SPDX-License-Identifier: MIT */
/*
 * The rules of page types, one by one, on full-sized tables: what is refused and with which error,
 * what a guest reads back, which references are held. Each test audits its domain and gives
 * everything back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/m2p.h>
#include "machine.h"

#define type_count(mfn)	(mfn_to_frame(mfn)->type & TYPE_COUNT)
#define type_is(mfn, t)	(frame_type(mfn_to_frame(mfn)) == (t))

static struct domain *d;
static unsigned long start_free;

static int setup(void **state)
{
	(void)state;
	start_free = frame_alloc_free();
	d = machine_domain(0, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	machine_check(d);
	machine_destroy(d);
	assert_int_equal(d->refs, 1);
	assert_int_equal(frame_alloc_free(), start_free);
	return 0;
}

static void test_pin_levels(void **state)
{
	struct machine_tree t;

	(void)state;
	machine_tree(d, &t, 4, RO);
	assert_int_equal(pt_pin(d, t.l4, 0), -XEN_EINVAL);
	assert_int_equal(pt_pin(d, t.l4, 5), -XEN_EINVAL);
	assert_int_equal(pt_pin(d, 0, 1), -XEN_EINVAL);
	assert_int_equal(pt_pin(d, ~0UL, 1), -XEN_EINVAL);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	machine_check(d);
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);	/* twice */
	assert_int_equal(pt_pin(d, t.l4, 3), -XEN_EINVAL);
	assert_true(type_is(t.l1, TYPE_L1) && type_is(t.l2, TYPE_L2) && type_is(t.l3, TYPE_L3));
	assert_int_equal(pt_pin(d, t.l1, 2), -XEN_EINVAL);	/* in use as another level */
	assert_int_equal(pt_pin(d, t.l1, 1), 0);
	assert_int_equal(type_count(t.l1), 2);
	assert_int_equal(pt_unpin(d, t.l2), -XEN_EINVAL);
	assert_int_equal(pt_unpin(d, t.l4), 0);
	assert_int_equal(pt_unpin(d, t.l4), -XEN_EINVAL);
	assert_int_equal(pt_settle(d), 0);
	machine_check(d);
	assert_true(type_is(t.l2, TYPE_NONE));
	assert_true(type_is(t.l1, TYPE_L1));			/* its own pin keeps it */
	assert_int_equal(pt_unpin(d, t.l1), 0);
	assert_true(type_is(t.l1, TYPE_NONE));
	assert_int_equal(frame_refs(mfn_to_frame(t.data[0])), 1);
}

/* A page that is mapped writable cannot become a table, nor the other way round. */
static void test_exclusion(void **state)
{
	struct machine_tree t, u;

	(void)state;
	machine_tree(d, &t, 2, RW);
	machine_tree(d, &u, 1, RO);
	machine_table(u.l1)[1] = pte_make(t.l1, RW);
	assert_int_equal(pt_pin(d, u.l1, 1), 0);
	assert_int_equal(pt_pin(d, t.l1, 1), -XEN_EINVAL);	/* u maps it writable */
	assert_int_equal(machine_set(d, u.l1, 1, pte_make(t.l1, RO)), 0);
	assert_int_equal(pt_pin(d, t.l1, 1), 0);
	assert_int_equal(machine_set(d, u.l1, 1, pte_make(t.l1, RW)), -XEN_EBUSY);
	assert_int_equal(machine_table(u.l1)[1] & PTE_RW, 0);
	assert_int_equal(machine_set(d, u.l1, 2, pte_make(t.l1, RW)), -XEN_EBUSY);
	assert_int_equal(machine_set(d, u.l1, 2, pte_make(u.l1, RW)), -XEN_EBUSY);	/* itself */
	assert_int_equal(machine_set(d, u.l1, 2, pte_make(u.l1, RO)), 0);
	machine_check(d);
	assert_int_equal(frame_get_writable(mfn_to_frame(t.l1), d), -XEN_EBUSY);
	assert_int_equal(pt_desc_get(d, t.l1), -XEN_EINVAL);
	assert_int_equal(pt_unpin(d, u.l1), 0);
	assert_int_equal(pt_unpin(d, t.l1), 0);
}

/*
 * A table that maps itself, or a table above it, writable fails validation and leaves nothing
 * behind.
 */
static void test_self_reference(void **state)
{
	struct machine_tree t;

	(void)state;
	machine_tree(d, &t, 3, RW);
	machine_table(t.l1)[5] = pte_make(t.l1, RW);
	assert_int_equal(pt_pin(d, t.l1, 1), -XEN_EBUSY);
	machine_check(d);
	machine_table(t.l1)[5] = pte_make(t.l4, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EBUSY);
	assert_int_equal(pt_settle(d), 0);
	machine_check(d);
	assert_true(type_is(t.l4, TYPE_NONE) && type_is(t.l1, TYPE_NONE));
	assert_int_equal(frame_refs(mfn_to_frame(t.data[0])), 1);
	machine_table(t.l1)[5] = 0;
	/* recursive tables are not offered */
	machine_table(t.l2)[7] = pte_make(t.l2, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);
	machine_table(t.l2)[7] = pte_make(t.l4, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);
	assert_int_equal(pt_settle(d), 0);
}

static void test_flags(void **state)
{
	static const struct { uint64_t flags; int plain, io, upper; } row[] = {
		{ RW | PTE_A | PTE_D | PTE_NX | PTE_AVAIL, 0, 0, 0 },
		{ RW | PTE_AVAIL_HIGH, 0, 0, 0 },
		{ RW | PTE_G, 0, 0, -XEN_EINVAL },
		{ RW | PTE_PWT, -XEN_EINVAL, 0, -XEN_EINVAL },
		{ RW | PTE_PCD, -XEN_EINVAL, 0, -XEN_EINVAL },
		{ RW | PTE_PAT, -XEN_EINVAL, 0, -XEN_EINVAL },
		{ RW | (1UL << 59), -XEN_EINVAL, -XEN_EINVAL, -XEN_EINVAL },
		{ RW | (1UL << 62), -XEN_EINVAL, -XEN_EINVAL, -XEN_EINVAL },
		{ (RW | (1UL << 62) | PTE_PCD) & ~PTE_P, 0, 0, 0 },
	};
	struct machine_tree t;

	(void)state;
	machine_tree(d, &t, 1, RO);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	for (unsigned int i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		d->is_hardware = false;
		assert_int_equal(machine_set(d, t.l1, 9, pte_make(t.data[0], row[i].flags)),
				 row[i].plain);
		assert_int_equal(machine_set(d, t.l1, 9, 0), 0);
		d->is_hardware = true;
		assert_int_equal(machine_set(d, t.l1, 9, pte_make(t.data[0], row[i].flags)),
				 row[i].io);
		assert_int_equal(machine_set(d, t.l1, 9, 0), 0);
		assert_int_equal(machine_set(d, t.l2, 9, pte_make(t.l1, row[i].flags)),
				 row[i].upper);
		assert_int_equal(machine_set(d, t.l2, 9, 0), 0);
		machine_check(d);
		/* The same through validation. */
		d->is_hardware = false;
		machine_table(t.data[0])[3] = pte_make(t.l1, row[i].flags & ~PTE_RW);
		assert_int_equal(pt_pin(d, t.data[0], 1), row[i].plain);
		if (!row[i].plain) {
			assert_int_equal(pt_unpin(d, t.data[0]), 0);
		}
	}
}

/* What the guest reads back. */
static void test_rewrites(void **state)
{
	struct machine_tree t;
	uint64_t *l1;

	(void)state;
	machine_tree(d, &t, 3, RO);
	l1 = machine_table(t.l1);
	l1[0] = pte_make(t.data[0], PTE_P);
	l1[1] = pte_make(t.data[1], PTE_P | PTE_US);
	l1[2] = pte_make(t.data[2], PTE_P | PTE_US | PTE_GUEST_KERNEL);
	machine_table(t.l2)[0] = pte_make(t.l1, PTE_P | PTE_RW);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(l1[0], pte_make(t.data[0], PTE_P | PTE_US | PTE_GUEST_KERNEL));
	assert_int_equal(l1[1], pte_make(t.data[1], PTE_P | PTE_US | PTE_G));
	assert_int_equal(l1[2], pte_make(t.data[2], PTE_P | PTE_US | PTE_GUEST_KERNEL));
	assert_int_equal(machine_table(t.l2)[0], pte_make(t.l1, RW));
	assert_int_equal(machine_set(d, t.l1, 3, pte_make(t.data[0], PTE_P | PTE_RW)), 0);
	assert_int_equal(l1[3], pte_make(t.data[0], RW | PTE_GUEST_KERNEL));
	assert_int_equal(machine_set(d, t.l1, 4, 0x1234560 & ~PTE_P), 0);
	assert_int_equal(l1[4], 0x1234560);
	assert_int_equal(machine_table(t.l4)[PT_HOLE_FIRST], pte_make(0xabc, PTE_P));
}

static void test_hole(void **state)
{
	struct machine_tree t;
	unsigned long changes;

	(void)state;
	machine_tree(d, &t, 1, RO);
	/* ignored, replaced */
	machine_table(t.l4)[PT_HOLE_FIRST] = pte_make(0x7777, ~0UL & ~PTE_ADDR);
	assert_int_equal(pt_root_get(d, t.l4), 0);
	machine_ref_add(t.l4, TYPE_L4);
	assert_int_equal(machine_table(t.l4)[PT_HOLE_FIRST], pte_make(0xabc, PTE_P));
	changes = arena_root_changes;
	for (unsigned int i = PT_HOLE_FIRST; i <= PT_HOLE_LAST; i++) {
		assert_int_equal(machine_set(d, t.l4, i, 0), -XEN_EINVAL);
		assert_int_equal(machine_set(d, t.l4, i, pte_make(t.l3, RW)), -XEN_EINVAL);
	}
	assert_int_equal(arena_root_changes, changes);
	assert_int_equal(machine_set(d, t.l4, PT_HOLE_LAST + 1, pte_make(t.l3, RW)), 0);
	assert_int_equal(machine_set(d, t.l4, PT_HOLE_FIRST - 1, pte_make(t.l3, RW)), 0);
	assert_int_equal(machine_set(d, t.l4, PT_HOLE_FIRST - 1, pte_make(t.l3, RO)), 0);
	assert_int_equal(machine_set(d, t.l4, PT_HOLE_FIRST - 1, pte_make(t.l3, RW)), 0);
	assert_int_equal(arena_root_changes, changes + 4);
	assert_int_equal(machine_set(d, t.l4, PT_ENTRIES, 0), -XEN_EINVAL);
	machine_check(d);
	pt_hold_put(d, t.l4);
	machine_ref_del(t.l4, TYPE_L4);
	assert_int_equal(pt_root_get(d, t.l3), -XEN_EINVAL);
	assert_int_equal(pt_settle(d), 0);
}

static void test_updates(void **state)
{
	struct machine_tree t;
	mfn_t page = machine_page(d), fresh = machine_page(d);
	struct pt_cursor c;

	(void)state;
	machine_tree(d, &t, 2, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(type_count(t.data[0]), 1);
	/* RW to RO and back touches only the type count; another frame moves both. */
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RO)), 0);
	assert_int_equal(type_count(t.data[0]), 0);
	assert_int_equal(frame_refs(mfn_to_frame(t.data[0])), 2);
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RW | PTE_A)), 0);
	assert_int_equal(type_count(t.data[0]), 1);
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(page, RW)), 0);
	assert_int_equal(frame_refs(mfn_to_frame(t.data[0])), 1);
	machine_check(d);
	/* A new lower table is validated when it is linked, and its predecessor dismantled. */
	assert_int_equal(machine_set(d, t.l2, 0, pte_make(fresh, RW)), 0);
	assert_int_equal(pt_settle(d), 0);
	assert_true(type_is(fresh, TYPE_L1) && type_is(t.l1, TYPE_NONE));
	assert_int_equal(frame_refs(mfn_to_frame(page)), 1);
	machine_check(d);
	/* The former table is plain memory again. */
	assert_int_equal(machine_set(d, fresh, 0, pte_make(t.l1, RW)), 0);
	/* MMU_NORMAL on a page that is no table stores data. */
	assert_int_equal(machine_set(d, page, 7, 0xdeadbeef), 0);
	assert_int_equal(machine_table(page)[7], 0xdeadbeef);
	assert_int_equal(machine_set(d, 3000, 7, 1), -XEN_EINVAL);
	assert_int_equal(machine_set(d, 1, 7, 1), -XEN_EINVAL);		/* the hypervisor's */
	/* Batches keep the table at hand. */
	pt_begin(&c, d, d);
	for (unsigned int i = 0; i < 32; i++) {
		assert_int_equal(pt_set_entry(&c, fresh, 10 + i, pte_make(page, RO), 0), 0);
	}
	assert_int_equal(pt_set_entry(&c, t.l4, 300, 0, 0), 0);
	pt_end(&c);
	assert_int_equal(frame_refs(mfn_to_frame(page)), 33);
}

static void test_accessed_dirty(void **state)
{
	struct machine_tree t;
	uint64_t *l1, old;
	struct pt_cursor c;

	(void)state;
	machine_tree(d, &t, 1, RW);
	l1 = machine_table(t.l1);
	assert_int_equal(pt_pin(d, t.l1, 1), 0);
	l1[0] |= PTE_A | PTE_D;		/* the processor */
	assert_int_equal(pt_set_entry_one(d, d, t.l1, 0, pte_make(t.data[0], RO), PT_PRESERVE_AD),
			 0);
	assert_int_equal(l1[0], pte_make(t.data[0], RO | PTE_A | PTE_D | PTE_G));
	assert_int_equal(pt_set_entry_one(d, d, t.l1, 0, pte_make(t.data[0], RO), 0), 0);
	assert_int_equal(l1[0], pte_make(t.data[0], RO | PTE_G));
	pt_begin(&c, d, d);
	old = l1[0];
	assert_int_equal(pt_cas_entry(&c, t.l1, 0, &old, old | PTE_A), 0);
	old = 123;
	assert_int_equal(pt_cas_entry(&c, t.l1, 0, &old, pte_make(t.data[0], RW)), -XEN_EAGAIN);
	assert_int_equal(old, l1[0]);
	old = 0;
	assert_int_equal(pt_cas_entry(&c, t.l1, 0, &old, 0), -XEN_EAGAIN);
	old = l1[0];
	assert_int_equal(pt_cas_entry(&c, t.l1, 0, &old, 0), 0);
	old = 5;
	assert_int_equal(pt_cas_entry(&c, t.l1, 0, &old, pte_make(t.data[0], RW)), -XEN_EAGAIN);
	assert_int_equal(pt_cas_entry(&c, t.data[0], 0, &old, 5), -XEN_EINVAL);	/* no table */
	pt_end(&c);
	assert_int_equal(frame_refs(mfn_to_frame(t.data[0])), 1);
}

/* The grant table's way: the caller holds the frame, the entry takes references of its own. */
static void test_held(void **state)
{
	struct domain *e = machine_domain(1, 0);
	mfn_t theirs = machine_page(e);
	struct frame *f = mfn_to_frame(theirs);
	struct machine_tree t, u;
	uint64_t *l1;

	(void)state;
	machine_tree(d, &t, 1, RW);
	machine_tree(e, &u, 1, RO);
	l1 = machine_table(t.l1);
	assert_int_equal(frame_get_writable(f, e), 0);
	/* Only into validated L1 tables of ours. */
	assert_int_equal(pt_map_held(d, t.l1, 0, pte_make(theirs, RW)), -XEN_EAGAIN);
	assert_int_equal(pt_unmap_held(d, t.l1, 0, theirs, true), -XEN_EAGAIN);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(pt_pin(e, u.l1, 1), 0);
	assert_int_equal(pt_map_held(d, u.l1, 0, pte_make(theirs, RW)), -XEN_EAGAIN);
	assert_int_equal(pt_map_held(d, t.l2, 0, pte_make(theirs, RW)), -XEN_EAGAIN);
	assert_int_equal(pt_map_held(d, t.data[0], 0, pte_make(theirs, RW)), -XEN_EAGAIN);
	/* What was there lets go of its frame. */
	assert_int_equal(pt_map_held(d, t.l1, 0, pte_make(theirs, RW)), 0);
	assert_int_equal(frame_refs(mfn_to_frame(t.data[0])), 1);
	assert_int_equal(pt_map_held(d, t.l1, 1, pte_make(theirs, RO)), 0);
	assert_int_equal(l1[1], pte_make(theirs, RO | PTE_G));
	assert_int_equal(frame_refs(f), 4);
	assert_int_equal(type_count(theirs), 2);
	machine_check(d);
	/* Another frame, another kind, nothing there; A and D do not matter. */
	l1[0] |= PTE_A | PTE_D;
	assert_int_equal(pt_unmap_held(d, t.l1, 0, t.data[0], true), -XEN_EINVAL);
	assert_int_equal(pt_unmap_held(d, t.l1, 0, theirs, false), -XEN_EINVAL);
	assert_int_equal(pt_unmap_held(d, t.l1, 1, theirs, true), -XEN_EINVAL);
	assert_int_equal(pt_unmap_held(d, t.l1, 2, theirs, false), -XEN_EINVAL);
	assert_int_equal(pt_unmap_held(d, t.l1, 0, theirs, true), 0);
	assert_int_equal(pt_unmap_held(d, t.l1, 0, theirs, true), -XEN_EINVAL);
	assert_int_equal(pt_unmap_held(d, t.l1, 1, theirs, false), 0);
	assert_true(l1[0] == 0 && l1[1] == 0);
	assert_int_equal(frame_refs(f), 2);
	assert_int_equal(type_count(theirs), 1);
	frame_put_writable(f);
	machine_destroy(e);
}

/* Tables wait to be dismantled, and other work is due: a grant is mapped and unmapped all the same. */
static void test_held_beside_leftovers(void **state)
{
	struct domain *e = machine_domain(1, 0);
	mfn_t theirs = machine_page(e);
	struct frame *f = mfn_to_frame(theirs);
	struct machine_tree t, old;

	(void)state;
	machine_tree(d, &t, 1, RW);
	machine_tree(d, &old, 1, RW);
	assert_int_equal(frame_get_writable(f, e), 0);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(pt_pin(d, old.l4, 4), 0);
	fake_preempt_every(1);
	(void)pt_unpin(d, old.l4);
	assert_true(d->pt.zap);
	assert_int_equal(pt_map_held(d, t.l1, 2, pte_make(theirs, RW)), 0);
	assert_int_equal(pt_unmap_held(d, t.l1, 2, theirs, true), 0);
	assert_int_equal(pt_map_held(d, t.l1, 2, pte_make(theirs, RW)), 0);
	assert_int_equal(pt_move_held(d, t.l1, 0, t.l1, 2, theirs, false), -XEN_EINVAL);
	assert_int_equal(pt_move_held(d, t.l1, 2, t.l1, 2, theirs, true), -XEN_EINVAL);
	assert_int_equal(pt_move_held(d, t.l2, 0, t.l1, 2, theirs, true), -XEN_EAGAIN);
	assert_int_equal(pt_move_held(d, t.l1, 0, old.l4, 0, theirs, true), -XEN_EAGAIN);
	assert_int_equal(pte_mfn(machine_table(t.l1)[0]), t.data[0]);
	assert_int_equal(pt_move_held(d, t.l1, 0, t.l1, 2, theirs, true), 0);
	assert_int_equal(machine_table(t.l1)[0], 0);
	assert_int_equal(pte_mfn(machine_table(t.l1)[2]), t.data[0]);
	assert_true(d->pt.zap);
	fake_preempt_every(0);
	assert_int_equal(pt_settle(d), 0);
	machine_check(d);
	assert_int_equal(frame_refs(f), 2);
	frame_put_writable(f);
	machine_destroy(e);
}

/* Likewise a page of descriptors is held; one that is such a table itself once it is dismantled. */
static void test_descriptors_beside_leftovers(void **state)
{
	mfn_t page = machine_page(d);
	struct machine_tree old;

	(void)state;
	machine_tree(d, &old, 1, RW);
	assert_int_equal(pt_pin(d, old.l4, 4), 0);
	fake_preempt_every(1);
	(void)pt_unpin(d, old.l4);
	assert_true(d->pt.zap);
	assert_int_equal(pt_desc_get(d, page), 0);
	fake_preempt_every(0);
	assert_int_equal(pt_desc_get(d, old.l4), 0);
	assert_int_equal(d->pt.zap, 0);
	pt_hold_put(d, page);
	pt_hold_put(d, old.l4);
	machine_check(d);
}

static void test_foreign(void **state)
{
	struct domain *e = machine_domain(1, 0);
	mfn_t theirs = machine_page(e);
	struct machine_tree t, u;

	(void)state;
	machine_tree(d, &t, 1, RO);
	machine_tree(e, &u, 1, RO);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(pt_pin(e, u.l4, 4), 0);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(theirs, RO)), -XEN_EBUSY);
	assert_int_equal(machine_set(d, u.l1, 1, 0), -XEN_EINVAL);		/* not our table */
	/* no foreign tables */
	assert_int_equal(machine_set(d, t.l2, 1, pte_make(u.l1, RW)), -XEN_EINVAL);
	assert_int_equal(pt_set_entry_one(d, e, t.l1, 1, pte_make(t.data[0], RO), 0), -XEN_EBUSY);
	assert_int_equal(pt_set_entry_one(d, e, t.l1, 1, pte_make(theirs, RW), 0), 0);
	assert_int_equal(pt_set_entry_one(d, e, t.l1, 2, pte_make(u.l1, RW), 0), -XEN_EBUSY);
	assert_int_equal(pt_set_entry_one(d, e, t.l1, 2, pte_make(u.l1, RO), 0), 0);
	machine_check(d);
	machine_check(e);
	/* Read-only foreign mappings do not become writable on the mapper's word alone. */
	assert_int_equal(pt_set_entry_one(d, e, t.l1, 1, pte_make(theirs, RO), 0), 0);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(theirs, RW)), -XEN_EBUSY);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(theirs, RO | PTE_A)), 0);
	assert_int_equal(pt_set_entry_one(d, e, t.l1, 1, pte_make(theirs, RW), 0), 0);
	/* Their death leaves what we map. */
	machine_destroy(e);
	assert_int_equal(e->pages.count, 2);
	assert_int_equal(e->refs, 2);
	assert_int_equal(machine_set(d, t.l1, 1, 0), 0);
	assert_int_equal(machine_set(d, t.l1, 2, 0), 0);
	assert_int_equal(e->pages.count, 0);
	assert_int_equal(e->refs, 1);
}

static void test_mmio(void **state)
{
	struct machine_tree t;
	uint64_t *l1;

	(void)state;
	machine_tree(d, &t, 1, RO);
	l1 = machine_table(t.l1);
	assert_int_equal(pt_pin(d, t.l1, 1), 0);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(ARENA_MMIO, RW)), -XEN_EPERM);
	d->is_hardware = true;
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(ARENA_MMIO, RW)), 0);
	/* never write-back */
	assert_int_equal(l1[1] & (PTE_CACHE | PTE_RW), PTE_PWT | PTE_PCD | PTE_RW);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(ARENA_MMIO, RW | PTE_A)), 0);
	assert_int_equal(l1[1] & PTE_CACHE, PTE_PWT | PTE_PCD);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(ARENA_MMIO, RW | PTE_PCD)), 0);
	assert_int_equal(l1[1] & PTE_CACHE, PTE_PCD);
	assert_int_equal(machine_set(d, t.l1, 1, pte_make(ARENA_MMIO, RW | PTE_PWT | PTE_PAT)), 0);
	assert_int_equal(l1[1] & PTE_CACHE, PTE_CACHE);
	assert_int_equal(machine_set(d, t.l1, 2, pte_make(ARENA_MMIO_RO, RW)), 0);
	assert_int_equal(l1[2] & PTE_RW, 0);
	assert_int_equal(machine_set(d, t.l1, 2, pte_make(ARENA_MMIO_RO, RW)), 0);
	assert_int_equal(l1[2] & PTE_RW, 0);
	assert_int_equal(pt_set_entry_one(d, dom_io, t.l1, 3, pte_make(ARENA_MMIO, RW), 0), 0);
	assert_int_equal(machine_set(d, t.l1, 3, pte_make(0xfffffffff0UL, RO)), -XEN_EINVAL);
	machine_check(d);
	d->is_hardware = false;
	assert_int_equal(pt_set_entry_one(d, dom_io, t.l1, 4, pte_make(ARENA_MMIO, RW), 0),
			 -XEN_EPERM);
	assert_int_equal(machine_set(d, t.l1, 1, 0), 0);
	assert_int_equal(machine_set(d, t.l1, 2, 0), 0);
	assert_int_equal(machine_set(d, t.l1, 3, 0), 0);
}

static void test_lent(void **state)
{
	struct frame *ro = frame_alloc(0, 0, 0), *rw = frame_alloc(0, 0, 0);
	struct machine_tree t;

	(void)state;
	frame_share_with(ro, dom_xen, true);
	frame_share_with(rw, d, false);
	machine_tree(d, &t, 1, RO);
	assert_int_equal(pt_pin(d, t.l1, 1), 0);
	assert_int_equal(pt_set_entry_one(d, dom_xen, t.l1, 1, pte_make(frame_to_mfn(ro), RW), 0),
			 -XEN_EBUSY);
	assert_int_equal(pt_set_entry_one(d, dom_xen, t.l1, 1, pte_make(frame_to_mfn(ro), RO), 0),
			 0);
	assert_int_equal(machine_set(d, t.l1, 2, pte_make(frame_to_mfn(rw), RW)), 0);
	machine_check(d);
	machine_check(dom_xen);
	assert_int_equal(machine_set(d, t.l1, 1, 0), 0);
	assert_int_equal(machine_set(d, t.l1, 2, 0), 0);
	frame_give_up(ro);
	frame_give_up(rw);
	frame_free(ro, 0);
	frame_free(rw, 0);
}

static void test_descriptors(void **state)
{
	static const struct { uint64_t in, out; bool ok; } row[] = {
		{ 0, 0, true },
		{ 0x00cf9a000000ffffUL, 0x00cffa000000ffffUL, true },	/* DPL 0 becomes 3 */
		{ 0x00af9b000000ffffUL, 0x00affb000000ffffUL, true },
		{ 0x00cf92000000ffffUL, 0x00cff2000000ffffUL, true },
		{ 0x00cf12000000ffffUL, 0x00cf12000000ffffUL, true },	/* not present */
		{ 0x0000890000000067UL, 0, false },			/* TSS */
		{ 0x0000820000000067UL, 0, false },			/* LDT */
		{ 0x00008e0000100000UL, 0, false },			/* interrupt gate */
		{ 0x0000850000000000UL, 0, false },			/* task gate */
		{ 0x0000ec0000100000UL, 0x00008c0000100000UL, true },	/* gate in the GDT */
		{ 0x0000ec00e0080000UL, 0, false },			/* Dais's part */
		{ 0x0000ec00e0330000UL, 0x00008c00e0330000UL, true },	/* but for flat CS */
		{ 0x0000ec0100100000UL, 0, false },			/* reserved bits */
		{ 0x0000800000000000UL, 0x0000e00000000000UL, true },	/* upper half of a gate */
	};
	mfn_t page = machine_page(d), map = machine_page(d);

	(void)state;
	for (unsigned int i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t desc = row[i].in;

		assert_int_equal(seg_desc_fix(&desc), row[i].ok);
		if (row[i].ok) {
			assert_int_equal(desc, row[i].out);
		}
		machine_table(page)[511] = row[i].in;
		assert_int_equal(pt_desc_get(d, page), row[i].ok ? 0 : -XEN_EINVAL);
		if (row[i].ok) {
			assert_int_equal(machine_table(page)[511], row[i].out);
			pt_hold_put(d, page);
		}
		machine_check(d);
	}
	machine_table(page)[511] = 0;
	assert_int_equal(pt_desc_get(d, page), 0);
	machine_ref_add(page, TYPE_SEG_DESC);
	assert_int_equal(pt_desc_set(d, page, 1, row[1].in), 0);
	assert_int_equal(machine_table(page)[1], row[1].out);
	assert_int_equal(pt_desc_set(d, page, 1, row[5].in), -XEN_EINVAL);
	assert_int_equal(machine_table(page)[1], row[1].out);
	assert_int_equal(pt_desc_set(d, page, 512, 0), -XEN_EINVAL);
	/* not by mmu_update */
	assert_int_equal(machine_set(d, page, 3, row[5].in), -XEN_EINVAL);
	machine_table(map)[0] = pte_make(page, RW);
	assert_int_equal(pt_pin(d, map, 1), -XEN_EBUSY);
	machine_table(map)[0] = pte_make(page, RO);
	assert_int_equal(pt_pin(d, map, 1), 0);
	assert_int_equal(pt_desc_set(d, map, 1, 0), -XEN_EINVAL);
	machine_check(d);
	pt_hold_put(d, page);
	machine_ref_del(page, TYPE_SEG_DESC);
	assert_int_equal(pt_desc_set(d, page, 2, row[2].in), 0);
	/* its words are no entries of ours */
	assert_int_equal(pt_pin(d, page, 1), -XEN_EINVAL);
}

/* Old translations are flushed before a frame changes sides. */
static void test_flush(void **state)
{
	struct machine_tree t;
	unsigned long before;

	(void)state;
	machine_tree(d, &t, 2, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	machine_check(d);
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RO)), 0);
	before = arena_flushes;
	assert_int_equal(pt_pin(d, t.data[0], 1), 0);
	assert_int_equal(arena_flushes, before + 2);	/* the two CPUs that ran d */
	machine_check(d);
	assert_int_equal(pt_unpin(d, t.data[0]), 0);
	before = arena_flushes;
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RW)), 0);
	assert_int_equal(arena_flushes, before + 2);	/* it was walked as a table */
	machine_check(d);
	before = arena_flushes;
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RO)), 0);
	assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RW)), 0);
	assert_int_equal(arena_flushes, before);
	/* Freed and handed out again. */
	assert_int_equal(machine_set(d, t.l1, 0, 0), 0);
	assert_int_equal(domain_page_release(d, mfn_to_frame(t.data[0])), 0);
	while (frame_scrub_idle()) {
		;
	}
	assert_false(arena_tlb_holds(t.data[0]));
	machine_check(d);
}

/* A CPU may not flush for hours in which others do so billions of times. */
static void test_tlb_clock_goes_round(void **state)
{
	static const uint64_t long_times[] = {
		1UL << 30, 1UL << 31, (1UL << 31) + 5, 3UL << 30, (1UL << 32) - 4, 1UL << 32, 5UL << 31,
	};
	struct machine_tree t;

	(void)state;
	machine_tree(d, &t, 1, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	for (unsigned int i = 0; i < sizeof(long_times) / sizeof(long_times[0]); i++) {
		/* While it is mapped, and once it is not any more. */
		machine_check(d);
		arena_tlb_pass(long_times[i]);
		assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RO)), 0);
		assert_int_equal(pt_pin(d, t.data[0], 1), 0);
		machine_check(d);
		assert_int_equal(pt_unpin(d, t.data[0]), 0);
		arena_tlb_pass(long_times[i]);
		assert_int_equal(machine_set(d, t.l1, 0, pte_make(t.data[0], RW)), 0);
	}
}

/* Absent entries that look like RAM, on a processor that would read it. */
static void test_l1tf(void **state)
{
	uint64_t ram = pte_make(100, 0), swap = 0xffffffff00000000UL & PTE_ADDR;
	struct machine_tree t;

	(void)state;
	pt_l1tf_limit = mfn_to_paddr(frame_max) - 1;
	machine_tree(d, &t, 1, RW);
	machine_table(t.l1)[7] = ram;
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);
	machine_table(t.l1)[7] = swap;
	machine_table(t.l3)[7] = ram;
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);
	machine_table(t.l3)[7] = PTE_AVAIL;	/* no address at all */
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(machine_set(d, t.l1, 8, ram), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l1, 8, mfn_to_paddr(frame_max - 1)), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l1, 8, mfn_to_paddr(frame_max)), 0);
	assert_int_equal(machine_set(d, t.l1, 0, 0), 0);
	assert_int_equal(machine_set(d, t.l2, 8, ram), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l2, 8, swap), 0);
	d->is_hardware = true;
	assert_int_equal(machine_set(d, t.l1, 8, ram), 0);
	d->is_hardware = false;
	/* Bits that this processor's caches do not compare hide nothing... */
	pt_l1tf_bits = 0xfffffff000UL;
	assert_int_equal(machine_set(d, t.l1, 8, 1UL << 45 | ram), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l1, 8, 1UL << 45), 0);
	assert_int_equal(machine_set(d, t.l1, 8, 1UL << 45 | swap | ram), 0);
	assert_int_equal(machine_set(d, t.l1, 8, 0), 0);
	/* ... and a large page reaches from far below the address to far above. */
	assert_int_equal(machine_set(d, t.l2, 8, PTE_PS), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l2, 8, PTE_PS | swap), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l3, 8, PTE_PS | mfn_to_paddr(frame_max)), -XEN_EINVAL);
	assert_int_equal(machine_set(d, t.l1, 8, PTE_PAT | swap), 0);
	assert_int_equal(pt_unpin(d, t.l4), 0);
	machine_table(t.l3)[7] = PTE_PS;
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);
	machine_table(t.l3)[7] = swap;
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	pt_l1tf_bits = PTE_ADDR;
	pt_l1tf_limit = 0;
	assert_int_equal(machine_set(d, t.l1, 9, ram), 0);
	assert_int_equal(machine_set(d, t.l3, 9, PTE_PS), 0);
	machine_check(d);
}

static int setup_tlb(void **state)
{
	arena_tlb_on = true;
	return setup(state);
}

static int teardown_tlb(void **state)
{
	int rc = teardown(state);

	arena_tlb_on = false;
	return rc;
}

static void test_roots(void **state)
{
	struct machine_tree t;

	(void)state;
	machine_tree(d, &t, 2, RW);
	assert_int_equal(pt_pin(d, t.l1, 1), 0);
	assert_int_equal(pt_root_get(d, t.l1), -XEN_EINVAL);
	assert_int_equal(pt_unpin(d, t.l1), 0);
	assert_int_equal(pt_root_get(d, t.l4), 0);
	assert_int_equal(pt_root_get(d, t.l4), 0);
	machine_ref_add(t.l4, TYPE_L4);
	machine_ref_add(t.l4, TYPE_L4);
	machine_check(d);
	pt_hold_put(d, t.l4);
	pt_hold_put(d, t.l4);
	machine_ref_del(t.l4, TYPE_L4);
	machine_ref_del(t.l4, TYPE_L4);
	assert_int_equal(pt_settle(d), 0);
	assert_true(type_is(t.l4, TYPE_NONE));
}

static void test_dead(void **state)
{
	struct machine_tree t;

	(void)state;
	machine_tree(d, &t, 2, RW);
	assert_int_equal(pt_pin(d, t.l4, 4), 0);
	assert_int_equal(pt_pin(d, t.l2, 2), 0);
	machine_destroy(d);
	assert_int_equal(d->tot_pages, 0);
	assert_int_equal(pt_pin(d, t.l4, 4), -XEN_EINVAL);
	assert_int_equal(pt_relinquish(d), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_pin_levels),
		T(test_exclusion),
		T(test_self_reference),
		T(test_flags),
		T(test_rewrites),
		T(test_hole),
		T(test_updates),
		T(test_accessed_dirty),
		T(test_held),
		T(test_held_beside_leftovers),
		T(test_descriptors_beside_leftovers),
		T(test_foreign),
		T(test_mmio),
		T(test_lent),
		T(test_descriptors),
		T(test_roots),
		T(test_dead),
		cmocka_unit_test_setup_teardown(test_flush, setup_tlb, teardown_tlb),
		cmocka_unit_test_setup_teardown(test_l1tf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tlb_clock_goes_round, setup_tlb, teardown_tlb),
	};

	arena_init(1024, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Long operations interrupted at every point where they may be: whichever it is, the state left in
 * between is sound, repeating the call finishes it, and the outcome is that of the uninterrupted
 * call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "machine.h"

#define WIDTH 3			/* lower tables of each table */

static struct domain *d;
static unsigned long start_free;
static mfn_t top, l3s[WIDTH], some_l1, some_data;

/* A tree of 1 + 3 + 9 + 27 tables over shared data pages. */
static void build(void)
{
	mfn_t data[4];

	start_free = frame_alloc_free();
	d = machine_domain(0, 0);
	for (unsigned int i = 0; i < 4; i++) {
		data[i] = machine_page(d);
	}
	some_data = data[0];
	top = machine_page(d);
	for (unsigned int i = 0; i < WIDTH; i++) {
		l3s[i] = machine_page(d);
		machine_table(top)[i] = pte_make(l3s[i], RW);
		for (unsigned int j = 0; j < WIDTH; j++) {
			mfn_t l2 = machine_page(d);

			machine_table(l3s[i])[2 * j] = pte_make(l2, RW);
			for (unsigned int k = 0; k < WIDTH; k++) {
				mfn_t l1 = machine_page(d);

				some_l1 = l1;
				machine_table(l2)[k] = pte_make(l1, RW);
				for (unsigned int m = 0; m < 4; m++) {
					machine_table(l1)[m] = pte_make(data[m], m % 2 ? RO : RW);
				}
			}
		}
	}
}

static void finish(void)
{
	machine_check(d);
	machine_destroy(d);
	assert_int_equal(frame_alloc_free(), start_free);
}

/* Run op at full length, interrupted once at its kth check, for all k; each time on a new tree. */
static void at_every_point(int (*prepare)(void), int (*op)(void), void (*verify)(void))
{
	for (unsigned long k = 1;; k++) {
		unsigned long calls;
		int rc;

		build();
		if (prepare) {
			assert_int_equal(prepare(), 0);
			assert_int_equal(pt_settle(d), 0);
		}
		calls = fake_preempt_calls;
		fake_preempt_at(k);
		rc = op();
		machine_check(d);
		if (rc == -ERESTART) {
			assert_int_equal(fake_preempt_calls - calls, k);
			rc = op();
		}
		fake_preempt_at(0);
		assert_int_equal(rc, 0);
		assert_int_equal(pt_settle(d), 0);
		machine_check(d);
		verify();
		calls = fake_preempt_calls - calls;
		finish();
		if (calls < k) {
			assert_true(k > 10);	/* there were that many points */
			break;
		}
	}
}

/* Interrupted at every single check: progress is made all the same. */
static void at_all_points(int (*prepare)(void), int (*op)(void), void (*verify)(void))
{
	unsigned int restarts = 0;

	build();
	if (prepare) {
		assert_int_equal(prepare(), 0);
	}
	fake_preempt_every(1);
	for (;;) {
		int rc = op();

		machine_check(d);
		if (rc != -ERESTART) {
			assert_int_equal(rc, 0);
			break;
		}
		assert_true(++restarts < 1000);
	}
	fake_preempt_every(0);
	assert_true(restarts > 10);
	assert_int_equal(pt_settle(d), 0);
	verify();
	finish();
}

static int pin(void)
{
	return pt_pin(d, top, 4);
}

static void pinned(void)
{
	assert_int_equal(mfn_to_frame(top)->type, TYPE_L4 | TYPE_PINNED | TYPE_VALIDATED | 1);
	assert_int_equal(mfn_to_frame(some_l1)->type, TYPE_L1 | TYPE_VALIDATED | 1);
	assert_int_equal(mfn_to_frame(some_data)->type, TYPE_WRITABLE | 27);
}

/* Unpinning is done at once; what is interrupted is the dismantling. */
static int unpin(void)
{
	if (mfn_to_frame(top)->type & TYPE_PINNED) {
		assert_int_equal(pt_unpin(d, top), 0);
		return d->pt.zap ? -ERESTART : 0;
	}
	return pt_settle(d);
}

static void unpinned(void)
{
	assert_int_equal(mfn_to_frame(top)->type, TYPE_NONE);
	assert_int_equal(mfn_to_frame(some_l1)->type, TYPE_NONE);
	assert_int_equal(mfn_to_frame(some_data)->type, TYPE_WRITABLE);
	assert_int_equal(frame_refs(mfn_to_frame(some_data)), 1);
}

static int relinquish(void)
{
	d->dying = DOMAIN_DYING;
	return pt_relinquish(d);
}

static void relinquished(void)
{
	assert_int_equal(d->tot_pages, 0);
	assert_int_equal(d->refs, 1);
}

static void test_pin(void **state)
{
	(void)state;
	at_every_point(NULL, pin, pinned);
	at_all_points(NULL, pin, pinned);
}

static void test_unpin(void **state)
{
	(void)state;
	at_every_point(pin, unpin, unpinned);
	at_all_points(pin, unpin, unpinned);
}

static void test_relinquish(void **state)
{
	(void)state;
	at_every_point(pin, relinquish, relinquished);
	at_all_points(pin, relinquish, relinquished);
}

/* Between the steps of one call the guest does something else with the half-made tables. */
static void interfere(unsigned long k, unsigned int what)
{
	struct machine_tree other;
	int rc;

	build();
	machine_tree(d, &other, 1, RW);
	assert_int_equal(pt_pin(d, other.l1, 1), 0);
	fake_preempt_at(k);
	rc = pin();
	fake_preempt_at(0);
	if (rc == -ERESTART) {
		mfn_t victim = what & 1 ? top : l3s[0];

		switch (what >> 1) {
		/* map it writable: a half-made table is dismantled first, a whole one stays */
		case 0:
			if (mfn_to_frame(victim)->type & TYPE_VALIDATED) {
				assert_int_equal(machine_set(d, other.l1, 3, pte_make(victim, RW)),
						 -XEN_EBUSY);
				break;
			}
			assert_int_equal(machine_set(d, other.l1, 3, pte_make(victim, RW)), 0);
			machine_check(d);
			assert_int_not_equal(pin(), 0);
			assert_int_equal(pt_settle(d), 0);
			assert_int_equal(machine_set(d, other.l1, 3, 0), 0);
			break;
		case 1:		/* store into it: it is no table */
			assert_int_equal(machine_set(d, victim, 5, 0x100), 0);
			break;
		case 2:		/* want it as another level: fails, or succeeds and is undone */
			rc = pt_pin(d, victim, 1);
			if (rc == 0) {
				assert_int_equal(pt_unpin(d, victim), 0);
			}
			for (unsigned int i = 0; i < PT_ENTRIES; i++) {
				machine_table(victim)[i] &= ~PTE_G;	/* as an L1 it got them */
			}
			break;
		case 3:		/* a part of it on its own */
			assert_int_equal(pt_pin(d, l3s[0], 3), 0);
			assert_int_equal(pin(), 0);
			assert_int_equal(pt_unpin(d, l3s[0]), 0);
			assert_int_equal(pt_unpin(d, top), 0);
			break;
		case 4:		/* foreigners are refused, whatever is half done */
			assert_int_equal(frame_get_writable(mfn_to_frame(top), d), -XEN_EBUSY);
			break;
		default:	/* death */
			machine_destroy(d);
			assert_int_equal(frame_alloc_free(), start_free);
			return;
		}
		machine_check(d);
		rc = pin();
	}
	assert_int_equal(rc, 0);
	machine_check(d);
	finish();
}

static void test_interference(void **state)
{
	(void)state;
	for (unsigned long k = 1; k < 14; k++) {
		for (unsigned int what = 0; what < 12; what++) {
			interfere(k, what);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_unpin),
		cmocka_unit_test(test_relinquish),
		cmocka_unit_test(test_interference),
	};

	arena_init(512, 0, 0);
	arena_tlb_on = true;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * The audit catches what it is there for: every kind of planted corruption is reported, and none is
 * seen once it is undone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "hv_alloc.h"
#include "machine.h"

static struct domain *d;
static struct machine_tree t;

static void planted(uint64_t *word, uint64_t bad)
{
	uint64_t good = *word;

	assert_int_equal(machine_audit(d), 0);
	*word = bad;
	fake_quiet(true);
	assert_true(machine_audit(d) > 0);
	fake_quiet(false);
	*word = good;
	assert_int_equal(machine_audit(d), 0);
}

static void test_counts(void **state)
{
	struct frame *data = mfn_to_frame(t.data[0]), *l1 = mfn_to_frame(t.l1);

	(void)state;
	planted(&data->count, data->count + 1);
	planted(&data->count, data->count - 1);
	planted(&data->type, data->type + 1);
	planted(&data->type, data->type - 1);
	planted(&l1->type, l1->type + 1);
	planted(&l1->count, l1->count - 1);
}

static void test_states(void **state)
{
	struct frame *data = mfn_to_frame(t.data[1]), *l2 = mfn_to_frame(t.l2);

	(void)state;
	planted(&l2->type, l2->type & ~TYPE_VALIDATED);
	planted(&l2->type, l2->type | TYPE_PARTIAL);
	planted(&l2->type, l2->type | TYPE_PINNED);
	planted(&l2->type, (l2->type & ~TYPE_MASK) | TYPE_L1);
	planted(&data->type, data->type | TYPE_VALIDATED);
	planted(&data->type, (data->type & ~TYPE_MASK) | TYPE_SEG_DESC);
}

static void test_entries(void **state)
{
	uint64_t *l1 = machine_table(t.l1), *l2 = machine_table(t.l2);

	(void)state;
	planted(&l1[0], l1[0] | PTE_RW);			/* a reference nobody took */
	planted(&l1[1], 0);
	planted(&l1[5], pte_make(t.l1, RW));			/* a page table mapped writable */
	planted(&l1[5], pte_make(t.l4, RW));
	planted(&l1[5], l1[0] | (1UL << 60));
	planted(&l2[3], pte_make(t.data[0], RW));		/* data as a table */
	planted(&l2[3], pte_make(t.l3, RW));
	planted(&l2[3], pte_make(9999999, RW));
}

static void test_lists(void **state)
{
	struct frame *data = mfn_to_frame(t.data[1]);
	uint32_t owner = data->owner;

	(void)state;
	planted(&d->pages.count, d->pages.count + 1);
	planted(&d->pages.count, d->pages.count - 1);
	data->owner = 0;
	fake_quiet(true);
	assert_true(machine_audit(d) > 0);
	fake_quiet(false);
	data->owner = owner;
	d->tot_pages++;
	fake_quiet(true);
	assert_true(machine_audit(d) > 0);
	fake_quiet(false);
	d->tot_pages--;
	assert_int_equal(machine_audit(d), 0);
}

static void test_foreign_and_extra(void **state)
{
	struct domain *e = machine_domain(1, 0);
	struct machine_tree u;

	(void)state;
	machine_tree(e, &u, 1, RO);
	assert_int_equal(pt_pin(e, u.l1, 1), 0);
	assert_int_equal(pt_set_entry_one(e, d, u.l1, 3, pte_make(t.data[1], RW), 0), 0);
	planted(&machine_table(u.l1)[3], pte_make(t.data[1], RO));
	planted(&machine_table(u.l1)[4], pte_make(t.l1, RW));
	machine_destroy(e);
	machine_ref_add(t.data[0], TYPE_NONE);
	fake_quiet(true);
	assert_int_equal(machine_audit(d), 1);
	fake_quiet(false);
	machine_ref_del(t.data[0], TYPE_NONE);
}

static void test_no_memory(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 3; n++) {
		fake_hv_alloc_fail_at(n);
		fake_quiet(true);
		assert_int_equal(machine_audit(d), -XEN_ENOMEM);
		fake_quiet(false);
	}
	fake_hv_alloc_fail_at(0);
	assert_int_equal(machine_audit(d), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_foreign_and_extra),
		cmocka_unit_test(test_no_memory),
	};

	arena_init(512, 0, 0);
	d = machine_domain(0, 3);
	machine_tree(d, &t, 2, RO);
	machine_table(t.l1)[1] |= PTE_RW;
	if (pt_pin(d, t.l4, 4)) {
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

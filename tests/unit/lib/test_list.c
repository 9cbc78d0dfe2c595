/* SPDX-License-Identifier: MIT */
/* Lists: order after each operation, and that deleting leaves an element on no list. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dais/list.h>

struct item {
	int id;
	struct list_head link;
};

static void expect(struct list_head *head, const int *ids)
{
	struct list_head *back = head;
	struct item *it;

	list_for_each_entry(it, head, link) {
		assert_int_equal(it->id, *ids++);
		assert_ptr_equal(it->link.prev, back);
		back = &it->link;
	}
	assert_ptr_equal(head->prev, back);
	assert_int_equal(*ids, 0);
}

static void test_order(void **state)
{
	struct item a = { .id = 1 }, b = { .id = 2 }, c = { .id = 3 }, *it, *n;
	LIST_HEAD(l);
	LIST_HEAD(m);

	(void)state;
	assert_true(list_empty(&l));
	assert_null(list_first_entry_or_null(&l, struct item, link));
	list_add_tail(&b.link, &l);
	list_add(&a.link, &l);
	list_add_tail(&c.link, &l);
	expect(&l, (int[]){ 1, 2, 3, 0 });
	assert_ptr_equal(list_first_entry(&l, struct item, link), &a);
	assert_ptr_equal(list_last_entry(&l, struct item, link), &c);
	list_del(&b.link);
	assert_true(list_empty(&b.link));
	list_del(&b.link);
	expect(&l, (int[]){ 1, 3, 0 });
	list_move_tail(&a.link, &l);
	expect(&l, (int[]){ 3, 1, 0 });
	list_splice_tail(&l, &m);
	assert_true(list_empty(&l));
	list_add(&b.link, &l);
	list_splice_tail(&l, &m);
	list_splice_tail(&l, &m);
	expect(&m, (int[]){ 3, 1, 2, 0 });
	list_for_each_entry_safe(it, n, &m, link) {
		list_del(&it->link);
	}
	assert_true(list_empty(&m));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order) };

	return cmocka_run_group_tests_name("lib/list", tests, NULL, NULL);
}

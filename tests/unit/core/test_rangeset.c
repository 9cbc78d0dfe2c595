/* SPDX-License-Identifier: MIT */
/*
 * Range sets against one bool per number, with random operations; the invariant (sorted,
 * disjoint, not touching) is checked after each; refusals must change nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <dais/hv_alloc.h>
#include <dais/rangeset.h>
#include <xen/errno.h>

#define SPAN 64

static int budget;	/* nodes that may still be allocated */

void *hv_alloc(size_t size)
{
	if (budget == 0) {
		return NULL;
	}
	budget--;
	return malloc(size);
}

void hv_free(void *p)
{
	budget++;
	free(p);
}

static void check(const struct rangeset *rs, const bool *model)
{
	const struct range *r, *prev = NULL;
	unsigned int n = 0;
	bool seen[SPAN] = { false };

	list_for_each_entry(r, &rs->ranges, link) {
		assert_true(r->start <= r->end);
		if (prev != NULL) {
			assert_true(prev->end + 1 < r->start);
		}
		for (unsigned long i = r->start; i <= r->end; i++) {
			seen[i] = true;
		}
		prev = r;
		n++;
	}
	assert_int_equal(rs->count, n);
	assert_memory_equal(seen, model, sizeof(seen));
	for (unsigned long s = 0; s < SPAN; s += 3) {
		bool all = true;

		for (unsigned long e = s; e < SPAN; e++) {
			all &= model[e];
			assert_int_equal(rangeset_contains(rs, s, e), all);
		}
	}
}

static void test_random(void **state)
{
	struct rangeset rs;
	bool model[SPAN] = { false }, old[SPAN];

	(void)state;
	srand(7);
	budget = 12;
	rangeset_init(&rs, 10);
	for (int i = 0; i < 4000; i++) {
		unsigned long s = (unsigned long)rand() % SPAN;
		unsigned long e = s + (unsigned long)rand() % (SPAN - s > 9 ? 9 : SPAN - s);
		bool add = rand() & 1;
		int ret;

		if (i % 500 == 0) {
			budget = rand() % 12;
		}
		memcpy(old, model, sizeof(old));
		ret = add ? rangeset_add(&rs, s, e) : rangeset_remove(&rs, s, e);
		if (ret == 0) {
			memset(model + s, add, e - s + 1);
		} else {
			assert_true(ret == -XEN_ENOMEM || ret == -XEN_E2BIG);
		}
		check(&rs, model);
	}
	budget = 100;
	assert_int_equal(rangeset_remove(&rs, 0, ~0UL), 0);
	assert_true(list_empty(&rs.ranges));
	assert_int_equal(rs.count, 0);
}

static void test_edges(void **state)
{
	struct rangeset rs;

	(void)state;
	rangeset_init(&rs, 3);
	assert_int_equal(rangeset_add(&rs, 5, 4), -XEN_EINVAL);
	assert_int_equal(rangeset_remove(&rs, 5, 4), -XEN_EINVAL);
	assert_int_equal(rangeset_add(&rs, ~0UL, ~0UL), 0);
	assert_int_equal(rangeset_add(&rs, 0, 0), 0);
	assert_int_equal(rangeset_add(&rs, 5, ~0UL - 1), 0);
	assert_int_equal(rs.count, 2);
	assert_true(rangeset_contains(&rs, 5, ~0UL));
	assert_false(rangeset_contains(&rs, 0, 5));
	assert_false(rangeset_contains(&rs, 6, 5));
	assert_int_equal(rangeset_add(&rs, 2, 2), 0);
	assert_int_equal(rangeset_remove(&rs, 100, 200), -XEN_E2BIG);
	assert_true(rangeset_contains(&rs, 5, ~0UL));
	assert_int_equal(rangeset_add(&rs, 0, ~0UL), 0);
	assert_int_equal(rs.count, 1);
	assert_int_equal(rangeset_remove(&rs, 0, ~0UL), 0);
	assert_true(list_empty(&rs.ranges));
	assert_int_equal(rangeset_remove(&rs, 0, ~0UL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests_name("core/rangeset", tests, NULL, NULL);
}

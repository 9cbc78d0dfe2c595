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
#include <dais/rangeset.h>
#include <xen/errno.h>

#define SPAN 64

static int budget;	/* nodes that may still be allocated */

static struct range *take(void *ctx)
{
	(void)ctx;
	if (budget == 0) {
		return NULL;
	}
	budget--;
	return malloc(sizeof(struct range));
}

static void give(void *ctx, struct range *r)
{
	(void)ctx;
	budget++;
	free(r);
}

static const struct rangeset_mem mem = { take, give };

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
	rangeset_init(&rs, &mem, NULL, 10);
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
	rangeset_destroy(&rs);
	assert_true(rangeset_empty(&rs));
	assert_int_equal(rs.count, 0);
}

static void test_edges(void **state)
{
	struct rangeset rs;

	(void)state;
	rangeset_init(&rs, &mem, NULL, 3);
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
	assert_true(rangeset_empty(&rs));
	assert_int_equal(rangeset_remove(&rs, 0, ~0UL), 0);
}

static int sum(unsigned long s, unsigned long e, void *arg)
{
	*(unsigned long *)arg += e - s + 1;
	return s >= 40 ? -XEN_EBUSY : 0;
}

static void test_walk(void **state)
{
	struct rangeset rs;
	unsigned long total = 0;

	(void)state;
	rangeset_init(&rs, &mem, NULL, 8);
	for (unsigned long i = 10; i <= 50; i += 10) {
		assert_int_equal(rangeset_add(&rs, i, i + 4), 0);
	}
	assert_int_equal(rangeset_walk(&rs, 12, 31, sum, &total), 0);
	assert_int_equal(total, 3 + 5 + 2);
	total = 0;
	assert_int_equal(rangeset_walk(&rs, 0, 100, sum, &total), -XEN_EBUSY);
	assert_int_equal(total, 4 * 5);
	rangeset_destroy(&rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests_name("lib/rangeset", tests, NULL, NULL);
}

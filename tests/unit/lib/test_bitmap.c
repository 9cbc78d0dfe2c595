/* SPDX-License-Identifier: MIT */
/*
 * Bitmap operations against one bool per bit, over sizes around the word boundaries.
 * Bits past the size are dirty throughout: no result may depend on them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <dais/bitmap.h>

#define MAX 200

static const size_t sizes[] = { 1, 2, 63, 64, 65, 127, 128, 129, 199 };

static void fill_random(unsigned long *map, bool *model)
{
	for (size_t i = 0; i < MAX; i++) {
		model[i] = rand() & 1;
		if (model[i]) {
			bitmap_set(map, i);
		} else {
			bitmap_clear(map, i);
		}
	}
}

static void test_find(void **state)
{
	DECLARE_BITMAP(map, MAX);
	bool model[MAX];

	(void)state;
	srand(1);
	for (int round = 0; round < 50; round++) {
		fill_random(map, model);
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			size_t bits = sizes[s];

			for (size_t from = 0; from <= bits; from++) {
				size_t set = from, clear = from;

				while (set < bits && !model[set]) {
					set++;
				}
				while (clear < bits && model[clear]) {
					clear++;
				}
				assert_int_equal(bitmap_find_set(map, bits, from), set);
				assert_int_equal(bitmap_find_clear(map, bits, from), clear);
			}
			for (size_t i = 0; i < bits; i++) {
				assert_int_equal(bitmap_test(map, i), model[i]);
			}
		}
	}
}

static void test_ranges(void **state)
{
	DECLARE_BITMAP(map, MAX);
	bool model[MAX];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t start = (size_t)rand() % MAX, n = (size_t)rand() % (MAX - start + 1);
		bool set = rand() & 1;

		fill_random(map, model);
		if (set) {
			bitmap_set_range(map, start, n);
		} else {
			bitmap_clear_range(map, start, n);
		}
		for (size_t i = 0; i < MAX; i++) {
			bool want = i >= start && i < start + n ? set : model[i];

			assert_int_equal(bitmap_test(map, i), want);
		}
	}
	bitmap_set_range(map, 0, 100);
	bitmap_zero(map, 99);
	assert_int_equal(bitmap_find_set(map, 100, 0), 99);
}

static void test_each(void **state)
{
	DECLARE_BITMAP(map, MAX) = { 0 };
	size_t bit, seen = 0;

	(void)state;
	bitmap_set(map, 3);
	bitmap_set(map, 70);
	bitmap_for_each_set(bit, map, MAX) {
		assert_true(bit == 3 || bit == 70);
		seen++;
	}
	assert_int_equal(seen, 2);
	assert_false(bitmap_test_and_set(map, 9));
	assert_true(bitmap_test_and_set(map, 9));
	assert_true(bitmap_test_and_clear(map, 9));
	assert_false(bitmap_test_and_clear(map, 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests_name("lib/bitmap", tests, NULL, NULL);
}

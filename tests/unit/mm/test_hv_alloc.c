/* SPDX-License-Identifier: MIT */
/*
 * Small objects: zeroed, aligned, apart from each other, and their memory comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/hv_alloc.h>
#include "machine.h"

static size_t next_pow2(size_t n)
{
	size_t p = 16;

	while (p < n) {
		p *= 2;
	}
	return p;
}

static void check_fresh(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		assert_int_equal(p[i], 0);
	}
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = { 1,    15,   16,	  17,	24,   100,   128,
					1000, 2048, 2049, 4096, 4097, 10000, 65536 };

	(void)state;
	assert_null(hv_alloc(0));
	hv_free(NULL);
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t align = next_pow2(sizes[i]) < PAGE_SIZE ? next_pow2(sizes[i]) : PAGE_SIZE;
		unsigned char *p = hv_alloc(sizes[i]);

		assert_non_null(p);
		assert_int_equal((unsigned long)p % align, 0);
		check_fresh(p, sizes[i]);
		memset(p, 0xff, sizes[i]);
		hv_free(p);
	}
	assert_null(hv_alloc(PAGE_SIZE << 20));
}

static void test_random(void **state)
{
	static struct { unsigned char *p; size_t size; unsigned char fill; } held[500];
	unsigned long before = frame_alloc_free();
	unsigned int n = 0;

	(void)state;
	for (unsigned int step = 0; step < 30000; step++) {
		if (rand() % 2 && n < 500) {
			size_t size = 1 + (size_t)rand() % (rand() % 10 ? 300 : 9000);
			unsigned char *p = hv_alloc(size);

			if (!p) {
				continue;
			}
			check_fresh(p, size);
			held[n].p = p;
			held[n].size = size;
			held[n].fill = (unsigned char)(1 + rand() % 255);
			memset(p, held[n].fill, size);
			n++;
		} else if (n) {
			unsigned int i = (unsigned int)rand() % n;

			for (size_t k = 0; k < held[i].size; k++) {
				assert_int_equal(held[i].p[k], held[i].fill);
			}
			hv_free(held[i].p);
			held[i] = held[--n];
		}
	}
	while (n--) {
		hv_free(held[n].p);
	}
	/* At most one spare frame stays for each of the eight classes. */
	assert_true(frame_alloc_free() + 8 >= before);
}

/* What is taken is counted to the byte, by the sizes objects have, and no frame is missed. */
static void test_use(void **state)
{
	struct hv_alloc_use start = hv_alloc_use(), use;
	unsigned long free = frame_alloc_free() + start.frames;
	void *held[600];
	unsigned long bytes = start.bytes;

	(void)state;
	for (unsigned int i = 0; i < 600; i++) {
		size_t size = 1 + (size_t)rand() % 2048;

		assert_non_null(held[i] = hv_alloc(size));
		bytes += next_pow2(size);
		use = hv_alloc_use();
		assert_int_equal(use.bytes, bytes);
		assert_int_equal(frame_alloc_free() + use.frames, free);
	}
	for (unsigned int i = 0; i < 600; i++) {
		hv_free(held[i]);
	}
	use = hv_alloc_use();
	assert_int_equal(use.bytes, start.bytes);
	assert_true(use.frames <= 8);
	assert_int_equal(frame_alloc_free() + use.frames, free);
	held[0] = hv_alloc(PAGE_SIZE);	/* whole frames are not small */
	assert_int_equal(hv_alloc_use().bytes, start.bytes);
	hv_free(held[0]);
}

static void test_exhausted(void **state)
{
	static void *held[4096];
	unsigned int n = 0;

	(void)state;
	while ((held[n] = hv_alloc(2048)) != NULL) {
		n++;
	}
	assert_null(hv_alloc(2048));
	while (n--) {
		hv_free(held[n]);
	}
	assert_non_null(held[0] = hv_alloc(2048));
	hv_free(held[0]);
}

static void test_misuse(void **state)
{
	unsigned char *p = hv_alloc(64);

	(void)state;
	fake_expect_panic(hv_free(p + 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_use),
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_misuse),
	};

	arena_init(1024, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

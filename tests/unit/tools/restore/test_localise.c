/* SPDX-License-Identifier: MIT */
/*
 * Page tables of saved guests: which pages they name, and what becomes of their entries.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "lib/localise.h"

#define NX (1ull << 63)

static const uint64_t p2m[8] = { 0x800, 0x801, 0, 0x803, 0, 0xfffffffffull };

static void test_missing(void **state)
{
	uint64_t table[LOCALISE_ENTRIES] = { 0 }, missing[LOCALISE_ENTRIES], bad;
	size_t count = 9;

	(void)state;
	assert_int_equal(localise_missing(table, p2m, 8, missing, &count, &bad), 0);
	assert_int_equal(count, 0);
	table[0] = 1ull << 12 | 7;		/* has a frame */
	table[3] = 4ull << 12 | 5 | NX;
	table[4] = 2ull << 12 | 1;
	table[5] = 99ull << 12 | 6;		/* not present: says nothing */
	table[511] = 4ull << 12 | 1;
	assert_int_equal(localise_missing(table, p2m, 8, missing, &count, &bad), 0);
	assert_true(count == 3 && missing[0] == 4 && missing[1] == 2 && missing[2] == 4);
	table[510] = 8ull << 12 | 1;
	assert_int_equal(localise_missing(table, p2m, 8, missing, &count, &bad), -ERANGE);
	assert_int_equal(bad, 8);
	table[510] = 0x000ffffffffff000ull | 1 | NX;
	assert_int_equal(localise_missing(table, p2m, 8, missing, &count, &bad), -ERANGE);
	assert_int_equal(bad, 0xffffffffffull);
}

static void test_every_entry_missing(void **state)
{
	uint64_t table[LOCALISE_ENTRIES], missing[LOCALISE_ENTRIES], bad;
	size_t count, i;

	(void)state;
	for (i = 0; i < LOCALISE_ENTRIES; i++) {
		table[i] = 2ull << 12 | 1;
	}
	assert_int_equal(localise_missing(table, p2m, 8, missing, &count, &bad), 0);
	assert_int_equal(count, LOCALISE_ENTRIES);
}

static void test_table(void **state)
{
	uint64_t table[LOCALISE_ENTRIES] = { 0 }, to[LOCALISE_ENTRIES];

	(void)state;
	memset(to, 0xee, sizeof(to));
	table[0] = 0x1ull << 12 | 0x67 | NX | 0x7ffull << 52;
	table[1] = 0x99000 | 0x6;	/* not present: stays */
	table[511] = 5ull << 12 | 0xfff;
	localise_table(to, table, p2m);
	assert_int_equal(to[0], 0x801ull << 12 | 0x67 | NX | 0x7ffull << 52);
	assert_int_equal(to[1], table[1]);
	assert_int_equal(to[2], 0);
	assert_int_equal(to[511], 0xfffffffffull << 12 | 0xfff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_every_entry_missing),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("localise", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Formatting: each format is also given to the host's snprintf, which is the judge;
 * where ours differs on purpose (%p, unknown conversions) the answer is spelt out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>
#include <dais/printf.h>

#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-overflow"

#define SAME(...) do { \
	char ours[1200], theirs[1200]; \
	int n = snprintf(ours, sizeof(ours), __VA_ARGS__); \
	int m = host_snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
	assert_string_equal(ours, theirs); \
	assert_int_equal(n, m); \
} while (0)

static void test_integers(void **state)
{
	(void)state;
	SAME("%d %u", -1, 4000000000u);
	SAME("%d %d", INT_MIN, INT_MAX);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	SAME("%lld %llu %zu %zx", LLONG_MIN, ULLONG_MAX, (size_t)7, (size_t)255);
	SAME("%x %#x %#x", 0xabcu, 0xabcu, 0u);
	SAME("%5d|%-5d|%05d|", 42, 42, 42);
	SAME("%05d|%-05d|%05d", -42, -42, 123456);
	SAME("%#010x|%#-10x|%#04x|%#04x|", 0xbeefu, 0xbeefu, 0u, 7u);
	SAME("%040lx|%#040lx|%040ld|%1000d|", ULONG_MAX, ULONG_MAX, LONG_MIN, 1);
}

static void test_text(void **state)
{
	(void)state;
	SAME("%s|%10s|%-10s|%.2s|%5.1s|", "abc", "abc", "abc", "abc", "abc");
	SAME("%c%3c%-3c|", 'x', 'y', 'z');
	SAME("100%%");
	SAME("%s", "");
	SAME("%.3s", "abcdef");
}

static void test_own_ways(void **state)
{
	char b[64];

	(void)state;
	snprintf(b, sizeof(b), "%p", (void *)0xffff828000200000UL);
	assert_string_equal(b, "0xffff828000200000");
	snprintf(b, sizeof(b), "%p", NULL);
	assert_string_equal(b, "0x0000000000000000");
	snprintf(b, sizeof(b), "%s", (const char *)NULL);
	assert_string_equal(b, "(null)");
	snprintf(b, sizeof(b), "%q!");
	assert_string_equal(b, "%q!");
	snprintf(b, sizeof(b), "end %");
	assert_string_equal(b, "end ");
}

static void test_bounds(void **state)
{
	char b[8];

	(void)state;
	memset(b, 'z', sizeof(b));
	assert_int_equal(snprintf(b, 4, "%d", 123456), 6);
	assert_string_equal(b, "123");
	assert_int_equal(b[4], 'z');
	assert_int_equal(snprintf(NULL, 0, "%s", "hello"), 5);
	assert_int_equal(snprintf(b, 1, "x"), 1);
	assert_int_equal(b[0], 0);
	/* A string without a NUL may be printed with a precision. */
	assert_int_equal(snprintf(b, 8, "%.2s", (const char[]){ 'a', 'b' }), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_own_ways),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("lib/printf", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * String functions against plain loops and known answers. host_names.h has renamed ours.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dais/string.h>

#define GUARD 16

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + 3);
}

/* Every length and alignment around the 8-byte steps, with guards on both sides. */
static void test_memcpy_memset(void **state)
{
	unsigned char src[128], dst[128];

	(void)state;
	for (size_t off = 0; off < 8; off++) {
		for (size_t n = 0; n < 64; n++) {
			for (size_t i = 0; i < sizeof(src); i++) {
				src[i] = pattern(i);
				dst[i] = 0xee;
			}
			assert_ptr_equal(memcpy(dst + GUARD + off, src + off, n), dst + GUARD + off);
			for (size_t i = 0; i < sizeof(dst); i++) {
				int in = i >= GUARD + off && i < GUARD + off + n;

				assert_int_equal(dst[i], in ? pattern(i - GUARD) : 0xee);
			}
			assert_ptr_equal(memset(dst + off, 0x1a5, n), dst + off);
			for (size_t i = off; i < off + n; i++) {
				assert_int_equal(dst[i], 0xa5);
			}
		}
	}
}

static void test_memmove(void **state)
{
	(void)state;
	for (size_t from = 0; from < 24; from++) {
		for (size_t to = 0; to < 24; to++) {
			for (size_t n = 0; n < 40; n++) {
				unsigned char b[64];

				for (size_t i = 0; i < sizeof(b); i++) {
					b[i] = pattern(i);
				}
				assert_ptr_equal(memmove(b + to, b + from, n), b + to);
				for (size_t i = 0; i < sizeof(b); i++) {
					int in = i >= to && i < to + n;

					assert_int_equal(b[i], pattern(in ? i - to + from : i));
				}
			}
		}
	}
}

static void test_compare(void **state)
{
	(void)state;
	assert_int_equal(memcmp("abc", "abd", 2), 0);
	assert_true(memcmp("abc", "abd", 3) < 0);
	assert_true(memcmp("\xff", "\x01", 1) > 0);
	assert_int_equal(memcmp("a", "b", 0), 0);
	assert_int_equal(strcmp("dom0", "dom0"), 0);
	assert_true(strcmp("dom", "dom0") < 0);
	assert_true(strcmp("\xff", "a") > 0);
	assert_int_equal(strncmp("dom0_mem", "dom0", 4), 0);
	assert_true(strncmp("dom0_mem", "dom0", 5) > 0);
	assert_int_equal(strncmp("a", "a", 100), 0);
}

static void test_search(void **state)
{
	const char *s = "a,b,c";

	(void)state;
	assert_int_equal(strlen(s), 5);
	assert_int_equal(strnlen(s, 3), 3);
	assert_int_equal(strnlen(s, 9), 5);
	assert_ptr_equal(strchr(s, ','), s + 1);
	assert_ptr_equal(strchr(s, 0), s + 5);
	assert_null(strchr(s, 'x'));
	assert_int_equal(strcspn("key=v", "="), 3);
	assert_int_equal(strcspn("key", "="), 3);
}

static void test_strlcpy(void **state)
{
	char b[8];

	(void)state;
	memset(b, 'z', sizeof(b));
	assert_int_equal(strlcpy(b, "abc", sizeof(b)), 3);
	assert_string_equal(b, "abc");
	assert_int_equal(strlcpy(b, "abcdefgh", sizeof(b)), 8);
	assert_string_equal(b, "abcdefg");
	assert_int_equal(strlcpy(b, "0123456789", 4), 10);
	assert_string_equal(b, "012");
	assert_int_equal(b[4], 'e');
	assert_int_equal(strlcpy(b, "x", 0), 1);
	assert_int_equal(b[0], '0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memcpy_memset), cmocka_unit_test(test_memmove),
		cmocka_unit_test(test_compare),	      cmocka_unit_test(test_search),
		cmocka_unit_test(test_strlcpy),
	};

	return cmocka_run_group_tests_name("lib/string", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/*
 * The command line: words, values, negation, and what is said about words nobody knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <dais/cmdline.h>
#include <dais/printk.h>
#include <xen/errno.h>

static char said[4096];
static char value_seen[64];
static unsigned int calls;
static bool flag_a, flag_b;

void printk(enum log_level lvl, const char *fmt, ...)
{
	size_t n = strlen(said);
	va_list ap;

	(void)lvl;
	va_start(ap, fmt);
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	va_end(ap);
}

static int handle(const char *value)
{
	calls++;
	snprintf(value_seen, sizeof(value_seen), "%s", value ? value : "(null)");
	return value && !strcmp(value, "bad") ? -XEN_EINVAL : 0;
}

/* What the linker gathers in the hypervisor. */
const struct cmdline_param __params_start[] = {
	{ .name = "opt", .handler = handle, .help = "opt=VALUE" },
	{ .name = "a", .flag = &flag_a, .help = "a" },
	{ .name = "no-b", .flag = &flag_b, .help = "no-b" },
};
_Static_assert(sizeof(__params_start) == 96, "the end, below");
__asm__(".globl __params_end\n.set __params_end, __params_start + 96");

static void parse(const char *line)
{
	said[0] = '\0';
	value_seen[0] = '\0';
	calls = 0;
	cmdline_parse(line);
}

static void test_values(void **state)
{
	(void)state;
	parse("  opt=x,y=z\topt");
	assert_int_equal(calls, 2);
	assert_string_equal(value_seen, "");
	parse("opt=x,y=z");
	assert_string_equal(value_seen, "x,y=z");
	parse("no-opt");
	assert_string_equal(value_seen, "(null)");
	assert_string_equal(said, "");
	parse(" \r\n opt=1\t\n\topt=2\r\nopt=3 \r\n\t ");
	assert_int_equal(calls, 3);
	assert_string_equal(value_seen, "3");
	assert_string_equal(said, "");
	parse("");
	assert_int_equal(calls, 0);
}

static void test_flags(void **state)
{
	(void)state;
	flag_a = flag_b = false;
	parse("a");
	assert_true(flag_a);
	parse("no-a");
	assert_false(flag_a);
	parse("a=on");
	assert_true(flag_a);
	parse("a=off");
	assert_false(flag_a);
	parse("no-a=off");
	assert_true(flag_a);
	parse("no-b");		/* a name that begins like a negation is found first */
	assert_true(flag_b);
	assert_string_equal(said, "");
}

static void test_switches(void **state)
{
	(void)state;
	assert_int_equal(cmdline_parse_switch(""), 1);
	assert_int_equal(cmdline_parse_switch(NULL), 0);
	assert_int_equal(cmdline_parse_switch("yes"), 1);
	assert_int_equal(cmdline_parse_switch("disable"), 0);
	assert_int_equal(cmdline_parse_switch("default"), -1);
}

static void test_complaints(void **state)
{
	char line[400];

	(void)state;
	parse("placeholder nosuch=1 opt=bad a=perhaps optx");
	assert_non_null(strstr(said, "unknown option \"nosuch=1\""));
	assert_non_null(strstr(said, "\"opt=bad\" not understood; expected opt=VALUE"));
	assert_non_null(strstr(said, "\"a=perhaps\""));
	assert_non_null(strstr(said, "\"optx\""));
	assert_null(strstr(said, "placeholder"));
	memset(line, 'x', sizeof(line));
	memcpy(line + 390, " a=on", 6);
	flag_a = false;
	parse(line);
	assert_non_null(strstr(said, "too long"));
	assert_true(flag_a);
}

static void test_numbers(void **state)
{
	const char *end;

	(void)state;
	assert_int_equal(cmdline_parse_u64("123M", &end), 123);
	assert_int_equal(*end, 'M');
	assert_int_equal(cmdline_parse_u64("0x1fG", &end), 0x1f);
	assert_int_equal(*end, 'G');
	assert_int_equal(cmdline_parse_u64("0x", &end), 0);
	assert_int_equal(*end, 'x');
	assert_int_equal(cmdline_parse_u64("017", &end), 17);
	assert_int_equal(cmdline_parse_u64("0XFF", &end), 255);
	assert_int_equal(cmdline_parse_u64("1f", &end), 1);
	assert_int_equal(*end, 'f');
	assert_int_equal(cmdline_parse_u64("", &end), 0);
	assert_int_equal(*end, 0);
	assert_true(cmdline_parse_u64("18446744073709551615", &end) == UINT64_MAX);
	assert_true(cmdline_parse_u64("18446744073709551616", &end) == UINT64_MAX);
	assert_true(cmdline_parse_u64("99999999999999999999999", &end) == UINT64_MAX);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		unsigned int shift;
		uint64_t value;
		const char *rest;
	} cases[] = {
		{ "512", 10, 512 << 10, "" }, { "512M", 10, 512ULL << 20, "" },
		{ "2g,max", 10, 2ULL << 30, ",max" }, { "4096b", 10, 4096, "" },
		{ "0x10k", 0, 16 << 10, "" }, { "1T", 0, 1ULL << 40, "" },
		{ "010", 0, 10, "" }, { "x", 0, 0, "x" }, { "", 0, 0, "" },
		{ "99999999999T", 0, UINT64_MAX, "" },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *end;

		assert_int_equal(cmdline_parse_size(cases[i].text, cases[i].shift, &end),
				 cases[i].value);
		assert_string_equal(end, cases[i].rest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * The syntax of xl.cfg files: values, escapes, lists, additions, and where mistakes are said to be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/syntax.h"

static struct config_tree tree;
static struct failure why;

static int parse(const char *text)
{
	/* A copy without a terminating zero, so that ASan sees any step past its end. */
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, text, len);
	memset(&why, 0, sizeof(why));
	config_tree_free(&tree);
	rc = config_parse(&tree, "x.cfg", copy, len, &why);
	free(copy);
	return rc;
}

static const char *text_of(const char *name)
{
	const struct config_setting *s = config_find(&tree, name);

	assert_non_null(s);
	assert_false(s->value.is_list);
	return s->value.text;
}

static void test_values(void **state)
{
	(void)state;
	assert_int_equal(parse("a = 1\nb='two'\nc = \"three\" # comment\n\n#d=4\ne=word; f = 0x1f"), 0);
	assert_string_equal(text_of("a"), "1");
	assert_string_equal(text_of("b"), "two");
	assert_string_equal(text_of("c"), "three");
	assert_null(config_find(&tree, "d"));
	assert_string_equal(text_of("e"), "word");
	assert_string_equal(text_of("f"), "0x1f");
}

static void test_escapes(void **state)
{
	(void)state;
	assert_int_equal(parse("a = \"x\\n\\t\\\\\\\"\\x41\\101'#;\""), 0);
	assert_string_equal(text_of("a"), "x\n\t\\\"AA'#;");
	assert_int_equal(parse("a = \"\\q\""), -EINVAL);
	assert_non_null(strstr(why.text, "unknown escape"));
	assert_int_equal(parse("a = \"\\0\""), -EINVAL);
	assert_int_equal(parse("a = \"\\xg\""), -EINVAL);
	assert_int_equal(parse("a = \"\\"), -EINVAL);
}

static void test_lists(void **state)
{
	const struct config_setting *s;

	(void)state;
	assert_int_equal(parse("d = [ 'a',\n  \"b\", # c\n  3,\n]\ne=[]\nf=[['x','y'],['z']]"), 0);
	s = config_find(&tree, "d");
	assert_true(s->value.is_list);
	assert_int_equal(s->value.count, 3);
	assert_string_equal(s->value.items[1].text, "b");
	assert_int_equal(s->value.items[1].line, 2);
	assert_int_equal(config_find(&tree, "e")->value.count, 0);
	s = config_find(&tree, "f");
	assert_int_equal(s->value.items[0].count, 2);
	assert_string_equal(s->value.items[1].items[0].text, "z");
}

static void test_last_counts_and_addition(void **state)
{
	(void)state;
	assert_int_equal(parse("a=1\na=2\nb='x'\nb += 'y'\nl=[1]\nl+=[2,3]\nn += 'new'"), 0);
	assert_string_equal(text_of("a"), "2");
	assert_string_equal(text_of("b"), "xy");
	assert_string_equal(text_of("n"), "new");
	assert_int_equal(config_find(&tree, "l")->value.count, 3);
	assert_string_equal(config_find(&tree, "l")->value.items[2].text, "3");
	assert_int_equal(parse("l=[1]\nl+='x'"), -EINVAL);
}

static void test_mistakes_name_the_line(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "a = 1\nb = 'x", "x.cfg:2: text without its closing '" },
		{ "a", "x.cfg:1: expected '='" },
		{ "= 3", "x.cfg:1: expected NAME" },
		{ "a = ", "x.cfg:1: a value is missing" },
		{ "\n\na = 1 2", "x.cfg:3: unexpected text after the value" },
		{ "a = [1,", "x.cfg:1: list without its closing ]" },
		{ "a = [1 2]", "x.cfg:1: expected a comma or ]" },
		{ "a = [[[[[[[[[1]]]]]]]]]", "nested too deeply" },
		{ "a = {", "a value is missing" },
		{ "a + 1", "expected '='" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].text), -EINVAL);
		if (!strstr(why.text, rows[i].says)) {
			print_error("'%s' says '%s'\n", rows[i].text, why.text);
		}
		assert_non_null(strstr(why.text, rows[i].says));
	}
}

static int teardown(void **state)
{
	(void)state;
	config_tree_free(&tree);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_lists), cmocka_unit_test(test_last_counts_and_addition),
		cmocka_unit_test(test_mistakes_name_the_line),
	};

	return cmocka_run_group_tests_name("syntax", tests, NULL, teardown);
}

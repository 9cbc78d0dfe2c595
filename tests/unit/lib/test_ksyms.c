/* SPDX-License-Identifier: MIT */
/* Symbol lookup in a small made-up image. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dais/ksyms.h>

/* The image: 0x1000 bytes; text 0x10..0x100, init text 0x800..0x900. */
__asm__(".data\n.balign 16\n"
	".globl __image_start, __text_start, __text_end, __init_text_start, __init_text_end\n"
	"__image_start: .skip 0x10\n__text_start: .skip 0xf0\n__text_end: .skip 0x700\n"
	"__init_text_start: .skip 0x100\n__init_text_end: .skip 0x700\n"
	".text\n");

extern char __image_start[];
extern const uint32_t ksyms_count, ksyms_offsets[];
extern const char ksyms_names[];

const uint32_t ksyms_count = 3;
const uint32_t ksyms_offsets[] = { 0x20, 0x40, 0x800 };
const char ksyms_names[] = "alpha\0beta\0gamma";

static void expect(uintptr_t off, const char *name, unsigned long distance)
{
	unsigned long d = 0;
	const char *got = ksym_lookup((uintptr_t)__image_start + off, &d);

	if (name == NULL) {
		assert_null(got);
		return;
	}
	assert_string_equal(got, name);
	assert_int_equal(d, distance);
}

static void test_lookup(void **state)
{
	(void)state;
	expect(0, NULL, 0);
	expect(0x10, NULL, 0);
	expect(0x20, "alpha", 0);
	expect(0x3f, "alpha", 0x1f);
	expect(0x40, "beta", 0);
	expect(0xff, "beta", 0xbf);
	expect(0x100, NULL, 0);
	expect(0x810, "gamma", 0x10);
	expect(0x900, NULL, 0);
	assert_null(ksym_lookup(0, &(unsigned long){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lookup) };

	return cmocka_run_group_tests_name("lib/ksyms", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * From machine frames to page numbers: the map of them, page tables, and the registers of vCPUs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include <xen/arch-x86/xen.h>

#include "domain/canonical.h"
#include "domain/frames.h"

#define FLAGS 0x8000000000000067ull /* present, writable ... and no execution */

static struct frames s;

static int begin(void **state)
{
	uint64_t i;

	(void)state;
	memset(&s, 0, sizeof(s));
	for (i = 0; i < 100; i++) {
		assert_true(frames_add(&s, 0x100000 + i * 777, i));
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	frames_free(&s);
	return 0;
}

static uint64_t mfn_of(uint64_t pfn)
{
	return 0x100000 + pfn * 777;
}

static void frames_are_found(void **state)
{
	uint64_t i, pfn;

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_true(frames_find(&s, mfn_of(i), &pfn));
		assert_int_equal(pfn, i);
		assert_false(frames_find(&s, mfn_of(i) + 1, &pfn));
	}
	assert_false(frames_find(&s, 0, &pfn));
	assert_false(frames_find(&s, ~0ull, &pfn));
	/* Only once, and no nonsense. */
	assert_false(frames_add(&s, mfn_of(7), 1000));
	assert_true(frames_find(&s, mfn_of(7), &pfn));
	assert_int_equal(pfn, 7);
	assert_false(frames_add(&s, 1ull << 40, 1000));
	assert_false(frames_add(&s, 5, UINT32_MAX));
	assert_true(frames_add(&s, 5, UINT32_MAX - 1));
	assert_true(frames_find(&s, 5, &pfn));
	assert_int_equal(pfn, UINT32_MAX - 1);
}

static void tables_have_page_numbers(void **state)
{
	uint64_t in[CANONICAL_ENTRIES] = { 0 }, out[CANONICAL_ENTRIES], bad = 0;
	unsigned int level;

	(void)state;
	in[0] = mfn_of(3) << 12 | FLAGS;
	in[5] = mfn_of(4) << 12 | (FLAGS & ~1ull); /* swapped out: the kernel's own affair */
	in[511] = mfn_of(0) << 12 | 1;
	for (level = 1; level <= 4; level++) {
		assert_true(canonical_table(&s, level, in, out, &bad));
		assert_true(out[0] == (3ull << 12 | FLAGS));
		assert_true(out[5] == in[5]);
		assert_true(out[511] == 1);
		assert_int_equal(out[100], 0);
	}
}

static void others_memory_is_refused(void **state)
{
	uint64_t in[CANONICAL_ENTRIES] = { 0 }, out[CANONICAL_ENTRIES], bad = 0;

	(void)state;
	in[300] = 0xabcdeull << 12 | FLAGS;
	assert_false(canonical_table(&s, 1, in, out, &bad));
	assert_int_equal(bad, 0xabcde);
	/* The hypervisor's part of a top-level table is nobody's. */
	memset(in, 0, sizeof(in));
	in[256] = in[271] = 0xabcdeull << 12 | FLAGS;
	assert_true(canonical_table(&s, 4, in, out, &bad));
	assert_int_equal(out[256] | out[271], 0);
	assert_false(canonical_table(&s, 3, in, out, &bad));
	in[256] = in[271] = 0;
	in[255] = 0xabcdeull << 12 | FLAGS;
	assert_false(canonical_table(&s, 4, in, out, &bad));
	in[255] = 0;
	in[272] = 0xabcdeull << 12 | FLAGS;
	assert_false(canonical_table(&s, 4, in, out, &bad));
}

static struct vcpu_guest_context vcpu_made(void)
{
	struct vcpu_guest_context c;

	memset(&c, 0, sizeof(c));
	c.user_regs.rdx = mfn_of(9);
	c.gdt_ents = 513;
	c.gdt_frames[0] = mfn_of(10);
	c.gdt_frames[1] = mfn_of(11);
	c.gdt_frames[2] = 12345; /* not in use */
	c.ctrlreg[3] = mfn_of(12) << 12;
	c.ctrlreg[1] = mfn_of(0) << 12;
	return c;
}

static void registers_have_page_numbers(void **state)
{
	struct vcpu_guest_context c = vcpu_made();
	uint64_t bad;

	(void)state;
	assert_true(canonical_vcpu(&s, 0, &c, &bad));
	assert_int_equal(c.user_regs.rdx, 9);
	assert_int_equal(c.gdt_frames[0], 10);
	assert_int_equal(c.gdt_frames[1], 11);
	assert_int_equal(c.gdt_frames[2], 12345);
	assert_int_equal(c.ctrlreg[3], 12 << 12);
	assert_int_equal(c.ctrlreg[1], 1); /* page 0, and in use */
	/* On other vCPUs rdx is a register like any; and there may be no user tables. */
	c = vcpu_made();
	c.user_regs.rdx = 77;
	c.ctrlreg[1] = 0;
	assert_true(canonical_vcpu(&s, 1, &c, &bad));
	assert_int_equal(c.user_regs.rdx, 77);
	assert_int_equal(c.ctrlreg[1], 0);
}

static void registers_of_others_are_refused(void **state)
{
	struct vcpu_guest_context c = vcpu_made();
	uint64_t bad;

	(void)state;
	c.user_regs.rdx = 77;
	assert_false(canonical_vcpu(&s, 0, &c, &bad));
	assert_int_equal(bad, 77);
	c = vcpu_made();
	c.ctrlreg[3] = 78 << 12;
	assert_false(canonical_vcpu(&s, 0, &c, &bad));
	assert_int_equal(bad, 78);
	c = vcpu_made();
	c.ctrlreg[1] = 79 << 12;
	assert_false(canonical_vcpu(&s, 0, &c, &bad));
	c = vcpu_made();
	c.gdt_frames[1] = 80;
	assert_false(canonical_vcpu(&s, 0, &c, &bad));
	/* More descriptors than there can be: no more frames than there are. */
	c = vcpu_made();
	c.gdt_ents = ~0ull;
	for (int i = 0; i < 16; i++) {
		c.gdt_frames[i] = mfn_of(20);
	}
	assert_true(canonical_vcpu(&s, 0, &c, &bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_are_found, begin, end),
		cmocka_unit_test_setup_teardown(tables_have_page_numbers, begin, end),
		cmocka_unit_test_setup_teardown(others_memory_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(registers_have_page_numbers, begin, end),
		cmocka_unit_test_setup_teardown(registers_of_others_are_refused, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

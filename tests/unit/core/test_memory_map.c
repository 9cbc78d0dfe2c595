/* SPDX-License-Identifier: MIT */
/* The machine's memory map as a domain sees it: firmware's entries, and what it may not use between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <dais/boot_info.h>
#include <dais/domain.h>
#include <dais/memory.h>
#include <dais/rangeset.h>
#include <dais/x86.h>

static struct boot_info bi;
const struct boot_info *dais_boot_info = &bi;
struct x86_features x86_features = { .phys_bits = 32 };

static struct domain d;
static struct memory_map_entry seen[16];
static unsigned int nr_seen, nr_max;

static int note(void *arg, const struct memory_map_entry *e)
{
	if (nr_seen == nr_max) {
		return -7;
	}
	seen[nr_seen++] = *e;
	return 0;
}

static void expect(unsigned int i, uint64_t start, uint64_t end, uint32_t type)
{
	assert_true(seen[i].addr == start && seen[i].size == end - start);
	assert_int_equal(seen[i].type, type);
}

static int setup(void **state)
{
	rangeset_init(&d.iomem, 100);
	bi.nr_e820 = 2;
	bi.e820[0] = (struct boot_e820_entry){ 0, 0x9f800, BOOT_E820_RAM };
	bi.e820[1] = (struct boot_e820_entry){ 0x100000, 0x80000000, BOOT_E820_RAM };
	nr_seen = 0;
	nr_max = 16;
	return 0;
}

static int teardown(void **state)
{
	return rangeset_remove(&d.iomem, 0, ~0UL);
}

static void test_holes(void **state)
{
	rangeset_add(&d.iomem, 0, 0xfffff);
	rangeset_remove(&d.iomem, 0xfec00, 0xfec00);
	rangeset_remove(&d.iomem, 0xfee00, 0xfeeff);
	rangeset_remove(&d.iomem, 0xa8, 0xaf);
	rangeset_remove(&d.iomem, 0x300, 0x3ff);	/* RAM: firmware's word counts */
	assert_int_equal(memory_map_machine(&d, note, NULL), 0);
	assert_int_equal(nr_seen, 5);
	expect(0, 0, 0x9f800, BOOT_E820_RAM);
	expect(1, 0xa8000, 0xb0000, BOOT_E820_RESERVED);
	expect(2, 0x100000, 0x80000000, BOOT_E820_RAM);
	expect(3, 0xfec00000, 0xfec01000, BOOT_E820_RESERVED);
	expect(4, 0xfee00000, 0xfef00000, BOOT_E820_RESERVED);
}

/* Who may use nothing sees all of what lies between; and a reader who stops is heard. */
static void test_nothing_allowed(void **state)
{
	assert_int_equal(memory_map_machine(&d, note, NULL), 0);
	assert_int_equal(nr_seen, 4);
	expect(1, 0xa0000, 0x100000, BOOT_E820_RESERVED);
	expect(3, 0x80000000, 0x100000000, BOOT_E820_RESERVED);
	for (nr_max = 0; nr_max < 4; nr_max++) {
		nr_seen = 0;
		assert_int_equal(memory_map_machine(&d, note, NULL), -7);
		assert_int_equal(nr_seen, nr_max);
	}
}

/* Ranges that begin before a gap, end behind it, or reach to the last number there is. */
static void test_edges(void **state)
{
	rangeset_add(&d.iomem, 0x10, 0xa3);
	rangeset_add(&d.iomem, 0xf0, 0x80010);
	rangeset_add(&d.iomem, 0xf0000, ~0UL);
	assert_int_equal(memory_map_machine(&d, note, NULL), 0);
	assert_int_equal(nr_seen, 4);
	expect(1, 0xa4000, 0xf0000, BOOT_E820_RESERVED);
	expect(3, 0x80011000, 0xf0000000, BOOT_E820_RESERVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_holes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_allowed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_edges, setup, teardown),
	};

	return cmocka_run_group_tests_name("core/memory_map", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * What is mapped on request, with addresses that firmware may have made up: near the end of what the
 * processor can address, near the end of the direct map, and beyond either.
 *
 * The tables are the host's own memory. The direct map is where the hypervisor has it, so their
 * machine addresses are how far they lie from it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/boot_mem.h>
#include <dais/cpumask.h>
#include <dais/frame_alloc.h>
#include <dais/frame_table.h>
#include <dais/paging.h>
#include <dais/printk.h>
#include <dais/spinlock.h>
#include <dais/tlb.h>

#define DIRECT_LEN (DIRECT_END - DIRECTMAP_BASE)

struct x86_features x86_features;
cpumask_t cpu_online_mask;
mfn_t frame_max;
char __image_start[1], __image_end[1], __text_start[1], __text_end[1], __rodata_start[1],
	__rodata_end[1];
char __init_text_start[1], __init_text_end[1];

static void *tables[4096];
static unsigned int nr_tables;
static bool locked;

paddr_t boot_mem_alloc(size_t size, size_t align, paddr_t limit)
{
	void *p = aligned_alloc(align, size);

	assert_non_null(p);
	assert_true(nr_tables < 4096);
	tables[nr_tables++] = p;
	return (paddr_t)p - DIRECTMAP_BASE;
}

unsigned long frame_alloc_total(void)
{
	return 0;
}

void panic(const char *fmt, ...)
{
	fprintf(stderr, "panic: %s\n", fmt);
	abort();
}

void spin_lock(spinlock_t *l)
{
	assert_false(locked);
	locked = true;
}

void spin_unlock(spinlock_t *l)
{
	assert_true(locked);
	locked = false;
}

/* Not for what is asked here. */
void boot_mem_each_ram(void (*fn)(mfn_t start, mfn_t end))
{
	abort();
}

bool boot_mem_ram_in(paddr_t start, paddr_t end)
{
	abort();
}

struct frame *frame_alloc(unsigned int order, unsigned int address_bits, unsigned int flags)
{
	abort();
}

void frame_share_with(struct frame *f, struct domain *d, bool read_only)
{
	abort();
}

int frame_table_add(mfn_t start, mfn_t end, int (*back)(vaddr_t va, size_t size))
{
	abort();
}

void tlb_flush_mask(const cpumask_t *m)
{
	abort();
}

static int setup(void **state)
{
	memset(hv_l4, 0, sizeof(hv_l4));
	x86_features.phys_bits = 40;
	return 0;
}

static int teardown(void **state)
{
	while (nr_tables > 0) {
		free(tables[--nr_tables]);
	}
	return locked;
}

/* The entry that maps va, 0 when none does. */
static uint64_t entry(unsigned long va)
{
	for (unsigned int level = 1; level < 4; level++) {
		const uint64_t *e = paging_entry(hv_l4, va, level, false);

		if (e != NULL && (*e & PTE_P) && (level == 1 || (*e & PTE_PS))) {
			return *e;
		}
	}
	return 0;
}

static void test_reaches(void **state)
{
	paddr_t end = 1UL << 40;

	assert_true(paging_reaches(0, end));
	assert_true(paging_reaches(end - 1, 1));
	assert_true(paging_reaches(end, 0));
	assert_false(paging_reaches(0, end + 1));
	assert_false(paging_reaches(end, 1));
	assert_false(paging_reaches(end - 1, 2));
	assert_false(paging_reaches(8, ~0UL)); /* the sum is small */
	assert_false(paging_reaches(~0UL, 2));
	assert_false(paging_reaches(~0UL - 7, 8));
}

/* The last address that has MAP_PHYS_LEN behind it in `len` bytes, and those after it. */
static void phys_up_to(paddr_t len)
{
	paddr_t last = len - MAP_PHYS_LEN;

	assert_ptr_equal(map_phys(last), (void *)(DIRECTMAP_BASE + last));
	assert_true(entry(DIRECTMAP_BASE + last) & PTE_P);
	assert_true(entry(DIRECTMAP_BASE + len - 1) & PTE_P);
	assert_int_equal(entry(DIRECTMAP_BASE + len), 0);
	assert_null(map_phys(last + 1));
	assert_null(map_phys(last + PAGE_SIZE));
	assert_null(map_phys(len - 1));
	assert_null(map_phys(len));
	assert_null(map_phys(len + MAP_PHYS_LEN));
	assert_int_equal(entry(DIRECTMAP_BASE + len), 0);
}

static void test_phys_of_small_processor(void **state)
{
	x86_features.phys_bits = 36;
	phys_up_to(1UL << 36);
}

/* The direct map ends before what such a processor can address: behind it are guests' own addresses. */
static void test_phys_of_large_processor(void **state)
{
	x86_features.phys_bits = 52;
	phys_up_to(DIRECT_LEN);
	assert_int_equal(hv_l4[HV_SLOT_LAST + 1], 0);
	assert_null(map_phys((1UL << 52) - MAP_PHYS_LEN));
}

static void test_phys_made_up(void **state)
{
	unsigned int before = nr_tables;

	for (unsigned int bits = 36; bits <= 52; bits++) {
		x86_features.phys_bits = bits;
		assert_null(map_phys(~0UL));
		assert_null(map_phys(~0UL - MAP_PHYS_LEN + 1));
		assert_null(map_phys(~0UL - MAP_PHYS_LEN - PAGE_SIZE));
		assert_null(map_phys(1UL << 63));
		assert_null(map_phys(0UL - DIRECTMAP_BASE)); /* address 0 */
	}
	assert_int_equal(nr_tables, before);
}

/* Not on a page boundary: the whole of the first and of the last page. */
static void test_phys_within_pages(void **state)
{
	char *p = map_phys(0x12345678);

	assert_ptr_equal(p, (void *)(DIRECTMAP_BASE + 0x12345678));
	assert_int_equal(entry(DIRECTMAP_BASE + 0x12344fff), 0);
	assert_int_equal(entry(DIRECTMAP_BASE + 0x12345000) & PTE_ADDR, 0x12345000);
	assert_int_equal(entry(DIRECTMAP_BASE + 0x12445678) & PTE_ADDR, 0x12445000);
	assert_int_equal(entry(DIRECTMAP_BASE + 0x12446000), 0);
	assert_int_equal(entry((unsigned long)p) & PTE_HV_UC, PTE_HV_RW);
}

static void test_mmio(void **state)
{
	const char *first = map_mmio(0xfed00ff0, 32), *other; /* in two pages */

	assert_int_equal((unsigned long)first % PAGE_SIZE, 0xff0);
	assert_int_equal(entry((unsigned long)first), 0xfed00000 | PTE_HV_UC);
	assert_int_equal(entry((unsigned long)first + 31), 0xfed01000 | PTE_HV_UC);
	assert_null(map_mmio(1UL << 40, 8));
	assert_null(map_mmio((1UL << 40) - 4, 8));
	assert_null(map_mmio(~0UL - 3, 8));
	assert_null(map_mmio(0, MMIO_END - MMIO_BASE)); /* more than is left */
	other = map_mmio((1UL << 40) - 8, 8);           /* refusals took nothing of it */
	assert_ptr_equal(other, first - 0xff0 + 3 * PAGE_SIZE - 8);
	assert_int_equal(entry((unsigned long)other), ((1UL << 40) - PAGE_SIZE) | PTE_HV_UC);
	assert_int_equal(entry((unsigned long)other + PAGE_SIZE), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reaches),
		TEST(test_phys_of_small_processor),
		TEST(test_phys_of_large_processor),
		TEST(test_phys_made_up),
		TEST(test_phys_within_pages),
		TEST(test_mmio),
	};

	return cmocka_run_group_tests_name("x86/paging", tests, NULL, NULL);
}

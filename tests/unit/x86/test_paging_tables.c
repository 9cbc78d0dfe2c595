/* SPDX-License-Identifier: MIT */
/*
 * Filling a stretch of addresses: whatever was there before, and wherever a range begins and ends, afterwards each page
 * of it is mapped to itself, no page outside is, and what was mapped already is as before. The tables are the
 * host's own memory, at its own addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/paging.h>
#include <dais/x86.h>

#define CHUNK	(64 * KiB)
#define FIRST	(PTE_P | PTE_RW | PTE_G)
#define LATER	(PTE_P | PTE_RW)

struct x86_features x86_features;

static void *tables[4096];
static unsigned int nr_tables;
static uint64_t *l4;

paddr_t paging_table_new(void)
{
	void *p = aligned_alloc(PAGE_SIZE, PAGE_SIZE);

	assert_non_null(p);
	assert_true(nr_tables < 4096);
	memset(p, 0, PAGE_SIZE);
	tables[nr_tables++] = p;
	return (paddr_t)p;
}

static int begin(void **state)
{
	l4 = (uint64_t *)paging_table_new();
	return 0;
}

static int end(void **state)
{
	while (nr_tables > 0) {
		free(tables[--nr_tables]);
	}
	return 0;
}

/* The entry that maps pa, with the address it gives pa put in; 0 when none does. */
static uint64_t mapping(paddr_t pa)
{
	uint64_t *table = l4;

	for (unsigned int level = 4; level > 0; level--) {
		uint64_t within = (1UL << (12 + 9 * (level - 1))) - 1;
		uint64_t e = table[(pa >> (12 + 9 * (level - 1))) & 511];

		if (!(e & PTE_P)) {
			return 0;
		}
		if (level == 1 || (e & PTE_PS)) {
			assert_true(level < 4);
			assert_int_equal(e & PTE_ADDR & within, 0);
			return (e & ~PTE_PS) | (pa & within & PTE_ADDR);
		}
		table = (uint64_t *)(e & PTE_ADDR);
	}
	return 0;
}

static void expect(paddr_t from, paddr_t to, uint64_t flags)
{
	for (paddr_t pa = from; pa < to; pa += PAGE_SIZE) {
		assert_int_equal(mapping(pa), flags ? pa | flags : 0);
	}
}

/* As a machine that reports its RAM in one piece from 0 on, after the first MiB was mapped by itself. */
static void one_piece(paddr_t ram)
{
	paging_fill(l4, DIRECTMAP_BASE, 0, MiB, FIRST);
	paging_fill(l4, DIRECTMAP_BASE, 0, ram, LATER);
	expect(0, MiB, FIRST);
	expect(MiB, ram, LATER);
	expect(ram, ram + 4 * MiB, 0);
}

static void test_one_piece(void **state)
{
	x86_features.page1gb = false;
	one_piece(64 * MiB);
}

static void test_one_piece_large(void **state)
{
	x86_features.page1gb = true;
	one_piece(3 * GiB + 5 * MiB + CHUNK);
}

static void test_large_pages(void **state)
{
	unsigned int before;

	x86_features.page1gb = true;
	before = nr_tables;
	paging_fill(l4, DIRECTMAP_BASE, GiB, 3 * GiB, LATER);
	assert_int_equal(nr_tables, before + 1);
	/* inside a larger page: nothing to do */
	paging_fill(l4, DIRECTMAP_BASE, GiB + MiB, GiB + 2 * MiB, FIRST);
	assert_int_equal(nr_tables, before + 1);
	expect(GiB, 3 * GiB, LATER);
}

/* Ranges anywhere in the first 16 MiB, one over the other: the first to come keeps each page. */
static void test_any(void **state)
{
	static uint64_t model[16 * MiB / PAGE_SIZE];

	srand(7);
	x86_features.page1gb = true;
	memset(model, 0, sizeof(model));
	for (unsigned int i = 0; i < 40; i++) {
		paddr_t from = (paddr_t)(rand() % 256) * CHUNK, to = from + (paddr_t)(rand() % 64) * CHUNK;
		uint64_t flags = i & 1 ? FIRST : LATER;

		to = to > 16 * MiB ? 16 * MiB : to;
		paging_fill(l4, DIRECTMAP_BASE, from, to, flags);
		for (paddr_t pa = from; pa < to; pa += PAGE_SIZE) {
			if (model[pa / PAGE_SIZE] == 0) {
				model[pa / PAGE_SIZE] = pa | flags;
			}
		}
		for (paddr_t pa = 0; pa < 16 * MiB; pa += PAGE_SIZE) {
			assert_int_equal(mapping(pa), model[pa / PAGE_SIZE]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_piece, begin, end),
		cmocka_unit_test_setup_teardown(test_one_piece_large, begin, end),
		cmocka_unit_test_setup_teardown(test_large_pages, begin, end),
		cmocka_unit_test_setup_teardown(test_any, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Layouts: two known ones in full, and many made at random, each judged by what must hold of
 * any layout (nothing overlaps, everything mapped has a table, the slack is there, the count of
 * tables is the least that works).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <dais/elf.h>
#include <dais/pvlayout.h>
#include <xen/errno.h>

#define BASE	0xffffffff80000000UL
#define PAGE	4096UL
#define MB	(1UL << 20)

static struct pv_layout l;
static const char *why;

static struct elf_image elf;		/* of each test's kernel */

static const struct elf_image debian = {
	.virt_base = BASE, .virt_kstart = BASE + 0x1000000, .virt_kend = BASE + 0x4a00000,
	.init_p2m = 0x8000000000, .mod_start_pfn = 1,
};

static const struct pv_layout_in debian_dom0 = {
	.elf = &elf, .module_len = 20 * MB + 5, .nr_pages = 131072,
};

/* Each page of each region is in use once. */
static void check_disjoint(void)
{
	const struct pv_region *r[] = { &l.kernel, &l.module, &l.p2m, &l.start_info, &l.store,
					&l.console, &l.tables, &l.stack };
	struct pv_region tail = { 0, l.first_p2m_pfn, l.nr_p2m_frames };

	for (size_t i = 0; i < 8; i++) {
		for (size_t j = i + 1; j < 8; j++) {
			assert_true(r[i]->nr == 0 || r[j]->nr == 0 ||
				    r[i]->pfn + r[i]->nr <= r[j]->pfn ||
				    r[j]->pfn + r[j]->nr <= r[i]->pfn);
		}
		if (r[i]->nr != 0 && r[i]->va >= l.v_start && r[i]->va < l.v_end) {
			assert_int_equal(r[i]->pfn, pv_layout_pfn(&l, r[i]->va));
			assert_true(r[i]->pfn + r[i]->nr <= l.boot_pages);
		}
		assert_true(r[i]->pfn + r[i]->nr <= l.used_pages);
	}
	assert_true(tail.pfn + tail.nr <= l.used_pages);
}

/* Walk the mapping as the builder does: every table is used, each for one range only. */
static void check_tables(void)
{
	uint64_t total = 0;

	for (unsigned int level = 4; level >= 1; level--) {
		unsigned int shift = 12 + 9 * level;
		uint64_t first = pv_layout_table(&l, level, l.v_start);
		uint64_t last = pv_layout_table(&l, level, l.v_end - 1);

		assert_int_equal(first, l.tables.pfn + total);
		assert_int_equal(last, first + l.nr_tables[level] - 1);
		assert_int_equal(last - first, level == 4 ? 0 :
				 ((l.v_end - 1) >> shift) - (l.v_start >> shift));
		total += l.nr_tables[level];
	}
	assert_int_equal(total, l.tables.nr);
	assert_int_equal(pv_layout_table(&l, 4, l.v_start), l.tables.pfn);
	if (l.nr_p2m_frames == 0) {
		return;
	}
	total = l.p2m.nr;
	for (unsigned int level = 3; level >= 1; level--) {
		uint64_t end = l.p2m.va + l.p2m.nr * PAGE - 1;

		assert_int_equal(pv_layout_table(&l, level, l.p2m.va), l.first_p2m_pfn + total);
		total += l.nr_p2m_tables[level];
		assert_int_equal(pv_layout_table(&l, level, end), l.first_p2m_pfn + total - 1);
	}
	assert_int_equal(total, l.nr_p2m_frames);
	assert_int_equal(pv_layout_table(&l, 4, l.p2m.va), l.tables.pfn);
}

static void check(const struct pv_layout_in *in)
{
	uint64_t stack_end = l.stack.va + PAGE;

	assert_true(l.v_start == in->elf->virt_base);
	assert_true(l.v_end % (4 * MB) == 0 && l.v_end > l.v_start);
	assert_true(l.v_end - stack_end >= MB / 2 && l.v_end - stack_end < 4 * MB + MB / 2);
	assert_true(l.boot_pages == (l.v_end - l.v_start) / PAGE);
	assert_true(l.tables.va + l.tables.nr * PAGE == l.stack.va);
	assert_true(l.kernel.va <= in->elf->virt_kstart);
	assert_true(l.kernel.va + l.kernel.nr * PAGE >= in->elf->virt_kend);
	assert_true(l.p2m.nr * PAGE >= in->nr_pages * 8);
	assert_true(l.module.nr * PAGE >= in->module_len);
	assert_int_equal(l.store.nr, in->store_console);
	assert_int_equal(l.console.nr, in->store_console);
	assert_int_equal(l.start_info.nr, 1);
	assert_int_equal(l.stack.nr, 1);
	check_disjoint();
	check_tables();
}

static void test_debian_dom0(void **state)
{
	(void)state;
	elf = debian;
	assert_int_equal(pv_layout_compute(&l, &debian_dom0, &why), 0);
	check(&debian_dom0);
	assert_true(l.start_info.va == BASE + 0x4a00000);
	assert_true(l.tables.va == BASE + 0x4a01000);
	/* 0x4c00000 bytes: 38 L1, 1 L2, 1 L3, 1 L4 */
	assert_int_equal(l.tables.nr, 41);
	assert_true(l.v_end == BASE + 0x4c00000);
	assert_true(l.module.va == 0 && l.module.pfn == 0x4c00 && l.module.nr == 5121);
	assert_true(l.first_p2m_pfn == 0x4c00 + 5121 && l.p2m.pfn == l.first_p2m_pfn);
	assert_true(l.p2m.va == 0x8000000000 && l.p2m.nr == 256);
	assert_int_equal(l.nr_p2m_frames, 259);
}

/* A small kernel with everything mapped behind it, as a domU. */
static void test_small_domu(void **state)
{
	const struct pv_layout_in in = {
		.elf = &elf, .module_len = 8192, .store_console = true, .nr_pages = 4096,
	};

	(void)state;
	elf = (struct elf_image){
		.virt_base = 0, .virt_kstart = 0x100123, .virt_kend = 0x180001, .init_p2m = ELF_UNSET,
	};
	assert_int_equal(pv_layout_compute(&l, &in, &why), 0);
	check(&in);
	assert_true(l.kernel.va == 0x100000 && l.kernel.nr == 0x81);
	assert_true(l.module.va == 0x181000 && l.module.pfn == 0x181 && l.module.nr == 2);
	assert_true(l.p2m.va == 0x183000 && l.p2m.nr == 8);
	assert_true(l.start_info.va == 0x18b000 && l.store.va == 0x18c000);
	assert_true(l.console.va == 0x18d000 && l.tables.va == 0x18e000);
	assert_int_equal(l.tables.nr, 5);
	assert_true(l.stack.va == 0x193000 && l.v_end == 0x400000);
	assert_int_equal(l.nr_p2m_frames, 0);
	assert_int_equal(l.used_pages, 0x400);
}

/* The slack rule adds 4 MiB exactly when less than 512 KiB would be left. */
static void test_slack(void **state)
{
	struct pv_layout_in in = debian_dom0;

	(void)state;
	elf = debian;
	for (uint64_t end = 0x4800000; end < 0x5000000; end += 0x1000) {
		elf.virt_kend = BASE + end;
		assert_int_equal(pv_layout_compute(&l, &in, &why), 0);
		check(&in);
	}
}

static uint64_t rnd(uint64_t below)
{
	return ((uint64_t)rand() << 31 ^ (uint64_t)rand()) % below;
}

static void test_random(void **state)
{
	unsigned int good = 0;

	(void)state;
	srand(3);
	for (int i = 0; i < 20000; i++) {
		struct pv_layout_in in = {
			.elf = &elf,
			.module_len = rnd(3) ? rnd(200 * MB) : 0,
			.store_console = rnd(2),
			.nr_pages = 1 + rnd(1UL << (10 + rnd(20))),
		};

		elf = (struct elf_image){
			.virt_base = rnd(2) ? BASE : rnd(1UL << 46) & ~0xfffUL,
			.init_p2m = rnd(2) ? ELF_UNSET : rnd(1UL << 47) & ~0xfffUL,
			.mod_start_pfn = rnd(2),
		};
		elf.virt_kstart = elf.virt_base + rnd(32 * MB);
		elf.virt_kend = elf.virt_kstart + 1 + rnd(64 * MB);
		if (pv_layout_compute(&l, &in, &why) == 0) {
			check(&in);
			assert_true(l.used_pages <= in.nr_pages);
			good++;
		}
	}
	assert_true(good > 5000);
}

static void refuse(struct pv_layout_in in, int error, const char *text)
{
	assert_int_equal(pv_layout_compute(&l, &in, &why), error);
	if (strstr(why, text) == NULL) {
		fail_msg("expected '%s' in: %s", text, why);
	}
}

static void test_refused(void **state)
{
	struct pv_layout_in in = debian_dom0;

	(void)state;
	elf = debian;
	in.nr_pages = 20000;
	refuse(in, -XEN_ENOMEM, "too little memory");
	assert_true(l.used_pages > 20000);
	in.nr_pages = 0;
	refuse(in, -XEN_EINVAL, "memory size");
	in.nr_pages = ~0UL;
	refuse(in, -XEN_EINVAL, "memory size");
	in = debian_dom0;
	elf = debian;
	elf.virt_base++;
	refuse(in, -XEN_EINVAL, "addresses");
	in = debian_dom0;
	elf = debian;
	elf.virt_kend = elf.virt_kstart;
	refuse(in, -XEN_EINVAL, "addresses");
	in = debian_dom0;
	elf = debian;
	in.module_len = ~0UL;
	refuse(in, -XEN_EINVAL, "module");
	/* Mapped behind the kernel, 3 GiB do not fit into the top 2 GiB. */
	in = debian_dom0;
	elf = debian;
	elf.mod_start_pfn = 0;
	in.module_len = 3UL << 30;
	refuse(in, -XEN_EINVAL, "end of the address space");
	in.module_len = 2032 * MB;
	refuse(in, -XEN_EINVAL, "end of the address space");
	/* In the hypervisor's slots. */
	in = debian_dom0;
	elf = debian;
	elf.virt_base = 0xffff800000000000UL;
	elf.virt_kstart = elf.virt_base + 0x1000000;
	elf.virt_kend = elf.virt_kstart + MB;
	refuse(in, -XEN_EINVAL, "end of the address space");
	in = debian_dom0;
	elf = debian;
	elf.init_p2m = BASE;
	refuse(in, -XEN_EINVAL, "INIT_P2M");
	elf.init_p2m = 0xffff87ffffff0000UL;
	refuse(in, -XEN_EINVAL, "INIT_P2M");
	elf.init_p2m = 0x7ffffffff000UL;
	refuse(in, -XEN_EINVAL, "INIT_P2M");
	elf.init_p2m = ~0xfffUL;
	refuse(in, -XEN_EINVAL, "INIT_P2M");
	elf.init_p2m = 0x8000000800UL;
	refuse(in, -XEN_EINVAL, "INIT_P2M");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debian_dom0), cmocka_unit_test(test_small_domu),
		cmocka_unit_test(test_slack),	    cmocka_unit_test(test_random),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("lib/pvlayout", tests, NULL, NULL);
}

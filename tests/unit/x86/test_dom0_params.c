/* SPDX-License-Identifier: MIT */
/*
 * How many vcpus and how much memory dom0 gets, by what the command line says about it: the options
 * are read from a line, as at boot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/printk.h>
#include "../../../hypervisor/x86/dom0/params.c" /* for what its options are */

#define MiB_PAGES (MiB >> PAGE_SHIFT)

/* What the linker gathers in the hypervisor. */
const struct cmdline_param __params_start[] = {
	{ .name = "dom0_mem", .handler = parse_dom0_mem, .help = "" },
	{ .name = "dom0_max_vcpus", .handler = parse_dom0_max_vcpus, .help = "" },
};
_Static_assert(sizeof(__params_start) == 64, "the end, below");
__asm__(".globl __params_end\n.set __params_end, __params_start + 64");

unsigned int nr_cpus;
static unsigned long free_pages;
static unsigned int complaints;
static jmp_buf refused_jump;

void printk(enum log_level lvl, const char *fmt, ...)
{
	complaints += lvl == LOG_WARN;
}

unsigned long frame_alloc_free(void)
{
	return free_pages;
}

void dom0_refuse(const char *fmt, ...)
{
	longjmp(refused_jump, 1);
}

static bool understood(const char *line)
{
	complaints = 0;
	cmdline_parse(line);
	return complaints == 0;
}

/* What dom0 gets of machines with so many CPUs. */
static unsigned int vcpus_of(unsigned int cpus)
{
	nr_cpus = cpus;
	return dom0_choose_vcpus();
}

static void test_vcpus_unsaid(void **state)
{
	assert_int_equal(vcpus_of(1), 1);
	assert_int_equal(vcpus_of(7), 7);
	assert_int_equal(vcpus_of(DOMAIN_MAX_VCPUS + 1), DOMAIN_MAX_VCPUS);
}

static void test_vcpus(void **state)
{
	static const struct {
		const char *line;
		unsigned int on[4]; /* machines of 1, 2, 4 and 200 CPUs */
	} cases[] = {
		{ "dom0_max_vcpus=1", { 1, 1, 1, 1 } },
		{ "dom0_max_vcpus=3", { 3, 3, 3, 3 } },
		{ "dom0_max_vcpus=2-3", { 2, 2, 3, 3 } },
		{ "dom0_max_vcpus=3-3", { 3, 3, 3, 3 } },
		{ "dom0_max_vcpus=0-3", { 1, 2, 3, 3 } },
		{ "dom0_max_vcpus=3-", { 3, 3, 4, DOMAIN_MAX_VCPUS } },
		{ "dom0_max_vcpus=-3", { 1, 2, 3, 3 } },
		{ "dom0_max_vcpus=-", { 1, 2, 4, DOMAIN_MAX_VCPUS } },
		{ "dom0_max_vcpus=0x10", { 16, 16, 16, 16 } },
		{ "dom0_max_vcpus=5000",
		  { DOMAIN_MAX_VCPUS, DOMAIN_MAX_VCPUS, DOMAIN_MAX_VCPUS, DOMAIN_MAX_VCPUS } },
		{ "dom0_max_vcpus=2-5000", { 2, 2, 4, DOMAIN_MAX_VCPUS } },
		{ "dom0_max_vcpus=1-4294967298", { 1, 2, 4, DOMAIN_MAX_VCPUS } },
	};
	static const unsigned int cpus[] = { 1, 2, 4, 200 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(understood(cases[i].line));
		for (unsigned int k = 0; k < 4; k++) {
			assert_int_equal(vcpus_of(cpus[k]), cases[i].on[k]);
		}
	}
}

/* Nonsense is told, and leaves dom0 as many as without the option. Before any that is understood. */
static void test_vcpus_nonsense(void **state)
{
	static const char *const lines[] = {
		"dom0_max_vcpus",      "dom0_max_vcpus=",    "no-dom0_max_vcpus",
		"dom0_max_vcpus=0",    "dom0_max_vcpus=0-0", "dom0_max_vcpus=-0",
		"dom0_max_vcpus=x",    "dom0_max_vcpus=3x",  "dom0_max_vcpus=3-x",
		"dom0_max_vcpus=2-3x", "dom0_max_vcpus=3-2", "dom0_max_vcpus=1-2-3",
		"dom0_max_vcpus=--2",  "dom0_max_vcpus=2,3", "dom0_max_vcpus=4294967298-2",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		if (understood(lines[i])) {
			fail_msg("understood: %s", lines[i]);
		}
		assert_int_equal(vcpus_of(5), 5);
	}
}

static uint32_t limit;		/* what memory_of() heard of it, in pages */

/* MiB, 0: refused. */
static unsigned long memory_of(unsigned long free_mib, unsigned long needed_mib)
{
	free_pages = free_mib * MiB_PAGES;
	if (setjmp(refused_jump)) {
		return 0;
	}
	return dom0_choose_pages(needed_mib * MiB_PAGES, &limit) / MiB_PAGES;
}

static void test_memory(void **state)
{
	assert_int_equal(memory_of(1600, 20), 1500);   /* less a sixteenth ... */
	assert_int_equal(memory_of(16000, 20), 15872); /* ... of at most 128 */
	assert_int_equal(memory_of(1600, 1501), 0);
	assert_true(understood("dom0_mem=512M"));
	assert_int_equal(memory_of(1600, 20), 512);
	assert_int_equal(memory_of(1600, 512), 512);
	assert_int_equal(limit, ~0U); /* may grow as long as there is memory */
	assert_int_equal(memory_of(1600, 513), 0);
	assert_int_equal(memory_of(529, 20), 512);
	assert_int_equal(memory_of(527, 20), 0);    /* 16 are the hypervisor's in any case */
	assert_true(understood("dom0_mem=524288")); /* KiB */
	assert_int_equal(memory_of(1600, 20), 512);
	assert_true(understood("dom0_mem=-600M"));
	assert_int_equal(memory_of(1600, 20), 1000);
	assert_int_equal(memory_of(500, 20), 0);
	assert_true(understood("dom0_mem=25%"));
	assert_int_equal(memory_of(1600, 20), 400);
	assert_true(understood("dom0_mem=100%"));
	assert_int_equal(memory_of(1600, 20), 0);
	assert_true(understood("dom0_mem=1G,max:50%"));
	assert_int_equal(memory_of(1600, 20), 800);
	assert_int_equal(memory_of(3000, 20), 1024);
	assert_int_equal(limit, 1500 * MiB_PAGES);
	assert_true(understood("dom0_mem=min:900M"));
	assert_int_equal(memory_of(1600, 20), 900);
	assert_int_equal(limit, 900 * MiB_PAGES); /* min: says more than max: */
	assert_int_equal(memory_of(3000, 20), 1024);
	assert_true(understood("dom0_mem=1M,min:900M,max:1G"));
	assert_int_equal(memory_of(516, 20), 500); /* as much of the least as there is */
}

static void test_memory_nonsense(void **state)
{
	static const char *const lines[] = {
		"no-dom0_mem",     "dom0_mem=x",
		"dom0_mem=,",      "dom0_mem=-",
		"dom0_mem=101%",   "dom0_mem=-5%",
		"dom0_mem=512Mx",  "dom0_mem=min:",
		"dom0_mem=512M,,", "dom0_mem=512M max:1G,y",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		if (understood(lines[i])) {
			fail_msg("understood: %s", lines[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vcpus_unsaid),    cmocka_unit_test(test_vcpus_nonsense),
		cmocka_unit_test(test_vcpus),           cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_nonsense),
	};

	return cmocka_run_group_tests_name("x86/dom0_params", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Long random runs of page-table operations by three domains, audited. PT_RANDOM_RUNS=n in the
 * environment makes it longer, PT_RANDOM_SEED=n repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "pt_ops.h"

#define STREAM 6000

static uint64_t seed;

static uint8_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint8_t)(seed >> 24);
}

static unsigned long from_env(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s ? strtoul(s, NULL, 0) : otherwise;
}

static void test_streams(void **state)
{
	static uint8_t data[STREAM];
	unsigned long runs = from_env("PT_RANDOM_RUNS", 60), first = from_env("PT_RANDOM_SEED", 1);

	(void)state;
	for (unsigned long run = first; run < first + runs; run++) {
		seed = run * 0x9e3779b97f4a7c15UL;
		for (unsigned int i = 0; i < STREAM; i++) {
			data[i] = next();
		}
		if (getenv("PT_RANDOM_SEED")) {
			fprintf(stderr, "seed %lu\n", run);
		}
		pt_ops_run(data, STREAM, run % 4 == 0 ? 1 : 16);
	}
	for (unsigned int op = 0; op < 16; op++) {
		if (getenv("PT_RANDOM_SEED")) {
			fprintf(stderr, "op %2u: %lu done, %lu refused\n", op, pt_ops_ok[op],
				pt_ops_failed[op]);
		}
		assert_true(pt_ops_ok[op] > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
	};

	pt_ops_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

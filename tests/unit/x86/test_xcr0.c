/* SPDX-License-Identifier: MIT */
/*
 * Which values a guest may put into XCR0: XSETBV would fault in the hypervisor on any other. Checked
 * against the rules of the manual, spelt out bit by bit, for every value and several processors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dais/pv_xstate.h>

#define BIT(x, n) (((x) >> (n)) & 1)

static bool by_the_book(uint64_t x, uint64_t have)
{
	for (unsigned int i = 0; i < 64; i++) {
		if (BIT(x, i) && !BIT(have, i)) {
			return false;
		}
	}
	if (!BIT(x, 0)) {
		return false;			/* x87 is always on */
	}
	if (BIT(x, 2) && !BIT(x, 1)) {
		return false;			/* AVX needs SSE */
	}
	if (BIT(x, 5) || BIT(x, 6) || BIT(x, 7)) {
		return BIT(x, 2) && BIT(x, 5) && BIT(x, 6) && BIT(x, 7); /* AVX-512: all or none */
	}
	return true;
}

static void test_xcr0(void **state)
{
	static const uint64_t processors[] = { 0, 1, 3, 7, 0xe7 };

	(void)state;
	for (unsigned int p = 0; p < sizeof(processors) / sizeof(processors[0]); p++) {
		for (uint64_t x = 0; x < 1024; x++) {
			assert_int_equal(pv_xcr0_ok(x, processors[p]),
					 by_the_book(x, processors[p]));
		}
		assert_false(pv_xcr0_ok(7 | 1UL << 62, processors[p]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xcr0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

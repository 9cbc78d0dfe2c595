/* SPDX-License-Identifier: MIT */
/* Family, model and stepping of processors that there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dais/cpuid.h>

static void test_signature(void **state)
{
	static const struct {
		uint32_t eax;
		unsigned int family, model, stepping;
	} known[] = {
		{ 0x00000543, 5, 4, 3 },		/* Pentium MMX */
		{ 0x00010543, 5, 4, 3 },		/* the extended model says nothing there */
		{ 0x000506e3, 6, 0x5e, 3 },		/* Skylake */
		{ 0x00000f48, 15, 4, 8 },		/* K8 */
		{ 0x00100f43, 0x10, 4, 3 },		/* K10 */
		{ 0x00a20f12, 0x19, 0x21, 2 },		/* Zen 3 */
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct cpuid_signature s = cpuid_signature(known[i].eax);

		assert_int_equal(s.family, known[i].family);
		assert_int_equal(s.model, known[i].model);
		assert_int_equal(s.stepping, known[i].stepping);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_signature) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

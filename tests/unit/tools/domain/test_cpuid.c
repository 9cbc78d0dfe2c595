/* SPDX-License-Identifier: MIT */
/*
 * The cpuid setting: features by name, bits by register, mistakes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "domain/cpuid.h"

static struct xen_cpuid_leaf leaves[4];
static struct failure why;

static int apply(const char *spec)
{
	memset(&why, 0, sizeof(why));
	return cpuid_apply(leaves, 4, spec, &why);
}

static int setup(void **state)
{
	(void)state;
	memset(leaves, 0, sizeof(leaves));
	leaves[0] = (struct xen_cpuid_leaf){ .leaf = 0, .subleaf = XEN_CPUID_NO_SUBLEAF };
	leaves[1] = (struct xen_cpuid_leaf){ .leaf = 1, .subleaf = XEN_CPUID_NO_SUBLEAF,
					     .c = 0xffffffff, .d = 0xffffffff };
	leaves[2] = (struct xen_cpuid_leaf){ .leaf = 7, .subleaf = 0, .b = 0xffffffff };
	leaves[3] = (struct xen_cpuid_leaf){ .leaf = 0x80000001, .subleaf = XEN_CPUID_NO_SUBLEAF };
	return 0;
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(apply("host,aes=0,sse3=0,avx2=0,nx=1,tsc=x"), 0);
	assert_int_equal(leaves[1].c, 0xffffffff & ~(1u << 25) & ~1u);
	assert_int_equal(leaves[1].d, 0xffffffff);
	assert_int_equal(leaves[2].b, 0xffffffff & ~(1u << 5));
	assert_int_equal(leaves[3].d, 1u << 20);
}

static void test_bits(void **state)
{
	(void)state;
	assert_int_equal(apply("1:ecx=0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0,"
			       "edx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0x"), 0);
	assert_int_equal(leaves[1].c, 0x7ffffffe);
	assert_int_equal(leaves[1].d, 0xfffffffd);
	assert_int_equal(apply("7,0:ebx=00000000000000000000000000000001"), 0);
	assert_int_equal(leaves[2].b, 1);
	assert_int_equal(apply("0x80000001:edx=1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), 0);
	assert_int_equal(leaves[3].d, 0x80000000);
}

static void test_mistakes(void **state)
{
	static const char *const bad[] = {
		"aes=0", "host,aes", "host,aes=2", "host,warp=1", "1:ecx=01", "1:xyz=0", "x:eax=1",
		"1:ecx=0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "host,xsaves=1",
	};
	struct xen_cpuid_leaf before[4];
	size_t i;

	(void)state;
	memcpy(before, leaves, sizeof(before));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(apply(bad[i]), -EINVAL);
		assert_non_null(strstr(why.text, "cpuid: "));
		assert_memory_equal(before, leaves, sizeof(before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names, setup), cmocka_unit_test_setup(test_bits, setup),
		cmocka_unit_test_setup(test_mistakes, setup),
	};

	return cmocka_run_group_tests_name("cpuid", tests, NULL, NULL);
}

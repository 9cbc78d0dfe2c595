/* SPDX-License-Identifier: MIT */
/*
 * Does a hypercall number nobody owns return -ENOSYS?
 *
 * The table has 64 rows; some are holes (11, the compat holes, the unused arch_* ones), some
 * exist for other kinds of guest. Kernels probe by number, so a hole must answer -ENOSYS and
 * nothing else, and a number past the table, or one with high bits set, must not index outside it.
 */
#include "kit.h"

#include <xen/version.h>

void guest_main(void)
{
	static const unsigned int holes[] = { 11, 43, 44, 45, 46, 47, 50, 51, 55, 56, 63 };
	static const unsigned long outside[] = { 64, 65, 127, 128, 255, 256, 1000, 0x7fffffff,
						 0x80000000, 0xffffffff, 1UL << 32 | 17, 1UL << 63 | 17 };

	kit_init();
	for (unsigned int i = 0; i < ARRAY_SIZE(holes); i++) {
		long ret = kit_hypercall(holes[i], 0, 0, 0, 0, 0);

		check_that(ret == -kENOSYS, "hypercall %u gives %ld", holes[i], ret);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(outside); i++) {
		long ret = kit_hypercall(outside[i], 0, 0, 0, 0, 0);

		check_that(ret == -kENOSYS, "hypercall 0x%lx gives %ld", outside[i], ret);
	}
	CHECK_EQ(HC(xen_version, XENVER_version, 0) >> 16, 4);
	verdict();
}

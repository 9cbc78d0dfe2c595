/* SPDX-License-Identifier: MIT */
/*
 * Does a bounce frame that cannot be written end the domain?
 *
 * Expect: crash
 *
 * The kernel faults with its stack pointer in the hypervisor's range. The frame must not be written
 * there: the domain is crashed with a message.
 */
#include "kit.h"

void guest_main(void)
{
	kit_init();
	kprintf("EXPECT crash\n");
	__asm__ volatile("mov %0, %%rsp\n"
			 "ud2\n" : : "r"(ADDR_HOLE + 0x1000));
	verdict_fail("went on with a stack in the hypervisor");
}

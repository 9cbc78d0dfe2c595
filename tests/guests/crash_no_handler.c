/* SPDX-License-Identifier: MIT */
/*
 * Does a fault that the guest has no handler for end the domain, and only that?
 *
 * Expect: crash
 *
 * No trap table is registered, then the kernel executes an invalid opcode. The hypervisor must
 * crash the domain with a message that names it; for the hardware domain it may then stop or
 * restart the machine. What it must not do is fault itself or go on silently.
 */
#include "kit.h"

void guest_main(void)
{
	kprintf("EXPECT crash\n");
	__asm__ volatile("ud2");
	verdict_fail("went on after a fault without a handler");
}

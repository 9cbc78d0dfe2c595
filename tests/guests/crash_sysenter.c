/* SPDX-License-Identifier: MIT */
/*
 * Does a SYSENTER of the kernel itself end the domain, and only that?
 *
 * Cpu: Nehalem
 * Expect: crash
 *
 * It leaves neither the place nor the stack: there is no way to tell the kernel.
 */
#include "kit.h"

#include <xen/callback.h>

void guest_main(void)
{
	struct callback_register reg = { .type = CALLBACKTYPE_sysenter,
					 .address = (u64)trap_sysenter };

	kit_init();
	CHECK_EQ(HC(callback_op, CALLBACKOP_register, &reg), 0);
	kprintf("EXPECT crash\n");
	__asm__ volatile("sysenter");
	verdict_fail("went on after a SYSENTER");
}

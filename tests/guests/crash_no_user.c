/* SPDX-License-Identifier: MIT */
/*
 * Does going to user mode without user page tables end the domain?
 *
 * Expect: crash
 *
 * An iret whose CS has RPL 3 switches to the user root; there is none. Running on with the kernel's
 * tables in user mode would give user mode the kernel's memory, so the domain is crashed.
 */
#include "kit.h"

static long in_user(long arg)
{
	return arg;
}

void guest_main(void)
{
	kit_init();
	kprintf("EXPECT crash\n");
	user_call(in_user, 0);
	verdict_fail("user mode without user page tables");
}

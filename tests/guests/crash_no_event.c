/* SPDX-License-Identifier: MIT */
/*
 * Does an event that is due end a domain that has no event callback?
 *
 * Expect: crash
 *
 * Events are pending all the time before a kernel is ready for them; one that unmasks them and has
 * said no place where to take them cannot go on.
 */
#include "kit.h"

void guest_main(void)
{
	kit_init();
	CHECK_EQ(HC(set_callbacks, 0, trap_failsafe, trap_syscall), 0);
	CHECK_EQ(event_send((unsigned int)event_bind_ipi(0)), 0);
	kprintf("EXPECT crash\n");
	event_enable();
	verdict_fail("went on with an event due");
}

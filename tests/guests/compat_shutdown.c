/* SPDX-License-Identifier: MIT */
/*
 * Does the old sched_op take the reason of a shutdown by value?
 *
 * Expect: crash
 *
 * The reason given is a crash, which both hypervisors report. Another would be no answer: had the
 * number been taken for an address, the call would fail and the guest go on.
 */
#include "kit.h"

#include <xen/sched.h>

void guest_main(void)
{
	long err;

	kit_init();
	kprintf("EXPECT crash\n");
	err = HC(sched_op_compat, SCHEDOP_shutdown, SHUTDOWN_crash);
	verdict_fail("shutdown gives %ld", err);
}

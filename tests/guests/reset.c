/* SPDX-License-Identifier: MIT */
/*
 * Does the machine begin anew when dom0 asks for that?
 *
 * By whatever method reboot= puts first. The second machine has no keyboard controller, and neither
 * has a reset register in its ACPI tables: what is left there are the chipset's and a fault that
 * nobody can take. QEMU ends instead of starting again.
 *
 * Domain: dom0
 * Expect: reset
 * Options: reboot=acpi
 * Options: reboot=pci,warm
 * Options: reboot=triple
 * Machine: pc
 * Machine: pc,i8042=off
 */
#include "kit.h"

#include <xen/sched.h>

void guest_main(void)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_reboot };

	kit_init();
	kprintf("EXPECT reset\n");
	HC(sched_op, SCHEDOP_shutdown, &op);
	verdict_fail("still there");
}

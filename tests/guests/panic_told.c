/* SPDX-License-Identifier: MIT */
/*
 * What does a fault of the hypervisor itself leave on the console?
 *
 * Expect: panic
 * Only: dais
 * Domain: dom0
 *
 * The debug key C faults in ring 0 on purpose. The processor, the current domain, registers and a
 * backtrace with names must be told; `run` looks for them. Debian's Xen takes the key for a request to
 * boot a crash kernel, and does nothing where none is loaded.
 */
#include "kit.h"

#include "domain.h"

static char key[] = "C";
static struct xen_sysctl op;

void guest_main(void)
{
	kit_init();
	op.u.debug_keys.nr_keys = 1;
	op.u.debug_keys.keys = (u64)key;
	domain_sysctl(XEN_SYSCTL_debug_keys, &op);
	verdict_fail("went on after the key");
}

/* SPDX-License-Identifier: MIT */
/*
 * Joins rooms that do not include each other: console input becomes a virtual interrupt. Function pointers are set
 * once at boot.
 */
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/evtchn.h>
#include <dais/hooks.h>
#include <xen/xen.h>

static void console_has_input(void)
{
	virq_send_global(VIRQ_CONSOLE);
}

static void console_ring_grew(void)
{
	virq_send_global(VIRQ_CON_RING);
}

void __init hooks_init(void)
{
	console_input_hook = console_has_input;
	console_ring_hook = console_ring_grew;
}

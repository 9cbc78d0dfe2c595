/* SPDX-License-Identifier: MIT */
/*
 * Joins rooms that do not include each other: console input becomes a virtual interrupt, a steered clock is
 * written to whoever runs. Function pointers are set once at boot.
 */
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/hooks.h>
#include <dais/percpu.h>
#include <dais/pv_switch.h>
#include <dais/time.h>
#include <dais/vcpu.h>
#include <dais/vtime.h>
#include <xen/xen.h>

static void console_has_input(void)
{
	virq_send_global(VIRQ_CONSOLE);
}

static void console_ring_grew(void)
{
	virq_send_global(VIRQ_CON_RING);
}

static void clock_was_steered(void)
{
	struct vcpu *v = current_vcpu();

	if (!v->is_idle && vtime_update(v, true)) {
		pv_areas_update(v);
	}
}

void __init hooks_init(void)
{
	console_input_hook = console_has_input;
	console_ring_hook = console_ring_grew;
	time_changed_hook = clock_was_steered;
}

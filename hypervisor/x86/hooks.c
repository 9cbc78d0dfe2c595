/* SPDX-License-Identifier: MIT */
/*
 * Joins rooms that do not include each other: a steered clock is written to whoever runs, an
 * interrupt finds its domain's event channel. Function pointers are set once at boot.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/hooks.h>
#include <dais/irq.h>
#include <dais/percpu.h>
#include <dais/pirq.h>
#include <dais/pv_switch.h>
#include <dais/time.h>
#include <dais/vcpu.h>
#include <dais/vtime.h>

static void clock_was_steered(void)
{
	struct vcpu *v = current_vcpu();

	if (!v->is_idle && vtime_update(v, true)) {
		pv_areas_update(v);
	}
}

void __init hooks_init(void)
{
	time_changed_hook = clock_was_steered;
	irq_guest_notify = pirq_raise;
}

/* SPDX-License-Identifier: MIT */
/*
 * A guest's view of time: vcpu_time_info, the wallclock in shared_info, and the per-vcpu timers
 * that raise VIRQ_TIMER.
 *
 * vtime_update() runs on the CPU that runs the vcpu, so there is one writer at a time; guests read
 * under a version that is odd while fields change. Timers may be set for the current vcpu or one
 * that is paused.
 */
#ifndef DAIS_VTIME_H
#define DAIS_VTIME_H

#include <stdbool.h>
#include <stdint.h>

struct domain;
struct vcpu;
struct vcpu_time_info;

#define VTIME_PERIOD_MIN	1000000ull	/* ns: shortest periodic timer */
#define VTIME_PERIOD_DEFAULT	10000000ull	/* the tick a vcpu has once it is set up */

/* Fill from this CPU's time scale. `stable`: XEN_PVCLOCK_TSC_STABLE_BIT. */
void vtime_fill(struct vcpu_time_info *t, bool stable);
/* Refresh v->info->time if the scale moved (or `force`). True when it was written: copy the second
 * area too. */
bool vtime_update(struct vcpu *v, bool force);
/* Wallclock fields of shared_info from the platform's boot epoch and d->time_offset_seconds. Takes d->lock. */
void vtime_update_wallclock(struct domain *d);

void vtime_vcpu_init(struct vcpu *v);
void vtime_switch_in(struct vcpu *v); /* the periodic timer ticks only while its vcpu runs */
void vtime_switch_out(struct vcpu *v);

/* past: fires at once. 0 */
int vtime_set_singleshot(struct vcpu *v, uint64_t abs_ns);
int vtime_set_periodic(struct vcpu *v, uint64_t period_ns);	/* -EINVAL: too short or absurd */
void vtime_stop_periodic(struct vcpu *v);
/* 0 cancels; less, or more than 2^50 ns ahead, fires in 100 ms. */
int vtime_set_timer_op(struct vcpu *v, int64_t abs_ns);

#endif

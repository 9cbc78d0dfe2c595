/* SPDX-License-Identifier: MIT */
/*
 * The part of a vcpu that lives in the processor while it runs: segments, bases, descriptor windows, debug
 * registers, page-table root. Called by the context switch, on the vcpu's CPU, interrupts off.
 */
#ifndef DAIS_PV_SWITCH_H
#define DAIS_PV_SWITCH_H

struct vcpu;

void pv_switch_out(struct vcpu *v);
void pv_switch_in(struct vcpu *v);
void pv_window_load(struct vcpu *v);	/* show v's GDT and LDT frames on this CPU */
void pv_cr4_load(const struct vcpu *v);	/* what of its CR4 is real; also when the running vcpu has changed it */
void pv_areas_update(struct vcpu *v);	/* copies of runstate and time in the guest's memory */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Rooms behind the doors that set up a PV vcpu: what its kernel tells the hypervisor once or on its own context
 * switches. Unless said otherwise they act on the current vcpu.
 */
#ifndef DAIS_PV_STATE_H
#define DAIS_PV_STATE_H

#include <dais/types.h>
#include <xen/arch-x86/xen.h>

struct domain;
struct vcpu;

/*
 * Descriptors. gdt_set: frames are mfns of the vcpu's domain, none with 0 entries; 0, -EINVAL. v: current, or one
 * that is paused.
 */
int pv_gdt_set(struct vcpu *v, const unsigned long *frames, unsigned int entries);
int pv_ldt_set(struct vcpu *v, unsigned long base, unsigned int entries);
void pv_ldt_drop(struct vcpu *v);	/* forget fetched pages; v is current or paused */
int pv_descriptor_update(uint64_t maddr, uint64_t desc);

/* Page-table roots. The new root is referenced first, then the old one dropped. 0, -EINVAL, -ERESTART. */
int pv_set_kernel_root(struct vcpu *v, mfn_t mfn);
int pv_set_user_root(struct vcpu *v, mfn_t mfn);	/* mfn 0: none */
void pv_drop_roots(struct vcpu *v);			/* v is not running */

/* Whole context: vcpu_op initialise and the vcpucontext domctls. v is not running. 0, -EINVAL, -ERESTART. */
int pv_context_set(struct vcpu *v, const struct vcpu_guest_context *c);
void pv_context_get(struct vcpu *v, struct vcpu_guest_context *c);
void pv_vcpu_reset(struct vcpu *v);

int pv_vcpu_init(struct vcpu *v);
void pv_vcpu_destroy(struct vcpu *v);	/* drops every reference it holds */

void pv_user_gs_load(uint16_t sel);	/* the GS that user mode will have */
int pv_debugreg_set(struct vcpu *v, unsigned int reg, unsigned long val);
int pv_debugreg_get(struct vcpu *v, unsigned int reg, unsigned long *val);
void pv_debug_load(const struct vcpu *v); /* its debug registers but for DR6 into the processor */
void pv_fpu_taskswitch(bool set);

uint64_t pv_cr4_settable(void);		/* bits of CR4 that a guest may set */

#endif

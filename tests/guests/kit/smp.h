/* SPDX-License-Identifier: MIT */
/*
 * A second vCPU. The kit's event and trap helpers speak for vCPU 0; code run here should use
 * memory and raw hypercalls only.
 */
#ifndef KIT_SMP_H
#define KIT_SMP_H

#include "base.h"

/* Fill a context as a kernel would for a fresh vCPU that runs fn() on its own stack. */
void smp_context(struct vcpu_guest_context *ctx, void (*fn)(void), unsigned int vcpu);

/* VCPUOP_initialise then VCPUOP_up; 0 or the first -errno. */
long smp_start(unsigned int vcpu, void (*fn)(void));

/* For the end of fn(): take this vCPU down for good. */
void smp_stop_self(unsigned int vcpu) NORETURN;

#endif

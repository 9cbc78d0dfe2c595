/* SPDX-License-Identifier: MIT */
/*
 * Guest time: the PV clock of a vcpu_time_info block, and deadlines measured with it.
 */
#ifndef KIT_CLOCK_H
#define KIT_CLOCK_H

#include "base.h"

u64 clock_tsc(void);

/* Nanoseconds since the hypervisor started, read from this vCPU's time block. */
u64 clock_ns(void);
u64 clock_ns_of(const volatile struct vcpu_time_info *t);

/* Spin; true as soon as *flag is at least `want`, false after `ns` nanoseconds. */
bool clock_wait(const volatile unsigned int *flag, unsigned int want, u64 ns);

#endif

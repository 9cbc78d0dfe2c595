/* SPDX-License-Identifier: MIT */
/* What is printed when something dies: registers, stack, a backtrace with symbols. Any context. */
#ifndef DAIS_CRASH_H
#define DAIS_CRASH_H

#include <dais/regs.h>

struct vcpu;

void crash_show_regs(const struct regs *r);		/* the hypervisor's own */
void crash_show_vcpu(const struct vcpu *v);		/* a guest's registers and top of stack */
void crash_fatal_trap(const struct regs *r) __attribute__((noreturn));

#endif

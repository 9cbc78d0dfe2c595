/* SPDX-License-Identifier: MIT */
/* Which vcpu a CPU runs, and its idle loop. context_switch() itself is declared in sched.h, which calls it. */
#ifndef DAIS_CONTEXT_H
#define DAIS_CONTEXT_H

struct vcpu;

void context_set_current(struct vcpu *v);	/* at boot: the idle vcpu; point entry paths at its frame */
void context_idle(void) __attribute__((noreturn));
void guest_exit_slow(void);

#endif

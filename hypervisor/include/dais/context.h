/* SPDX-License-Identifier: MIT */
/* Which vcpu a CPU runs, and its idle loop. context_switch() itself is declared in sched.h, which calls it. */
#ifndef DAIS_CONTEXT_H
#define DAIS_CONTEXT_H

#include <stdbool.h>

struct vcpu;

void context_set_current(struct vcpu *v);	/* at boot: the idle vcpu; point entry paths at its frame */
/* Barrier against branch predictions of the last domain when another begins; set at boot. */
extern bool context_ibpb;

void context_idle(void) __attribute__((noreturn));
void guest_exit_slow(void);

/* In entry.S. Both leave whatever C was doing: for the current vcpu's guest, for fn on another stack. */
void guest_resume(void *stack_top) __attribute__((noreturn));
void stack_run(void *stack_top, void (*fn)(void)) __attribute__((noreturn));

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Work put off until the way out of the hypervisor: one bit per kind and CPU, handled with interrupts on,
 * never nested, before a guest (or the idle loop) runs again.
 */
#ifndef DAIS_SOFTIRQ_H
#define DAIS_SOFTIRQ_H

#include <stdbool.h>

enum softirq {
	SOFTIRQ_TIMER,		/* expired timers of this CPU */
	SOFTIRQ_SCHEDULE,	/* choose what runs next; must be the last one handled */
	SOFTIRQ_CALL,		/* smp_call functions that must run outside interrupt context */
	SOFTIRQ_CONSOLE,	/* serial and ring work */
	SOFTIRQ_RECLAIM,	/* destroy and free what nobody refers to any more */
	NR_SOFTIRQS
};

void softirq_register(enum softirq nr, void (*fn)(void));
void softirq_raise(enum softirq nr);				/* on this CPU */
void softirq_raise_cpu(unsigned int cpu, enum softirq nr);	/* on another; sends an IPI when needed */
void softirq_process(void);					/* interrupts on; returns when none is left */
bool softirq_pending(void);					/* this CPU has work to do */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU timers: one-shot, absolute system time in ns, handled by SOFTIRQ_TIMER with interrupts
 * on.
 *
 * Each CPU keeps its armed timers in a heap (O(log n)) and programs the clock event (dais/time.h)
 * for the earliest only, so a CPU with no timer takes no ticks. All calls may be made from any CPU
 * and from interrupt context, except timer_kill(), which waits. The timer locks are leaves: callers
 * may hold any other lock.
 */
#ifndef DAIS_TIMER_H
#define DAIS_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/spinlock.h>

#define TIMER_NEVER	(~(uint64_t)0)

/* [t]: the lock of timer_cpu number `cpu` */
struct timer {
	uint64_t expires;		/* [t] system time in ns */
	void (*fn)(void *data);		/* fixed by timer_init */
	void *data;
	struct timer *left, *right;	/* [t] heap: children, no earlier than it */
	struct timer **link;		/* [t] what points to it: its parent, or root */
	uint32_t cpu;			/* [t] CPU it belongs to */
	bool armed;			/* [t] in that CPU's heap */
	bool dead;			/* [t] after timer_kill: timer_set is ignored */
};

struct timer_cpu {
	spinlock_t lock;
	struct timer *root;		/* earliest timer, NULL when none is armed */
	struct timer *firing;		/* callback running now */
	uint64_t programmed;		/* what clock_event_set() was last told */
};

void timer_softirq(void);			/* to be registered for SOFTIRQ_TIMER */
void timer_cpu_init(unsigned int cpu);		/* before the CPU takes its first interrupt */

void timer_init(struct timer *t, void (*fn)(void *data), void *data, unsigned int cpu);
/* arms, or moves, it; a past time fires at once */
void timer_set(struct timer *t, uint64_t expires);
void timer_stop(struct timer *t);		/* its callback may still be running elsewhere */
void timer_kill(struct timer *t); /* stops for good; waits for a callback on another CPU */
void timer_move(struct timer *t, unsigned int cpu);	/* to another CPU, where it is set next: stops it */

static inline bool timer_armed(const struct timer *t)
{
	return atomic_read(&t->armed);
}

/* From the clock-event interrupt handler of this CPU: raises SOFTIRQ_TIMER. */
void timer_interrupt(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlocks.
 *
 * Fair in order of arrival. A lock that is ever taken in interrupt context must always be taken with the
 * irqsave form, or the irq form where interrupts are known to be on. A CPU that waits for minutes stops the
 * machine with a backtrace: it is a deadlock. Host tests link tests/fake's CPU id and interrupt flag.
 */
#ifndef DAIS_SPINLOCK_H
#define DAIS_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/atomic.h>

typedef struct spinlock {
	union {
		uint32_t word;
		struct {
			uint16_t head;	/* ticket now served */
			uint16_t tail;	/* next ticket to hand out */
		};
	};
} spinlock_t;

#define SPINLOCK_INIT { .word = 0 }

void spin_lock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
bool spin_trylock(spinlock_t *l);
unsigned long spin_lock_irqsave(spinlock_t *l);		/* returns the flags to give back */
void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags);
void spin_lock_irq(spinlock_t *l);			/* where interrupts are known to be on */
void spin_unlock_irq(spinlock_t *l);

static inline void spin_lock_init(spinlock_t *l)
{
	*l = (spinlock_t)SPINLOCK_INIT;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlocks.
 *
 * Fair in order of arrival. A lock that is ever taken in interrupt context must always be taken with the
 * irqsave form. `owner` holds the CPU number + 1 so that self-deadlock and "must be held" checks work in
 * debug builds. Host tests link tests/fake's CPU id and interrupt flag.
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
	uint16_t owner;			/* CPU + 1, 0 when free; for checks only */
} spinlock_t;

#define SPINLOCK_INIT { .word = 0, .owner = 0 }

void spin_lock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
bool spin_trylock(spinlock_t *l);
unsigned long spin_lock_irqsave(spinlock_t *l);		/* returns the flags to give back */
void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags);

static inline void spin_lock_init(spinlock_t *l)
{
	*l = (spinlock_t)SPINLOCK_INIT;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlocks (see dais/spinlock.h). A CPU that waits keeps its
 * interrupt flag as it was. The holder may be waiting for this CPU's TLB flush, so a waiter with
 * interrupts off looks for such requests itself.
 */
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/printk.h>
#include <dais/pt_env.h>
#include <dais/spinlock.h>
#include <dais/x86.h>

/* Half a minute or more: whoever holds the lock waits for itself, or for this CPU. */
#define TURNS_MAX	(1u << 31)

/* Apart, so that the common path saves no registers. */
static void __noinline __cold spin_wait(spinlock_t *l, uint16_t ticket)
{
	unsigned int turns = 0;

	while (atomic_read_acquire(&l->head) != ticket) {
		BUG_ON(++turns == TURNS_MAX);
		if (!irqs_enabled()) {
			tlb_answer();
		}
		cpu_relax();
	}
}

/* Inlined below. */
__always_inline void spin_lock(spinlock_t *l)
{
	uint16_t ticket = (uint16_t)(atomic_add(&l->tail, 1) - 1);

	if (unlikely(atomic_read_acquire(&l->head) != ticket)) {
		spin_wait(l, ticket);
	}
}

bool spin_trylock(spinlock_t *l)
{
	spinlock_t old, new;

	old.word = atomic_read(&l->word);
	if (old.head != old.tail) {
		return false;
	}
	new.word = old.word;
	new.tail++;
	return atomic_cas(&l->word, &old.word, new.word);
}

/* Only the holder writes head, so this needs no locked instruction. */
void spin_unlock(spinlock_t *l)
{
	atomic_set_release(&l->head, (uint16_t)(atomic_read(&l->head) + 1));
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = irq_save();

	spin_lock(l);
	return flags;
}

void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags)
{
	spin_unlock(l);
	irq_restore(flags);
}

void spin_lock_irq(spinlock_t *l)
{
	irq_disable();
	spin_lock(l);
}

void spin_unlock_irq(spinlock_t *l)
{
	spin_unlock(l);
	irq_enable();
}

/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlocks and the reader-writer lock (see dais/spinlock.h). A CPU that waits keeps its
 * interrupt flag as it was. The holder may be waiting for this CPU's TLB flush, so a waiter with
 * interrupts off looks for such requests itself.
 */
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/smp.h>
#include <dais/spinlock.h>
#include <dais/x86.h>

#define RW_WRITER	(1u << 31)
#define RW_WAITING	(1u << 30)
#define RW_READERS	(RW_WAITING - 1)

/* A turn of waiting. */
static inline void spin_turn(void)
{
	if (!irqs_enabled()) {
		smp_answer();
	}
	cpu_relax();
}

/* Apart, so that the common path saves no registers. */
static void __noinline __cold spin_wait(spinlock_t *l, uint16_t ticket)
{
	while (atomic_read_acquire(&l->head) != ticket) {
		BUG_ON(atomic_read(&l->owner) == cpu_id() + 1);
		spin_turn();
	}
	atomic_set(&l->owner, (uint16_t)(cpu_id() + 1));
}

static inline void lock(spinlock_t *l)
{
	uint16_t ticket = (uint16_t)(atomic_add(&l->tail, 1) - 1);

	if (unlikely(atomic_read_acquire(&l->head) != ticket)) {
		spin_wait(l, ticket);
		return;
	}
	atomic_set(&l->owner, (uint16_t)(cpu_id() + 1));
}

void spin_lock(spinlock_t *l)
{
	lock(l);
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
	if (!atomic_cas(&l->word, &old.word, new.word)) {
		return false;
	}
	atomic_set(&l->owner, (uint16_t)(cpu_id() + 1));
	return true;
}

/* Only the holder writes head, so this needs no locked instruction. */
void spin_unlock(spinlock_t *l)
{
	atomic_set(&l->owner, 0);
	atomic_set_release(&l->head, (uint16_t)(atomic_read(&l->head) + 1));
}

bool spin_is_locked(const spinlock_t *l)
{
	spinlock_t now;

	now.word = atomic_read(&l->word);
	return now.head != now.tail;
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = irq_save();

	lock(l);
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

void read_lock(rwlock_t *l)
{
	for (;;) {
		uint32_t x = atomic_read(&l->state);

		if (!(x & (RW_WRITER | RW_WAITING)) && atomic_cas(&l->state, &x, x + 1)) {
			return;
		}
		spin_turn();
	}
}

void read_unlock(rwlock_t *l)
{
	(void)atomic_dec(&l->state);
}

void write_lock(rwlock_t *l)
{
	for (;;) {
		uint32_t x = atomic_read(&l->state);

		if (!(x & (RW_WRITER | RW_READERS)) && atomic_cas(&l->state, &x, RW_WRITER)) {
			return;		/* another waiter, if any, announces itself again */
		}
		if (!(x & RW_WAITING)) {
			atomic_or(&l->state, RW_WAITING);
		}
		spin_turn();
	}
}

void write_unlock(rwlock_t *l)
{
	atomic_and(&l->state, ~RW_WRITER);
}

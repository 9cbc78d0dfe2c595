// SPDX-License-Identifier: MIT
/*
 * Which irq each vector of each CPU stands for.
 *
 * vector_lock guards handing out and taking back; the lookup on the way in is one read
 * of the CPU's own row. A row holds irq + 1, 0 for a vector nobody has.
 */
#include <dais/atomic.h>
#include <dais/compiler.h>
#include <dais/spinlock.h>
#include <dais/vectors.h>

#include "irq_private.h"

static uint16_t vector_irq[NR_CPUS][256];
static uint8_t vector_next[NR_CPUS];	/* where the search goes on, to spread priorities */
static spinlock_t vector_lock = SPINLOCK_INIT;

static bool vector_usable(unsigned int cpu, unsigned int v)
{
	return v >= VECTOR_DYN_FIRST && v <= VECTOR_DYN_LAST && v != VECTOR_GUEST_INT80 &&
	       v != VECTOR_GUEST_INT82 && !vector_irq[cpu][v];
}

/* Neighbouring requests land in different priority classes of 16 vectors. */
static unsigned int vector_search(unsigned int cpu)
{
	const unsigned int span = VECTOR_DYN_LAST - VECTOR_DYN_FIRST + 1;
	unsigned int pos = vector_next[cpu];

	for (unsigned int i = 0; i < span; i++) {
		pos += 16;
		if (pos >= span) {
			pos = (pos + 1) % 16;
		}
		if (vector_usable(cpu, VECTOR_DYN_FIRST + pos)) {
			vector_next[cpu] = pos;
			return VECTOR_DYN_FIRST + pos;
		}
	}
	return 0;
}

uint8_t vector_alloc(unsigned int cpu, unsigned int irq, uint8_t prefer)
{
	unsigned long flags = spin_lock_irqsave(&vector_lock);
	unsigned int v = vector_usable(cpu, prefer) ? prefer : vector_search(cpu);

	if (v) {
		atomic_set_release(&vector_irq[cpu][v], (uint16_t)(irq + 1));
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return v;
}

void vector_free(unsigned int cpu, uint8_t vector)
{
	atomic_set_release(&vector_irq[cpu][vector], (uint16_t)0);
}

int vector_lookup(unsigned int cpu, unsigned int vector)
{
	return (int)atomic_read_acquire(&vector_irq[cpu][vector]) - 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * Sets of physical CPUs, numbered 0..NR_CPUS-1. Plain operations, and atomic ones where the name says so.
 */
#ifndef DAIS_CPUMASK_H
#define DAIS_CPUMASK_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/atomic.h>

#ifndef NR_CPUS
#define NR_CPUS 64
#endif

#define CPUMASK_WORDS ((NR_CPUS + 63) / 64)

typedef struct cpumask {
	unsigned long bits[CPUMASK_WORDS];
} cpumask_t;

extern cpumask_t cpu_online_mask;	/* CPUs that take part in scheduling */

static inline void cpumask_clear(cpumask_t *m)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		m->bits[i] = 0;
	}
}

static inline void cpumask_setall(cpumask_t *m)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		m->bits[i] = ~0UL;
	}
}

static inline bool cpumask_test(const cpumask_t *m, unsigned int cpu)
{
	return (atomic_read(&m->bits[cpu / 64]) >> (cpu % 64)) & 1;
}

static inline void cpumask_set(cpumask_t *m, unsigned int cpu)
{
	m->bits[cpu / 64] |= 1UL << (cpu % 64);
}

static inline void cpumask_unset(cpumask_t *m, unsigned int cpu)
{
	m->bits[cpu / 64] &= ~(1UL << (cpu % 64));
}

static inline void cpumask_set_atomic(cpumask_t *m, unsigned int cpu)
{
	atomic_set_bit(cpu, m->bits);
}

static inline void cpumask_unset_atomic(cpumask_t *m, unsigned int cpu)
{
	atomic_clear_bit(cpu, m->bits);
}

static inline bool cpumask_empty(const cpumask_t *m)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		if (atomic_read(&m->bits[i])) {
			return false;
		}
	}
	return true;
}

static inline void cpumask_and(cpumask_t *d, const cpumask_t *a, const cpumask_t *b)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		d->bits[i] = atomic_read(&a->bits[i]) & atomic_read(&b->bits[i]);
	}
}

static inline void cpumask_or(cpumask_t *d, const cpumask_t *a, const cpumask_t *b)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		d->bits[i] = atomic_read(&a->bits[i]) | atomic_read(&b->bits[i]);
	}
}

static inline bool cpumask_intersects(const cpumask_t *a, const cpumask_t *b)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		if (atomic_read(&a->bits[i]) & atomic_read(&b->bits[i])) {
			return true;
		}
	}
	return false;
}

static inline unsigned int cpumask_weight(const cpumask_t *m)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < CPUMASK_WORDS; i++) {
		unsigned long w = m->bits[i];

		/* In parallel; the builtin, and loops it is seen in, call a library that is not here. */
		w -= (w >> 1) & 0x5555555555555555UL;
		w = (w & 0x3333333333333333UL) + ((w >> 2) & 0x3333333333333333UL);
		w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
		n += (unsigned int)((w * 0x0101010101010101UL) >> 56);
	}
	return n;
}

/* The first member at or after `from`; NR_CPUS when there is none. */
static inline unsigned int cpumask_next(const cpumask_t *m, unsigned int from)
{
	for (unsigned int i = from / 64; i < CPUMASK_WORDS; i++) {
		unsigned long w = atomic_read(&m->bits[i]);

		if (i == from / 64) {
			w &= ~0UL << (from % 64);
		}
		if (w) {
			unsigned int cpu = i * 64 + (unsigned int)__builtin_ctzl(w);

			return cpu < NR_CPUS ? cpu : NR_CPUS;
		}
	}
	return NR_CPUS;
}

static inline unsigned int cpumask_first(const cpumask_t *m)
{
	return cpumask_next(m, 0);
}

#define cpumask_for_each(cpu, m) \
	for ((cpu) = cpumask_first(m); (cpu) < NR_CPUS; (cpu) = cpumask_next((m), (cpu) + 1))

#endif

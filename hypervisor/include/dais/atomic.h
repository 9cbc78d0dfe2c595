/* SPDX-License-Identifier: MIT */
/*
 * Atomic operations on plain integers, as thin names over the compiler's builtins.
 *
 * All read-modify-write operations are full barriers (x86 locked instructions); loads and stores are
 * single accesses the compiler may neither split nor repeat. The same file serves the host tests.
 */
#ifndef DAIS_ATOMIC_H
#define DAIS_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

#define atomic_read(p)		__atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_read_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_set(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atomic_set_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* Each returns the value after the operation. */
#define atomic_add(p, v)	__atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define atomic_sub(p, v)	__atomic_sub_fetch((p), (v), __ATOMIC_SEQ_CST)
#define atomic_inc(p)		atomic_add((p), 1)
#define atomic_dec(p)		atomic_sub((p), 1)
#define atomic_or(p, v)		((void)__atomic_or_fetch((p), (v), __ATOMIC_SEQ_CST))
#define atomic_and(p, v)	((void)__atomic_and_fetch((p), (v), __ATOMIC_SEQ_CST))

/* Each returns the value before the operation. */
#define atomic_xchg(p, v)	__atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_or(p, v)	__atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_and(p, v)	__atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)

/* Compare-and-swap: true when *p was *old and is now `new`; else *old is set to what was found. */
#define atomic_cas(p, old, new) \
	__atomic_compare_exchange_n((p), (old), (new), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

/* Bit operations on arrays of unsigned long, indexed across words. Return the bit's old value. */
static inline bool atomic_test_and_set_bit(unsigned int nr, volatile void *addr)
{
	volatile unsigned long *w = (volatile unsigned long *)addr + nr / 64;
	unsigned long m = 1UL << (nr % 64);

	return atomic_fetch_or(w, m) & m;
}

static inline bool atomic_test_and_clear_bit(unsigned int nr, volatile void *addr)
{
	volatile unsigned long *w = (volatile unsigned long *)addr + nr / 64;
	unsigned long m = 1UL << (nr % 64);

	return atomic_fetch_and(w, ~m) & m;
}

static inline void atomic_set_bit(unsigned int nr, volatile void *addr)
{
	atomic_test_and_set_bit(nr, addr);
}

static inline void atomic_clear_bit(unsigned int nr, volatile void *addr)
{
	atomic_test_and_clear_bit(nr, addr);
}

static inline bool atomic_test_bit(unsigned int nr, const volatile void *addr)
{
	const volatile unsigned long *w = (const volatile unsigned long *)addr + nr / 64;

	return (atomic_read(w) >> (nr % 64)) & 1;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Bitmaps: arrays of unsigned long with bit 0 the lowest of word 0. Sizes and positions
 * count bits; bits past the size in the last word are neither read into a result nor
 * written.
 *
 * Plain memory operations: the owner of the bitmap serialises them. Atomic single-bit
 * operations live in <dais/atomic.h>.
 */
#ifndef DAIS_BITMAP_H
#define DAIS_BITMAP_H

#include <stdbool.h>
#include <stddef.h>

#define BITS_PER_LONG		64UL
#define BITMAP_WORDS(bits)	(((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits)	unsigned long name[BITMAP_WORDS(bits)]

static inline bool bitmap_test(const unsigned long *map, size_t bit)
{
	return (map[bit / BITS_PER_LONG] >> (bit % BITS_PER_LONG)) & 1;
}

static inline void bitmap_set(unsigned long *map, size_t bit)
{
	map[bit / BITS_PER_LONG] |= 1UL << (bit % BITS_PER_LONG);
}

static inline void bitmap_clear(unsigned long *map, size_t bit)
{
	map[bit / BITS_PER_LONG] &= ~(1UL << (bit % BITS_PER_LONG));
}

/* Set the bit; true when it was set before. */
static inline bool bitmap_test_and_set(unsigned long *map, size_t bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_set(map, bit);
	return was;
}

/* Clear the bit; true when it was set before. */
static inline bool bitmap_test_and_clear(unsigned long *map, size_t bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_clear(map, bit);
	return was;
}

/* All bits of [0, bits) to 0 or 1. */
void bitmap_zero(unsigned long *map, size_t bits);

/* The n bits from start to 1 or 0. */
void bitmap_set_range(unsigned long *map, size_t start, size_t n);
void bitmap_clear_range(unsigned long *map, size_t start, size_t n);

/* First set (clear) bit at or after from; `bits` when there is none. */
size_t bitmap_find_set(const unsigned long *map, size_t bits, size_t from);
size_t bitmap_find_clear(const unsigned long *map, size_t bits, size_t from);

/* Every set bit of the map in rising order. */
#define bitmap_for_each_set(bit, map, bits) \
	for ((bit) = bitmap_find_set((map), (bits), 0); (bit) < (bits); \
	     (bit) = bitmap_find_set((map), (bits), (bit) + 1))

#endif /* DAIS_BITMAP_H */

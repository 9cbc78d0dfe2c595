/* SPDX-License-Identifier: MIT */
/*
 * Bitmap operations over whole words. Stateless; the owner of a bitmap serialises them.
 *
 * Bits past the size are masked out wherever a word is read into a result, so that a
 * caller never has to keep them clean.
 */
#include <dais/bitmap.h>

/* The bits of word w that lie inside a bitmap of the given size. */
static unsigned long bitmap_word_mask(size_t w, size_t bits)
{
	size_t left = bits - w * BITS_PER_LONG;

	return left >= BITS_PER_LONG ? ~0UL : (1UL << left) - 1;
}

void bitmap_zero(unsigned long *map, size_t bits)
{
	bitmap_clear_range(map, 0, bits);
}

void bitmap_fill(unsigned long *map, size_t bits)
{
	bitmap_set_range(map, 0, bits);
}

void bitmap_set_range(unsigned long *map, size_t start, size_t n)
{
	while (n > 0) {
		size_t shift = start % BITS_PER_LONG;
		size_t take = BITS_PER_LONG - shift < n ? BITS_PER_LONG - shift : n;

		map[start / BITS_PER_LONG] |= bitmap_word_mask(0, take) << shift;
		start += take;
		n -= take;
	}
}

void bitmap_clear_range(unsigned long *map, size_t start, size_t n)
{
	while (n > 0) {
		size_t shift = start % BITS_PER_LONG;
		size_t take = BITS_PER_LONG - shift < n ? BITS_PER_LONG - shift : n;

		map[start / BITS_PER_LONG] &= ~(bitmap_word_mask(0, take) << shift);
		start += take;
		n -= take;
	}
}

/* First bit at or after from whose value differs from the one in every bit of invert. */
static size_t bitmap_find(const unsigned long *map, size_t bits, size_t from,
			  unsigned long invert)
{
	size_t w = from / BITS_PER_LONG;
	unsigned long skip = ~0UL << (from % BITS_PER_LONG);

	for (; w < BITMAP_WORDS(bits); w++, skip = ~0UL) {
		unsigned long word = (map[w] ^ invert) & skip & bitmap_word_mask(w, bits);

		if (word != 0) {
			return w * BITS_PER_LONG + (size_t)__builtin_ctzl(word);
		}
	}
	return bits;
}

size_t bitmap_find_set(const unsigned long *map, size_t bits, size_t from)
{
	return bitmap_find(map, bits, from, 0);
}

size_t bitmap_find_clear(const unsigned long *map, size_t bits, size_t from)
{
	return bitmap_find(map, bits, from, ~0UL);
}

size_t bitmap_find_clear_run(const unsigned long *map, size_t bits, size_t from, size_t n)
{
	size_t start, end;

	for (start = bitmap_find_clear(map, bits, from); start < bits;
	     start = bitmap_find_clear(map, bits, end)) {
		end = bitmap_find_set(map, bits, start);
		if (end - start >= n) {
			return start;
		}
	}
	return bits;
}

/* Without the instruction, which not every CPU has, and without the compiler's library. */
static unsigned int bitmap_count_word(unsigned long w)
{
	w -= (w >> 1) & 0x5555555555555555UL;
	w = (w & 0x3333333333333333UL) + ((w >> 2) & 0x3333333333333333UL);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (unsigned int)((w * 0x0101010101010101UL) >> 56);
}

size_t bitmap_weight(const unsigned long *map, size_t bits)
{
	size_t w, sum = 0;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		sum += bitmap_count_word(map[w] & bitmap_word_mask(w, bits));
	}
	return sum;
}

bool bitmap_empty(const unsigned long *map, size_t bits)
{
	return bitmap_find_set(map, bits, 0) >= bits;
}

bool bitmap_full(const unsigned long *map, size_t bits)
{
	return bitmap_find_clear(map, bits, 0) >= bits;
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, size_t bits)
{
	size_t w;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		if ((a[w] ^ b[w]) & bitmap_word_mask(w, bits)) {
			return false;
		}
	}
	return true;
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, size_t bits)
{
	size_t w;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		if (a[w] & b[w] & bitmap_word_mask(w, bits)) {
			return true;
		}
	}
	return false;
}

bool bitmap_subset(const unsigned long *sub, const unsigned long *super, size_t bits)
{
	size_t w;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		if (sub[w] & ~super[w] & bitmap_word_mask(w, bits)) {
			return false;
		}
	}
	return true;
}

/* Store a result into word w without touching bits past the size. */
static void bitmap_store(unsigned long *dst, size_t w, size_t bits, unsigned long value)
{
	unsigned long mask = bitmap_word_mask(w, bits);

	dst[w] = (dst[w] & ~mask) | (value & mask);
}

void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t bits)
{
	size_t w;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		bitmap_store(dst, w, bits, a[w] & b[w]);
	}
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t bits)
{
	size_t w;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		bitmap_store(dst, w, bits, a[w] | b[w]);
	}
}

void bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   size_t bits)
{
	size_t w;

	for (w = 0; w < BITMAP_WORDS(bits); w++) {
		bitmap_store(dst, w, bits, a[w] & ~b[w]);
	}
}

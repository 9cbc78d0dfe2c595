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

/* SPDX-License-Identifier: MIT */
/*
 * One lz4 block, unpacked. Stateless. (The library's object file holds its compressors too and
 * would be a fifth of the whole image; the format is this small.)
 *
 * A block is a run of sequences: a token, whose high half counts literal bytes and whose low
 * half counts matched bytes beyond 4 (15 in either means that more bytes of count follow, up to
 * and including the first that is not 255); the literals; how far back the match lies, two
 * bytes. The last sequence ends after its literals.
 */
#include <stdint.h>
#include <dais/string.h>
#include "lz4.h"

#define LZ4_MATCH_MIN	4

struct lz4_cursor {
	const uint8_t *in, *in_end;
	uint8_t *out_start, *out, *out_end;
};

/* The rest of a count that starts with n. Counts too large for any buffer end as SIZE_MAX. */
static size_t lz4_count(struct lz4_cursor *c, size_t n)
{
	uint8_t more = 255;

	if (n != 15) {
		return n;
	}
	while (more == 255) {
		if (c->in == c->in_end) {
			return SIZE_MAX;
		}
		more = *c->in++;
		n += more;
	}
	return n;
}

/* A match may reach into what it is itself writing: then it repeats. */
static int lz4_match(struct lz4_cursor *c, size_t distance, size_t n)
{
	const uint8_t *from = c->out - distance;

	if (distance == 0 || distance > (size_t)(c->out - c->out_start) ||
	    n > (size_t)(c->out_end - c->out)) {
		return -1;
	}
	if (distance >= n) {
		memcpy(c->out, from, n);
		c->out += n;
		return 0;
	}
	for (; n > 0; n--) {
		*c->out++ = *from++;
	}
	return 0;
}

long lz4_unpack_block(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_cap)
{
	struct lz4_cursor c = { in, in + in_len, out, out, out + out_cap };
	size_t n, distance;
	uint8_t token;

	while (c.in < c.in_end) {
		token = *c.in++;
		n = lz4_count(&c, token >> 4);
		if (n > (size_t)(c.in_end - c.in) || n > (size_t)(c.out_end - c.out)) {
			return -1;
		}
		memcpy(c.out, c.in, n);
		c.in += n;
		c.out += n;
		if (c.in == c.in_end) {
			return c.out - c.out_start;
		}
		if (c.in_end - c.in < 2) {
			return -1;
		}
		distance = c.in[0] | (size_t)c.in[1] << 8;
		c.in += 2;
		n = lz4_count(&c, token & 15);
		if (n > SIZE_MAX - LZ4_MATCH_MIN || lz4_match(&c, distance, n + LZ4_MATCH_MIN) != 0) {
			return -1;
		}
	}
	return -1;
}

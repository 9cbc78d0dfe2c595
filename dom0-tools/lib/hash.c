/* SPDX-License-Identifier: MIT */
/*
 * SipHash with one compression and three finalisation rounds. Owns the process-wide key; set once
 * before the first table is filled, read-only afterwards.
 */
#include "lib/hash.h"

#include <string.h>
#include <sys/random.h>

static uint64_t key[2];

struct sip {
	uint64_t v0, v1, v2, v3;
};

void hash_seed(void)
{
	/* A failure leaves the zero key: tables still work, only less guarded. */
	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
		key[0] = key[1] = 0;
	}
}

static inline uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t salt)
{
	const uint8_t *p = bytes;
	uint64_t k1 = key[1] ^ salt;
	struct sip s = {
		key[0] ^ 0x736f6d6570736575ull,
		k1 ^ 0x646f72616e646f6dull,
		key[0] ^ 0x6c7967656e657261ull,
		k1 ^ 0x7465646279746573ull,
	};
	uint64_t word, tail = (uint64_t)len << 56;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		sip_word(&s, word);
	}
	word = 0;
	if (left) {
		memcpy(&word, p, left);
	}
	sip_word(&s, tail | word);
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

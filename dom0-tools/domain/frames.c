/* SPDX-License-Identifier: MIT */
/*
 * From machine frames back to a guest's page numbers: see frames.h. Numbers are kept plus one,
 * since what calloc() gives is to mean none. Pure.
 */
#include "domain/frames.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

#define CHUNK_BITS 12
#define CHUNK_SIZE (1u << CHUNK_BITS)
#define MFN_MAX    (1ull << 40) /* addresses of 52 bits */

bool frames_add(struct frames *s, uint64_t mfn, uint64_t pfn)
{
	uint64_t n = mfn >> CHUNK_BITS;
	uint32_t *slot;

	if (mfn >= MFN_MAX || pfn >= UINT32_MAX) {
		return false;
	}
	if (n >= s->chunks) {
		s->chunk = xrealloc(s->chunk, n + 1, sizeof(*s->chunk));
		memset(s->chunk + s->chunks, 0, (n + 1 - s->chunks) * sizeof(*s->chunk));
		s->chunks = n + 1;
	}
	if (!s->chunk[n]) {
		s->chunk[n] = xcalloc(CHUNK_SIZE, sizeof(**s->chunk));
	}
	slot = &s->chunk[n][mfn & (CHUNK_SIZE - 1)];
	if (*slot) {
		return false;
	}
	*slot = (uint32_t)pfn + 1;
	return true;
}

bool frames_find(const struct frames *s, uint64_t mfn, uint64_t *pfn)
{
	uint64_t n = mfn >> CHUNK_BITS;
	uint32_t found = n < s->chunks && s->chunk[n] ? s->chunk[n][mfn & (CHUNK_SIZE - 1)] : 0;

	*pfn = found - 1ull;
	return found;
}

void frames_free(struct frames *s)
{
	uint64_t n;

	for (n = 0; n < s->chunks; n++) {
		free(s->chunk[n]);
	}
	free(s->chunk);
	memset(s, 0, sizeof(*s));
}

/* SPDX-License-Identifier: MIT */
/*
 * Our lz4 block decoder against the library. What the library packs, ours unpacks; of any other
 * input, what both accept they unpack to the same bytes. (The library tolerates a match distance
 * of 0, which the format forbids; ours tolerates ends of blocks that only a fast decoder minds.)
 */
#include <lz4.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../hypervisor/lib/lz4.h"

#define CAP	8192

static void as_block(const uint8_t *data, size_t size)
{
	char *ours = malloc(CAP), *theirs = malloc(CAP);
	int n = LZ4_decompress_safe((const char *)data, theirs, (int)size, CAP);
	long m = lz4_unpack_block(data, size, (uint8_t *)ours, CAP);

	if (m > CAP || m < -1 ||
	    (n >= 0 && m >= 0 && (m != n || memcmp(ours, theirs, (size_t)n) != 0))) {
		abort();
	}
	free(ours);
	free(theirs);
}

static void round_trip(const uint8_t *data, size_t size)
{
	uint8_t *packed = malloc(CAP), *out = malloc(size);
	int n = LZ4_compress_default((const char *)data, (char *)packed, (int)size, CAP);

	if (n <= 0 || lz4_unpack_block(packed, (size_t)n, out, size) != (long)size ||
	    memcmp(out, data, size) != 0) {
		abort();
	}
	if (size > 0 && lz4_unpack_block(packed, (size_t)n, out, size - 1) != -1) {
		abort();
	}
	free(packed);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_block(data, size);
	round_trip(data, size);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Kernel images and their payloads. The input is tried as an image as it stands, as a packed
 * payload, and as the payload of a bzImage made around it. Buffers are exact.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dais/bzimage.h>
#include <dais/decompress.h>

#define OUT_MAX		(1 << 16)
#define ARENA_MAX	(1 << 20)

static void unpack(const void *in, size_t in_len, size_t out_cap)
{
	size_t arena_len = decompress_arena_size(in, in_len), n;
	uint8_t *out, *arena;
	const char *why = NULL;
	int ret;

	if (arena_len > ARENA_MAX) {
		arena_len = ARENA_MAX;
	}
	if (out_cap > OUT_MAX) {
		out_cap = OUT_MAX;
	}
	out = malloc(out_cap);
	arena = malloc(arena_len);
	ret = decompress(in, in_len, out, out_cap, &n, arena, arena_len, &why);
	if (n > out_cap || (ret != 0 && (why == NULL || n != 0))) {
		abort();
	}
	free(out);
	free(arena);
}

static void image(const uint8_t *data, size_t size)
{
	struct bzimage_payload p;
	const char *why = NULL;

	if (bzimage_payload(data, size, &p, &why) != 0) {
		if (why == NULL) {
			abort();
		}
		return;
	}
	if ((const uint8_t *)p.data < data || p.len > size ||
	    (const uint8_t *)p.data + p.len > data + size) {
		abort();
	}
	unpack(p.data, p.len, p.unpacked_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t stored = (uint32_t)size + 4, unpacked = 200;
	uint8_t *bz = calloc(1, 1024 + size + 4);

	image(data, size);
	unpack(data, size, 200);
	bz[0x1f1] = 1;
	memcpy(bz + 0x1fe, "\x55\xaaxxHdrS\x0f\x02", 10);
	memcpy(bz + 0x24c, &stored, 4);
	memcpy(bz + 1024, data, size);
	memcpy(bz + 1024 + size, &unpacked, 4);
	image(bz, 1024 + size + 4);
	free(bz);
	return 0;
}

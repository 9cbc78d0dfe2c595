/* SPDX-License-Identifier: MIT */
/*
 * Files of saved guests, restored to a domain of a pretended hypervisor, which insists on being
 * asked only for what there is. A whole file is larger than an input, so an input says what is
 * changed in one that is sound:
 *
 *	first byte	0 the input's rest is the file; otherwise the sound file, cut off after
 *			as many 255th parts of it, and of version 2 when the byte is even
 *	then, each	place (4 bytes), value (8 bytes) that is put there; the highest bit of the
 *			place: one byte only
 *
 * A refusal must have its one line of reason; and configurations of libxl are read as well.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/libxl_json.h"
#include "sample.h"
#include "world.h"

#define PATCH 12u

static void patch(struct sample *s, const uint8_t *data, size_t size)
{
	uint32_t place;
	uint64_t value;

	for (; size >= PATCH; data += PATCH, size -= PATCH) {
		memcpy(&place, data, sizeof(place));
		memcpy(&value, data + sizeof(place), sizeof(value));
		if (place >> 31) {
			s->bytes[(place & 0x7fffffff) % s->len] = (uint8_t)value;
		} else {
			sample_put64(s, place % (s->len - sizeof(value)), value);
		}
	}
}

static void read_json(const uint8_t *data, size_t size)
{
	struct failure why = { 0 };
	char *text = libxl_json_to_config((const char *)data, size, &why);

	if (!text && (!why.code || !*why.text)) {
		abort();
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saved_source source;
	struct failure why = { 0 };
	struct sample s = { 0 };

	if (!size) {
		return 0;
	}
	if (*data) {
		sample_make(&s, *data & 1 ? STREAM_IMAGE_VERSION : STREAM_IMAGE_VERSION_2);
		patch(&s, data + 1, size - 1);
		s.len = s.len * *data / 255;
	} else {
		read_json(data + 1, size - 1);
		s.bytes = malloc(size);
		memcpy(s.bytes, data + 1, size - 1);
		s.len = size - 1;
	}
	world_begin();
	source = sample_source(&s);
	if (world_restore(&source, SAMPLE_VCPUS, &why) ? !why.code || !*why.text : why.code) {
		abort();
	}
	sample_free(&s);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Writing the file of a saved guest: see stream_write.h. No state but the writer's.
 */
#include "lib/stream_write.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "lib/stream.h"

#define PAGE_SHIFT 12

void stream_write_put(struct stream_writer *w, const void *bytes, size_t len)
{
	if (!w->error && len && fwrite(bytes, 1, len, w->out) != len) {
		w->error = errno ? -errno : -EIO;
	}
}

void stream_write_file(struct stream_writer *w, const char *config)
{
	uint32_t len = (uint32_t)strlen(config);
	struct stream_file head = {
		.order = STREAM_FILE_ORDER,
		.mandatory = STREAM_FILE_V2,
		.optional_len = (uint32_t)sizeof(len) + len,
	};

	memcpy(head.magic, STREAM_FILE_MAGIC, STREAM_FILE_MAGIC_LEN);
	stream_write_put(w, &head, sizeof(head));
	stream_write_put(w, &len, sizeof(len));
	stream_write_put(w, config, len);
}

void stream_write_libxl(struct stream_writer *w)
{
	struct stream_libxl head = {
		.ident = htobe64(STREAM_LIBXL_IDENT),
		.version = htobe32(STREAM_LIBXL_VERSION),
	};

	stream_write_put(w, &head, sizeof(head));
	stream_write_record(w, STREAM_LIBXL_CONTEXT, NULL, 0);
}

void stream_write_image(struct stream_writer *w, uint32_t major, uint32_t minor)
{
	struct stream_image image = {
		.marker = STREAM_IMAGE_MARKER,
		.id = htobe32(STREAM_IMAGE_ID),
		.version = htobe32(STREAM_IMAGE_VERSION),
	};
	struct stream_domain domain = {
		.type = STREAM_DOMAIN_X86_PV,
		.page_shift = PAGE_SHIFT,
		.major = major,
		.minor = minor,
	};

	stream_write_put(w, &image, sizeof(image));
	stream_write_put(w, &domain, sizeof(domain));
}

void stream_write_begin(struct stream_writer *w, uint32_t type, uint32_t length)
{
	struct stream_record head = { .type = type, .length = length };

	stream_write_put(w, &head, sizeof(head));
}

void stream_write_end(struct stream_writer *w, uint32_t length)
{
	static const char zeros[STREAM_ALIGN];

	stream_write_put(w, zeros, (STREAM_ALIGN - length % STREAM_ALIGN) % STREAM_ALIGN);
}

void stream_write_record(struct stream_writer *w, uint32_t type, const struct stream_part *parts,
			 size_t count)
{
	uint32_t length = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		length += (uint32_t)parts[i].len;
	}
	stream_write_begin(w, type, length);
	for (i = 0; i < count; i++) {
		stream_write_put(w, parts[i].bytes, parts[i].len);
	}
	stream_write_end(w, length);
}

/* SPDX-License-Identifier: MIT */
/*
 * Which packer made this? Told from the first bytes, as every kernel loader does. Stateless.
 */
#include <dais/compiler.h>
#include <dais/decompress.h>
#include <dais/string.h>

struct payload_magic {
	enum payload_format format;
	unsigned int len;
	char magic[8];
	const char *name;
};

static const struct payload_magic payload_magics[] = {
	{ PAYLOAD_ELF, 4, "\x7f" "ELF", "ELF" },
	{ PAYLOAD_GZIP, 2, "\x1f\x8b", "gzip" },
	{ PAYLOAD_XZ, 6, "\xfd" "7zXZ", "xz" },
	{ PAYLOAD_LZ4, 4, "\x02\x21\x4c\x18", "lz4" },
	{ PAYLOAD_ZSTD, 4, "\x28\xb5\x2f\xfd", "zstd" },
	{ PAYLOAD_BZIP2, 3, "BZh", "bzip2" },
	{ PAYLOAD_LZMA, 3, "\x5d\0", "lzma" },
	{ PAYLOAD_LZO, 4, "\x89LZO", "lzo" },
	{ PAYLOAD_LZ4_FRAME, 4, "\x04\x22\x4d\x18", "lz4 (frame)" },
};

enum payload_format payload_format(const void *in, size_t in_len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(payload_magics); i++) {
		const struct payload_magic *m = &payload_magics[i];

		if (in_len >= m->len && memcmp(in, m->magic, m->len) == 0) {
			return m->format;
		}
	}
	return PAYLOAD_UNKNOWN;
}

const char *payload_format_name(enum payload_format format)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(payload_magics); i++) {
		if (payload_magics[i].format == format) {
			return payload_magics[i].name;
		}
	}
	return "unknown";
}

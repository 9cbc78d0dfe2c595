/* SPDX-License-Identifier: MIT */
/*
 * Which packer made this? Told from the first bytes, as every kernel loader does. Stateless.
 */
#include <dais/compiler.h>
#include <dais/decompress.h>
#include <dais/string.h>

static const struct {
	unsigned int len;
	char magic[8];
	const char *name;
} payload_magics[] = {
	[PAYLOAD_UNKNOWN] = { .name = "unknown" },
	[PAYLOAD_ELF] = { 4, "\x7f" "ELF", "ELF" },
	[PAYLOAD_GZIP] = { 2, "\x1f\x8b", "gzip" },
	[PAYLOAD_XZ] = { 6, "\xfd" "7zXZ", "xz" },
	[PAYLOAD_LZ4] = { 4, "\x02\x21\x4c\x18", "lz4" },
	[PAYLOAD_ZSTD] = { 4, "\x28\xb5\x2f\xfd", "zstd" },
	[PAYLOAD_BZIP2] = { 3, "BZh", "bzip2" },
	[PAYLOAD_LZMA] = { 3, "\x5d\0", "lzma" },
	[PAYLOAD_LZO] = { 4, "\x89LZO", "lzo" },
	[PAYLOAD_LZ4_FRAME] = { 4, "\x04\x22\x4d\x18", "lz4 (frame)" },
};

enum payload_format payload_format(const void *in, size_t in_len)
{
	enum payload_format f = ARRAY_SIZE(payload_magics) - 1;

	while (f != PAYLOAD_UNKNOWN &&
	       (in_len < payload_magics[f].len ||
		memcmp(in, payload_magics[f].magic, payload_magics[f].len) != 0)) {
		f--;
	}
	return f;
}

const char *payload_format_name(enum payload_format format)
{
	return payload_magics[format].name;
}

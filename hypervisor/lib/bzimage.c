/* SPDX-License-Identifier: MIT */
/*
 * The Linux boot protocol's header, as far as it says where the packed kernel is; and which packer
 * made that, told from the first bytes, as every kernel loader does. Stateless.
 *
 * Linux appends the unpacked size (4 bytes) to every packed stream but gzip, whose own last
 * four bytes are that size.
 */
#include <stdint.h>
#include <dais/bzimage.h>
#include <dais/compiler.h>
#include <dais/string.h>
#include <xen/errno.h>

#define BZ_SETUP_SECTS		0x1f1	/* u8: 512-byte sectors of setup code; 0 means 4 */
#define BZ_BOOT_FLAG		0x1fe	/* u16: 0xaa55 */
#define BZ_MAGIC		0x202	/* "HdrS" */
#define BZ_VERSION		0x206	/* u16: major, minor */
#define BZ_PAYLOAD_OFFSET	0x248	/* u32: from the end of the setup code */
#define BZ_PAYLOAD_LENGTH	0x24c	/* u32: with the size trailer */
#define BZ_HEADER_END		0x250

#define BZ_UNPACKED_MAX		(1UL << 30)

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

static uint32_t bzimage_le(const uint8_t *p, unsigned int bytes)
{
	uint32_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

/* NULL, or what is wrong. */
static const char *bzimage_find(const uint8_t *image, size_t len, struct bzimage_payload *payload)
{
	uint64_t start, sectors, stored;

	if (payload_format(image, len) == PAYLOAD_ELF) {
		*payload = (struct bzimage_payload){ image, len, len, PAYLOAD_ELF };
		return NULL;
	}
	if (len < BZ_HEADER_END || bzimage_le(image + BZ_BOOT_FLAG, 2) != 0xaa55 ||
	    memcmp(image + BZ_MAGIC, "HdrS", 4) != 0) {
		return "This is neither a Linux bzImage nor an ELF file.";
	}
	if (bzimage_le(image + BZ_VERSION, 2) < 0x0208) {
		return "The bzImage is older than boot protocol 2.08 (Linux 2.6.25) and does not "
		       "say where the kernel is.";
	}
	sectors = image[BZ_SETUP_SECTS] != 0 ? image[BZ_SETUP_SECTS] : 4;
	start = (sectors + 1) * 512 + bzimage_le(image + BZ_PAYLOAD_OFFSET, 4);
	stored = bzimage_le(image + BZ_PAYLOAD_LENGTH, 4);
	if (start > len || stored > len - start) {
		return "The bzImage is cut short: its kernel ends beyond the end of the file.";
	}
	if (stored < 8) {
		return "The bzImage contains no kernel.";
	}
	*payload = (struct bzimage_payload){
		image + start, stored, bzimage_le(image + start + stored - 4, 4),
		payload_format(image + start, stored),
	};
	if (payload->format == PAYLOAD_UNKNOWN) {
		return "The bzImage's kernel is packed in an unknown format.";
	}
	if (payload->format == PAYLOAD_ELF) {
		payload->unpacked_len = stored;
		return NULL;
	}
	payload->len -= payload->format == PAYLOAD_GZIP ? 0 : 4;
	if (payload->unpacked_len == 0 || payload->unpacked_len > BZ_UNPACKED_MAX) {
		return "The bzImage says that its kernel is empty or larger than 1 GiB: the file is "
		       "damaged.";
	}
	return NULL;
}

int bzimage_payload(const void *image, size_t len, struct bzimage_payload *payload,
		    const char **why)
{
	const char *bad = bzimage_find(image, len, payload);

	*why = bad ? bad : *why;
	return bad ? -XEN_EINVAL : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The Linux boot protocol's header, as far as it says where the packed kernel is. Stateless.
 *
 * Linux appends the unpacked size (4 bytes) to every packed stream but gzip, whose own last
 * four bytes are that size.
 */
#include <stdint.h>
#include <dais/bzimage.h>
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

static uint32_t bzimage_le(const uint8_t *p, unsigned int bytes)
{
	uint32_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

static int bzimage_refuse(const char **why, const char *text)
{
	*why = text;
	return -XEN_EINVAL;
}

/* Fill in all but the format, from the header. */
static int bzimage_locate(const uint8_t *image, size_t len, struct bzimage_payload *payload,
			  const char **why)
{
	uint64_t start, sectors, stored;

	if (len < BZ_HEADER_END || bzimage_le(image + BZ_BOOT_FLAG, 2) != 0xaa55 ||
	    memcmp(image + BZ_MAGIC, "HdrS", 4) != 0) {
		return bzimage_refuse(why, "This is neither a Linux bzImage nor an ELF file.");
	}
	if (bzimage_le(image + BZ_VERSION, 2) < 0x0208) {
		return bzimage_refuse(why, "The bzImage is older than boot protocol 2.08 "
					   "(Linux 2.6.25) and does not say where the kernel is.");
	}
	sectors = image[BZ_SETUP_SECTS] != 0 ? image[BZ_SETUP_SECTS] : 4;
	start = (sectors + 1) * 512 + bzimage_le(image + BZ_PAYLOAD_OFFSET, 4);
	stored = bzimage_le(image + BZ_PAYLOAD_LENGTH, 4);
	if (start > len || stored > len - start) {
		return bzimage_refuse(why, "The bzImage is cut short: its kernel ends "
					   "beyond the end of the file.");
	}
	if (stored < 8) {
		return bzimage_refuse(why, "The bzImage contains no kernel.");
	}
	payload->data = image + start;
	payload->len = stored;
	payload->unpacked_len = bzimage_le(image + start + stored - 4, 4);
	return 0;
}

int bzimage_payload(const void *image, size_t len, struct bzimage_payload *payload,
		    const char **why)
{
	int ret;

	if (payload_format(image, len) == PAYLOAD_ELF) {
		*payload = (struct bzimage_payload){ image, len, len, PAYLOAD_ELF };
		return 0;
	}
	ret = bzimage_locate(image, len, payload, why);
	if (ret != 0) {
		return ret;
	}
	payload->format = payload_format(payload->data, payload->len);
	switch (payload->format) {
	case PAYLOAD_UNKNOWN:
		return bzimage_refuse(why, "The bzImage's kernel is packed in an unknown format.");
	case PAYLOAD_ELF:
		payload->unpacked_len = payload->len;
		return 0;
	case PAYLOAD_GZIP:
		break;
	default:
		payload->len -= 4;
		break;
	}
	if (payload->unpacked_len == 0 || payload->unpacked_len > BZ_UNPACKED_MAX) {
		return bzimage_refuse(why, "The bzImage says that its kernel is empty or larger "
					   "than 1 GiB: the file is damaged.");
	}
	return 0;
}

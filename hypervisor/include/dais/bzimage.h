/* SPDX-License-Identifier: MIT */
/*
 * Finding the kernel proper in a Linux bzImage (boot protocol 2.08 or later). Pure.
 */
#ifndef DAIS_BZIMAGE_H
#define DAIS_BZIMAGE_H

#include <stddef.h>
#include <dais/decompress.h>

struct bzimage_payload {
	const void *data;		/* inside the image */
	size_t len;			/* of the packed stream, without Linux's size trailer */
	size_t unpacked_len;		/* what it says it will be */
	enum payload_format format;	/* never PAYLOAD_UNKNOWN on success */
};

/*
 * Look at image[0, len). An image that is itself an ELF file is its own payload, with
 * format PAYLOAD_ELF. 0, or -EINVAL with *why a complete sentence.
 */
int bzimage_payload(const void *image, size_t len, struct bzimage_payload *payload,
		    const char **why);

#endif /* DAIS_BZIMAGE_H */

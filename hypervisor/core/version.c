/* SPDX-License-Identifier: MIT */
/*
 * The build id, out of the ELF note that the linker made: three words, "GNU" with its NUL, the id.
 * Constant; no lock.
 */
#include <dais/version.h>

#define NOTE_HEADER	16

extern const uint8_t __build_id_start[], __build_id_end[];

const uint8_t *version_build_id(size_t *len)
{
	size_t size = (size_t)(__build_id_end - __build_id_start);

	*len = size > NOTE_HEADER ? size - NOTE_HEADER : 0;
	return *len ? __build_id_start + NOTE_HEADER : NULL;
}

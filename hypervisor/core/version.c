/* SPDX-License-Identifier: MIT */
/* The build id, out of the ELF note that the linker made. Constant; no lock. */
#include <dais/version.h>

struct note {
	uint32_t name_size, desc_size, type;
	char name[];
};

#define NOTE_GNU_BUILD_ID	3u

extern const uint8_t __build_id_start[], __build_id_end[];

const uint8_t *version_build_id(size_t *len)
{
	const struct note *n = (const struct note *)__build_id_start;
	size_t size = (size_t)(__build_id_end - __build_id_start), name;

	*len = 0;
	if (size < sizeof(*n) || n->type != NOTE_GNU_BUILD_ID) {
		return NULL;
	}
	name = (n->name_size + 3UL) & ~3UL;
	if (size - sizeof(*n) < name || size - sizeof(*n) - name < n->desc_size) {
		return NULL;
	}
	*len = n->desc_size;
	return (const uint8_t *)n->name + name;
}

/* SPDX-License-Identifier: MIT */
/* The boot loader's tags: any bytes give a boot_info that keeps its promises, or a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dais/boot_info.h>
#include "layout.h"
#include "mbi.h"

static void check(const struct boot_info *bi)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < bi->nr_e820; i++) {
		const struct boot_e820_entry *e = &bi->e820[i];

		if (e->start >= e->end || e->start < end || e->end > 1UL << 52) {
			abort();
		}
		if (i > 0 && e->start == end && e->type == e[-1].type) {
			abort();
		}
		end = e->end;
	}
	for (unsigned int i = 0; i < bi->nr_modules; i++) {
		if (bi->modules[i].end < bi->modules[i].start ||
		    strnlen(bi->modules[i].cmdline, BOOT_CMDLINE_MAX) == BOOT_CMDLINE_MAX) {
			abort();
		}
	}
	if (bi->nr_e820 == 0 || strnlen(bi->cmdline, BOOT_CMDLINE_MAX) == BOOT_CMDLINE_MAX ||
	    (bi->rsdp_len != 0 && bi->rsdp_len != 20 && bi->rsdp_len != 36) ||
	    (bi->efi_map != 0 && bi->efi_map + bi->efi_map_len > bi->mbi_end)) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct boot_info bi;
	uint32_t total = (uint32_t)size;
	uint8_t *copy = malloc(size);

	/* The length is nearly always wrong otherwise, and then nothing else is looked at. */
	memcpy(copy, data, size);
	if (size >= 4 && data[0] != 0xff) {
		memcpy(copy, &total, 4);
	}
	if (mbi_parse(&bi, MB2_LOADER_MAGIC, copy, size, 0x1000) == NULL) {
		check(&bi);
	}
	free(copy);
	return 0;
}

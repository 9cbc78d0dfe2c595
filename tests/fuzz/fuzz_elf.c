/* SPDX-License-Identifier: MIT */
/*
 * Kernel files: what elf_parse() accepts loads without leaving its memory, and gets a layout
 * that holds it or a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dais/elf.h>
#include <dais/pvlayout.h>

static void check_layout(const struct elf_image *elf, uint64_t nr_pages)
{
	struct pv_layout_in in = { .elf = elf, .module_len = 1 << 20, .nr_pages = nr_pages };
	struct pv_layout l;
	const char *why = NULL;
	int ret;

	ret = pv_layout_compute(&l, &in, &why);
	if (ret != 0) {
		if (why == NULL) {
			abort();
		}
		return;
	}
	if (l.used_pages > nr_pages || l.v_start > elf->virt_kstart || l.v_end < elf->virt_kend ||
	    pv_layout_table(&l, 1, l.v_end - 1) >= l.tables.pfn + l.tables.nr ||
	    elf->entry < l.v_start || elf->entry >= l.v_end) {
		abort();
	}
}

static int copy(void *ctx, uint64_t off, const void *src, size_t len)
{
	uint8_t *dst = ctx;

	if (src != NULL) {
		memcpy(dst + off, src, len);
	} else {
		memset(dst + off, 0, len);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image elf;
	const char *why = NULL;

	if (elf_parse(&elf, data, size, &why) != 0) {
		if (why == NULL) {
			abort();
		}
		return 0;
	}
	if (elf.pend - elf.pstart <= 1 << 22) {
		uint8_t *dst = malloc(elf.pend - elf.pstart);

		if (elf_load_to(&elf, copy, dst) != 0) {
			abort();
		}
		free(dst);
	}
	check_layout(&elf, 1 << 15);
	check_layout(&elf, 1 << 22);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The language of xl.cfg files on arbitrary bytes. What is accepted must be sane; a refusal must
 * have its one line of reason.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest.h"
#include "lib/xalloc.h"

static void check(const struct guest_config *g)
{
	size_t i;

	if (!g->name || !g->kernel || !g->cmdline || strlen(g->cmdline) > GUEST_CMDLINE_MAX ||
	    !g->vcpus || g->vcpus > g->maxvcpus || g->maxvcpus > GUEST_VCPUS_MAX ||
	    !g->memory_kib || g->memory_kib > g->maxmem_kib) {
		abort();
	}
	for (i = 0; i < g->disk_count; i++) {
		if (!g->disks[i].vdev || (!g->disks[i].target && !g->disks[i].cdrom)) {
			abort();
		}
	}
	for (i = 0; i < g->nic_count; i++) {
		if (!g->nics[i].bridge) {
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_notes notes = { 0 };
	struct failure why = { 0 };
	struct guest_config g;
	char *overrides = NULL;
	const uint8_t *zero = memchr(data, 0, size);
	size_t len = zero ? (size_t)(zero - data) : size;

	/* Behind the first zero byte: settings of the command line. */
	if (zero) {
		overrides = xstrndup((const char *)zero + 1, size - len - 1);
	}
	if (!guest_parse(&g, "f.cfg", (const char *)data, len, overrides, &notes, &why)) {
		check(&g);
		guest_free(&g);
	} else if (!why.code || !*why.text) {
		abort();
	}
	config_notes_free(&notes);
	free(overrides);
	return 0;
}

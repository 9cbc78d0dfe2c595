/* SPDX-License-Identifier: MIT */
/*
 * What the files of the domain builder share: the state of one build, and windows into the
 * domain's memory.
 */
#ifndef LIB_BUILDER_INTERNAL_H
#define LIB_BUILDER_INTERNAL_H

#include <xenforeignmemory.h>

#include <dais/pvlayout.h>

#include "lib/builder.h"

#define PAGE_BYTES   4096ul
#define WINDOW_PAGES 1024u /* mapped at a time */

/*
 * p2m   machine frame of each page of the domain, filled in by builder_populate()
 */
struct builder {
	struct hypercall *h;
	xenforeignmemory_handle *foreign;
	uint32_t domid;
	const struct builder_in *in;
	struct failure *f;
	struct pv_layout layout;
	uint64_t *p2m;
};

/* `count` pages from `pfn` on, writable; NULL with the failure set. */
void *builder_map(struct builder *b, uint64_t pfn, size_t count);
void builder_unmap(struct builder *b, void *pages, size_t count);
/* Copies to pages from `pfn` on; `from` NULL: zeros. */
int builder_write(struct builder *b, uint64_t pfn, uint64_t offset, const void *from, size_t len);

/* Steps, in the order in which builder_build() takes them. */
int builder_populate(struct builder *b);
int builder_load_kernel(struct builder *b);
int builder_load_module(struct builder *b);
int builder_write_p2m(struct builder *b);
int builder_write_tables(struct builder *b);
int builder_write_start_info(struct builder *b);
int builder_mask_events(struct builder *b);
int builder_grant_rings(struct builder *b);
int builder_start_vcpu(struct builder *b);

#endif

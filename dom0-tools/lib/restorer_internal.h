/* SPDX-License-Identifier: MIT */
/*
 * What the files of the restorer share: what of a guest's state has been read.
 */
#ifndef LIB_RESTORER_INTERNAL_H
#define LIB_RESTORER_INTERNAL_H

#include <xenforeignmemory.h>

#include <xen/domctl.h>
#include <xen/shared_info.h>

#include "lib/restorer.h"

#define FRAME_PENDING (~0ull) /* in p2m: asked for, not yet given */

/* Contents of one record, copied; NULL: there was none. */
struct restorer_bytes {
	void *bytes;
	uint32_t len;
};

struct restorer_vcpu {
	struct vcpu_guest_context *context;
	struct restorer_bytes extended, xsave, msrs;
};

/*
 * p2m, types  by pfn, `pfns` of them; a frame of 0: none. A type is the last one of that page.
 * list        pfns of the pages that hold the guest's own p2m
 * wanted      pfns that are to get frames with the next call
 */
struct restorer {
	struct hypercall *h;
	xenforeignmemory_handle *foreign;
	uint32_t domid;
	const struct restorer_in *in;
	struct builder_out *out;
	struct failure *f;

	uint64_t pfns, *p2m;
	uint8_t *types;
	uint64_t *list, list_count;
	uint64_t wanted[STREAM_PAGES_MAX];
	uint32_t wanted_count;

	struct restorer_vcpu *vcpus;
	struct restorer_bytes shared, tsc, leaves, msrs;
	bool has_info, static_done;
};

/* restorer_memory.c */
int restorer_take_p2m_frames(struct restorer *r, const struct saved_record *record);
int restorer_take_pages(struct restorer *r, const struct saved_record *record);
int restorer_write_p2m(struct restorer *r);
int restorer_pin(struct restorer *r);
void restorer_free_memory(struct restorer *r);
/*
 * The frame of a page that the state names for a purpose (`what`), whose type has this level (0:
 * it is no page table).
 */
int restorer_frame(struct restorer *r, uint64_t pfn, unsigned int level, const char *what,
		   uint64_t *frame);

/* restorer_info.c */
int restorer_write_shared_info(struct restorer *r);
int restorer_write_start_info(struct restorer *r);
int restorer_grant_rings(struct restorer *r);

/* restorer_vcpu.c */
int restorer_set_policy(struct restorer *r);
int restorer_set_tsc(struct restorer *r);
int restorer_set_vcpus(struct restorer *r);

#endif

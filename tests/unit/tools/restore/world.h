/* SPDX-License-Identifier: MIT */
/*
 * A hypervisor that has one domain, for the restorer: which frames it gave, what is in them, and
 * what it was told. One world, made anew by world_begin().
 */
#ifndef TEST_RESTORE_WORLD_H
#define TEST_RESTORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/shared_info.h>

#include "lib/restorer.h"

#define WORLD_FRAMES 64u
#define WORLD_FIRST  0x1000u /* number of the first frame */
#define WORLD_VCPUS  4u

/*
 * room      frames that it will give at most
 * fail_at   the call (counted from 1) that fails; 0: none
 * pfn       of each frame given
 * mapped    windows into the domain that are open
 */
struct world {
	unsigned int room, given, calls, fail_at, mapped;
	unsigned int pinned, policies, tsc, extended, xsave, msrs;
	uint64_t pfn[WORLD_FRAMES];
	uint64_t frame[WORLD_FRAMES][512];
	union {
		struct shared_info info;
		uint64_t words[512];
	} shared;
	struct grant_entry_v1 grants[512];
	struct vcpu_guest_context context[WORLD_VCPUS];
	bool has_context[WORLD_VCPUS];
	struct builder_out out;
};

extern struct world world;

void world_begin(void);
/* The contents of a page of the guest, or NULL, and its frame. */
uint64_t *world_page(uint64_t pfn);
uint64_t world_frame(uint64_t pfn);
/* Reads a file's head and restores it here, to a domain of `vcpus`. */
int world_restore(const struct saved_source *source, uint32_t vcpus, struct failure *f);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Which frames a paravirtual guest has: what its kernel says about that in its shared info page, as
 * a list in its own address space or as a tree of three levels. None of it is trusted: each frame
 * is mapped with the hypervisor's leave or left out, and there are no more pages than the guest may
 * have: its list may name one page a billion times.
 */
#ifndef DOMAIN_P2M_H
#define DOMAIN_P2M_H

#include <stdbool.h>
#include <stdint.h>
#include <xenforeignmemory.h>

#include "lib/failure.h"

struct shared_info;

struct p2m_page {
	uint64_t pfn, mfn;
};

/*
 * pages   those the guest names, by ascending pfn; whether they are its own has to be asked
 * leaves  frames of the list itself: leaves[n] has the entries of pfns 512 * n and up; 0: none
 */
struct p2m {
	uint64_t max_pfn; /* one more than the highest */
	struct p2m_page *pages;
	uint64_t count;
	uint64_t *leaves;
	uint64_t leaf_count;
};

/*
 * room     at most as many pages are taken
 * stopped  asked from time to time: a list may be long. NULL: nobody gives up.
 */
struct p2m_source {
	xenforeignmemory_handle *foreign;
	uint32_t domid;
	const struct shared_info *shared;
	uint64_t room;
	bool (*stopped)(void);
};

/*
 * -ENODATA when the guest does not say. What had been read when it was stopped is there. *p is to
 * be freed in any case.
 */
int p2m_read(struct p2m *p, const struct p2m_source *from, struct failure *f);
void p2m_free(struct p2m *p);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Single pages of a new domain, for who fills it: the builder and the restorer.
 */
#ifndef LIB_DOMAIN_PAGES_H
#define LIB_DOMAIN_PAGES_H

#include <stdint.h>
#include <xenforeignmemory.h>

#include <xen/shared_info.h>

#include "lib/failure.h"

struct hypercall;

/* A frame, writable; NULL with errno set. Release with xenforeignmemory_unmap(). */
void *domain_page_map(xenforeignmemory_handle *foreign, uint32_t domid, uint64_t frame);
/* The page that the domain shares with the hypervisor; NULL with the failure set. */
struct shared_info *domain_shared_map(struct hypercall *h, xenforeignmemory_handle *foreign,
				      uint32_t domid, struct failure *f);

/*
 * Two reserved grant entries open the rings to the domain that serves them, so that a daemon
 * needs no other privilege over the guest.
 */
int domain_grant_rings(xenforeignmemory_handle *foreign, uint32_t domid, uint32_t backend,
		       uint64_t console_frame, uint64_t store_frame, struct failure *f);

#endif

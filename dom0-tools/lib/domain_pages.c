/* SPDX-License-Identifier: MIT */
/*
 * Single pages of a new domain: see domain_pages.h. Stateless.
 */
#include "lib/domain_pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/grant_table.h>
#include <xen/memory.h>

#include "lib/domctl.h"

void *domain_page_map(xenforeignmemory_handle *foreign, uint32_t domid, uint64_t frame)
{
	xen_pfn_t pfn = frame;
	int error = 0;
	void *page =
		xenforeignmemory_map(foreign, domid, PROT_READ | PROT_WRITE, 1, &pfn, &error);

	if (page && error) {
		xenforeignmemory_unmap(foreign, page, 1);
		errno = -error;
		page = NULL;
	}
	return page;
}

struct shared_info *domain_shared_map(struct hypercall *h, xenforeignmemory_handle *foreign,
				      uint32_t domid, struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	struct shared_info *page = NULL;
	int rc = domctl_info(h, domid, &info);

	if (!rc) {
		page = domain_page_map(foreign, domid, info.shared_info_frame);
		rc = page ? 0 : -errno;
	}
	if (rc) {
		failure_set(f, rc, "cannot map the shared page of the new domain: %s",
			    strerror(-rc));
	}
	return page;
}

int domain_grant_rings(xenforeignmemory_handle *foreign, uint32_t domid, uint32_t backend,
		       uint64_t console_frame, uint64_t store_frame, struct failure *f)
{
	xenforeignmemory_resource_handle *resource;
	struct grant_entry_v1 *table;
	void *address = NULL;
	const struct {
		unsigned int entry;
		uint64_t frame;
	} rings[] = {
		{ GNTTAB_RESERVED_CONSOLE, console_frame },
		{ GNTTAB_RESERVED_XENSTORE, store_frame },
	};
	unsigned int i;

	resource = xenforeignmemory_map_resource(foreign, (domid_t)domid,
						 XENMEM_resource_grant_table,
						 XENMEM_resource_grant_table_id_shared, 0, 1,
						 &address, PROT_READ | PROT_WRITE, 0);
	if (!resource) {
		return failure_set(f, -errno, "cannot map the grant table of the new domain: %s",
				   strerror(errno));
	}
	table = address;
	for (i = 0; i < 2; i++) {
		table[rings[i].entry].domid = (domid_t)backend;
		table[rings[i].entry].frame = (uint32_t)rings[i].frame;
		__atomic_store_n(&table[rings[i].entry].flags, GTF_permit_access, __ATOMIC_RELEASE);
	}
	xenforeignmemory_unmap_resource(foreign, resource);
	return 0;
}

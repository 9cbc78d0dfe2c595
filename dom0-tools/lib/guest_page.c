/* SPDX-License-Identifier: MIT */
/*
 * Shared guest pages: see guest_page.h. Owns the libxengnttab and libxenforeignmemory handles.
 */
#include "lib/guest_page.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include "lib/xalloc.h"

struct guest_pages {
	xengnttab_handle *grants; /* NULL: no gntdev; everything by frame number */
	xenforeignmemory_handle *foreign;
};

struct guest_pages *guest_pages_open(void)
{
	struct guest_pages *g = xcalloc(1, sizeof(*g));

	g->grants = xengnttab_open(NULL, 0);
	g->foreign = xenforeignmemory_open(NULL, 0);
	if (!g->foreign) {
		guest_pages_close(g);
		return NULL;
	}
	return g;
}

void guest_pages_close(struct guest_pages *g)
{
	if (g) {
		if (g->grants) {
			xengnttab_close(g->grants);
		}
		if (g->foreign) {
			xenforeignmemory_close(g->foreign);
		}
		free(g);
	}
}

void *guest_page_map(struct guest_pages *g, uint32_t domid, uint32_t grant, uint64_t gfn,
		     bool *granted)
{
	xen_pfn_t frame = gfn;
	void *page = NULL;
	int error = 0;

	if (g->grants) {
		page = xengnttab_map_grant_ref(g->grants, domid, grant, PROT_READ | PROT_WRITE);
	}
	*granted = page;
	if (!page && gfn) {
		page = xenforeignmemory_map(g->foreign, domid, PROT_READ | PROT_WRITE, 1, &frame,
					    &error);
		if (page && error) {
			xenforeignmemory_unmap(g->foreign, page, 1);
			page = NULL;
		}
	}
	return page;
}

void guest_page_unmap(struct guest_pages *g, void *page, bool granted)
{
	if (granted) {
		xengnttab_unmap(g->grants, page, 1);
	} else {
		xenforeignmemory_unmap(g->foreign, page, 1);
	}
}

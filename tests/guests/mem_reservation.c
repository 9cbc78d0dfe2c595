/* SPDX-License-Identifier: MIT */
/*
 * Giving memory back and getting it again: decrease_reservation and populate_physmap.
 *
 * A frame that is given up while something still maps it leaves the domain with its last mapping.
 * After that the domain owns one page less and cannot map the frame. populate takes a pfn, returns
 * an mfn, and sets the machine-to-physical entry; the memory never holds what another domain left.
 * Refusals are short counts, not errors.
 */
#include "kit.h"

#include <xen/memory.h>

static long reservation(unsigned int op, u64 *extents, u64 count, u32 order)
{
	struct xen_memory_reservation r = { .nr_extents = count, .extent_order = order,
					    .domid = DOMID_SELF };

	SET_HANDLE(r.extent_start, extents);
	return HC(memory_op, op, &r);
}

static long current_pages(void)
{
	struct xen_memory_domain d = { .domid = DOMID_SELF };

	return HC(memory_op, XENMEM_current_reservation, &d);
}

static void check_round_trip(void)
{
	char *page = page_alloc();
	unsigned long pfn = paging_pfn(page);
	u64 mfn = paging_mfn(page), extent = mfn;
	long pages = current_pages();

	CHECK_EQ(pages, start_info->nr_pages);
	page[5] = 77;
	/* Accepted, but the mapping keeps the page for now. */
	CHECK_EQ(reservation(XENMEM_decrease_reservation, &extent, 1, 0), 1);
	CHECK_EQ(current_pages(), pages);
	CHECK_EQ(page[5], 77);

	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(current_pages(), pages - 1);
	CHECK_EQ(paging_set(page, PTE(mfn, PTE_FLAGS_RW)), -kEBUSY);
	extent = pfn;
	CHECK_EQ(reservation(XENMEM_populate_physmap, &extent, 1, 0), 1);
	CHECK_EQ(paging_m2p[extent], pfn);
	CHECK_EQ(current_pages(), pages);
	CHECK_EQ(paging_set(page, PTE(extent, PTE_FLAGS_RW)), 0);
	CHECK(page[5] == 0 || page[5] == 77); /* clean, or this domain's own old page */
	/* The domain is at its maximum. */
	extent = pfn;
	CHECK(reservation(XENMEM_populate_physmap, &extent, 1, 0) <= 1);
}

static void check_errors(void)
{
	u64 extents[2] = { 0xffffffff, 0xffffffff };
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = 4321 };

	CHECK_EQ(reservation(XENMEM_decrease_reservation, extents, 1, 0), 0);
	CHECK_EQ(reservation(XENMEM_decrease_reservation, (u64 *)ADDR_UNMAPPED, 1, 0), 0);
	CHECK_EQ(reservation(XENMEM_decrease_reservation, extents, 0, 0), 0);
	CHECK_EQ(reservation(XENMEM_populate_physmap, (u64 *)ADDR_UNMAPPED, 1, 0), 0);
	SET_HANDLE(r.extent_start, extents);
	/* To the oracle all mistakes look the same: no extent was done. Naming them is as good. */
	CHECK_EITHER(HC(memory_op, XENMEM_decrease_reservation, &r), 0, -kESRCH);
	CHECK_EITHER(HC(memory_op, XENMEM_decrease_reservation, ADDR_UNMAPPED), 0, -kEFAULT);
}

void guest_main(void)
{
	kit_init();
	check_round_trip();
	check_errors();
	verdict();
}

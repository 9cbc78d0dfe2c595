/* SPDX-License-Identifier: MIT */
/*
 * GNTTABOP_cache_flush: what a driver domain asks on machines whose devices do not see the caches.
 *
 * Cleaning is allowed for one's own frames and does no harm; only to throw away what was written is
 * not to be had, nor can a frame be named by a grant. Ranges end within the page, and what belongs
 * to somebody else is none of the caller's business.
 */
#include "kit.h"

#include <xen/grant_table.h>
#include <xen/memory.h>

static char page[PAGE_SIZE] PAGE_ALIGNED;

static long flush(u64 address, u16 offset, u16 length, u32 what)
{
	struct gnttab_cache_flush op = { .a.dev_bus_addr = address, .offset = offset,
					 .length = length, .op = what };

	return HC(grant_table_op, GNTTABOP_cache_flush, &op, 1);
}

/* A frame of the machine-to-physical table: the hypervisor's. */
static u64 foreign_frame(void)
{
	struct xen_machphys_mfn_list list = { .max_extents = 1 };
	u64 mfn = 0;

	SET_HANDLE(list.extent_start, &mfn);
	CHECK_EQ(HC(memory_op, XENMEM_machphys_mfn_list, &list), 0);
	return mfn << PAGE_SHIFT;
}

void guest_main(void)
{
	u64 at = paging_maddr(page);

	kit_init();
	page[5] = 'x';
	CHECK_EQ(flush(at, 0, 4096, GNTTAB_CACHE_CLEAN), 0);
	CHECK_EQ(flush(at, 4095, 1, GNTTAB_CACHE_CLEAN), 0);
	CHECK_EQ(flush(at, 0, 4096, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL), 0);
	CHECK_EQ(page[5], 'x');
	CHECK_EQ(flush(at, 0, 64, GNTTAB_CACHE_INVAL), -kEOPNOTSUPP);
	CHECK_EQ(flush(at, 0, 64, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_SOURCE_GREF), -kEINVAL);
	CHECK_EQ(flush(at, 4096, 1, GNTTAB_CACHE_CLEAN), -kEINVAL);
	CHECK_EQ(flush(at, 4095, 2, GNTTAB_CACHE_CLEAN), -kEINVAL);
	CHECK_EQ(flush(at, 65535, 65535, GNTTAB_CACHE_CLEAN), -kEINVAL);
	CHECK_EQ(flush(at, 0, 64, 8), -kEINVAL);
	CHECK_EQ(flush(at, 0, 0, GNTTAB_CACHE_CLEAN), 0);
	CHECK_EQ(flush(at, 0, 64, 0), 0);
	CHECK_EQ(flush(0xffffffffffUL << PAGE_SHIFT, 0, 64, GNTTAB_CACHE_CLEAN), -kEINVAL);
	CHECK_EQ(flush(foreign_frame(), 0, 64, GNTTAB_CACHE_CLEAN), -kEPERM);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_cache_flush, ADDR_UNMAPPED, 1), -kEFAULT);
	verdict();
}

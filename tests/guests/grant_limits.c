/* SPDX-License-Identifier: MIT */
/*
 * How many grant frames and mappings may a domain have?
 *
 * What its creation said: 8 frames of entries and 8 pages of handles for a domU of `launch`, 64 and
 * 1024 for dom0. A domain with more mappings than fit in one page of handles gets more pages; at the
 * limit a mapping fails with its own status, a handle that was given back serves again, and nothing
 * else is lost. Device mappings need no address.
 */
#include "kit.h"

#include <xen/grant_table.h>

#define HANDLES (8 * (PAGE_SIZE / 16))	/* a domU's, and enough for dom0 */
#define REFS 40				/* a reference can be used a hundred times or so */
#define FIRST 8

static struct grant_entry_v1 *table;
static u32 handles[HANDLES];
static domid_t self;
static char *page;

static struct gnttab_map_grant_ref map(unsigned int i)
{
	struct gnttab_map_grant_ref op = { .flags = GNTMAP_device_map | GNTMAP_readonly,
					   .ref = FIRST + i % REFS, .dom = self };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
	return op;
}

static s16 unmap(u32 handle)
{
	struct gnttab_unmap_grant_ref op = { .dev_bus_addr = paging_mfn(page) << PAGE_SHIFT,
					     .handle = handle };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
	return op.status;
}

static void check_frames(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	struct gnttab_setup_table setup = { .dom = DOMID_SELF };
	static u64 frames[80];

	SET_HANDLE(setup.frame_list, frames);
	setup.nr_frames = kit_is_dom0() ? 65 : 9;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(setup.status, GNTST_general_error);
	setup.nr_frames--;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(setup.status, GNTST_okay);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
	CHECK_EQ(size.nr_frames, setup.nr_frames);
	CHECK_EQ(size.max_nr_frames, setup.nr_frames);
	table = page_alloc();
	CHECK_EQ(paging_set(table, PTE(frames[0], PTE_FLAGS_RW)), 0);
}

/* The oracle keeps the last one back. */
static void check_handles(void)
{
	unsigned int n, have;

	for (have = 0; have < HANDLES; have++) {
		struct gnttab_map_grant_ref op = map(have);

		if (op.status != GNTST_okay) {
			break;
		}
		handles[have] = op.handle;
	}
	CHECK_EITHER(have, HANDLES, HANDLES - 1);
	if (!kit_is_dom0()) {
		CHECK_EQ(map(0).status, GNTST_no_space);
		CHECK_EQ(unmap(handles[77]), GNTST_okay);
		CHECK_EQ(unmap(handles[77]), GNTST_bad_handle);
		handles[77] = map(0).handle;
		CHECK_EQ(map(0).status, GNTST_no_space);
	}
	for (n = 0; n < have && unmap(handles[n]) == GNTST_okay; n++) {
	}
	CHECK_EQ(n, have);
	for (unsigned int i = 0; i < REFS; i++) {
		CHECK_EQ(table[FIRST + i].flags, GTF_permit_access);
	}
}

void guest_main(void)
{
	kit_init();
	self = kit_domid();
	page = page_alloc();
	check_frames();
	for (unsigned int i = 0; i < REFS; i++) {
		table[FIRST + i] = (struct grant_entry_v1){ GTF_permit_access, self,
							    (u32)paging_mfn(page) };
	}
	check_handles();
	verdict();
}

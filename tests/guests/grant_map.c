/* SPDX-License-Identifier: MIT */
/*
 * Granting a page to oneself: the table, mapping, unmapping, and what may not be mapped.
 *
 * setup_table shows the frames of the version 1 table; a mapping at a virtual address of the
 * grantee marks the entry as being read or written and pins the frame; a handle unmaps it, from
 * exactly that address. The status of each row is in the row, the hypercall itself returns 0.
 * Rows in error leave nothing behind.
 */
#include "kit.h"

#include <xen/grant_table.h>

#define REF 9
#define AREA 0x600000000000UL

static struct grant_entry_v1 *table; /* one page, mapped over this page of the image */
static char *page;
static unsigned long window = AREA;
static domid_t self;

static volatile u16 *flags_of(unsigned int ref)
{
	return &table[ref].flags;
}

static void grant(unsigned int ref, domid_t dom, u64 mfn, u16 flags)
{
	table[ref].domid = dom;
	table[ref].frame = (u32)mfn;
	barrier();
	*flags_of(ref) = flags;
}

static struct gnttab_map_grant_ref map(u64 addr, unsigned int ref, u32 flags, domid_t dom)
{
	struct gnttab_map_grant_ref op = { .host_addr = addr, .flags = flags, .ref = ref,
					   .dom = dom };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
	return op;
}

static s16 unmap(u64 addr, u32 handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = addr, .handle = handle };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
	return op.status;
}

static void check_table(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 2 };
	u64 frames[64] = { 0 };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
	CHECK_EQ(size.status, GNTST_okay);
	CHECK(size.nr_frames >= 1);
	CHECK_EQ(size.max_nr_frames, kit_is_dom0() ? 64 : 8); /* 8: what `launch` gives */
	SET_HANDLE(setup.frame_list, frames);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(setup.status, GNTST_okay);
	CHECK(frames[0] != 0 && frames[1] != 0 && frames[0] != frames[1]);
	table = page_alloc();
	CHECK_EQ(paging_set(table, PTE(frames[0], PTE_FLAGS_RW)), 0);
	setup.nr_frames = 65;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(setup.status, GNTST_general_error);
	setup.nr_frames = 1;
	setup.dom = 4321;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(setup.status, GNTST_bad_domain);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
	CHECK(size.nr_frames >= 2);
	{
		struct gnttab_set_version v = { .version = 1 };
		struct gnttab_get_version g = { .dom = DOMID_SELF };

		CHECK_EQ(HC(grant_table_op, GNTTABOP_set_version, &v, 1), 0);
		CHECK_EQ(v.version, 1);
		CHECK_EQ(HC(grant_table_op, GNTTABOP_get_version, &g, 1), 0);
		CHECK_EQ(g.version, 1);
		v.version = 3;
		CHECK_EQ(HC(grant_table_op, GNTTABOP_set_version, &v, 1), -kEINVAL);
	}
}

static void check_map(void)
{
	struct gnttab_map_grant_ref op;
	u64 mfn = paging_mfn(page);

	page[3] = 'g';
	grant(REF, self, mfn, GTF_permit_access);
	op = map(window, REF, GNTMAP_host_map, self);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(op.dev_bus_addr, mfn << PAGE_SHIFT);
	CHECK_EQ(*(volatile char *)(window + 3), 'g');
	*(volatile char *)(window + 3) = 'w';
	CHECK_EQ(page[3], 'w');
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
	CHECK_EQ(unmap(window + PAGE_SIZE, op.handle), GNTST_general_error);
	CHECK_EQ(unmap(window, op.handle), GNTST_okay);
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), 0);
	CHECK_EQ(TRAP_OF((void)*(volatile char *)window), TRAP_PF);
	CHECK_EQ(unmap(window, op.handle), GNTST_bad_handle);
	CHECK_EQ(unmap(window, 0xffffffff), GNTST_bad_handle);

	/* Read-only, twice: the marks stay until the last goes. */
	op = map(window, REF, GNTMAP_host_map | GNTMAP_readonly, self);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), GTF_reading);
	CHECK_EQ(TRAP_OF(*(volatile char *)window = 1), TRAP_PF);
	CHECK_EQ(trap_last.error, 3);
	{
		struct gnttab_map_grant_ref two = map(window + PAGE_SIZE, REF,
						      GNTMAP_host_map | GNTMAP_readonly, self);

		CHECK_EQ(two.status, GNTST_okay);
		CHECK_EQ(unmap(window, op.handle), GNTST_okay);
		CHECK_EQ(*flags_of(REF) & GTF_reading, GTF_reading);
		CHECK_EQ(unmap(window + PAGE_SIZE, two.handle), GNTST_okay);
		CHECK_EQ(*flags_of(REF) & GTF_reading, 0);
	}
}

/*
 * The table with the entry stands at a second address as well: unmapping by the first ends what is cached under both.
 * dom0 is believed not to do so to itself.
 */
static void check_alias(void)
{
	u64 slot = paging_entry_maddr(window, 2) + 8;
	volatile char *alias = (volatile char *)window + (1UL << 21);
	struct gnttab_map_grant_ref op = map(window, REF, GNTMAP_host_map, self);

	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(paging_update(slot, *paging_entry(window, 2)), 0);
	CHECK_EQ(alias[3], 'w');
	CHECK_EQ(unmap(window, op.handle), GNTST_okay);
	CHECK_EQ(TRAP_OF((void)*alias), TRAP_PF);
	CHECK_EQ(paging_update(slot, 0), 0);
}

static void check_contains_pte(void)
{
	struct gnttab_map_grant_ref op;
	u64 where = paging_entry_maddr(window, 1);

	op = map(where, REF, GNTMAP_host_map | GNTMAP_contains_pte, self);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(*(volatile char *)(window + 3), 'w');
	CHECK_EQ(unmap(where, op.handle), GNTST_okay);
	CHECK_EQ(*paging_entry(window, 1), 0);
}

static void check_refused(void)
{
	u64 mfn = paging_mfn(page);

	CHECK_EQ(map(window, REF, GNTMAP_host_map, 4321).status, GNTST_bad_domain);
	CHECK_EQ(map(window, 100000, GNTMAP_host_map, self).status, GNTST_bad_gntref);
	/* An empty entry. */
	CHECK_EQ(map(window, REF + 1, GNTMAP_host_map, self).status, GNTST_general_error);
	CHECK_EQ(map(window, REF, 0, self).status, GNTST_bad_gntref); /* no kind of map asked for */
	grant(REF, 7, mfn, GTF_permit_access);
	CHECK_EQ(map(window, REF, GNTMAP_host_map, self).status, GNTST_general_error);
	grant(REF, self, mfn, GTF_permit_access | GTF_readonly);
	CHECK_EQ(map(window, REF, GNTMAP_host_map, self).status, GNTST_general_error);
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), 0);
	grant(REF, self, mfn, GTF_permit_access);
	CHECK_EQ(map(ADDR_HOLE, REF, GNTMAP_host_map, self).status, GNTST_general_error);
	CHECK_EQ(map(ADDR_UNMAPPED, REF, GNTMAP_host_map, self).status, GNTST_general_error);
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), 0);
	/* A page table cannot be granted for writing. */
	grant(REF, self, paging_mfn((void *)start_info->pt_base), GTF_permit_access);
	CHECK_EITHER(map(window, REF, GNTMAP_host_map, self).status, GNTST_general_error,
		     GNTST_bad_page);
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), 0);
	grant(REF, self, 0xffffffff, GTF_permit_access);
	CHECK(map(window, REF, GNTMAP_host_map | GNTMAP_readonly, self).status < 0);
}

static void check_batch(void)
{
	struct gnttab_map_grant_ref ops[3];
	struct gnttab_unmap_grant_ref undo[2];

	grant(REF, self, paging_mfn(page), GTF_permit_access);
	memset(ops, 0, sizeof(ops));
	for (unsigned int i = 0; i < 3; i++) {
		ops[i].host_addr = window + i * PAGE_SIZE;
		ops[i].flags = GNTMAP_host_map;
		ops[i].ref = i == 1 ? REF + 1 : REF;
		ops[i].dom = self;
	}
	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, ops, 3), 0);
	CHECK_EQ(ops[0].status, 0);
	CHECK(ops[1].status < 0);
	CHECK_EQ(ops[2].status, 0); /* a bad row does not stop the next */
	memset(undo, 0, sizeof(undo));
	undo[0].host_addr = ops[0].host_addr;
	undo[0].handle = ops[0].handle;
	undo[1].host_addr = ops[2].host_addr;
	undo[1].handle = ops[2].handle;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_grant_ref, undo, 2), 0);
	CHECK_EQ(undo[0].status | undo[1].status, 0);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, ADDR_UNMAPPED, 1), -kEFAULT);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, ops, 0), 0);
	CHECK_EQ(HC(grant_table_op, 13, ops, 1), -kENOSYS);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, ops, 0x80000000), -kEINVAL);
}

/* The page under new_addr moves to where the grant was, and is gone from its own place. */
static void check_replace(void)
{
	struct gnttab_unmap_and_replace r = { .host_addr = window, .new_addr = window + PAGE_SIZE };
	char *other = page_alloc();

	grant(REF, self, paging_mfn(page), GTF_permit_access);
	other[3] = 'o';
	CHECK_EQ(paging_set((void *)r.new_addr, PTE(paging_mfn(other), PTE_FLAGS_RW)), 0);
	r.handle = map(window, REF, GNTMAP_host_map, self).handle;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1), 0);
	CHECK_EQ(r.status, GNTST_okay);
	CHECK_EQ(*(volatile char *)(window + 3), 'o');
	CHECK_EQ(*paging_entry(r.new_addr, 1), 0);
	CHECK_EQ(*flags_of(REF) & (GTF_reading | GTF_writing), 0);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1), 0);
	CHECK_EQ(r.status, GNTST_bad_handle);
	CHECK_EQ(paging_set((void *)window, 0), 0);
}

void guest_main(void)
{
	kit_init();
	self = kit_domid();
	page = page_alloc();
	paging_grow(AREA);
	check_table();
	check_map();
	if (!kit_is_dom0()) {
		check_alias();
	}
	check_contains_pte();
	check_refused();
	check_batch();
	check_replace();
	verdict();
}

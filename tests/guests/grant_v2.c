/* SPDX-License-Identifier: MIT */
/*
 * The second form of the grant table: changing to it and back, status frames, 64-bit frames, parts
 * of a page.
 *
 * A change clears all entries but the first eight, and is refused while any other is in use, or on
 * the way back while a status frame is mapped. In-use bits are in the status frames, not in the
 * entry. A grant of part of a page can be copied from inside that part and never be mapped; a
 * transitive grant can never be mapped either. Dais refuses transitive grants for copying, as the
 * oracle does when it is started with gnttab=no-transitive.
 */
#include "kit.h"

#include <xen/grant_table.h>

#define REF 9
#define PER_FRAME (PAGE_SIZE / sizeof(union grant_entry_v2))
#define AREA 0x600000000000UL

static char *shared;	/* first frame of the table */
static u16 *status;	/* first status frame */
static u64 status_mfn;
static char *page, *other;
static domid_t self;

static union grant_entry_v2 *entry(unsigned int ref)
{
	return (union grant_entry_v2 *)shared + ref;
}

static long set_version(u32 version)
{
	struct gnttab_set_version op = { .version = version };
	long rc = HC(grant_table_op, GNTTABOP_set_version, &op, 1);
	u32 now = op.version;
	struct gnttab_get_version g = { .dom = DOMID_SELF };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_get_version, &g, 1), 0);
	CHECK_EQ(g.version, rc ? g.version : version);
	if (version == 1 || version == 2) {
		CHECK_EQ(now, g.version); /* what is in force, also when refused */
	}
	return rc;
}

static s16 status_frames(u32 nr, u64 *list)
{
	struct gnttab_get_status_frames op = { .nr_frames = nr, .dom = DOMID_SELF };

	SET_HANDLE(op.frame_list, list);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_get_status_frames, &op, 1), 0);
	return op.status;
}

static s16 setup_table(u32 nr, u64 *list)
{
	struct gnttab_setup_table op = { .nr_frames = nr, .dom = DOMID_SELF };

	SET_HANDLE(op.frame_list, list);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
	return op.status;
}

static struct gnttab_map_grant_ref map(unsigned int ref, u32 flags)
{
	struct gnttab_map_grant_ref op = { .host_addr = AREA, .flags = flags, .ref = ref,
					   .dom = self };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
	return op;
}

static s16 unmap(u32 handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = AREA, .handle = handle };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
	return op.status;
}

static s16 copy(struct gnttab_copy_ptr from, struct gnttab_copy_ptr to, u16 len, u16 flags)
{
	struct gnttab_copy op = { .source = from, .dest = to, .len = len, .flags = flags };

	CHECK_EQ(HC(grant_table_op, GNTTABOP_copy, &op, 1), 0);
	return op.status;
}

static struct gnttab_copy_ptr granted(unsigned int ref, u16 offset)
{
	return (struct gnttab_copy_ptr){ .u.ref = ref, .domid = self, .offset = offset };
}

static struct gnttab_copy_ptr start_of_other(void)
{
	return (struct gnttab_copy_ptr){ .u.gmfn = paging_mfn(other), .domid = DOMID_SELF };
}

/* Copy `len` bytes of the grant, from `offset` in its page, to the start of `other`. */
static s16 copy_from(unsigned int ref, u16 offset, u16 len)
{
	return copy(granted(ref, offset), start_of_other(), len, GNTCOPY_source_gref);
}

static s16 copy_to(unsigned int ref, u16 offset, u16 len)
{
	return copy(start_of_other(), granted(ref, offset), len, GNTCOPY_dest_gref);
}

static void grant_full(unsigned int ref, u64 mfn, u16 flags)
{
	union grant_entry_v2 *e = entry(ref);

	e->full_page.hdr.domid = self;
	e->full_page.pad0 = 0;
	e->full_page.frame = mfn;
	barrier();
	*(volatile u16 *)&e->hdr.flags = flags;
}

static void grant_part(unsigned int ref, u64 mfn, u16 off, u16 len)
{
	union grant_entry_v2 *e = entry(ref);

	e->sub_page.hdr.domid = self;
	e->sub_page.page_off = off;
	e->sub_page.length = len;
	e->sub_page.frame = mfn;
	barrier();
	*(volatile u16 *)&e->hdr.flags = GTF_permit_access | GTF_sub_page;
}

static u16 marks(unsigned int ref)
{
	CHECK_EQ(entry(ref)->hdr.flags & (GTF_reading | GTF_writing), 0);
	return *(volatile u16 *)&status[ref];
}

/* --- version 1, before --- */

static void check_first(void)
{
	struct grant_entry_v1 *v1;
	u64 list[2];

	CHECK_EQ(setup_table(1, list), GNTST_okay);
	CHECK_EQ(paging_set(shared, PTE(list[0], PTE_FLAGS_RW)), 0);
	v1 = (struct grant_entry_v1 *)shared;
	CHECK_EQ(status_frames(0, list), GNTST_okay);
	CHECK_EQ(status_frames(1, list), GNTST_general_error); /* version 1 has none */
	CHECK_EQ(set_version(0), -kEINVAL);
	CHECK_EQ(set_version(3), -kEINVAL);
	CHECK_EQ(set_version(1), 0);
	/* In use and not one of the reserved ones: no. */
	v1[REF] = (struct grant_entry_v1){ GTF_permit_access, self, (u32)paging_mfn(page) };
	{
		struct gnttab_map_grant_ref op = map(REF, GNTMAP_host_map);

		CHECK_EQ(op.status, GNTST_okay);
		CHECK_EQ(set_version(2), -kEBUSY);
		CHECK_EQ(v1[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
		CHECK_EQ(unmap(op.handle), GNTST_okay);
	}
	v1[3] = (struct grant_entry_v1){ GTF_permit_access | GTF_readonly, self,
					 (u32)paging_mfn(page) };
}

/* A reserved entry in use comes along, with its marks; all others are cleared. */
static void check_change(void)
{
	struct gnttab_map_grant_ref op = map(3, GNTMAP_host_map | GNTMAP_readonly);
	u64 list[4];

	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(set_version(2), 0);
	CHECK_EQ(set_version(2), 0);
	CHECK_EQ(status_frames(1, list), GNTST_okay);
	CHECK_EQ(status_frames(2, list), GNTST_general_error);
	status_mfn = list[0];
	CHECK_EQ(paging_set(status, PTE(status_mfn, PTE_FLAGS_RW)), 0);
	CHECK_EQ(entry(3)->hdr.flags, GTF_permit_access | GTF_readonly);
	CHECK_EQ(entry(3)->hdr.domid, self);
	CHECK_EQ(entry(3)->full_page.frame, paging_mfn(page));
	CHECK_EQ(marks(3), GTF_reading);
	CHECK_EQ(unmap(op.handle), GNTST_okay);
	CHECK_EQ(marks(3), 0);
	for (unsigned int ref = 8; ref < PER_FRAME; ref++) {
		if (entry(ref)->hdr.flags || entry(ref)->full_page.frame) {
			CHECK_EQ(ref, 0);
		}
	}
}

/* --- version 2 --- */

static void check_full_page(void)
{
	struct gnttab_map_grant_ref op;

	grant_full(REF, paging_mfn(page), GTF_permit_access);
	op = map(REF, GNTMAP_host_map);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(op.dev_bus_addr, paging_mfn(page) << PAGE_SHIFT);
	*(volatile char *)(AREA + 5) = 'm';
	CHECK_EQ(page[5], 'm');
	CHECK_EQ(marks(REF), GTF_reading | GTF_writing);
	CHECK_EQ(set_version(1), -kEBUSY);
	CHECK_EQ(unmap(op.handle), GNTST_okay);
	CHECK_EQ(marks(REF), 0);
	op = map(REF, GNTMAP_host_map | GNTMAP_readonly);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(marks(REF), GTF_reading);
	CHECK_EQ(unmap(op.handle), GNTST_okay);
	CHECK_EQ(copy_from(REF, 0, PAGE_SIZE), GNTST_okay);
	CHECK_EQ(other[5], 'm');
	CHECK_EQ(marks(REF), 0);
	/* Read-only, another's, a frame that is none, one above 32 bits. */
	grant_full(REF, paging_mfn(page), GTF_permit_access | GTF_readonly);
	CHECK_EQ(map(REF, GNTMAP_host_map).status, GNTST_general_error);
	CHECK_EQ(copy_to(REF, 0, 8), GNTST_general_error);
	CHECK_EQ(marks(REF), 0);
	grant_full(REF, 1UL << 33 | paging_mfn(page), GTF_permit_access);
	CHECK(map(REF, GNTMAP_host_map).status < 0);
	CHECK_EQ(marks(REF), 0);
	grant_full(REF, paging_mfn(page), GTF_permit_access);
	entry(REF)->hdr.domid = 77;
	CHECK_EQ(map(REF, GNTMAP_host_map).status, GNTST_general_error);
	CHECK_EQ(map(REF + 1, GNTMAP_host_map).status, GNTST_general_error); /* empty */
	/* One page holds half as many entries as before. */
	CHECK_EQ(map(100000, GNTMAP_host_map).status, GNTST_bad_gntref);
	entry(REF)->hdr.flags = 0;
}

static void check_sub_page(void)
{
	for (unsigned int i = 0; i < PAGE_SIZE; i++) {
		page[i] = (char)(i * 5 + 1);
	}
	grant_part(REF, paging_mfn(page), 100, 50);
	CHECK_EQ(map(REF, GNTMAP_host_map | GNTMAP_readonly).status, GNTST_general_error);
	CHECK_EQ(map(REF, GNTMAP_device_map).status, GNTST_general_error);
	CHECK_EQ(copy_from(REF, 100, 50), GNTST_okay);
	CHECK_EQ(memcmp(other, page + 100, 50), 0);
	CHECK_EQ(copy_from(REF, 149, 1), GNTST_okay);
	CHECK_EQ(copy_from(REF, 150, 0), GNTST_okay);
	CHECK_EQ(copy_from(REF, 99, 2), GNTST_general_error);
	CHECK_EQ(copy_from(REF, 149, 2), GNTST_general_error);
	CHECK_EQ(copy_from(REF, 0, 4096), GNTST_general_error);
	CHECK_EQ(copy_from(REF, 4000, 97), GNTST_bad_copy_arg);
	memset(other, 0x33, 64);
	CHECK_EQ(copy_to(REF, 120, 10), GNTST_okay);
	CHECK_EQ(page[119], (char)(119 * 5 + 1));
	CHECK_EQ(page[120], 0x33);
	CHECK_EQ(page[129], 0x33);
	CHECK_EQ(page[130], (char)(130 * 5 + 1));
	CHECK_EQ(copy_to(REF, 90, 20), GNTST_general_error);
	CHECK_EQ(page[99], (char)(99 * 5 + 1));
	/* A part that reaches past the page: what the page has of it. */
	grant_part(REF, paging_mfn(page), 4090, 100);
	CHECK_EQ(copy_from(REF, 4090, 6), GNTST_okay);
	CHECK_EQ(copy_from(REF, 4090, 7), GNTST_bad_copy_arg);
	CHECK_EQ(marks(REF), 0);
}

static void check_transitive(void)
{
	union grant_entry_v2 *e = entry(REF);

	memset(e, 0, sizeof(*e));
	e->transitive.hdr.domid = self;
	e->transitive.trans_domid = self;
	e->transitive.gref = REF + 1;
	barrier();
	e->hdr.flags = GTF_transitive;
	grant_full(REF + 1, paging_mfn(page), GTF_permit_access);
	CHECK_EQ(map(REF, GNTMAP_host_map | GNTMAP_readonly).status, GNTST_general_error);
	CHECK_EQ(copy_from(REF, 0, 8), GNTST_general_error); /* nobody may mean himself */
	e->transitive.trans_domid = 4321;
	CHECK_EQ(copy_from(REF, 0, 8), GNTST_general_error);
	CHECK_EQ(marks(REF), 0);
	e->hdr.flags = GTF_accept_transfer;
	CHECK_EQ(map(REF, GNTMAP_host_map).status, GNTST_general_error);
	CHECK_EQ(copy_from(REF, 0, 8), GNTST_general_error);
	e->hdr.flags = 0;
}

static void check_swap(void)
{
	struct gnttab_swap_grant_ref op = { .ref_a = REF, .ref_b = REF + 1 };
	struct gnttab_map_grant_ref m;

	grant_full(REF, paging_mfn(page), GTF_permit_access);
	grant_full(REF + 1, 0, 0);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_swap_grant_ref, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(entry(REF)->hdr.flags, 0);
	CHECK_EQ(entry(REF + 1)->full_page.frame, paging_mfn(page));
	m = map(REF + 1, GNTMAP_host_map);
	CHECK_EQ(m.status, GNTST_okay);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_swap_grant_ref, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_eagain);
	op.ref_a = op.ref_b;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_swap_grant_ref, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(unmap(m.handle), GNTST_okay);
	op.ref_a = 100000;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_swap_grant_ref, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_bad_gntref);
	entry(REF + 1)->hdr.flags = 0;
}

/* A status frame for every eight frames of entries. */
static void check_growth(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	static u64 list[64];
	unsigned int have;

	CHECK_EQ(setup_table(8, list), GNTST_okay);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
	have = (size.nr_frames + 7) / 8;
	CHECK_EQ(status_frames(have, list), GNTST_okay);
	CHECK_EQ(list[0], status_mfn);
	CHECK_EQ(status_frames(have + 1, list), GNTST_general_error);
	CHECK_EQ(status_frames(have, (u64 *)ADDR_UNMAPPED), GNTST_bad_virt_addr);
	CHECK_EQ(setup_table(size.max_nr_frames + 1, list), GNTST_general_error);
	if (size.max_nr_frames >= 9) {
		CHECK_EQ(setup_table(9, list), GNTST_okay);
		CHECK_EQ(status_frames(2, list), GNTST_okay);
		CHECK(list[1] != 0 && list[1] != status_mfn);
	}
}

/* Not while the status frame is mapped, nor with a frame that version 1 cannot say. */
static void check_back(void)
{
	struct grant_entry_v1 *v1 = (struct grant_entry_v1 *)shared;

	CHECK_EQ(set_version(1), -kEBUSY);
	CHECK_EQ(marks(REF), 0);
	CHECK_EQ(paging_unmap(status), 0);
	grant_full(4, 1UL << 32, GTF_permit_access);
	CHECK_EQ(set_version(1), -kERANGE);
	grant_full(4, 0, GTF_transitive);
	CHECK_EQ(set_version(1), -kERANGE);
	grant_full(4, 0x12345, GTF_permit_access);
	CHECK_EQ(set_version(1), 0);
	CHECK_EQ(v1[3].flags, GTF_permit_access | GTF_readonly);
	CHECK_EQ(v1[3].frame, (u32)paging_mfn(page));
	CHECK_EQ(v1[4].flags, GTF_permit_access);
	CHECK_EQ(v1[4].domid, self);
	CHECK_EQ(v1[4].frame, 0x12345);
	CHECK_EQ(v1[REF].flags, 0);
	v1[REF] = (struct grant_entry_v1){ GTF_permit_access | GTF_sub_page, self,
					   (u32)paging_mfn(page) };
	CHECK_EQ(map(REF, GNTMAP_host_map | GNTMAP_readonly).status, GNTST_general_error);
	CHECK_EQ(copy_from(REF, 0, 8), GNTST_okay); /* says nothing in version 1 */
	CHECK_EQ(set_version(2), 0);
	CHECK_EQ(entry(REF)->hdr.flags, 0);
	CHECK_EQ(set_version(1), 0);
}

void guest_main(void)
{
	kit_init();
	self = kit_domid();
	page = page_alloc();
	other = page_alloc();
	shared = page_alloc();
	status = page_alloc();
	paging_grow(AREA);
	check_first();
	check_change();
	check_full_page();
	check_sub_page();
	check_transitive();
	check_swap();
	check_growth();
	check_back();
	verdict();
}

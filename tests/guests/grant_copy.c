/* SPDX-License-Identifier: MIT */
/*
 * GNTTABOP_copy between a domain and itself.
 *
 * Either side is a grant reference or a frame of the caller. The bytes asked for are copied and
 * no others; a copy must stay inside one page on both sides, a read-only grant is no destination,
 * a page table is none either. Status is per row.
 */
#include "kit.h"

#include <xen/grant_table.h>

#define REF 9

static struct grant_entry_v1 *table;
static char *src, *dst;
static domid_t self;

static struct gnttab_copy request(u16 flags, u16 from, u16 to, u16 len)
{
	struct gnttab_copy op = { .len = len, .flags = flags };

	op.source.domid = op.dest.domid = DOMID_SELF;
	op.source.u.gmfn = paging_mfn(src);
	op.dest.u.gmfn = paging_mfn(dst);
	if (flags & GNTCOPY_source_gref) {
		op.source.u.ref = REF;
		op.source.domid = self;
	}
	if (flags & GNTCOPY_dest_gref) {
		op.dest.u.ref = REF + 1;
		op.dest.domid = self;
	}
	op.source.offset = from;
	op.dest.offset = to;
	return op;
}

static s16 run(struct gnttab_copy op)
{
	CHECK_EQ(HC(grant_table_op, GNTTABOP_copy, &op, 1), 0);
	return op.status;
}

static void setup(void)
{
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };
	u64 frame = 0;

	SET_HANDLE(op.frame_list, &frame);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
	table = page_alloc();
	CHECK_EQ(paging_set(table, PTE(frame, PTE_FLAGS_RW)), 0);
	src = page_alloc();
	dst = page_alloc();
	for (unsigned int i = 0; i < PAGE_SIZE; i++) {
		src[i] = (char)(i * 7);
	}
	table[REF] = (struct grant_entry_v1){ GTF_permit_access | GTF_readonly, self,
					      (u32)paging_mfn(src) };
	table[REF + 1] = (struct grant_entry_v1){ GTF_permit_access, self, (u32)paging_mfn(dst) };
}

static void check_kinds(void)
{
	static const u16 kinds[] = { 0, GNTCOPY_source_gref, GNTCOPY_dest_gref,
				     GNTCOPY_source_gref | GNTCOPY_dest_gref };

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		memset(dst, 0x5a, PAGE_SIZE);
		CHECK_EQ(run(request(kinds[i], 100, 200, 333)), GNTST_okay);
		CHECK_EQ(memcmp(dst + 200, src + 100, 333), 0);
		CHECK_EQ(dst[199], 0x5a);
		CHECK_EQ(dst[533], 0x5a);
	}
	CHECK_EQ(run(request(0, 0, 0, 4096)), GNTST_okay);
	CHECK_EQ(memcmp(dst, src, PAGE_SIZE), 0);
	CHECK_EQ(run(request(0, 0, 0, 0)), GNTST_okay);
	CHECK_EQ(table[REF].flags & (GTF_reading | GTF_writing), 0);
	CHECK_EQ(table[REF + 1].flags & (GTF_reading | GTF_writing), 0);
}

static void check_refused(void)
{
	struct gnttab_copy op = request(0, 4000, 0, 97);

	CHECK_EQ(run(op), GNTST_bad_copy_arg);
	CHECK_EQ(run(request(0, 0, 4000, 97)), GNTST_bad_copy_arg);
	CHECK_EQ(run(request(0, 0, 0, 4097)), GNTST_bad_copy_arg);
	op = request(GNTCOPY_source_gref, 0, 0, 8);
	op.source.u.ref = REF + 5;
	CHECK_EQ(run(op), GNTST_general_error);
	op.source.u.ref = 100000;
	CHECK_EQ(run(op), GNTST_bad_gntref);
	op = request(GNTCOPY_source_gref, 0, 0, 8);
	op.source.domid = 4321;
	CHECK_EQ(run(op), GNTST_bad_domain);
	op = request(GNTCOPY_dest_gref, 0, 0, 8);
	op.dest.u.ref = REF; /* read-only */
	CHECK_EQ(run(op), GNTST_general_error);
	op = request(0, 0, 0, 8);
	op.source.u.gmfn = 0xffffffff;
	CHECK_EQ(run(op), GNTST_bad_page);
	op = request(0, 0, 0, 8);
	op.dest.u.gmfn = paging_mfn((void *)start_info->pt_base);
	CHECK(run(op) < 0);
	op = request(0, 0, 0, 8);
	/* A frame number is for oneself only; the oracle wants that spelled SELF. */
	op.dest.domid = self;
	CHECK_EITHER(run(op), GNTST_permission_denied, GNTST_okay);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_copy, ADDR_UNMAPPED, 1), -kEFAULT);
}

void guest_main(void)
{
	kit_init();
	self = kit_domid();
	setup();
	check_kinds();
	check_refused();
	verdict();
}

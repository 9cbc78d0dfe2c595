/* SPDX-License-Identifier: MIT */
/*
 * Grant tables: what a hostile table can say, references and types of frames before, during and after use, handles,
 * copies, and the death of either side. Page tables are a list here: the real ones are tested in mm/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/frame_alloc.h>
#include <dais/grant.h>
#include <dais/hv_alloc.h>
#include "evtchn_world.h"
#include "hv_alloc.h"
#include "../../../hypervisor/core/grant_internal.h"

#define SLOTS 4096

static struct domain *a, *b;		/* a grants, b maps */
static struct domain *by_id[8];
static struct { uint64_t va, mfn; uint32_t flags; } slot[SLOTS];
static unsigned long flushes;
static uint64_t flushed_va;
static uint64_t page[4];		/* of a */
static uint64_t own;			/* of b */
static void (*during_flush)(void);

struct domain *domain_get_by_id(uint16_t domid)
{
	if (domid >= 8 || !by_id[domid]) {
		return NULL;
	}
	domain_get(by_id[domid]);
	return by_id[domid];
}

static unsigned int slot_find(uint64_t va)
{
	unsigned int i = 0;

	while (i < SLOTS && slot[i].va != va) {
		i++;
	}
	return i;
}

int16_t grant_pte_map(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn)
{
	unsigned int i = slot_find(0);

	(void)v;
	if (host_addr % 4096 && !(flags & GNTMAP_contains_pte)) {
		return GNTST_bad_virt_addr;
	}
	assert_true(slot_find(host_addr) == SLOTS && i < SLOTS);
	slot[i].va = host_addr;
	slot[i].mfn = mfn;
	slot[i].flags = flags;
	return GNTST_okay;
}

int16_t grant_pte_unmap(struct vcpu *v, uint64_t host_addr, uint32_t flags, uint64_t mfn, uint64_t new_addr)
{
	unsigned int i = slot_find(host_addr);

	(void)v;
	if (i == SLOTS || slot[i].mfn != mfn || (slot[i].flags ^ flags) & GNTMAP_readonly) {
		return GNTST_general_error;
	}
	slot[i].va = new_addr;
	return GNTST_okay;
}

void grant_tlb_flush(struct domain *d, uint64_t va)
{
	assert_ptr_equal(d, b);
	flushes++;
	flushed_va = va;
	if (during_flush) {
		during_flush();
	}
}

static struct grant_entry_v1 *entry(struct domain *d, uint32_t ref)
{
	uint64_t mfn;

	assert_int_equal(grant_frame_mfn(d, false, ref / 512, &mfn), 0);
	return (struct grant_entry_v1 *)frame_map(mfn) + ref % 512;
}

static void offer(uint32_t ref, uint64_t mfn, uint16_t flags)
{
	struct grant_entry_v1 *e = entry(a, ref);

	e->frame = (uint32_t)mfn;
	e->domid = b->domid;
	e->flags = flags;
}

static int setup(void **state)
{
	(void)state;
	world_once();
	a = world_domain(0, 10);
	b = world_domain(1, 10);
	by_id[1] = a;
	by_id[2] = b;
	assert_int_equal(grant_table_create(a, 4, 2, 1), 0);
	assert_int_equal(grant_table_create(b, 4, 2, 1), 0);
	for (unsigned int i = 0; i < 4; i++) {
		page[i] = world_page(a);
	}
	own = world_page(b);
	memset(slot, 0, sizeof(slot));
	flushes = 0;
	during_flush = NULL;
	world_as(b, 0);
	return 0;
}

static uint32_t mappings_held(struct domain *d)
{
	struct grant_table *gt = d->grant;
	uint32_t n = 0;

	for (uint32_t i = 0; i < gt->nr_maptrack * MAPTRACK_PER_PAGE; i++) {
		n += (gt->maptrack[i / MAPTRACK_PER_PAGE][i % MAPTRACK_PER_PAGE].flags & MAPTRACK_USED) != 0;
	}
	return n;
}

/* What the frames of both look like when nobody uses a grant. */
static void assert_quiet(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(frame_refs(mfn_to_frame(page[i])), 1);
		assert_int_equal(mfn_to_frame(page[i])->type & TYPE_COUNT, 0);
	}
	assert_int_equal(frame_refs(mfn_to_frame(own)), 1);
	assert_int_equal(a->grant->nr_active, 0);
	assert_int_equal(mappings_held(b), 0);
}

static int teardown(void **state)
{
	struct domain *d[2] = { a, b };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		while (grant_table_destroy(d[i])) {
		}
	}
	assert_quiet();
	for (unsigned int i = 0; i < 2; i++) {
		world_domain_free(d[i]);
		grant_table_free(d[i]);
		by_id[d[i]->domid] = NULL;
	}
	return 0;
}

static struct gnttab_map_grant_ref map_at(uint32_t ref, uint32_t flags, uint64_t va)
{
	struct gnttab_map_grant_ref op = { .host_addr = va, .flags = flags, .ref = ref, .dom = a->domid };

	grant_map(b, &op);
	return op;
}

static int16_t unmap(uint32_t handle, uint64_t va, uint64_t bus)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = va, .dev_bus_addr = bus, .handle = handle };

	grant_unmap_batch(&op, 1);
	return op.status;
}

static void test_map_and_unmap(void **state)
{
	struct gnttab_map_grant_ref m;
	struct frame *f = mfn_to_frame(page[0]);

	(void)state;
	offer(9, page[0], GTF_permit_access);
	m = map_at(9, GNTMAP_host_map, 0x1000);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(m.dev_bus_addr, page[0] << 12);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(frame_refs(f), 2);
	assert_int_equal(f->type, TYPE_WRITABLE | 1);
	assert_int_equal(a->refs - 1, 1 + 1);
	assert_int_equal(slot[0].mfn, page[0]);
	assert_int_equal(mappings_held(b), 1);

	assert_int_equal(unmap(m.handle, 0x2000, 0), GNTST_general_error);
	assert_int_equal(flushes, 0);
	assert_int_equal(unmap(m.handle + 1, 0x1000, 0), GNTST_bad_handle);
	assert_int_equal(unmap(~0u, 0x1000, 0), GNTST_bad_handle);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(flushes, 1);
	assert_int_equal(flushed_va, 0x1000);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_bad_handle);
	assert_quiet();
}

static void test_readonly(void **state)
{
	struct gnttab_map_grant_ref m, w;

	(void)state;
	offer(9, page[0], GTF_permit_access | GTF_readonly);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	m = map_at(9, GNTMAP_host_map | GNTMAP_readonly, 0x1000);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access | GTF_readonly | GTF_reading);
	assert_int_equal(mfn_to_frame(page[0])->type & TYPE_COUNT, 0);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x2000).status, GNTST_general_error);
	/* The grantor allows writing after all: the second mapping says so, and goes first. */
	entry(a, 9)->flags &= (uint16_t)~GTF_readonly;
	w = map_at(9, GNTMAP_host_map, 0x2000);
	assert_int_equal(w.status, GNTST_okay);
	assert_int_equal(frame_refs(mfn_to_frame(page[0])), 3);
	assert_int_equal(unmap(w.handle, 0x2000, 0), GNTST_okay);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access | GTF_reading);
	assert_int_equal(mfn_to_frame(page[0])->type & TYPE_COUNT, 0);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access);
}

static void test_refusals(void **state)
{
	struct gnttab_map_grant_ref op;

	(void)state;
	offer(9, page[0], GTF_permit_access);
	assert_int_equal(map_at(9, 0, 0x1000).status, GNTST_bad_gntref);
	assert_int_equal(map_at(512, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	assert_int_equal(map_at(~0u, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1008).status, GNTST_bad_virt_addr);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access);
	op = (struct gnttab_map_grant_ref){ .host_addr = 0x1000, .flags = GNTMAP_host_map, .ref = 9, .dom = 7 };
	grant_map(b, &op);
	assert_int_equal(op.status, GNTST_bad_domain);
	entry(a, 9)->domid = 5;
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	for (uint16_t type = 0; type < 4; type++) {
		offer(9, page[0], type);
		if (type != GTF_permit_access) {
			assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
		}
	}
	offer(9, page[0], GTF_permit_access | GTF_sub_page);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	/* Frames that are not a's. */
	offer(9, own, GTF_permit_access);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_bad_page);
	offer(9, 0xffffffff, GTF_permit_access);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_bad_page);
	offer(9, 1, GTF_permit_access);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_bad_page);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access);
	/* A page table may be read through a grant but not written. */
	mfn_to_frame(page[0])->type = TYPE_L1 | TYPE_VALIDATED | 1;
	offer(9, page[0], GTF_permit_access);
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access);
	op = map_at(9, GNTMAP_host_map | GNTMAP_readonly, 0x1000);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(unmap(op.handle, 0x1000, 0), GNTST_okay);
	mfn_to_frame(page[0])->type = 0;
	assert_quiet();
	assert_int_equal(a->refs, b->refs);
}

static void test_frame_is_read_once(void **state)
{
	struct gnttab_map_grant_ref m, n;

	(void)state;
	offer(9, page[0], GTF_permit_access);
	m = map_at(9, GNTMAP_host_map, 0x1000);
	/* A table that changes under use changes nothing. */
	entry(a, 9)->frame = (uint32_t)page[1];
	n = map_at(9, GNTMAP_host_map, 0x2000);
	assert_int_equal(n.status, GNTST_okay);
	assert_int_equal(slot[1].mfn, page[0]);
	*entry(a, 9) = (struct grant_entry_v1){ 0 };
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(unmap(n.handle, 0x2000, 0), GNTST_okay);
	assert_int_equal(entry(a, 9)->flags, 0);
}

static void test_device_and_host(void **state)
{
	struct gnttab_map_grant_ref m;

	(void)state;
	offer(9, page[2], GTF_permit_access);
	m = map_at(9, GNTMAP_host_map | GNTMAP_device_map | GNTMAP_contains_pte, 0x1238);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(unmap(m.handle, 0, (page[2] << 12) + 4096), GNTST_general_error);
	assert_int_equal(unmap(m.handle, 0x1238, 0), GNTST_okay);
	assert_int_equal(flushed_va, 0);		/* the address of an entry is no address to flush */
	assert_int_equal(frame_refs(mfn_to_frame(page[2])), 2);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(unmap(m.handle, 0x1238, 0), GNTST_okay);	/* that half is gone: nothing to do */
	assert_int_equal(unmap(m.handle, 0, page[2] << 12), GNTST_okay);
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access);
	assert_quiet();
}

static void pins_are_held(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(entry(a, 10 + i)->flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
		assert_true(frame_refs(mfn_to_frame(page[i])) > 1);
	}
}

static void test_flush_before_release(void **state)
{
	struct gnttab_map_grant_ref m[3];
	struct gnttab_unmap_grant_ref u[5];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		offer(10 + i, page[i], GTF_permit_access);
		m[i] = map_at(10 + i, GNTMAP_host_map, 0x1000 * (i + 1));
		u[i] = (struct gnttab_unmap_grant_ref){ .host_addr = 0x1000 * (i + 1), .handle = m[i].handle };
	}
	u[3] = u[0];		/* twice in one batch */
	u[4] = (struct gnttab_unmap_grant_ref){ .host_addr = 0x9000, .handle = 77 };
	during_flush = pins_are_held;
	grant_unmap_batch(u, 5);
	assert_int_equal(u[2].status, GNTST_okay);
	assert_int_equal(u[3].status, GNTST_bad_handle);
	assert_int_equal(u[4].status, GNTST_bad_handle);
	assert_int_equal(flushes, 1);
	assert_quiet();
}

static void test_unmap_and_replace(void **state)
{
	struct gnttab_map_grant_ref m;
	struct gnttab_unmap_and_replace r;

	(void)state;
	offer(9, page[0], GTF_permit_access);
	m = map_at(9, GNTMAP_host_map, 0x1000);
	r = (struct gnttab_unmap_and_replace){ .host_addr = 0x1000, .handle = m.handle };
	grant_unmap_replace_batch(&r, 1);
	assert_int_equal(r.status, GNTST_bad_virt_addr);
	r.new_addr = 0x5000;
	grant_unmap_replace_batch(&r, 1);
	assert_int_equal(r.status, GNTST_okay);
	assert_int_equal(slot[0].va, 0x5000);
	assert_quiet();
}

static void test_handles_run_out_and_come_back(void **state)
{
	static struct gnttab_map_grant_ref m[513];
	struct gnttab_map_grant_ref last;
	unsigned int total = 2 * 256;

	(void)state;
	offer(9, page[0], GTF_permit_access);
	for (unsigned int i = 0; i < total; i++) {
		m[i] = map_at(9, GNTMAP_host_map | GNTMAP_readonly, 0x1000 * (i + 1));
		assert_int_equal(m[i].status, GNTST_okay);
	}
	last = map_at(9, GNTMAP_host_map, 0x1000000);
	assert_int_equal(last.status, GNTST_no_space);
	assert_int_equal(frame_refs(mfn_to_frame(page[0])), 2);
	assert_int_equal(unmap(m[100].handle, 0x1000 * 101, 0), GNTST_okay);
	last = map_at(9, GNTMAP_host_map, 0x1000000);
	assert_int_equal(last.status, GNTST_okay);
	assert_int_equal(last.handle, m[100].handle);
	/* teardown gives the rest back, as the death of the mapper does */
	memset(slot, 0, sizeof(slot));
}

static void test_growth_and_setup(void **state)
{
	uint32_t nr, max;
	uint64_t mfn, mfns[4];

	(void)state;
	grant_query_size(a, &nr, &max);
	assert_int_equal(nr, 1);
	assert_int_equal(max, 4);
	assert_int_equal(grant_frame_mfn(a, false, 1, &mfn), -22);
	assert_int_equal(grant_setup_table(a, 5), -28);
	fake_hv_alloc_fail_at(1);
	assert_int_equal(grant_setup_table(a, 2), -12);
	assert_int_equal(grant_setup_table(a, 3), 0);
	assert_int_equal(grant_setup_table(a, 1), 0);
	grant_query_size(a, &nr, &max);
	assert_int_equal(nr, 3);
	offer(1100, page[0], GTF_permit_access);
	assert_int_equal(unmap(map_at(1100, GNTMAP_host_map, 0x1000).handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(grant_resource_max(a, 0), 4);
	assert_int_equal(grant_resource_frames(a, 0, 2, 2, mfns), 0);
	assert_int_equal(grant_frame_mfn(a, false, 3, &mfn), 0);
	assert_int_equal(mfns[1], mfn);
	assert_int_equal(grant_resource_frames(a, 0, 3, 2, mfns), -22);
	assert_int_equal(grant_resource_frames(a, 0, ~0u, 2, mfns), -22);
	assert_int_equal(grant_resource_frames(a, 1, 0, 1, mfns), -22);
	/* The guest may map its table, writable, like any frame of its own. */
	assert_true(frame_get(mfn_to_frame(mfn), a));
	frame_put(mfn_to_frame(mfn));
	assert_int_equal(grant_set_version(a, 1), 0);
	assert_int_equal(grant_set_version(a, 2), -38);
	assert_int_equal(grant_set_version(a, 3), -22);
}

static union grant_entry_v2 *entry_v2(uint32_t ref)
{
	uint64_t mfn;

	assert_int_equal(grant_frame_mfn(a, false, ref / 256, &mfn), 0);
	return (union grant_entry_v2 *)frame_map(mfn) + ref % 256;
}

static uint16_t *status_of(uint32_t ref)
{
	uint64_t mfn;

	assert_int_equal(grant_frame_mfn(a, true, ref / 2048, &mfn), 0);
	return (uint16_t *)frame_map(mfn) + ref % 2048;
}

/* a's table again, with version 2 allowed and ten frames. */
static void table_of_version_2(void)
{
	while (grant_table_destroy(a)) {
	}
	grant_table_free(a);
	assert_int_equal(grant_table_create(a, 10, 2, 3), -22);
	assert_int_equal(grant_table_create(a, 10, 2, 2), 0);
	assert_int_equal(grant_set_version(a, 2), 0);
}

static void test_version_2(void **state)
{
	struct gnttab_map_grant_ref m;
	uint64_t mfn;

	(void)state;
	table_of_version_2();
	assert_int_equal(grant_nr_status_frames(a), 1);
	*entry_v2(200) = (union grant_entry_v2){
		.full_page = { .hdr = { GTF_permit_access, b->domid }, .frame = page[0] } };
	m = map_at(200, GNTMAP_host_map, 0x1000);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(*status_of(200), GTF_reading | GTF_writing);
	assert_int_equal(entry_v2(200)->hdr.flags, GTF_permit_access);
	assert_int_equal(grant_set_version(a, 1), -16);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(*status_of(200), 0);
	assert_int_equal(map_at(256, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	/* Frames of 64 bits: not the one with the same low half. */
	entry_v2(200)->full_page.frame = page[0] | 1UL << 32;
	assert_int_equal(map_at(200, GNTMAP_host_map, 0x1000).status, GNTST_bad_page);
	assert_int_equal(*status_of(200), 0);
	/* The last reference of the last frame has its status word. */
	fake_hv_alloc_fail_at(1);
	assert_int_equal(grant_setup_table(a, 9), -12);
	assert_int_equal(grant_setup_table(a, 10), 0);
	assert_int_equal(grant_nr_status_frames(a), 2);
	*entry_v2(2559) = (union grant_entry_v2){
		.full_page = { .hdr = { GTF_permit_access, b->domid }, .frame = page[0] } };
	m = map_at(2559, GNTMAP_host_map | GNTMAP_readonly, 0x1000);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(*status_of(2559), GTF_reading);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(map_at(2560, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	/* Back, unless somebody has a status frame; they are the same ones the next time. */
	assert_int_equal(grant_frame_mfn(a, true, 1, &mfn), 0);
	assert_true(frame_get(mfn_to_frame(mfn), a));
	assert_int_equal(grant_set_version(a, 1), -16);
	frame_put(mfn_to_frame(mfn));
	assert_int_equal(grant_set_version(a, 1), 0);
	assert_int_equal(grant_nr_status_frames(a), 0);
	assert_int_equal(grant_frame_mfn(a, true, 0, &mfn), -22);
	offer(5119, page[0], GTF_permit_access);
	assert_int_equal(unmap(map_at(5119, GNTMAP_host_map, 0x1000).handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(grant_set_version(a, 2), 0);
}

/* What is used as a part stays one, whatever the entry says meanwhile. */
static void test_sub_page(void **state)
{
	uint8_t *src = frame_map(page[0]), *dst = frame_map(own);
	struct gnttab_copy in = { .source = { .u.ref = 20, .domid = 1, .offset = 100 },
				  .dest = { .u.gmfn = own, .domid = DOMID_SELF },
				  .len = 10, .flags = GNTCOPY_source_gref };
	union grant_entry_v2 *e;

	(void)state;
	table_of_version_2();
	e = entry_v2(20);
	*e = (union grant_entry_v2){ .sub_page = { .hdr = { GTF_permit_access | GTF_sub_page, b->domid },
						   .page_off = 100, .length = 10, .frame = page[0] } };
	memset(src, 0x77, 4096);
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_okay);
	assert_int_equal(dst[9], 0x77);
	in.len = 11;
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_general_error);
	in.len = 10;
	in.source.offset = 99;
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_general_error);
	assert_int_equal(map_at(20, GNTMAP_host_map | GNTMAP_readonly, 0x1000).status, GNTST_general_error);
	/* One that says all of the page is still none to map. */
	e->sub_page.page_off = 0;
	e->sub_page.length = 4096;
	assert_int_equal(map_at(20, GNTMAP_host_map | GNTMAP_readonly, 0x1000).status, GNTST_general_error);
	e->hdr.flags = GTF_transitive;
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_general_error);
	assert_int_equal(*status_of(20), 0);
}

static void test_copy(void **state)
{
	uint8_t *src = frame_map(page[0]), *dst = frame_map(own), *other = frame_map(page[1]);
	struct gnttab_copy in = { .source = { .u.ref = 9, .domid = 1, .offset = 100 },
				  .dest = { .u.gmfn = own, .domid = DOMID_SELF, .offset = 3000 },
				  .len = 1096, .flags = GNTCOPY_source_gref };
	struct gnttab_copy out = { .source = { .u.gmfn = own, .domid = DOMID_SELF, .offset = 0 },
				   .dest = { .u.ref = 10, .domid = 1, .offset = 0 },
				   .len = 4096, .flags = GNTCOPY_dest_gref };

	(void)state;
	for (unsigned int i = 0; i < 4096; i++) {
		src[i] = (uint8_t)(i * 7);
	}
	offer(9, page[0], GTF_permit_access | GTF_readonly);
	offer(10, page[1], GTF_permit_access);
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_okay);
	assert_memory_equal(dst + 3000, src + 100, 1096);
	grant_copy(b, &out);
	assert_int_equal(out.status, GNTST_okay);
	assert_memory_equal(other, dst, 4096);
	assert_quiet();

	in.len = 1097;
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_bad_copy_arg);
	in.len = 1;
	in.flags = 4;
	grant_copy(b, &in);
	assert_int_equal(in.status, GNTST_bad_copy_arg);
	out.dest.u.ref = 9;		/* read-only */
	grant_copy(b, &out);
	assert_int_equal(out.status, GNTST_general_error);
	out.dest.domid = 6;
	grant_copy(b, &out);
	assert_int_equal(out.status, GNTST_bad_domain);
	out.flags = 0;			/* a frame number in another domain */
	out.dest.domid = 1;
	out.dest.u.gmfn = page[1];
	grant_copy(b, &out);
	assert_int_equal(out.status, GNTST_permission_denied);
	out.dest.domid = 2;
	grant_copy(b, &out);
	assert_int_equal(out.status, GNTST_permission_denied);
	out.dest.domid = DOMID_SELF;	/* a frame that is not ours */
	grant_copy(b, &out);
	assert_int_equal(out.status, GNTST_bad_page);
	assert_quiet();
	assert_int_equal(entry(a, 9)->flags, GTF_permit_access | GTF_readonly);
}

static int16_t swap(uint32_t ref_a, uint32_t ref_b)
{
	struct gnttab_swap_grant_ref op = { .ref_a = ref_a, .ref_b = ref_b };

	grant_swap(a, &op);
	return op.status;
}

static void test_swap(void **state)
{
	struct gnttab_map_grant_ref m;

	(void)state;
	offer(9, page[0], GTF_permit_access);
	offer(10, page[1], GTF_permit_access | GTF_readonly);
	assert_int_equal(swap(9, 10), GNTST_okay);
	assert_int_equal(entry(a, 9)->frame, page[1]);
	assert_int_equal(entry(a, 10)->flags, GTF_permit_access);
	assert_int_equal(swap(9, 512), GNTST_bad_gntref);
	m = map_at(10, GNTMAP_host_map, 0x1000);
	assert_int_equal(swap(9, 10), GNTST_eagain);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
}

static void test_granting_domain_dies_first(void **state)
{
	struct gnttab_map_grant_ref m;
	uint32_t refs = a->refs;

	(void)state;
	offer(9, page[0], GTF_permit_access);
	m = map_at(9, GNTMAP_host_map, 0x1000);
	while (grant_table_destroy(a)) {
	}
	by_id[1] = NULL;		/* it is dead: nobody finds it any more */
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x2000).status, GNTST_bad_domain);
	by_id[1] = a;
	assert_int_equal(map_at(9, GNTMAP_host_map, 0x2000).status, GNTST_bad_domain);
	assert_int_equal(a->refs, refs + 1);
	assert_int_equal(unmap(m.handle, 0x1000, 0), GNTST_okay);
	assert_int_equal(a->refs, refs);
}

static void test_mapper_dies(void **state)
{
	unsigned int calls = 0;
	uint32_t refs = a->refs;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		offer(20 + i % 4, page[i % 4], GTF_permit_access);
		assert_int_equal(map_at(20 + i % 4, GNTMAP_host_map | (i % 3 ? 0 : GNTMAP_device_map),
					0x1000 * (i + 1)).status, GNTST_okay);
	}
	fake_preempt_every(1);
	do {
		calls++;
	} while (grant_table_destroy(b));
	fake_preempt_every(0);
	assert_true(calls > 2);
	assert_int_equal(a->refs, refs);
	assert_quiet();
}

/* A table that is scribbled over all the time: nothing leaks, nothing is held twice. */
static void test_hostile_table(void **state)
{
	struct { uint32_t handle; uint64_t va, bus; bool used; } held[64] = { 0 };
	uint64_t next_va = 0x1000;

	(void)state;
	srand(11);
	for (unsigned int step = 0; step < 60000; step++) {
		unsigned int h = (unsigned int)rand() % 64;
		uint32_t ref = (unsigned int)rand() % 24;
		struct grant_entry_v1 *e = entry(a, ref);

		switch (rand() % 6) {
		case 0:
			e->flags = (uint16_t)rand();
			break;
		case 1:
			offer(ref, rand() % 8 ? page[rand() % 4] : (uint64_t)rand() % FAKE_FRAMES, GTF_permit_access);
			break;
		case 2:
			e->domid = (uint16_t)(rand() % 4);
			break;
		case 3:
			if (held[h].used) {
				assert_int_equal(unmap(held[h].handle, held[h].va, held[h].bus), GNTST_okay);
				held[h].used = false;
			}
			unmap((unsigned int)rand() % 600 + 512, (uint64_t)rand(), 0);
			break;
		case 4: {
			struct gnttab_copy op = { .source = { .u.ref = ref, .domid = 1 },
						  .dest = { .u.ref = (unsigned int)rand() % 24, .domid = 1 },
						  .len = 64, .flags = 3 };

			grant_copy(b, &op);
			break;
		}
		default:
			if (!held[h].used) {
				uint32_t flags = (uint32_t)rand() % 8;
				struct gnttab_map_grant_ref m = map_at(ref, flags, next_va);

				held[h].used = m.status == GNTST_okay;
				held[h].handle = m.handle;
				held[h].va = next_va;
				held[h].bus = m.dev_bus_addr;
				next_va += 0x1000;
			}
			break;
		}
	}
	for (unsigned int h = 0; h < 64; h++) {
		if (held[h].used) {
			assert_int_equal(unmap(held[h].handle, held[h].va, held[h].bus), GNTST_okay);
		}
	}
	assert_quiet();
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_map_and_unmap), T(test_readonly), T(test_refusals), T(test_frame_is_read_once),
		T(test_device_and_host), T(test_flush_before_release), T(test_unmap_and_replace),
		T(test_handles_run_out_and_come_back), T(test_growth_and_setup), T(test_version_2), T(test_sub_page),
		T(test_copy), T(test_swap),
		T(test_granting_domain_dies_first), T(test_mapper_dies), T(test_hostile_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

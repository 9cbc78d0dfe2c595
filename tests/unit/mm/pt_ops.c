/* SPDX-License-Identifier: MIT */
/*
 * Operation streams (see pt_ops.h). Three domains of a dozen pages; domain 0 is hardware and may
 * map the others. What the guests could do to memory by themselves (store into pages they have
 * mapped writable) is done by writing pages that are no tables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine.h"
#include "pt_ops.h"

#define DOMAINS	3
#define PAGES	14
#define HELD	16

#define CHECK(c) \
	do { \
		if (!(c)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #c); \
			abort(); \
		} \
	} while (0)

unsigned long pt_ops_ok[16], pt_ops_failed[16];

static struct domain *dom[DOMAINS];
static struct { struct domain *d; mfn_t mfn; uint64_t type; } held[HELD];
static unsigned int nr_held;
static const uint8_t *input;
static size_t left;
static unsigned long start_free;

static unsigned int byte(void)
{
	if (!left) {
		return 0;
	}
	left--;
	return *input++;
}

/* One of d's pages, by place on its list; 0 when it has none. */
static mfn_t pick_page(struct domain *d)
{
	unsigned int n = byte() % (PAGES + 2);
	struct frame *f = frame_list_head(&d->pages);

	while (f && n-- && f->next) {
		f = frame_list_next(f);
	}
	return f ? frame_to_mfn(f) : 0;
}

static uint64_t pick_entry(struct domain *target)
{
	static const uint64_t flags[] = { RO,
					  RW,
					  RW,
					  PTE_P,
					  PTE_P | PTE_RW,
					  RO | PTE_A,
					  RW | PTE_D,
					  RO | PTE_NX,
					  RW | PTE_PCD,
					  RW | (1UL << 61),
					  0x20,
					  RW | PTE_GUEST_KERNEL };
	unsigned int b = byte();

	if (b < 40) {
		return 0;
	}
	if (b < 48) {
		return pte_make(ARENA_MMIO + b, flags[byte() % 12]);
	}
	return pte_make(pick_page(target), flags[byte() % 12]);
}

static void hold(struct domain *d, mfn_t mfn, uint64_t type)
{
	held[nr_held].d = d;
	held[nr_held].mfn = mfn;
	held[nr_held++].type = type;
	machine_ref_add(mfn, type);
}

static void unhold(unsigned int i)
{
	mfn_t mfn = held[i].mfn;
	uint64_t type = held[i].type;
	struct domain *d = held[i].d;

	held[i] = held[--nr_held];
	machine_ref_del(mfn, type);
	if (type == TYPE_L4) {
		pt_hold_put(d, mfn);
	} else if (type == TYPE_SEG_DESC) {
		pt_hold_put(d, mfn);
	} else {
		frame_put_writable(mfn_to_frame(mfn));
	}
}

static int op_set(struct domain *d)
{
	unsigned int b = byte();
	struct domain *target = d == dom[0] && (b & 3) == 0 ? dom[1 + ((b >> 2) & 1)] : d;
	struct pt_cursor c;
	int rc = 0;

	pt_begin(&c, d, target);
	for (unsigned int n = 1 + ((b >> 4) & 3); n; n--) {
		mfn_t table = pick_page(d);
		unsigned int index = byte() % (PT_ENTRIES + 1);

		rc = pt_set_entry(&c, table, index, pick_entry(target), b & 8 ? PT_PRESERVE_AD : 0);
		if (rc) {
			break;
		}
	}
	pt_end(&c);
	return rc;
}

static int op_cas(struct domain *d)
{
	mfn_t table = pick_page(d);
	unsigned int index = byte() % PT_ENTRIES;
	uint64_t old = byte() & 7 ? machine_table(table)[index] : byte();
	struct pt_cursor c;
	int rc;

	pt_begin(&c, d, d);
	rc = pt_cas_entry(&c, table, index, &old, pick_entry(d));
	pt_end(&c);
	return rc;
}

static int op_pin(struct domain *d)
{
	mfn_t mfn = pick_page(d);
	/* what it is already */
	unsigned int level = (unsigned int)(mfn_to_frame(mfn)->type >> TYPE_SHIFT);

	return pt_pin(d, mfn, byte() & 1 ? level : 1 + byte() % 4);
}

static int op_unpin(struct domain *d)
{
	return pt_unpin(d, pick_page(d));
}

static int op_root(struct domain *d)
{
	mfn_t mfn = pick_page(d);
	int rc;

	if (nr_held == HELD) {
		return -1;
	}
	rc = pt_root_get(d, mfn);
	if (rc == 0) {
		hold(d, mfn, TYPE_L4);
	}
	return rc;
}

static int op_desc(struct domain *d)
{
	mfn_t mfn = pick_page(d);
	int rc;

	if (nr_held == HELD) {
		return -1;
	}
	if (byte() & 1) {
		return pt_desc_set(d, mfn, byte() % 513,
				   0x00cf9a000000ffffUL | (uint64_t)byte() << 40);
	}
	rc = pt_desc_get(d, mfn);
	if (rc == 0) {
		hold(d, mfn, TYPE_SEG_DESC);
	}
	return rc;
}

static int op_writable(struct domain *d)
{
	mfn_t mfn = pick_page(d);
	int rc;

	if (nr_held == HELD || !mfn) {
		return -1;
	}
	rc = frame_get_writable(mfn_to_frame(mfn), d);
	if (rc == 0) {
		hold(d, mfn, TYPE_WRITABLE);
	}
	return rc;
}

static int op_unhold(struct domain *d)
{
	(void)d;
	if (!nr_held) {
		return -1;
	}
	unhold(byte() % nr_held);
	return 0;
}

static int op_alloc(struct domain *d)
{
	struct frame *f;

	if (d->tot_pages >= PAGES || d->dying) {
		return -1;
	}
	f = domain_pages_alloc(d, 0, 0, 0);
	if (f) {
		CHECK(!arena_tlb_holds(frame_to_mfn(f)));
		for (unsigned int i = 0; i < PAGE_SIZE / 8; i++) {
			CHECK(machine_table(frame_to_mfn(f))[i] == 0);
		}
	}
	return f ? 0 : -1;
}

static int op_release(struct domain *d)
{
	mfn_t mfn = pick_page(d);

	return mfn && d->tot_pages > 4 ? domain_page_release(d, mfn_to_frame(mfn)) : -1;
}

static int op_exchange(struct domain *d)
{
	mfn_t mfn = pick_page(d);
	struct frame *f, *g;

	if (!mfn || frame_steal(mfn_to_frame(mfn), d)) {
		return -1;
	}
	f = mfn_to_frame(mfn);
	g = byte() & 1 ? frame_alloc(0, 0, 0) : NULL;
	if (g) {
		frame_free(f, 0);
		f = g;
	}
	if (frame_assign(f, 0, d)) {
		frame_free(f, 0);
		d->tot_pages--;
	}
	return 0;
}

/* The guest stores into a page it could have mapped writable. */
static int op_store(struct domain *d)
{
	mfn_t mfn = pick_page(d);
	uint64_t type = mfn ? frame_type(mfn_to_frame(mfn)) : TYPE_L1;

	if (type != TYPE_NONE && type != TYPE_WRITABLE) {
		return -1;
	}
	for (unsigned int n = 1 + byte() % 3; n; n--) {
		unsigned int i = byte() % PT_ENTRIES;

		machine_table(mfn)[i] = pick_entry(d) & ~(1UL << 61);
	}
	return 0;
}

/* The guest lays out a tree in pages that are free for it, as a kernel does before it pins. */
static int op_tree(struct domain *d)
{
	mfn_t t[4] = { 0 };
	unsigned int n = 0;

	for (struct frame *f = frame_list_head(&d->pages); f && n < 4; f = frame_list_next(f)) {
		if ((f->type & TYPE_COUNT) == 0 && !(f->type & TYPE_PARTIAL)) {
			t[n++] = frame_to_mfn(f);
		}
	}
	if (n < 4) {
		return -1;
	}
	for (unsigned int i = 0; i < 4; i++) {
		memset(machine_table(t[i]), 0, PT_ENTRIES * 8);
		for (unsigned int k = byte() % 3 + 1; k; k--) {
			machine_table(t[i])[byte() % (PT_ENTRIES - 2)] =
				i < 3 ? pte_make(t[i + 1], RW) : pick_entry(d) & ~(1UL << 61);
		}
	}
	return byte() & 1 ? pt_pin(d, t[0], 4) : pt_pin(d, t[byte() % 4], 4 - byte() % 4);
}

static int op_preempt(struct domain *d)
{
	(void)d;
	fake_preempt_at(byte() % 8);
	return 0;
}

/* Death, and a new domain in its place. */
static int op_destroy(struct domain *d)
{
	unsigned int i = 0;

	if (byte() % 32) {
		return -1;
	}
	while (dom[i] != d) {
		i++;
	}
	for (unsigned int k = nr_held; k-- > 0;) {
		if (held[k].d == d) {
			unhold(k);
		}
	}
	machine_destroy(d);
	if (d->pages.count) {
		return -1;	/* somebody still maps it: it stays as it is */
	}
	CHECK(d->refs == 1 && d->tot_pages == 0);
	dom[i] = machine_domain(i, PAGES - 2);
	dom[i]->is_hardware = i == 0;
	return 0;
}

static int op_idle(struct domain *d)
{
	if (byte() & 1) {
		return frame_scrub_idle() ? 0 : -1;
	}
	return pt_settle(d);
}

static int (*const ops[16])(struct domain *d) = {
	op_set,	   op_set,   op_cas,	 op_pin,      op_unpin, op_root, op_desc,    op_writable,
	op_unhold, op_alloc, op_release, op_exchange, op_store, op_tree, op_preempt, op_destroy,
};

static void check_all(void)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		machine_check(dom[i]);
	}
}

void pt_ops_init(void)
{
	arena_init(160, 0, 0);
	arena_tlb_on = true;
	start_free = frame_alloc_free();
}

void pt_ops_run(const uint8_t *data, size_t n, unsigned int audit_every)
{
	input = data;
	left = n;
	for (unsigned int i = 0; i < DOMAINS; i++) {
		dom[i] = machine_domain(i, PAGES - 2);
		dom[i]->is_hardware = i == 0;
	}
	for (unsigned int step = 1; left; step++) {
		unsigned int op = byte();
		struct domain *d = dom[(op >> 4) % DOMAINS];
		int rc = op >= 0xf0 ? op_idle(d) : ops[op & 15](d);

		(*(rc ? &pt_ops_failed : &pt_ops_ok))[op & 15]++;
		if (step % audit_every == 0) {
			check_all();
		} else {
			arena_tlb_fill(d);
		}
	}
	fake_preempt_at(0);
	check_all();
	while (nr_held) {
		unhold(nr_held - 1);
	}
	for (unsigned int i = 0; i < DOMAINS; i++) {
		machine_destroy(dom[i]);
	}
	for (unsigned int i = 0; i < DOMAINS; i++) {
		CHECK(dom[i]->tot_pages == 0 && dom[i]->refs == 1);
	}
	CHECK(frame_alloc_free() == start_free);
}

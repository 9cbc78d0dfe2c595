/* SPDX-License-Identifier: MIT */
/*
 * Which frames a paravirtual guest has: see p2m.h. Tables on the way to the list are copied before
 * they are looked at, the last one of each level being kept. No state of its own.
 */
#include "domain/p2m.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/shared_info.h>

#include "lib/pte.h"
#include "lib/xalloc.h"

#define PAGE_BYTES  4096ul
#define PER_PAGE    (PAGE_BYTES / 8)
#define PAGES_MAX   (1ull << 32) /* 16 TiB */
#define LEVELS      4

struct reader {
	xenforeignmemory_handle *foreign;
	uint32_t domid;
	uint64_t root, address; /* address: of the list in the address space `root`; 0: a tree */
	uint64_t frame[LEVELS]; /* what is kept; 0: nothing */
	uint64_t *table[LEVELS];
};

/* A page, copied: the guest may change it. NULL when it cannot be mapped. */
static uint64_t *page_copy(const struct reader *r, uint64_t frame)
{
	xen_pfn_t pfn = frame;
	int error = 0;
	void *page = xenforeignmemory_map(r->foreign, r->domid, PROT_READ, 1, &pfn, &error);
	uint64_t *copy = page && !error ? xmemdup(page, PAGE_BYTES) : NULL;

	if (page) {
		xenforeignmemory_unmap(r->foreign, page, 1);
	}
	return copy;
}

static const uint64_t *reader_table(struct reader *r, unsigned int depth, uint64_t frame)
{
	if (frame != r->frame[depth]) {
		free(r->table[depth]);
		r->table[depth] = page_copy(r, frame);
		r->frame[depth] = frame;
	}
	return r->table[depth];
}

static uint64_t tree_leaf(struct reader *r, uint64_t n)
{
	const uint64_t *top = reader_table(r, 0, r->root), *middle = NULL;

	if (top && n / PER_PAGE < PER_PAGE) {
		middle = reader_table(r, 1, top[n / PER_PAGE]);
	}
	return middle ? middle[n % PER_PAGE] : 0;
}

static uint64_t linear_leaf(struct reader *r, uint64_t n)
{
	uint64_t va = r->address + n * PAGE_BYTES, frame = r->root, entry;
	unsigned int depth;

	for (depth = 0; depth < LEVELS; depth++) {
		const uint64_t *table = reader_table(r, depth, frame);

		entry = table ? table[va >> (39 - 9 * depth) & (PER_PAGE - 1)] : 0;
		if (!(entry & PTE_PRESENT) || (depth < LEVELS - 1 && entry & PTE_LARGE)) {
			return 0;
		}
		frame = (entry & PTE_FRAME) >> PTE_SHIFT;
	}
	return frame;
}

static void p2m_take_leaf(struct p2m *p, uint64_t first, const uint64_t *frames, uint64_t room)
{
	uint64_t i;

	for (i = 0; i < PER_PAGE && first + i < p->max_pfn && p->count < room; i++) {
		/* The top bits mark frames that are not the guest's own memory. */
		if (frames[i] >> 52 == 0 && frames[i]) {
			p->pages[p->count++] = (struct p2m_page){ first + i, frames[i] };
		}
	}
}

static void p2m_take(struct p2m *p, struct reader *r, const struct p2m_source *from)
{
	uint64_t n, *frames, room = from->room < p->max_pfn ? from->room : p->max_pfn;

	p->pages = xcalloc(room + 1, sizeof(*p->pages));
	p->leaf_count = (p->max_pfn + PER_PAGE - 1) / PER_PAGE;
	p->leaves = xcalloc(p->leaf_count, sizeof(*p->leaves));
	for (n = 0; n < p->leaf_count && !(from->stopped && from->stopped()); n++) {
		p->leaves[n] = r->address ? linear_leaf(r, n) : tree_leaf(r, n);
		frames = p->leaves[n] && p->count < room ? page_copy(r, p->leaves[n]) : NULL;
		if (frames) {
			p2m_take_leaf(p, n * PER_PAGE, frames, room);
		}
		free(frames);
	}
}

int p2m_read(struct p2m *p, const struct p2m_source *from, struct failure *f)
{
	const struct arch_shared_info *a = &from->shared->arch;
	struct reader r = { .foreign = from->foreign, .domid = from->domid };
	unsigned int i;
	int rc = 0;

	memset(p, 0, sizeof(*p));
	p->max_pfn = a->max_pfn;
	if (a->p2m_cr3 && a->p2m_vaddr) {
		r.root = a->p2m_cr3 >> 12;
		r.address = a->p2m_vaddr;
	} else {
		r.root = a->pfn_to_mfn_frame_list_list;
	}
	if (!p->max_pfn || p->max_pfn > PAGES_MAX || r.root + 1 < 2) {
		return failure_set(f, -ENODATA,
				   "the guest does not say where its memory is (its "
				   "kernel has not come that far, or keeps it to itself)");
	}
	if (reader_table(&r, 0, r.root)) {
		p2m_take(p, &r, from);
	} else {
		rc = failure_set(f, -EFAULT, "the guest's list of its memory cannot be read");
	}
	for (i = 0; i < LEVELS; i++) {
		free(r.table[i]);
	}
	return rc ? rc : p->count ? 0 : failure_set(f, -ENODATA, "the guest lists no memory");
}

void p2m_free(struct p2m *p)
{
	free(p->pages);
	free(p->leaves);
	memset(p, 0, sizeof(*p));
}

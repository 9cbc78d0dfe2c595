/* SPDX-License-Identifier: MIT */
/*
 * The first page tables and the p2m. Tables are put together in our own memory and written once;
 * the frames that become page tables are mapped read-only in them, as the hypervisor will insist.
 * Part of the domain builder; see builder_internal.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/builder_internal.h"
#include "lib/domctl.h"
#include "lib/xalloc.h"

/* Present, user, accessed and dirty; and writable. */
#define PTE_READ  0x65ul
#define PTE_WRITE 0x67ul

#define P2M_PER_PAGE (PAGE_BYTES / sizeof(uint64_t))

/* Tables of the kernel's mapping, then those of a p2m at an address of its own. */
struct tables {
	struct builder *b;
	uint64_t (*table)[P2M_PER_PAGE];
	uint64_t count, p2m_first;
};

static uint64_t *tables_at(struct tables *t, uint64_t pfn)
{
	const struct pv_region *own = &t->b->layout.tables;

	if (pfn >= own->pfn && pfn < own->pfn + own->nr) {
		return t->table[pfn - own->pfn];
	}
	return t->table[own->nr + pfn - t->p2m_first];
}

/* The entry at one level that covers va now points to `pfn`. */
static void tables_set(struct tables *t, unsigned int level, uint64_t va, uint64_t pfn,
		       uint64_t flags)
{
	uint64_t *table = tables_at(t, pv_layout_table(&t->b->layout, level, va));

	table[va >> (12 + 9 * (level - 1)) & 511] = t->b->p2m[pfn] << 12 | flags;
}

static void tables_map(struct tables *t, uint64_t va, uint64_t pfn, uint64_t count)
{
	const struct pv_region *own = &t->b->layout.tables;
	uint64_t i;
	unsigned int level;
	bool is_table;

	for (i = 0; i < count; i++, va += PAGE_BYTES, pfn++) {
		if (!i || !(va & (P2M_PER_PAGE * PAGE_BYTES - 1))) {
			for (level = 2; level <= 4; level++) {
				tables_set(t, level, va,
					   pv_layout_table(&t->b->layout, level - 1, va),
					   PTE_WRITE);
			}
		}
		is_table = pfn >= own->pfn && pfn < own->pfn + own->nr;
		tables_set(t, 1, va, pfn, is_table ? PTE_READ : PTE_WRITE);
	}
}

int builder_write_tables(struct builder *b)
{
	const struct pv_layout *l = &b->layout;
	struct tables t = { .b = b, .p2m_first = l->p2m.pfn + l->p2m.nr };
	uint64_t p2m_tables = l->nr_p2m_frames ? l->nr_p2m_frames - l->p2m.nr : 0;
	int rc;

	t.count = l->tables.nr + p2m_tables;
	t.table = xcalloc(t.count, PAGE_BYTES);
	tables_map(&t, l->v_start, 0, l->boot_pages);
	if (p2m_tables) {
		tables_map(&t, l->p2m.va, l->p2m.pfn, l->p2m.nr);
	}
	rc = builder_write(b, l->tables.pfn, 0, t.table, l->tables.nr * PAGE_BYTES);
	if (!rc && p2m_tables) {
		rc = builder_write(b, t.p2m_first, 0, t.table[l->tables.nr],
				   p2m_tables * PAGE_BYTES);
	}
	free(t.table);
	return rc;
}

int builder_write_p2m(struct builder *b)
{
	uint64_t tail[P2M_PER_PAGE], used = b->in->nr_pages % P2M_PER_PAGE;
	uint64_t full = b->in->nr_pages - used;
	int rc = builder_write(b, b->layout.p2m.pfn, 0, b->p2m, full * sizeof(*b->p2m));

	if (!rc && used) {
		/* The rest of the last page is "no frame": kernels read it. */
		memset(tail, 0xff, sizeof(tail));
		memcpy(tail, b->p2m + full, used * sizeof(*tail));
		rc = builder_write(b, b->layout.p2m.pfn, full * sizeof(*tail), tail, sizeof(tail));
	}
	return rc;
}

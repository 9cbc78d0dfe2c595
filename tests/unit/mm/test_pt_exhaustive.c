/* SPDX-License-Identifier: MIT */
/*
 * Every sequence of operations on a tiny machine: tables of two entries (one of them the
 * hypervisor's in an L4), one domain of a few pages, each of which may be made a table of any level
 * and may refer to any other. States are explored breadth first and visited once; each operation is
 * tried in each state, uninterrupted and interrupted at its first and second chance. After each, a
 * checker of its own (nothing is shared with pt_audit) recounts; pt_audit is asked in each new
 * state.
 *
 * PT_EXHAUSTIVE_EXTRA=n in the environment goes n operations deeper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "machine.h"

#define MAX_PAGES 5

struct page_state {
	uint64_t count, type, entry[PT_ENTRIES];
	uint32_t zap_next;
};

struct state {
	struct page_state page[MAX_PAGES];
	uint32_t zap;
	uint8_t roots[MAX_PAGES];
};

static struct domain *d;
static mfn_t page[MAX_PAGES];
static uint8_t roots[MAX_PAGES];
static unsigned int nr_pages;

static struct state *queue;
static size_t queue_len, queue_max;
static uint32_t *seen;			/* open hash of indexes into queue, + 1 */
static size_t seen_size;

static void save(struct state *s)
{
	memset(s, 0, sizeof(*s));
	for (unsigned int i = 0; i < nr_pages; i++) {
		struct frame *f = mfn_to_frame(page[i]);

		s->page[i].count = f->count;
		s->page[i].type = f->type;
		s->page[i].zap_next = f->type & TYPE_ZAP ? f->zap_next : 0;
		memcpy(s->page[i].entry, machine_table(page[i]), sizeof(s->page[i].entry));
	}
	s->zap = d->pt.zap;
	memcpy(s->roots, roots, sizeof(roots));
}

static void restore(const struct state *s)
{
	for (unsigned int i = 0; i < nr_pages; i++) {
		struct frame *f = mfn_to_frame(page[i]);

		f->count = s->page[i].count;
		f->type = s->page[i].type;
		f->zap_next = s->page[i].zap_next;
		memcpy(machine_table(page[i]), s->page[i].entry, sizeof(s->page[i].entry));
	}
	d->pt.zap = s->zap;
	memcpy(roots, s->roots, sizeof(roots));
}

static uint64_t hash(const struct state *s)
{
	const unsigned char *p = (const unsigned char *)s;
	uint64_t h = 1469598103934665603UL;

	for (size_t i = 0; i < sizeof(*s); i++) {
		h = (h ^ p[i]) * 1099511628211UL;
	}
	return h;
}

/* True when the state is new; it is then queued. */
static bool remember(const struct state *s)
{
	size_t at = hash(s) % seen_size;

	while (seen[at]) {
		if (!memcmp(&queue[seen[at] - 1], s, sizeof(*s))) {
			return false;
		}
		at = (at + 1) % seen_size;
	}
	assert_true(queue_len < queue_max);
	queue[queue_len++] = *s;
	seen[at] = (uint32_t)queue_len;
	return true;
}

static int page_index(uint64_t pte)
{
	for (unsigned int i = 0; i < nr_pages; i++) {
		if (pte_mfn(pte) == page[i]) {
			return (int)i;
		}
	}
	return -1;
}

/* The checker's own view: what refers to what, and whether that is allowed. */
static const char *wrong(void)
{
	unsigned long refs[MAX_PAGES] = { 0 }, types[MAX_PAGES] = { 0 };
	unsigned int want[MAX_PAGES] = { 0 };

	for (unsigned int i = 0; i < nr_pages; i++) {
		struct frame *f = mfn_to_frame(page[i]);
		unsigned int level = (unsigned int)(f->type >> 60);
		unsigned int n = f->type & TYPE_VALIDATED ? PT_ENTRIES
							  : (unsigned int)(f->type >> 40) & 0x3ff;

		refs[i] += 1 + roots[i];
		types[i] += roots[i];
		if (roots[i] && level != 4) {
			return "a root is no L4";
		}
		if (f->type & TYPE_PINNED) {
			refs[i]++;
			types[i]++;
		}
		refs[i] += (f->type & TYPE_PARTIAL) != 0;
		if (level < 1 || level > 4) {
			continue;
		}
		for (unsigned int k = 0; k < n && !(level == 4 && k == PT_HOLE_FIRST); k++) {
			uint64_t pte = machine_table(page[i])[k];
			int t = page_index(pte);
			unsigned int as = level > 1 ? level - 1 : pte & PTE_RW ? 7 : 0;

			if (!(pte & PTE_P)) {
				continue;
			}
			if (t < 0) {
				return "an entry leads out of the domain";
			}
			if (!(pte & PTE_US)) {
				return "an entry without the user bit";
			}
			refs[t]++;
			types[t] += as != 0;
			if (as && want[t] && want[t] != as) {
				return "a page is used as two types";
			}
			want[t] = as ? as : want[t];
		}
	}
	for (unsigned int i = 0; i < nr_pages; i++) {
		struct frame *f = mfn_to_frame(page[i]);

		if ((f->count & FRAME_REFS) != refs[i]) {
			return "references";
		}
		if ((f->type & TYPE_COUNT) != types[i]) {
			return "type references";
		}
		if (want[i] && f->type >> 60 != want[i]) {
			return "type";
		}
		if (want[i] && want[i] != 7 && !(f->type & TYPE_VALIDATED)) {
			return "a table in use is not validated";
		}
	}
	return NULL;
}

/* Operations are numbered; -1 when there is no such operation. */
static int run(unsigned int op)
{
	unsigned int sets = nr_pages * PT_ENTRIES * (1 + 2 * nr_pages), v, p;
	uint64_t pte;
	int rc;

	if (op < sets) {
		v = op % (1 + 2 * nr_pages);
		op /= 1 + 2 * nr_pages;
		pte = v == 0 ? 0 : pte_make(page[(v - 1) / 2], (v - 1) & 1 ? RW : RO);
		return machine_set(d, page[op / PT_ENTRIES], op % PT_ENTRIES, pte);
	}
	op -= sets;
	if (op < nr_pages * 4) {
		return pt_pin(d, page[op / 4], 1 + op % 4);
	}
	op -= nr_pages * 4;
	p = op / 3;
	if (p >= nr_pages) {
		return op == nr_pages * 3 ? pt_settle(d) : -1;
	}
	switch (op % 3) {
	case 0:
		return pt_unpin(d, page[p]);
	case 1:
		if (roots[p] >= 1) {
			return 0;
		}
		rc = pt_root_get(d, page[p]);
		roots[p] += rc == 0;
		return rc;
	default:
		if (roots[p]) {
			roots[p]--;
			pt_hold_put(d, page[p]);
		}
		return 0;
	}
}

static unsigned int nr_ops(void)
{
	return nr_pages * PT_ENTRIES * (1 + 2 * nr_pages) + nr_pages * 4 + nr_pages * 3 + 1;
}

static void complain(const struct state *from, unsigned int op, unsigned int preempt,
		     const char *what)
{
	fprintf(stderr, "operation %u (interrupted at %u): %s\n", op, preempt, what);
	for (unsigned int i = 0; i < nr_pages; i++) {
		fprintf(stderr,
			"page %u: before count %lx type %016lx %lx %lx, now count %lx type %016lx "
			"%lx %lx\n",
			i, from->page[i].count, from->page[i].type, from->page[i].entry[0],
			from->page[i].entry[1], mfn_to_frame(page[i])->count,
			mfn_to_frame(page[i])->type, machine_table(page[i])[0],
			machine_table(page[i])[1]);
	}
	abort();
}

static long audit(void)
{
	machine_nr_refs = 0;
	for (unsigned int i = 0; i < nr_pages; i++) {
		if (roots[i]) {
			machine_ref_add(page[i], TYPE_L4);
		}
	}
	return machine_audit(d);
}

/*
 * All operations in all states that are `depth` steps from those now queued. Returns the number
 * tried.
 */
static unsigned long explore(unsigned int depth)
{
	unsigned long tried = 0;
	size_t at = 0, level_end;
	struct state from, now;

	while (depth--) {
		for (level_end = queue_len; at < level_end; at++) {
			from = queue[at];
			for (unsigned int op = 0; op < nr_ops(); op++) {
				for (unsigned int preempt = 0; preempt < 3; preempt++) {
					unsigned long before = fake_preempt_calls;
					const char *bad;

					restore(&from);
					fake_preempt_at(preempt);
					run(op);
					fake_preempt_at(0);
					tried++;
					bad = wrong();
					if (bad) {
						complain(&from, op, preempt, bad);
					}
					save(&now);
					if (remember(&now) && audit()) {
						complain(&from, op, preempt, "audit");
					}
					if (fake_preempt_calls - before <= preempt) {
						break;	/* no further chance to interrupt it */
					}
				}
			}
		}
	}
	return tried;
}

static void begin(unsigned int pages)
{
	struct state s;

	nr_pages = pages;
	d = machine_domain(0, 0);
	memset(roots, 0, sizeof(roots));
	for (unsigned int i = 0; i < pages; i++) {
		page[i] = machine_page(d);
	}
	queue_max = 3000000;
	seen_size = 8000009;
	queue = calloc(queue_max, sizeof(*queue));
	seen = calloc(seen_size, sizeof(*seen));
	queue_len = 0;
	save(&s);
	remember(&s);
}

static void end(void)
{
	restore(&queue[0]);
	machine_nr_refs = 0;
	free(queue);
	free(seen);
	machine_destroy(d);
	assert_int_equal(d->refs, 1);
}

static unsigned int deeper(void)
{
	const char *s = getenv("PT_EXHAUSTIVE_EXTRA");

	return s ? (unsigned int)atoi(s) : 0;
}

static void report(const char *what, unsigned long tried)
{
	fprintf(stderr, "%s: %lu operations, %zu states\n", what, tried, queue_len);
}

/* Two pages: everything that can happen at all. */
static void test_two_pages(void **state)
{
	unsigned long tried, sum = 0;
	size_t before;
	(void)state;

	begin(2);
	do {
		before = queue_len;
		tried = explore(1);
		sum += tried;
	} while (queue_len != before && queue_len < 1000000);
	report("two pages", sum);
	assert_int_equal(queue_len, before);	/* no new state was found: the space is closed */
	end();
}

static void test_three_pages(void **state)
{
	(void)state;
	begin(3);
	report("three pages", explore(3 + deeper()));
	end();
}

/* From a pinned tree that uses every level, pages being shared between slots. */
static void test_tree(void **state)
{
	struct state s;

	(void)state;
	begin(5);
	for (unsigned int i = 0; i < 3; i++) {
		machine_table(page[i])[i & 1] = pte_make(page[i + 1], RW);
	}
	machine_table(page[3])[0] = pte_make(page[4], RW);
	machine_table(page[3])[1] = pte_make(page[0], RO);
	save(&s);
	remember(&s);
	assert_int_equal(pt_pin(d, page[0], 4), 0);
	assert_null(wrong());
	save(&s);
	remember(&s);
	report("tree", explore(2 + deeper()));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_pages),
		cmocka_unit_test(test_three_pages),
		cmocka_unit_test(test_tree),
	};

	arena_init(ARENA_FIRST + 32, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

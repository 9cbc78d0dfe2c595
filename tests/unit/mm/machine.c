/* SPDX-License-Identifier: MIT */
/*
 * Short-hands of the page-type tests (see machine.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine.h"

#define CHECK(c) \
	do { \
		if (!(c)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #c); \
			abort(); \
		} \
	} while (0)

struct machine_ref machine_refs[64];
unsigned int machine_nr_refs;

struct domain *machine_domain(unsigned int i, unsigned int n)
{
	struct domain *d = arena_domain(i, (uint16_t)(i + 1), 2000);

	cpumask_set(&d->dirty_cpus, 0);
	cpumask_set(&d->dirty_cpus, 1);
	while (n--) {
		CHECK(domain_pages_alloc(d, 0, 0, 0));
	}
	return d;
}

mfn_t machine_page(struct domain *d)
{
	struct frame *f = domain_pages_alloc(d, 0, 0, 0);

	CHECK(f);
	return frame_to_mfn(f);
}

uint64_t *machine_table(mfn_t mfn)
{
	return frame_map(mfn);
}

void machine_tree(struct domain *d, struct machine_tree *t, unsigned int n, uint64_t flags)
{
	t->l4 = machine_page(d);
	t->l3 = machine_page(d);
	t->l2 = machine_page(d);
	t->l1 = machine_page(d);
	machine_table(t->l4)[0] = pte_make(t->l3, RW);
	machine_table(t->l3)[0] = pte_make(t->l2, RW);
	machine_table(t->l2)[0] = pte_make(t->l1, RW);
	for (unsigned int i = 0; i < n; i++) {
		t->data[i] = machine_page(d);
		machine_table(t->l1)[i] = pte_make(t->data[i], flags);
	}
}

void machine_ref_add(mfn_t mfn, uint64_t type)
{
	CHECK(machine_nr_refs < 64);
	machine_refs[machine_nr_refs++] = (struct machine_ref){ mfn, type };
}

void machine_ref_del(mfn_t mfn, uint64_t type)
{
	for (unsigned int i = 0; i < machine_nr_refs; i++) {
		if (machine_refs[i].mfn == mfn && machine_refs[i].type == type) {
			machine_refs[i] = machine_refs[--machine_nr_refs];
			return;
		}
	}
	CHECK(!"no such reference");
}

static void extra(struct domain *d, struct pt_audit *a, void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < machine_nr_refs; i++) {
		pt_audit_ref(a, machine_refs[i].mfn, machine_refs[i].type);
	}
	for (unsigned int i = 0; i < ARENA_DOMAINS; i++) {
		struct domain *other = frame_map(1 + i * ARENA_DOMAIN_PAGES);

		if (other != d) {
			pt_audit_foreign(a, other);
		}
	}
}

long machine_audit(struct domain *d)
{
	return pt_audit(d, extra, NULL);
}

void machine_check(struct domain *d)
{
	CHECK(machine_audit(d) == 0);
	if (arena_tlb_on) {
		const char *bad;

		arena_tlb_fill(d);
		bad = arena_tlb_check();
		if (bad) {
			fprintf(stderr, "TLB: %s\n", bad);
			abort();
		}
	}
}

int machine_set(struct domain *d, mfn_t table, unsigned int index, uint64_t val)
{
	return pt_set_entry_one(d, d, table, index, val, 0);
}

void machine_destroy(struct domain *d)
{
	d->dying = DOMAIN_DYING;
	while (pt_relinquish(d) == -ERESTART) {
		;
	}
}

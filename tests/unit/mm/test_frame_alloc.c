/* SPDX-License-Identifier: MIT */
/*
 * The frame allocator: merging, zones, figures, scrubbing, claims, and frames of domains. The
 * machine has a hole in the middle; every test leaves the allocator as it found it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/m2p.h>
#include "machine.h"
#include "../../../hypervisor/mm/heap.h"

#define END	2048
#define HOLE	700
#define HOLE_END 800

static unsigned long start_free;

static bool overlaps_hole(const struct frame *f, unsigned int order)
{
	mfn_t mfn = frame_to_mfn(f);

	return mfn < HOLE_END && mfn + (1UL << order) > HOLE;
}

static void test_all_single(void **state)
{
	static struct frame *got[END];
	static bool seen[END];
	unsigned int n = 0;

	(void)state;
	for (;;) {
		struct frame *f = frame_alloc(0, 0, 0);

		if (!f) {
			break;
		}
		assert_false(seen[frame_to_mfn(f)]);
		assert_false(overlaps_hole(f, 0));
		seen[frame_to_mfn(f)] = true;
		got[n++] = f;
	}
	assert_int_equal(n, start_free);
	assert_int_equal(frame_alloc_free(), 0);
	while (n) {
		unsigned int i = (unsigned int)rand() % n;

		frame_free(got[i], 0);
		got[i] = got[--n];
	}
	assert_int_equal(frame_alloc_free(), start_free);
}

/* Everything merges again: the largest blocks can be had after any history. */
static void test_merge(void **state)
{
	struct frame *f = frame_alloc(10, 0, 0);

	(void)state;
	assert_non_null(f);
	assert_int_equal(frame_to_mfn(f), 1024);
	frame_free(f, 10);
	f = frame_alloc(9, 0, 0);
	assert_non_null(f);
	assert_int_equal(frame_to_mfn(f) % 512, 0);
	frame_free(f, 9);
	assert_null(frame_alloc(11, 0, 0));
	assert_null(frame_alloc(FRAME_MAX_ORDER + 1, 0, 0));
}

static void test_random(void **state)
{
	struct { struct frame *f; unsigned int order; } held[256];
	unsigned int n = 0;
	unsigned long pages = 0;

	(void)state;
	for (unsigned int step = 0; step < 20000; step++) {
		if (rand() % 2 && n < 256) {
			unsigned int order = (unsigned int)rand() % 7,
				     bits = rand() % 3 ? 0 : 12 + (unsigned int)rand() % 12;
			struct frame *f = frame_alloc(order, bits, 0);

			if (f) {
				mfn_t mfn = frame_to_mfn(f);

				assert_int_equal(mfn % (1UL << order), 0);
				assert_true(!bits || mfn + (1UL << order) <= 1UL << (bits - 12));
				assert_false(overlaps_hole(f, order));
				for (unsigned long i = 0; i < PAGE_SIZE << order; i += 512) {
					assert_int_equal(*((unsigned char *)frame_address(f) + i),
							 0);
				}
				memset(frame_address(f), 0x5a, PAGE_SIZE << order);
				held[n].f = f;
				held[n++].order = order;
				pages += 1UL << order;
			}
		} else if (n) {
			unsigned int i = (unsigned int)rand() % n;

			frame_free(held[i].f, held[i].order);
			pages -= 1UL << held[i].order;
			held[i] = held[--n];
		}
		if (rand() % 8 == 0) {
			frame_scrub_idle();
		}
		assert_int_equal(frame_alloc_free() + pages, start_free);
	}
	while (n--) {
		frame_free(held[n].f, held[n].order);
	}
	assert_int_equal(frame_alloc_free(), start_free);
	test_merge(NULL);
}

static void test_zones(void **state)
{
	struct frame *f = frame_alloc(0, 18, 0);	/* below 256 KiB: 64 frames */
	unsigned long below = frame_alloc_free_below(22);

	(void)state;
	assert_non_null(f);
	assert_true(frame_to_mfn(f) < 64);
	assert_true(frame_to_mfn(f) >= ARENA_FIRST);
	frame_free(f, 0);
	assert_null(frame_alloc(0, 12, 0));
	assert_null(frame_alloc(0, 5, 0));
	assert_null(frame_alloc(6, 18, 0));		/* the first frames are taken */
	f = frame_alloc(0, 0, 0);
	/* low memory is kept for those who need it */
	assert_true(frame_to_mfn(f) >= 1024);
	frame_free(f, 0);
	assert_int_equal(below + 1, 700 - ARENA_FIRST + 1024 - 800);
	assert_int_equal(frame_alloc_free_below(0), frame_alloc_free());
}

static void test_scrub(void **state)
{
	struct frame *f;

	(void)state;
	while (frame_scrub_idle()) {
		;
	}
	assert_int_equal(frame_alloc_dirty(), 0);
	f = frame_alloc(4, 0, FRAME_NOZERO);
	memset(frame_address(f), 0x77, PAGE_SIZE << 4);
	frame_free(f, 4);
	assert_int_equal(frame_alloc_dirty(), 16);
	for (unsigned int i = 0; i < 3; i++) {
		frame_scrub_idle();
	}
	assert_true(frame_alloc_dirty() < 16);
	f = frame_alloc(10, 0, 0);
	for (unsigned long i = 0; i < PAGE_SIZE << 10; i += 8) {
		assert_int_equal(*(uint64_t *)((char *)frame_address(f) + i), 0);
	}
	assert_int_equal(frame_alloc_dirty(), 0);
	frame_free(f, 10);
	while (frame_scrub_idle()) {
		;
	}
	assert_int_equal(frame_alloc_dirty(), 0);
}

/* Clean memory is handed out first, so that a busy machine need not zero. */
static void test_clean_first(void **state)
{
	struct frame *a, *b, *c;

	(void)state;
	while (frame_scrub_idle()) {
		;
	}
	a = frame_alloc(0, 0, 0);
	b = frame_alloc(0, 0, 0);
	c = frame_alloc(0, 0, 0);
	frame_free(a, 0);
	frame_free(c, 0);
	a = frame_alloc(1, 0, 0);
	assert_true(frame_alloc_dirty() > 0);
	frame_free(a, 1);
	frame_free(b, 0);
}

static void test_domain_limits(void **state)
{
	struct domain *d = machine_domain(0, 0);
	struct frame *f;

	(void)state;
	d->max_pages = 5;
	assert_non_null(domain_pages_alloc(d, 2, 0, 0));
	assert_int_equal(d->tot_pages, 4);
	assert_null(domain_pages_alloc(d, 1, 0, 0));
	assert_int_equal(d->tot_pages, 4);
	f = domain_pages_alloc(d, 0, 0, 0);
	assert_non_null(f);
	assert_ptr_equal(frame_owner(f), d);
	assert_int_equal(frame_refs(f), 1);
	assert_int_equal(d->refs, 2);
	f = frame_alloc(0, 0, 0);
	d->dying = DOMAIN_DYING;
	assert_int_equal(frame_assign(f, 0, d), -XEN_EINVAL);
	frame_free(f, 0);
	assert_null(domain_pages_alloc(d, 0, 0, 0));
	machine_destroy(d);
	assert_int_equal(d->tot_pages, 0);
	assert_int_equal(d->refs, 1);
	assert_int_equal(frame_alloc_free(), start_free);
}

static void test_release_and_refs(void **state)
{
	struct domain *d = machine_domain(0, 1), *e = machine_domain(1, 0);
	struct frame *f = frame_list_head(&d->pages);

	(void)state;
	m2p_set(frame_to_mfn(f), 77);
	assert_false(frame_get(f, e));
	assert_true(frame_get(f, d));
	assert_int_equal(m2p_update(e, frame_to_mfn(f), 5), -XEN_EINVAL);
	assert_int_equal(m2p_update(d, frame_to_mfn(f), 5), 0);
	assert_int_equal(m2p_get(frame_to_mfn(f)), 5);
	assert_int_equal(domain_page_release(e, f), -XEN_EINVAL);
	assert_int_equal(domain_page_release(d, f), 0);
	assert_int_equal(domain_page_release(d, f), -XEN_EINVAL);
	assert_int_equal(d->tot_pages, 1);		/* somebody still uses it */
	assert_true(frame_get(f, d));
	frame_put(f);
	frame_put(f);
	assert_int_equal(d->tot_pages, 0);
	assert_false(frame_get(f, d));
	assert_int_equal(m2p_get(frame_to_mfn(f)), M2P_INVALID);
	assert_int_equal(d->refs, 1);
	assert_int_equal(frame_alloc_free(), start_free);
}

static void test_steal(void **state)
{
	struct domain *d = machine_domain(0, 2), *e = machine_domain(1, 0);
	struct frame *f = frame_list_head(&d->pages);

	(void)state;
	assert_int_equal(frame_steal(f, e), -XEN_EINVAL);
	assert_int_equal(frame_get_writable(f, d), 0);
	assert_int_equal(frame_steal(f, d), -XEN_EBUSY);
	frame_put_writable(f);
	assert_int_equal(frame_steal(f, d), 0);
	assert_int_equal(d->tot_pages, 2);
	assert_int_equal(d->pages.count, 1);
	assert_false(frame_get(f, d));
	assert_int_equal(frame_assign(f, 0, d), 0);
	assert_int_equal(d->tot_pages, 2);
	assert_int_equal(machine_audit(d), 0);
	assert_int_equal(frame_steal(f, d), 0);
	frame_free(f, 0);
	f = frame_alloc(0, 20, 0);
	assert_int_equal(frame_assign(f, 0, d), 0);
	assert_int_equal(machine_audit(d), 0);
	machine_destroy(d);
	assert_int_equal(frame_alloc_free(), start_free);
}

static void test_share(void **state)
{
	struct domain *d = machine_domain(0, 0);
	struct frame *rw = frame_alloc(0, 0, 0), *ro = frame_alloc(0, 0, 0);

	(void)state;
	frame_share_with(rw, d, false);
	frame_share_with(ro, d, true);
	assert_int_equal(d->tot_pages, 0);
	assert_int_equal(d->refs, 2);
	assert_int_equal(frame_get_writable(rw, d), 0);
	assert_int_equal(frame_get_writable(ro, d), -XEN_EBUSY);
	assert_int_equal(pt_pin(d, frame_to_mfn(rw), 1), -XEN_EINVAL);
	assert_int_equal(pt_pin(d, frame_to_mfn(ro), 1), -XEN_EINVAL);
	assert_int_equal(frame_steal(rw, d), -XEN_EINVAL);
	frame_give_up(ro);
	assert_int_equal(frame_refs(ro), 0);
	frame_free(ro, 0);
	machine_destroy(d);
	assert_int_equal(frame_refs(rw), 1);		/* this test's */
	frame_put_writable(rw);
	assert_int_equal(frame_refs(rw), 0);
	assert_null(frame_owner(rw));
	assert_int_equal(d->refs, 1);
	frame_free(rw, 0);
	assert_int_equal(frame_alloc_free(), start_free);
}

static void test_claims(void **state)
{
	struct domain *d = machine_domain(0, 4), *e = machine_domain(1, 0);
	unsigned long left = frame_alloc_free();
	struct frame *f;

	(void)state;
	d->max_pages = e->max_pages = 100000;
	assert_int_equal(domain_claim_pages(d, 3), -XEN_EINVAL);	/* less than it has */
	assert_int_equal(domain_claim_pages(d, left + 5), -XEN_ENOMEM);
	assert_int_equal(domain_claim_pages(d, left + 4), 0);
	assert_int_equal(domain_claim_pages(d, left + 4), -XEN_EINVAL);	/* has one */
	assert_int_equal(frame_alloc_claimed(), left);
	assert_null(domain_pages_alloc(e, 0, 0, 0));
	assert_null(frame_alloc(0, 0, 0));
	assert_int_equal(e->tot_pages, 0);
	f = domain_pages_alloc(d, 3, 0, 0);
	assert_non_null(f);
	assert_int_equal(d->outstanding_pages, left - 8);
	assert_int_equal(frame_alloc_claimed(), left - 8);
	/* no such block; nothing is lost from the claim */
	assert_null(domain_pages_alloc(d, 11, 0, 0));
	assert_int_equal(d->outstanding_pages, left - 8);
	assert_int_equal(domain_claim_pages(d, 0), 0);
	assert_int_equal(frame_alloc_claimed(), 0);
	assert_non_null(domain_pages_alloc(e, 0, 0, 0));
	assert_int_equal(domain_claim_pages(e, 10), 0);
	assert_int_equal(e->outstanding_pages, 9);
	machine_destroy(d);
	machine_destroy(e);
	assert_int_equal(frame_alloc_claimed(), 0);
	assert_int_equal(frame_alloc_free(), start_free);
}

static struct domain *dies;	/* while a block for it is looked for */

struct frame *__real_heap_alloc(unsigned int order, unsigned int address_bits, unsigned int flags, uint64_t claim);
struct frame *__wrap_heap_alloc(unsigned int order, unsigned int address_bits, unsigned int flags, uint64_t claim);

struct frame *__wrap_heap_alloc(unsigned int order, unsigned int address_bits, unsigned int flags, uint64_t claim)
{
	if (dies) {
		dies->dying = DOMAIN_DYING;
		assert_int_equal(domain_claim_pages(dies, 0), 0);
		dies = NULL;
	}
	return __real_heap_alloc(order, address_bits, flags, claim);
}

/* Nothing stays set aside for a domain that dies, whenever it does. */
static void test_claims_of_the_dying(void **state)
{
	static const unsigned int orders[] = { 3, 11 };		/* there is such a block, and there is none */

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct domain *d = machine_domain(0, 4);

		d->max_pages = 100000;
		assert_int_equal(domain_claim_pages(d, 104), 0);
		dies = d;
		assert_null(domain_pages_alloc(d, orders[i], 0, 0));
		assert_null(dies);
		assert_int_equal(d->tot_pages, 4);
		assert_int_equal(d->outstanding_pages, 0);
		assert_int_equal(frame_alloc_claimed(), 0);
		assert_int_equal(domain_claim_pages(d, 104), -XEN_EINVAL);
		assert_int_equal(domain_claim_pages(d, 0), 0);	/* giving up is always allowed */
		assert_int_equal(frame_alloc_claimed(), 0);
		machine_destroy(d);
	}
	assert_int_equal(frame_alloc_free(), start_free);
}

static void test_lookup(void **state)
{
	(void)state;
	assert_false(mfn_valid(0));
	assert_true(mfn_valid(1));
	assert_true(mfn_valid(HOLE - 1));
	assert_false(mfn_valid(HOLE));
	assert_false(mfn_valid(720));		/* a whole group without frame table */
	assert_false(mfn_valid(HOLE_END - 1));
	assert_true(mfn_valid(HOLE_END));
	assert_true(mfn_valid(END - 1));
	assert_false(mfn_valid(END));
	assert_false(mfn_valid(~0UL));
}

/* A frame that is free, or in use, cannot be freed. */
static void test_misuse(void **state)
{
	struct domain *d = machine_domain(0, 1);

	(void)state;
	fake_expect_panic(frame_free(frame_list_head(&d->pages), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_all_single),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_scrub),
		cmocka_unit_test(test_clean_first),
		cmocka_unit_test(test_domain_limits),
		cmocka_unit_test(test_release_and_refs),
		cmocka_unit_test(test_steal),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_claims_of_the_dying),
		cmocka_unit_test(test_misuse),
	};

	arena_init(END, HOLE, HOLE_END);
	memset(fake_ram + ARENA_FIRST * PAGE_SIZE, 0x33, (400 - ARENA_FIRST) * PAGE_SIZE);
	start_free = frame_alloc_free();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * memory_op against the real frame allocator: what lists of extents do, how they are continued, and
 * that an exchange happens wholly or not at all. Commands that are not under test are stubs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dais/frame_alloc.h>
#include <dais/grant.h>
#include <dais/m2p.h>
#include <dais/paging.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/memory.h>

#include "../../../hypercalls/memory.h"
#include "../../fake/arena.h"
#include "../../fake/fake.h"
#include "guest_mem.h"

#define ARG	GUEST_BASE
#define IN	(GUEST_BASE + 0x1000)
#define OUT	(GUEST_BASE + 0x8000)
#define CMD_SHIFT 6

static struct domain *d;

#define STUB(name) \
	long name(struct memory_call *c, union memory_arg *arg) \
	{ \
		(void)c; \
		(void)arg; \
		return -XEN_EINVAL; \
	}
STUB(memory_map_own) STUB(memory_map_of_machine) STUB(memory_map_of_domain)
STUB(memory_map_reserved)

paddr_t paging_walk(unsigned long va)
{
	(void)va;
	return INVALID_PADDR;
}

uint32_t grant_resource_max(struct domain *of, unsigned int id)
{
	(void)of;
	(void)id;
	return 0;
}

int grant_resource_frames(struct domain *of, unsigned int id, uint32_t first, uint32_t n,
			  uint64_t *mfns)
{
	(void)of;
	(void)id;
	(void)first;
	(void)n;
	(void)mfns;
	return -XEN_EINVAL;
}

static int setup(void **state)
{
	(void)state;
	d = arena_domain(0, 1, 512);
	guest_reset(d);
	fake_preempt_at(0);
	return 0;
}

/* Give everything back, so that each test begins with the same free memory. */
static int teardown(void **state)
{
	struct frame *f;

	(void)state;
	while ((f = frame_list_head(&d->pages)) != NULL) {
		while (frame_refs(f) > 1) {
			frame_put(f);
		}
		assert_int_equal(domain_page_release(d, f), 0);
	}
	assert_int_equal(d->tot_pages, 0);
	return 0;
}

static uint64_t *list(unsigned long va)
{
	return guest_at(va);
}

static void reservation(unsigned long va, uint64_t nr, unsigned int order, uint32_t flags)
{
	struct xen_memory_reservation r = {
		.extent_start = va, .nr_extents = nr, .extent_order = order, .mem_flags = flags,
		.domid = DOMID_SELF,
	};

	memcpy(guest_at(ARG), &r, sizeof(r));
}

static void fill_pfns(unsigned int n, uint64_t first)
{
	for (unsigned int i = 0; i < n; i++) {
		list(IN)[i] = first + i;
	}
}

static void test_populate(void **state)
{
	(void)state;
	fill_pfns(8, 100);
	reservation(IN, 8, 0, 0);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 8);
	assert_int_equal(d->tot_pages, 8);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(m2p_get(list(IN)[i]), 100 + i);
		assert_ptr_equal(frame_owner(mfn_to_frame(list(IN)[i])), d);
	}
}

static void test_populate_order(void **state)
{
	(void)state;
	list(IN)[0] = 512;
	reservation(IN, 1, 3, 0);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 1);
	assert_int_equal(d->tot_pages, 8);
	assert_int_equal(m2p_get(list(IN)[0] + 7), 519);
	reservation(IN, 1, 10, 0);	/* larger than others than dom0 may have */
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 0);
}

static void test_populate_limit(void **state)
{
	(void)state;
	d->max_pages = 5;
	fill_pfns(8, 0);
	reservation(IN, 8, 0, 0);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 5);
	assert_int_equal(d->tot_pages, 5);
	assert_int_equal(list(IN)[5], 5);	/* untouched */
}

/* A list that cannot be written must not leave memory behind that nobody knows of. */
static void test_populate_fault(void **state)
{
	(void)state;
	fill_pfns(8, 0);
	reservation(IN, 8, 0, 0);
	guest_fault(IN + 3 * 8, 8, true);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 3);
	assert_int_equal(d->tot_pages, 3);
	reservation(IN, 8, 0, 0);
	guest_fault(ARG, 8, false);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 0);
	assert_int_equal(d->tot_pages, 3);
}

static void test_continued(void **state)
{
	(void)state;
	fill_pfns(10, 40);
	reservation(IN, 10, 0, 0);
	fake_preempt_at(4);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), CONTINUED);
	assert_int_equal(d->tot_pages, 4);
	assert_int_equal(guest_continued.args[0], XENMEM_populate_physmap | 4 << CMD_SHIFT);
	assert_int_equal(do_memory_op(guest_continued.args[0], guest_continued.args[1]), 10);
	assert_int_equal(d->tot_pages, 10);
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(m2p_get(list(IN)[i]), 40 + i);
	}
	/* started past the end: whatever the guest made of the number, nothing happens */
	assert_int_equal(do_memory_op(XENMEM_populate_physmap | 10 << CMD_SHIFT, ARG), 10);
	assert_int_equal(d->tot_pages, 10);
}

static void test_decrease(void **state)
{
	(void)state;
	fill_pfns(4, 0);
	reservation(IN, 4, 0, 0);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 4);
	assert_int_equal(do_memory_op(XENMEM_decrease_reservation, ARG), 4);
	assert_int_equal(d->tot_pages, 0);
	assert_int_equal(do_memory_op(XENMEM_decrease_reservation, ARG),
			 0); /* not its own any more */
	list(IN)[0] = FAKE_FRAMES + 5;
	assert_int_equal(do_memory_op(XENMEM_decrease_reservation, ARG), 0);
	list(IN)[0] = ~0UL;
	assert_int_equal(do_memory_op(XENMEM_decrease_reservation, ARG), 0);
}

static void test_other_domain(void **state)
{
	struct xen_memory_reservation *r = guest_at(ARG);

	(void)state;
	guest_other = arena_domain(1, 2, 100);
	fill_pfns(2, 0);
	reservation(IN, 2, 0, 0);
	r->domid = 2;
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), -XEN_EPERM);
	r->domid = 3;
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 0);
	assert_int_equal(do_memory_op(XENMEM_claim_pages, ARG), -XEN_EPERM);
	assert_int_equal(do_memory_op(63, ARG), -XEN_ENOSYS);
	assert_int_equal(guest_other->tot_pages, 0);
}

/* --- exchange --- */

static struct xen_memory_exchange *exchange(uint64_t nr_in, unsigned int order_in, uint64_t nr_out,
					    unsigned int order_out, unsigned int bits)
{
	struct xen_memory_exchange *x = guest_at(ARG);

	*x = (struct xen_memory_exchange){
		.in = { .extent_start = IN, .nr_extents = nr_in, .extent_order = order_in,
			.domid = DOMID_SELF },
		.out = { .extent_start = OUT, .nr_extents = nr_out, .extent_order = order_out,
			 .mem_flags = XENMEMF_address_bits(bits), .domid = DOMID_SELF },
	};
	return x;
}

static void populate(unsigned int n)
{
	fill_pfns(n, 0);
	reservation(IN, n, 0, 0);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), n);
	for (unsigned int i = 0; i < n; i++) {
		*(uint64_t *)frame_map(list(IN)[i]) = 0xd0 + i;
	}
}

/* Everything as populate() left it. */
static void untouched(unsigned int n)
{
	const struct xen_memory_exchange *x = guest_at(ARG);

	assert_int_equal(x->nr_exchanged, 0);
	assert_int_equal(d->tot_pages, n);
	assert_int_equal(d->pages.count, n);
	for (unsigned int i = 0; i < n; i++) {
		assert_ptr_equal(frame_owner(mfn_to_frame(list(IN)[i])), d);
		assert_int_equal(m2p_get(list(IN)[i]), i);
		assert_int_equal(*(uint64_t *)frame_map(list(IN)[i]), 0xd0 + i);
	}
}

static void test_exchange(void **state)
{
	const struct xen_memory_exchange *x;
	uint64_t mfn;

	(void)state;
	populate(16);
	list(OUT)[0] = 0;
	x = exchange(16, 0, 1, 4, 0);
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), 0);
	assert_int_equal(x->nr_exchanged, 16);
	assert_int_equal(d->tot_pages, 16);
	mfn = list(OUT)[0];
	assert_int_equal(mfn % 16, 0);
	for (unsigned int i = 0; i < 16; i++) {
		assert_ptr_equal(frame_owner(mfn_to_frame(mfn + i)), d);
		assert_int_equal(m2p_get(mfn + i), i);
		assert_int_equal(*(uint64_t *)frame_map(mfn + i), 0);
		assert_null(frame_owner(mfn_to_frame(list(IN)[i])));
	}
}

/* The way back: one contiguous extent for single frames. */
static void test_exchange_apart(void **state)
{
	const struct xen_memory_exchange *x;

	(void)state;
	list(IN)[0] = 0;
	reservation(IN, 1, 3, 0);
	assert_int_equal(do_memory_op(XENMEM_populate_physmap, ARG), 1);
	for (unsigned int i = 0; i < 8; i++) {
		list(OUT)[i] = 70 + i;
	}
	x = exchange(1, 3, 8, 0, 0);
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), 0);
	assert_int_equal(x->nr_exchanged, 1);
	assert_int_equal(d->tot_pages, 8);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(m2p_get(list(OUT)[i]), 70 + i);
	}
}

/* No memory below that address: the usual failure, which Linux answers with a higher one. */
static void test_exchange_no_memory(void **state)
{
	unsigned long free;

	(void)state;
	populate(16);
	free = frame_alloc_free();
	exchange(16, 0, 1, 4, 13);
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_ENOMEM);
	untouched(16);
	assert_int_equal(frame_alloc_free(), free);
}

/* A frame that is still mapped, and one that is not the domain's, at any place of the list. */
static void test_exchange_busy(void **state)
{
	unsigned long free;

	(void)state;
	populate(16);
	free = frame_alloc_free();
	for (unsigned int i = 0; i < 16; i += 5) {
		struct frame *f = mfn_to_frame(list(IN)[i]);
		uint64_t mfn = list(IN)[i];

		assert_true(frame_get(f, d));
		exchange(16, 0, 1, 4, 0);
		assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
		untouched(16);
		frame_put(f);
		list(IN)[i] = 1;
		exchange(16, 0, 1, 4, 0);
		assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
		list(IN)[i] = mfn;
		untouched(16);
	}
	list(IN)[3] = list(IN)[2];	/* twice the same */
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
	assert_int_equal(d->tot_pages, 16);
	assert_int_equal(d->pages.count, 16);
	assert_int_equal(frame_alloc_free(), free);
}

static void test_exchange_faults(void **state)
{
	(void)state;
	populate(16);
	exchange(16, 0, 1, 4, 0);
	guest_fault(OUT, 8, true);
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EFAULT);
	guest_fault(0, 0, false);
	untouched(16);
	guest_fault(IN + 9 * 8, 8, false);
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EFAULT);
	guest_fault(0, 0, false);
	untouched(16);
}

static void test_exchange_nonsense(void **state)
{
	struct xen_memory_exchange *x;

	(void)state;
	populate(16);
	exchange(16, 0, 2, 4, 0);			/* sizes differ */
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
	exchange(16, 0, 1, 10, 0);			/* too large an extent */
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EPERM);
	x = exchange(16, 0, 1, 4, 0);
	x->nr_exchanged = 17;
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
	x = exchange(1UL << 60, 4, 1UL << 60, 4, 0);	/* would overflow */
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
	x = exchange(16, 0, 1, 4, 0);
	x->out.domid = 5;
	assert_int_equal(do_memory_op(XENMEM_exchange, ARG), -XEN_EINVAL);
	x->nr_exchanged = 0;
	untouched(16);
}

/* Chunk by chunk, each as a hypercall of its own. */
static void test_exchange_continued(void **state)
{
	const struct xen_memory_exchange *x;
	long rc;

	(void)state;
	populate(32);
	for (unsigned int i = 0; i < 4; i++) {
		list(OUT)[i] = i * 8;
	}
	x = exchange(32, 0, 4, 3, 0);
	fake_preempt_every(1);
	rc = do_memory_op(XENMEM_exchange, ARG);
	for (unsigned int i = 1; i < 4; i++) {
		assert_int_equal(rc, CONTINUED);
		assert_int_equal(x->nr_exchanged, i * 8);
		assert_int_equal(d->tot_pages, 32);
		rc = do_memory_op(guest_continued.args[0], guest_continued.args[1]);
	}
	fake_preempt_every(0);
	assert_int_equal(rc, 0);
	assert_int_equal(x->nr_exchanged, 32);
	assert_int_equal(m2p_get(list(OUT)[3] + 7), 31);
}

static long figure(unsigned int op)
{
	struct xen_memory_domain m = { .domid = DOMID_SELF };

	memcpy(guest_at(ARG), &m, sizeof(m));
	return do_memory_op(op, ARG);
}

/* The guest's own word for its size: whatever it says, it is a number and no error. */
static void test_figures(void **state)
{
	struct shared_info si = { .arch.max_pfn = 4711 };

	(void)state;
	d->shared_info = &si;
	populate(3);
	assert_int_equal(figure(XENMEM_current_reservation), 3);
	assert_int_equal(figure(XENMEM_maximum_reservation), 512);
	assert_int_equal(figure(XENMEM_maximum_gpfn), 4710);
	si.arch.max_pfn = 0;
	assert_int_equal(figure(XENMEM_maximum_gpfn), 0);
	for (uint64_t n = 1; n < 200; n++) {
		si.arch.max_pfn = -n;
		assert_true(figure(XENMEM_maximum_gpfn) >= 0);
	}
	assert_int_equal(guest_continued.count, 0);	/* -ERESTART: the caller would ask for ever */
	d->shared_info = NULL;
}

static int group_setup(void **state)
{
	(void)state;
	arena_init(FAKE_FRAMES, 0, 0);
	fake_quiet(true);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_populate), TEST(test_populate_order), TEST(test_populate_limit),
		TEST(test_populate_fault), TEST(test_continued), TEST(test_decrease),
		TEST(test_other_domain), TEST(test_exchange), TEST(test_exchange_apart),
		TEST(test_exchange_no_memory), TEST(test_exchange_busy), TEST(test_exchange_faults),
		TEST(test_exchange_nonsense), TEST(test_exchange_continued), TEST(test_figures),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

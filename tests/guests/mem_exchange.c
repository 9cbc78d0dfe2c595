/* SPDX-License-Identifier: MIT */
/*
 * XENMEM_exchange: frames for other frames, with conditions on the address.
 *
 * swiotlb in dom0 depends on it: sixteen single frames for one contiguous extent below a given
 * address, and back. The frames given in must not be mapped; those that come out have their
 * machine-to-physical entries set to the pfns named. When it fails it must fail entirely: nothing
 * exchanged, the count zero, and every frame still owned, with its contents. Linux tries with too
 * few address bits first, and stops the machine if the failure was partial.
 */
#include "kit.h"

#include <xen/memory.h>

#define PAGES 16

static char *window;		/* PAGES pages of the image */
static u64 frames[PAGES], pfns[PAGES];

static void unmap_all(void)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		CHECK_EQ(paging_unmap(window + i * PAGE_SIZE), 0);
	}
}

static unsigned int map_all(void)
{
	unsigned int bad = 0;

	for (unsigned int i = 0; i < PAGES; i++) {
		bad += paging_set(window + i * PAGE_SIZE, PTE(frames[i], PTE_FLAGS_RW)) != 0;
	}
	return bad;
}

static long exchange(u64 *in, u64 nr_in, u32 order_in, u64 *out, u64 nr_out, u32 order_out,
		     u32 bits, u64 *done)
{
	struct xen_memory_exchange x;
	long err;

	memset(&x, 0, sizeof(x));
	x.in.nr_extents = nr_in;
	x.in.extent_order = order_in;
	x.in.domid = DOMID_SELF;
	SET_HANDLE(x.in.extent_start, in);
	x.out.nr_extents = nr_out;
	x.out.extent_order = order_out;
	x.out.mem_flags = XENMEMF_address_bits(bits);
	x.out.domid = DOMID_SELF;
	SET_HANDLE(x.out.extent_start, out);
	err = HC(memory_op, XENMEM_exchange, &x);
	*done = x.nr_exchanged;
	return err;
}

static void check_failure(void)
{
	u64 out = pfns[0], done = 99;
	long err;

	for (unsigned int i = 0; i < PAGES; i++) {
		window[i * PAGE_SIZE] = (char)(i + 1);
	}
	unmap_all();
	/* Sixteen contiguous frames below 64 KiB: there is no such extent. */
	err = exchange(frames, PAGES, 0, &out, 1, 4, 16, &done);
	CHECK(err < 0);
	CHECK_EQ(done, 0);
	CHECK_EQ(map_all(), 0);
	for (unsigned int i = 0; i < PAGES; i++) {
		CHECK_EQ(window[i * PAGE_SIZE], i + 1);
		CHECK_EQ(paging_m2p[frames[i]], pfns[i]);
	}
}

static void check_contiguous(void)
{
	u64 out = pfns[0], done = 99;

	unmap_all();
	CHECK_EQ(exchange(frames, PAGES, 0, &out, 1, 4, 32, &done), 0);
	CHECK_EQ(done, PAGES);
	CHECK_EQ(out & (PAGES - 1), 0);
	CHECK(out + PAGES <= 1UL << (32 - PAGE_SHIFT));
	for (unsigned int i = 0; i < PAGES; i++) {
		frames[i] = out + i;
		CHECK_EQ(paging_m2p[frames[i]], pfns[i]);
	}
	CHECK_EQ(map_all(), 0);
	CHECK_EQ(window[3 * PAGE_SIZE], 0); /* new memory, not somebody's old */
}

static void check_back(void)
{
	u64 in = frames[0], done = 99, out[PAGES];

	unmap_all();
	memcpy(out, pfns, sizeof(out));
	CHECK_EQ(exchange(&in, 1, 4, out, PAGES, 0, 0, &done), 0);
	CHECK_EQ(done, 1);
	memcpy(frames, out, sizeof(out));
	for (unsigned int i = 0; i < PAGES; i++) {
		CHECK_EQ(paging_m2p[frames[i]], pfns[i]);
	}
	CHECK_EQ(map_all(), 0);
}

/* How many were exchanged cannot be told: an error, but no way back. */
static void check_untold(void)
{
	struct xen_memory_exchange *x = (void *)page_alloc();
	u64 out[1] = { pfns[0] };

	CHECK_EQ(paging_unmap(window), 0);
	x->in.nr_extents = x->out.nr_extents = 1;
	x->in.domid = x->out.domid = DOMID_SELF;
	SET_HANDLE(x->in.extent_start, frames);
	SET_HANDLE(x->out.extent_start, out);
	CHECK_EQ(paging_protect(x), 0);
	CHECK_EQ(HC(memory_op, XENMEM_exchange, x), -kEFAULT);
	CHECK_EQ(paging_unprotect(x), 0);
	CHECK(out[0] != pfns[0]);
	frames[0] = out[0];
	CHECK_EQ(paging_m2p[frames[0]], pfns[0]);
	CHECK_EQ(map_all(), 0);
}

static void check_refused(void)
{
	u64 out = pfns[0], done = 99;

	/* In and out must be the same amount. */
	CHECK_EQ(exchange(frames, PAGES, 0, &out, 1, 3, 32, &done), -kEINVAL);
	CHECK_EQ(exchange(frames, PAGES, 0, &out, 2, 4, 32, &done), -kEINVAL);
	/* Mapped frames cannot go. */
	CHECK(exchange(frames, PAGES, 0, &out, 1, 4, 32, &done) < 0);
	CHECK_EQ(done, 0);
	CHECK_EQ(paging_m2p[frames[3]], pfns[3]);
	unmap_all();
	frames[PAGES - 1] ^= 0x80000000; /* not ours: the last of the sixteen */
	CHECK(exchange(frames, PAGES, 0, &out, 1, 4, 32, &done) < 0);
	CHECK_EQ(done, 0);
	frames[PAGES - 1] ^= 0x80000000;
	CHECK_EQ(map_all(), 0);
}

void guest_main(void)
{
	kit_init();
	window = page_alloc();
	for (unsigned int i = 0; i < PAGES; i++) {
		if (i > 0) {
			page_alloc();
		}
		pfns[i] = paging_pfn(window) + i;
		frames[i] = paging_mfn(window + i * PAGE_SIZE);
	}
	check_failure();
	check_contiguous();
	check_back();
	check_refused();
	check_untold();
	verdict();
}

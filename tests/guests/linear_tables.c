/* SPDX-License-Identifier: MIT */
/*
 * May a page table contain itself?
 *
 * A read-only entry of an L4 that refers to the same or another L4 is the old way of seeing all
 * page tables at one place. The oracle allows it, one level deep; a hypervisor may refuse it with
 * -EINVAL, as Linux does not use it. A writable one would break everything and is always refused.
 * Whichever way, the counts must come out even: afterwards the page is ordinary memory again.
 */
#include "kit.h"

static u64 *make_root(void)
{
	u64 *l4 = page_alloc();
	const u64 *kernel = (const u64 *)start_info->pt_base;

	for (unsigned int i = 0; i < 512; i++) {
		l4[i] = i >= 256 && i < 272 ? 0 : kernel[i];
	}
	return l4;
}

static void check_self(void)
{
	u64 *l4 = make_root();
	u64 mfn = paging_mfn(l4), slot;
	long err;

	CHECK_EQ(paging_protect(l4), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, mfn), 0);
	slot = paging_maddr(&l4[300]);
	CHECK(paging_update(slot, PTE(mfn, PTE_FLAGS_RW)) == -kEINVAL);
	err = paging_update(slot, PTE(mfn, PTE_FLAGS_RO));
	check_that(err == 0 || err == -kEINVAL, "read-only self entry gives %ld", err);
	if (err == 0) {
		CHECK_EQ(paging_update(slot, 0), 0);
	}
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, mfn), 0);
	CHECK_EQ(paging_unprotect(l4), 0);
}

static void check_other(void)
{
	u64 *a = make_root(), *b = make_root();
	long err;

	CHECK_EQ(paging_protect(a), 0);
	CHECK_EQ(paging_protect(b), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, paging_mfn(a)), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, paging_mfn(b)), 0);
	err = paging_update(paging_maddr(&a[300]), PTE(paging_mfn(b), PTE_FLAGS_RO));
	check_that(err == 0 || err == -kEINVAL, "read-only entry for another gives %ld", err);
	if (err == 0) {
		/* One level only: the one that is referred to may not refer on. */
		CHECK(paging_update(paging_maddr(&b[300]), PTE(paging_mfn(a), PTE_FLAGS_RO)) < 0);
		CHECK_EQ(paging_update(paging_maddr(&a[300]), 0), 0);
	}
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(a)), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(b)), 0);
	CHECK_EQ(paging_unprotect(a), 0);
	CHECK_EQ(paging_unprotect(b), 0);
}

void guest_main(void)
{
	kit_init();
	check_self();
	check_other();
	verdict();
}

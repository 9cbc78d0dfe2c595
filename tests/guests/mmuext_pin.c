/* SPDX-License-Identifier: MIT */
/*
 * Pinning, base pointers and flushes: what does mmuext_op accept?
 *
 * A pin is one type reference that the guest asked for: a second pin and an unpin without a pin
 * are errors (Linux stops on either, so it relies on never seeing them), a pinned table keeps its
 * type when nothing refers to it, and after the last unpin the page is ordinary memory again. A
 * table can hold one type only. A new base pointer must be an L4 and keeps the old one alive only
 * as far as it is pinned.
 */
#include "kit.h"

#define AREA 0x600000000000UL

static void check_pin_l1(void)
{
	u64 *l1 = page_alloc(), *data = page_alloc();
	u64 mfn = paging_mfn(l1);

	CHECK_EQ(paging_ext(MMUEXT_PIN_L1_TABLE, mfn), -kEINVAL); /* mapped writable */
	l1[0] = PTE(paging_mfn(data), PTE_FLAGS_RW);
	CHECK_EQ(paging_protect(l1), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, mfn), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L1_TABLE, mfn), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L1_TABLE, mfn), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L2_TABLE, mfn), -kEINVAL);
	CHECK_EQ(paging_unprotect(l1), -kEBUSY);
	/* The page it maps writable is not available as a page table meanwhile. */
	CHECK_EQ(paging_protect(data), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L1_TABLE, paging_mfn(data)), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, mfn), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, mfn), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L1_TABLE, paging_mfn(data)), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(data)), 0);
	CHECK_EQ(paging_unprotect(l1), 0);
	CHECK_EQ(paging_unprotect(data), 0);
	l1[0] = 0;
}

static void check_pin_tree(void)
{
	u64 *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc(), *l4 = page_alloc();

	l2[0] = PTE(paging_mfn(l1), PTE_FLAGS_RW);
	l3[0] = PTE(paging_mfn(l2), PTE_FLAGS_RW);
	l4[0] = PTE(paging_mfn(l3), PTE_FLAGS_RW);
	CHECK_EQ(paging_protect(l2), 0);
	CHECK_EQ(paging_protect(l3), 0);
	CHECK_EQ(paging_protect(l4), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, paging_mfn(l4)), -kEINVAL); /* l1 is writable */
	CHECK_EQ(paging_unprotect(l3), 0); /* nothing stays typed after the refusal */
	CHECK_EQ(paging_protect(l3), 0);
	CHECK_EQ(paging_protect(l1), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, paging_mfn(l4)), 0);
	CHECK_EQ(paging_unprotect(l1), -kEBUSY);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L3_TABLE, paging_mfn(l3)), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L2_TABLE, paging_mfn(l3)), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(l4)), 0);
	CHECK_EQ(paging_unprotect(l4), 0);
	CHECK_EQ(paging_unprotect(l1), -kEBUSY); /* still below the pinned l3 */
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(l3)), 0);
	CHECK_EQ(paging_unprotect(l3), 0);
	CHECK_EQ(paging_unprotect(l2), 0);
	CHECK_EQ(paging_unprotect(l1), 0);
}

/* The hypervisor's slots of a new L4 are its own, whatever the guest wrote there before. */
static void check_new_base(void)
{
	u64 *l4 = page_alloc();
	const u64 *kernel = (const u64 *)start_info->pt_base;
	u64 old = paging_mfn((void *)start_info->pt_base);

	memcpy(l4, kernel, PAGE_SIZE);
	for (unsigned int i = 256; i < 272; i++) {
		l4[i] = 0;
	}
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, paging_mfn(l4)), -kEINVAL); /* writable */
	CHECK_EQ(paging_protect(l4), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, paging_mfn(l4)), 0);
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, paging_mfn(l4)), 0);
	/* Alive on the new root; the boot root was pinned by the builder and can be let go. */
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, paging_mfn(l4)), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, old), 0);
	CHECK_EQ(paging_unprotect((void *)start_info->pt_base), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, old), -kEINVAL);
	CHECK_EQ(paging_protect((void *)start_info->pt_base), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, old), 0);
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, old), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(l4)), 0);
	CHECK_EQ(paging_unprotect(l4), 0);

	CHECK_EQ(paging_ext(MMUEXT_NEW_USER_BASEPTR, 0), 0);
	CHECK_EQ(paging_ext(MMUEXT_NEW_USER_BASEPTR, 0xffffffff), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, 0xffffffff), -kEINVAL);
}

static long flush(unsigned int cmd, u64 va, const void *mask)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.linear_addr = va;
	SET_HANDLE(op.arg2.vcpumask, mask);
	return HC(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static void check_flushes(void)
{
	u64 mask = 1;

	CHECK_EQ(flush(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
	CHECK_EQ(flush(MMUEXT_INVLPG_LOCAL, VIRT_BASE, 0), 0);
	CHECK_EQ(flush(MMUEXT_INVLPG_LOCAL, ADDR_HOLE, 0), 0);
	CHECK_EQ(flush(MMUEXT_INVLPG_LOCAL, ADDR_NONCANONICAL, 0), 0);
	CHECK_EQ(flush(MMUEXT_TLB_FLUSH_MULTI, 0, &mask), 0);
	CHECK_EQ(flush(MMUEXT_INVLPG_MULTI, VIRT_BASE, &mask), 0);
	mask = 0;
	CHECK_EQ(flush(MMUEXT_TLB_FLUSH_MULTI, 0, &mask), 0);
	mask = ~0UL;
	CHECK_EQ(flush(MMUEXT_TLB_FLUSH_MULTI, 0, &mask), 0);
	/* The mask cannot be read. */
	CHECK_EQ(flush(MMUEXT_TLB_FLUSH_MULTI, 0, (void *)ADDR_UNMAPPED), -kEINVAL);
	CHECK_EQ(flush(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
	CHECK_EQ(flush(MMUEXT_INVLPG_ALL, VIRT_BASE, 0), 0);
	/* Only who owns devices may flush caches. */
	CHECK_EQ(flush(MMUEXT_FLUSH_CACHE, 0, 0), kit_is_dom0() ? 0 : -kEACCES);
	CHECK_EQ(flush(MMUEXT_MARK_SUPER, 0, 0), -kEOPNOTSUPP);
	CHECK_EQ(flush(MMUEXT_UNMARK_SUPER, 0, 0), -kEOPNOTSUPP);
	CHECK_EQ(flush(14, 0, 0), -kENOSYS);
	CHECK_EQ(flush(21, 0, 0), -kENOSYS);
	CHECK_EQ(flush(0xffffffff, 0, 0), -kENOSYS);
}

static void check_pages(void)
{
	char *a = page_alloc(), *b = page_alloc();
	struct mmuext_op op = { .cmd = MMUEXT_COPY_PAGE };

	a[7] = 1;
	op.arg1.mfn = paging_mfn(b);
	op.arg2.src_mfn = paging_mfn(a);
	CHECK_EQ(HC(mmuext_op, &op, 1, 0, DOMID_SELF), 0);
	CHECK_EQ(b[7], 1);
	CHECK_EQ(paging_ext(MMUEXT_CLEAR_PAGE, paging_mfn(a)), 0);
	CHECK_EQ(a[7], 0);
	/* Page tables are not to be overwritten this way. */
	op.arg1.mfn = paging_mfn((void *)start_info->pt_base);
	CHECK_EQ(HC(mmuext_op, &op, 1, 0, DOMID_SELF), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_CLEAR_PAGE, op.arg1.mfn), -kEINVAL);
	CHECK_EQ(paging_ext(MMUEXT_CLEAR_PAGE, 0xffffffff), -kEINVAL);
}

static void check_batch(void)
{
	struct mmuext_op ops[3] = { { .cmd = MMUEXT_TLB_FLUSH_LOCAL },
				    { .cmd = MMUEXT_UNPIN_TABLE },
				    { .cmd = MMUEXT_TLB_FLUSH_LOCAL } };
	unsigned int done = 77;

	ops[1].arg1.mfn = paging_mfn(page_alloc());
	CHECK_EQ(HC(mmuext_op, ops, 3, &done, DOMID_SELF), -kEINVAL);
	CHECK_EQ(done, 1);
	CHECK_EQ(HC(mmuext_op, ops, 1, &done, DOMID_SELF), 0);
	CHECK_EQ(done, 1);
	CHECK_EQ(HC(mmuext_op, ops, 0, &done, DOMID_SELF), 0);
	CHECK_EQ(HC(mmuext_op, ops, 1, &done, 4321), -kESRCH);
	CHECK_EQ(HC(mmuext_op, ADDR_UNMAPPED, 1, &done, DOMID_SELF), -kEFAULT);
}

void guest_main(void)
{
	kit_init();
	check_pin_l1();
	check_pin_tree();
	check_new_base();
	check_flushes();
	check_pages();
	check_batch();
	verdict();
}

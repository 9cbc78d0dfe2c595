/* SPDX-License-Identifier: MIT */
/*
 * update_va_mapping: which addresses and flush flags does it take?
 *
 * The entry must exist, that is an L1 table must be there; the hypervisor's range has none for the
 * guest. The flag word's low two bits choose the flush, the rest is 0 (this vCPU), 1 << 2 (all) or
 * the address of a vCPU bitmap, which is read only if a flush was asked for. A stale translation
 * must be gone after a flush of either kind.
 */
#include "kit.h"

static char *page_a, *page_b;
static char window[PAGE_SIZE] PAGE_ALIGNED;

static void check_flush_kinds(void)
{
	u64 mask = 1;
	unsigned long kinds[] = { UVMF_TLB_FLUSH, UVMF_INVLPG, UVMF_TLB_FLUSH | UVMF_ALL,
				  UVMF_INVLPG | UVMF_ALL, UVMF_TLB_FLUSH | (unsigned long)&mask,
				  UVMF_INVLPG | (unsigned long)&mask };

	page_a[0] = 'a';
	page_b[0] = 'b';
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		CHECK_EQ(HC(update_va_mapping, window, PTE(paging_mfn(page_a), PTE_FLAGS_RW),
			    kinds[i]), 0);
		CHECK_EQ(*(volatile char *)window, 'a');
		CHECK_EQ(HC(update_va_mapping, window, PTE(paging_mfn(page_b), PTE_FLAGS_RW),
			    kinds[i]), 0);
		CHECK_EQ(*(volatile char *)window, 'b');
	}
	CHECK_EQ(HC(update_va_mapping, window, 0, UVMF_NONE), 0);
	CHECK_EQ(HC(update_va_mapping, window, 0, UVMF_ALL), 0);
	CHECK_EQ(HC(update_va_mapping, window, 0, UVMF_FLUSHTYPE_MASK), 0); /* no such flush */
	CHECK_EQ(HC(update_va_mapping, window, 0, UVMF_TLB_FLUSH | ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(update_va_mapping, window, 0, UVMF_NONE | ADDR_UNMAPPED), 0);
}

static void check_addresses(void)
{
	u64 pte = PTE(paging_mfn(page_a), PTE_FLAGS_RW);

	CHECK_EQ(HC(update_va_mapping, ADDR_UNMAPPED, pte, 0), -kEINVAL);
	CHECK_EQ(HC(update_va_mapping, ADDR_HOLE, pte, 0), -kEINVAL);
	CHECK_EQ(HC(update_va_mapping, HYPERVISOR_VIRT_START, pte, 0), -kEINVAL);
	CHECK_EQ(HC(update_va_mapping, ADDR_NONCANONICAL, pte, 0), -kEINVAL);
	/* The offset in the page is of no account. */
	CHECK_EQ(HC(update_va_mapping, window + 0x123, pte, UVMF_INVLPG), 0);
	CHECK_EQ(*(volatile char *)window, 'a');
	CHECK_EQ(HC(update_va_mapping, window,
		    PTE(paging_mfn((void *)start_info->pt_base), PTE_FLAGS_RW), 0), -kEBUSY);
}

static void check_domains(void)
{
	u64 pte = PTE(paging_mfn(page_b), PTE_FLAGS_RW);
	long denied = kit_is_dom0() ? 0 : -kEPERM;

	CHECK_EQ(HC(update_va_mapping_otherdomain, window, pte, UVMF_INVLPG, DOMID_SELF), 0);
	CHECK_EQ(*(volatile char *)window, 'b');
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, pte, UVMF_INVLPG, 4321), -kESRCH);
	/*
	 * I/O memory's name also covers what dom0 owns itself; the oracle refuses a domU that, and
	 * to allow it a page of its own does no harm.
	 */
	CHECK_EITHER(HC(update_va_mapping_otherdomain, window, pte, UVMF_INVLPG, DOMID_IO), 0,
		     denied);
	/* The VGA hole is I/O memory that dom0 alone may have, named either way. */
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, PTE(0xb8, PTE_FLAGS_RW), UVMF_INVLPG,
		    DOMID_IO), denied);
	CHECK_EQ(HC(update_va_mapping, window, PTE(0xb8, PTE_FLAGS_RW), UVMF_INVLPG), denied);
	/* The local APIC is the hypervisor's. */
	CHECK_EQ(HC(update_va_mapping, window, PTE(0xfee00, PTE_FLAGS_RW), UVMF_INVLPG), -kEPERM);
	CHECK_EQ(HC(update_va_mapping, window, 0, UVMF_INVLPG), 0);
}

void guest_main(void)
{
	kit_init();
	page_a = page_alloc();
	page_b = page_alloc();
	check_flush_kinds();
	check_addresses();
	check_domains();
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Are the INIT_P2M and MOD_START_PFN notes obeyed?
 *
 * Domain: dom0
 *
 * A kernel that names an address for its p2m list must find it there and not behind its image,
 * in frames of its own whose pfns start_info gives (data and tables together, contiguous). The
 * kernel pads the list with "invalid" up to a whole page of entries, so the last page must be
 * mapped entirely and writable. With MOD_START_PFN the module is not mapped at all: start_info
 * has a pfn and the flag that says so.
 */
#include "kit.h"

#define P2M_VA 0x8000000000UL

static const char module_text[] = "the module of every guest";

static void check_p2m(void)
{
	volatile u64 *p2m = (volatile u64 *)start_info->mfn_list;
	unsigned long entries = start_info->nr_pages;
	unsigned long padded = (entries + 511) & ~511UL;
	unsigned long wrong = 0, data = padded / 512;

	CHECK_EQ(start_info->mfn_list, P2M_VA);
	for (unsigned long pfn = 0; pfn < entries; pfn++) {
		wrong += paging_m2p[p2m[pfn]] != pfn;
	}
	CHECK_EQ(wrong, 0);
	for (unsigned long pfn = entries; pfn < padded; pfn++) {
		p2m[pfn] = ~0UL;
	}
	p2m[0] = p2m[0];
	/* One L3, one L2 and one L1 for each 512 pages of list. */
	CHECK_EQ(start_info->nr_p2m_frames, data + 2 + (data + 511) / 512);
	CHECK(start_info->first_p2m_pfn + start_info->nr_p2m_frames <= entries);
	/* The frames follow everything that the boot map describes. */
	CHECK(start_info->first_p2m_pfn >= (boot_regs.rsp - VIRT_BASE) >> PAGE_SHIFT);
	for (unsigned long i = 0; i < data; i++) {
		volatile u64 *l4 = (volatile u64 *)start_info->pt_base;
		u64 l3 = l4[P2M_VA >> 39] & PTE_ADDR;
		unsigned long pfn = paging_m2p[l3 >> PAGE_SHIFT];

		wrong += pfn < start_info->first_p2m_pfn ||
			 pfn >= start_info->first_p2m_pfn + start_info->nr_p2m_frames;
	}
	CHECK_EQ(wrong, 0);
}

static void check_module(void)
{
	static char window[PAGE_SIZE] PAGE_ALIGNED;
	const u64 *p2m = (const u64 *)start_info->mfn_list;

	CHECK_EQ(start_info->flags & 0xff, SIF_PRIVILEGED | SIF_INITDOMAIN | SIF_MOD_START_PFN);
	CHECK_EQ(start_info->mod_len, sizeof(module_text) - 1);
	if (CHECK(start_info->mod_start > 0 && start_info->mod_start < start_info->nr_pages)) {
		CHECK_EQ(paging_set(window, PTE(p2m[start_info->mod_start], PTE_FLAGS_RW)), 0);
		CHECK(memcmp(window, module_text, sizeof(module_text) - 1) == 0);
	}
}

void guest_main(void)
{
	kit_init();
	check_p2m();
	check_module();
	verdict();
}

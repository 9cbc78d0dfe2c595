/* SPDX-License-Identifier: MIT */
/*
 * What is in the initial address space, and is it what start_info says?
 *
 * Domain: dom0
 *
 * From VIRT_BASE the domain's first pages are mapped in order, pfn by pfn, with 4 KiB entries that
 * are present, writable, user-accessible and executable. The page tables themselves are the
 * exception: read-only. Order of things: image, module, p2m list, start_info, page tables, boot
 * stack, then at least 512 KiB more, the end being a multiple of 4 MiB. The machine-to-physical
 * table already agrees with the p2m list for every page of the domain. The hole's L4 slots look
 * empty or are the hypervisor's, but nothing else is mapped above the end.
 */
#include "kit.h"

extern char _image_start[], _image_end[];

static unsigned long map_end;

/* Walk the initial map and return what differs from the rule as counts. */
static void check_leaves(void)
{
	unsigned long pt_first = start_info->pt_base;
	unsigned long pt_end = pt_first + start_info->nr_pt_frames * PAGE_SIZE;
	const u64 *p2m = (const u64 *)start_info->mfn_list;
	unsigned int bad_flags = 0, bad_frame = 0, pages = 0;
	unsigned long va;

	for (va = VIRT_BASE;; va += PAGE_SIZE) {
		volatile u64 *entry = paging_entry(va, 2);
		u64 pte, want;

		if (entry == NULL || !(*entry & PTE_P)) {
			break;
		}
		CHECK((*entry & PTE_PSE) == 0 || va % (2UL << 20));
		pte = *paging_entry(va, 1);
		if (!(pte & PTE_P)) {
			break;
		}
		want = PTE_P | PTE_US | (va >= pt_first && va < pt_end ? 0 : PTE_RW);
		bad_flags += (pte & (PTE_P | PTE_US | PTE_RW | PTE_NX | PTE_PSE)) != want;
		bad_frame += (pte & PTE_ADDR) >> PAGE_SHIFT != p2m[pages];
		pages++;
	}
	map_end = va;
	CHECK_EQ(bad_flags, 0);
	CHECK_EQ(bad_frame, 0);
	CHECK(pages > 0);
}

static void check_upper_levels(void)
{
	unsigned int wrong = 0;

	for (unsigned int level = 2; level <= 4; level++) {
		u64 e = *paging_entry(VIRT_BASE, level);

		wrong += (e & (PTE_P | PTE_RW | PTE_US | PTE_NX | PTE_PSE)) !=
			 (PTE_P | PTE_RW | PTE_US);
	}
	CHECK_EQ(wrong, 0);
	for (unsigned int slot = 0; slot < 511; slot++) {
		if (slot < 256 || slot > 271) {
			wrong += ((const u64 *)start_info->pt_base)[slot] != 0;
		}
	}
	CHECK_EQ(wrong, 0);
}

static void check_order(void)
{
	unsigned long stack = boot_regs.rsp;
	unsigned long pt_end = start_info->pt_base + start_info->nr_pt_frames * PAGE_SIZE;

	CHECK(start_info->mfn_list >= (u64)_image_end);
	CHECK((u64)start_info >= start_info->mfn_list + start_info->nr_pages * 8);
	CHECK(start_info->pt_base > (u64)start_info);
	CHECK_EQ(stack, pt_end + PAGE_SIZE);
	CHECK_EQ(map_end & ((4UL << 20) - 1), 0);
	CHECK(map_end - stack >= 512 << 10);
	CHECK(start_info->mod_start == 0 || (start_info->mod_start >= (u64)_image_end &&
					     start_info->mod_start < start_info->mfn_list));
}

static void check_m2p(void)
{
	const u64 *p2m = (const u64 *)start_info->mfn_list;
	unsigned long wrong = 0;

	for (unsigned long pfn = 0; pfn < start_info->nr_pages; pfn++) {
		wrong += paging_m2p[p2m[pfn]] != pfn;
	}
	CHECK_EQ(wrong, 0);
}

static void write_to(volatile unsigned long *where)
{
	*where = *where;
}

void guest_main(void)
{
	check_leaves();
	check_upper_levels();
	check_order();
	check_m2p();
	kit_init(); /* only now: it maps the shared info page */
	/* The rules hold for the hardware too, not only for what the tables say. */
	CHECK_EQ(TRAP_OF(write_to((void *)MACH2PHYS_VIRT_START)), TRAP_PF);
	CHECK_EQ(trap_last.error, 3);
	CHECK_EQ(TRAP_OF(write_to((void *)map_end)), TRAP_PF);
	CHECK_EQ(trap_last.error, 0);
	CHECK_EQ(trap_last_cr2, map_end);
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * Where everything lies in the memory of a paravirtual kernel that is about to start. Pure
 * arithmetic: given what the kernel asks for, says which pseudo-physical frame (pfn) holds what
 * and at which virtual address, how many page-table frames there are and which table is where.
 * The dom0 builder and the tools fill in the same plan.
 *
 *	virt_base                                                                        v_end
 *	| kernel | module? | p2m? | start_info | store? console? | page tables | stack | free |
 *	pfn 0                                                                       boot_pages
 *
 * and, in pfns from boot_pages on, what is not part of that mapping: the module (when the kernel
 * takes it unmapped), then the p2m with page tables of its own (when the kernel names an address
 * for it). The mapping is contiguous, ends at a multiple of 4 MiB and has at least 512 KiB free
 * behind the stack.
 */
#ifndef DAIS_PVLAYOUT_H
#define DAIS_PVLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct elf_image;

/* nr pages from pfn on, mapped from va on; nr 0: there is none. va 0: not mapped. */
struct pv_region {
	uint64_t va, pfn, nr;
};

struct pv_layout_in {
	const struct elf_image *elf;	/* its addresses, and whether it takes the module unmapped */
	uint64_t module_len;		/* bytes, 0: none */
	bool store_console;		/* domU: has xenstore and console ring pages */
	uint64_t nr_pages;		/* that the domain has at start */
};

struct pv_layout {
	uint64_t v_start, v_end;	/* of the initial mapping */
	uint64_t boot_pages;		/* (v_end - v_start) / 4096 */
	struct pv_region kernel;
	struct pv_region module;
	struct pv_region p2m;		/* the list itself: 8 bytes a page, whole pages */
	struct pv_region start_info;	/* 1 page */
	struct pv_region store, console; /* 1 page each for a domU */
	struct pv_region tables;	/* L4 first, then all L3, L2, L1 */
	struct pv_region stack;		/* 1 page; the stack pointer starts at its end */

	/* How many tables of level 1..4, and of level 1..3 for a p2m of its own. */
	uint64_t nr_tables[5];
	uint64_t nr_p2m_tables[4];
	/*
	 * What start_info reports: the p2m and its own tables (which follow the p2m's pages: all
	 * L3, L2, L1). Both 0 when the p2m lies behind the kernel.
	 */
	uint64_t first_p2m_pfn, nr_p2m_frames;

	uint64_t used_pages;		/* pfns 0 .. used_pages-1 are planned for */
};

/*
 * Make the plan. 0; -EINVAL when addresses do not work out; -ENOMEM when nr_pages is less than
 * used_pages (which is then filled in all the same). *why is a complete sentence.
 */
int pv_layout_compute(struct pv_layout *l, const struct pv_layout_in *in, const char **why);

/*
 * The pfn of the level-1..4 table that covers va in the initial mapping, or, for level 1..3, in
 * the mapping of a p2m of its own. va must lie in [v_start, v_end) or in that p2m.
 */
uint64_t pv_layout_table(const struct pv_layout *l, unsigned int level, uint64_t va);

/* The pfn mapped at an address of [v_start, v_end). */
static inline uint64_t pv_layout_pfn(const struct pv_layout *l, uint64_t va)
{
	return (va - l->v_start) >> 12;
}

#endif /* DAIS_PVLAYOUT_H */

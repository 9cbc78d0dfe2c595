/* SPDX-License-Identifier: MIT */
/*
 * The plan of a paravirtual kernel's first address space. Stateless. Sums are checked against
 * wrapping once, at the end of the mapping, after every length has been bounded: no length
 * exceeds LAYOUT_BYTES_MAX and there are few of them.
 */
#include <dais/compiler.h>
#include <dais/elf.h>
#include <dais/pvlayout.h>
#include <dais/string.h>
#include <xen/errno.h>

#define LAYOUT_ALIGN		(4 * MiB)	/* of the end of the mapping */
#define LAYOUT_SLACK		(512 * KiB)	/* at least free behind the stack */
#define LAYOUT_BYTES_MAX	(1UL << 44)	/* of any one part: 16 TiB */

/* L4 slots that belong to the hypervisor, and the gap of non-canonical addresses. */
#define LAYOUT_HOLE_START	0x0000800000000000UL
#define LAYOUT_HOLE_END		0xffff880000000000UL

/* Is the non-empty range [start, end) below 2^64 and clear of what is not the guest's? */
static bool layout_range_ok(uint64_t start, uint64_t end)
{
	return start < end && (end <= LAYOUT_HOLE_START || start >= LAYOUT_HOLE_END);
}

/* Tables of a level that it takes to map [start, end). */
static uint64_t layout_count(unsigned int level, uint64_t start, uint64_t end)
{
	unsigned int shift = 12 + 9 * level;

	return ((end - 1) >> shift) - (start >> shift) + 1;
}

/* The next nr pages at *at, which moves on. */
static struct pv_region layout_place(const struct pv_layout *l, uint64_t *at, uint64_t nr)
{
	struct pv_region r = { *at, (*at - l->v_start) / PAGE_SIZE, nr };

	*at += nr * PAGE_SIZE;
	return nr == 0 ? (struct pv_region){ 0 } : r;
}

/*
 * Tables, stack and slack at *at. How many tables it takes depends on where the mapping ends,
 * which depends on how many tables there are: grow until it fits.
 */
static void layout_place_tables(struct pv_layout *l, uint64_t at)
{
	uint64_t nr, next = 4, stack_end;

	do {
		nr = next;
		stack_end = at + (nr + 1) * PAGE_SIZE;
		l->v_end = ROUND_UP(stack_end + LAYOUT_SLACK, LAYOUT_ALIGN);
		if (l->v_end <= l->v_start) {
			return;		/* wrapped: the caller refuses it */
		}
		next = l->nr_tables[4] = 1;
		for (unsigned int level = 1; level <= 3; level++) {
			next += l->nr_tables[level] = layout_count(level, l->v_start, l->v_end);
		}
	} while (next > nr);
	l->tables = layout_place(l, &at, next);
	l->stack = layout_place(l, &at, 1);
}

/* What lies outside of the mapping, in pfns from boot_pages on. NULL, or what is wrong. */
static const char *layout_place_unmapped(struct pv_layout *l, const struct pv_layout_in *in,
					 uint64_t module_pages, uint64_t p2m_pages)
{
	uint64_t pfn = l->boot_pages, va = in->elf->init_p2m, end = va + p2m_pages * PAGE_SIZE;

	if (in->elf->mod_start_pfn && module_pages > 0) {
		l->module = (struct pv_region){ 0, pfn, module_pages };
		pfn += module_pages;
	}
	if (va != ELF_UNSET) {
		if (va % PAGE_SIZE != 0 || !layout_range_ok(va, end) ||
		    (va >> 39 <= (l->v_end - 1) >> 39 &&
		     (end - 1) >> 39 >= l->v_start >> 39)) {
			return "The address the kernel wants its p2m at (INIT_P2M) overlaps itself "
			       "or the hypervisor.";
		}
		l->p2m = (struct pv_region){ va, pfn, p2m_pages };
		l->first_p2m_pfn = pfn;
		l->nr_p2m_frames = p2m_pages;
		for (unsigned int level = 1; level <= 3; level++) {
			l->nr_p2m_tables[level] = layout_count(level, va, end);
			l->nr_p2m_frames += l->nr_p2m_tables[level];
		}
		pfn += l->nr_p2m_frames;
	}
	l->used_pages = pfn;
	return NULL;
}

static const char *layout_check_in(const struct pv_layout_in *in)
{
	const struct elf_image *elf = in->elf;

	if (elf->virt_base % PAGE_SIZE != 0 || elf->virt_kstart < elf->virt_base ||
	    elf->virt_kend <= elf->virt_kstart ||
	    elf->virt_kend - elf->virt_base > LAYOUT_BYTES_MAX) {
		return "The kernel's addresses make no sense.";
	}
	if (in->nr_pages == 0 || in->nr_pages > LAYOUT_BYTES_MAX / PAGE_SIZE) {
		return "The domain's memory size makes no sense.";
	}
	return in->module_len > LAYOUT_BYTES_MAX ? "The module (initrd) is too large." : NULL;
}

static const char *layout_make(struct pv_layout *l, const struct pv_layout_in *in)
{
	uint64_t p2m_pages = DIV_ROUND_UP(in->nr_pages, PAGE_SIZE / 8);
	uint64_t module_pages = DIV_ROUND_UP(in->module_len, PAGE_SIZE);
	uint64_t at = ROUND_DOWN(in->elf->virt_kstart, PAGE_SIZE);

	l->v_start = in->elf->virt_base;
	l->kernel = layout_place(l, &at, DIV_ROUND_UP(in->elf->virt_kend - at, PAGE_SIZE));
	if (!in->elf->mod_start_pfn) {
		l->module = layout_place(l, &at, module_pages);
	}
	if (in->elf->init_p2m == ELF_UNSET) {
		l->p2m = layout_place(l, &at, p2m_pages);
	}
	l->start_info = layout_place(l, &at, 1);
	if (in->store_console) {
		l->store = layout_place(l, &at, 1);
		l->console = layout_place(l, &at, 1);
	}
	layout_place_tables(l, at);
	if (!layout_range_ok(l->v_start, l->v_end)) {
		return "The kernel and what is mapped behind it (module, p2m) do not fit between "
		       "the kernel's address and the end of the address space.";
	}
	l->boot_pages = (l->v_end - l->v_start) / PAGE_SIZE;
	return layout_place_unmapped(l, in, module_pages, p2m_pages);
}

int pv_layout_compute(struct pv_layout *l, const struct pv_layout_in *in, const char **why)
{
	const char *bad = layout_check_in(in);

	memset(l, 0, sizeof(*l));
	bad = bad ? bad : layout_make(l, in);
	if (bad) {
		*why = bad;
		return -XEN_EINVAL;
	}
	if (l->used_pages > in->nr_pages) {
		*why = "The domain has too little memory for its kernel, module (initrd) and "
		       "tables.";
		return -XEN_ENOMEM;
	}
	return 0;
}

uint64_t pv_layout_table(const struct pv_layout *l, unsigned int level, uint64_t va)
{
	bool p2m = l->nr_p2m_frames != 0 && level < 4 && (va < l->v_start || va >= l->v_end);
	uint64_t pfn = p2m ? l->p2m.pfn + l->p2m.nr : l->tables.pfn;
	unsigned int shift = 12 + 9 * level;

	for (unsigned int higher = p2m ? 3 : 4; higher > level; higher--) {
		pfn += p2m ? l->nr_p2m_tables[higher] : l->nr_tables[higher];
	}
	return level == 4 ? pfn : pfn + (va >> shift) - ((p2m ? l->p2m.va : l->v_start) >> shift);
}

/* SPDX-License-Identifier: MIT */
/*
 * Builds and owns the hypervisor's own page tables (layout in dais/paging.h). Code is executable and not
 * writable, everything else is not executable. Tables are only ever added to; boot code runs alone, later
 * additions (map_mmio) hold paging_lock.
 */
#include <dais/boot_info.h>
#include <dais/boot_mem.h>
#include <dais/compiler.h>
#include <dais/frame_alloc.h>
#include <dais/frame_table.h>
#include <dais/m2p.h>
#include <dais/msr.h>
#include <dais/paging.h>
#include <dais/printk.h>
#include <dais/sections.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include <dais/tlb.h>
#include <dais/x86.h>

uint64_t hv_l4[512] __aligned(4096);
uint64_t hv_cr3;

static spinlock_t paging_lock = SPINLOCK_INIT;
static unsigned long mmio_next = MMIO_BASE;

#define TWO_MIB	(2UL << 20)

paddr_t paging_table_new(void)
{
	struct frame *f;

	if (frame_alloc_total() == 0) {
		return early_pages(1);
	}
	f = frame_alloc(0, FRAME_ANY_BITS, 0);
	if (f == NULL) {
		panic("no memory for a hypervisor page table");
	}
	return mfn_to_paddr(frame_to_mfn(f));
}

void paging_map(unsigned long va, paddr_t pa, unsigned long n, uint64_t flags)
{
	for (; n > 0; n--, va += PAGE_SIZE, pa += PAGE_SIZE) {
		uint64_t *e = paging_entry(hv_l4, va, 1, true);

		BUG_ON(e == NULL);
		*e = pa | flags;
	}
}

paddr_t paging_walk(unsigned long va)
{
	uint64_t *l4 = direct_map(read_cr3() & PTE_ADDR);

	for (unsigned int level = 1; level < 4; level++) {
		const uint64_t *e = paging_entry(l4, va, level, false);
		unsigned long within = (1UL << (12 + 9 * (level - 1))) - 1;

		if (e != NULL && (*e & PTE_P) && (level == 1 || (*e & PTE_PS))) {
			return (*e & PTE_ADDR & ~within) | (va & within);
		}
	}
	return INVALID_PADDR;
}

static bool __init within(unsigned long va, const char *start, const char *end)
{
	return va >= (unsigned long)start && va < (unsigned long)end;
}

/* By the section that each page is in. */
static void __init image_map(void)
{
	unsigned long va = (unsigned long)__image_start & PAGE_MASK;

	for (; va < (unsigned long)__image_end; va += PAGE_SIZE) {
		uint64_t flags = PTE_HV_RW;

		if (within(va, __text_start, __text_end) ||
		    within(va, __init_text_start, __init_text_end)) {
			flags = PTE_HV_RX;
		} else if (within(va, __rodata_start, __rodata_end)) {
			flags = PTE_HV_RO;
		}
		paging_map(va, paging_walk(va) & PAGE_MASK, 1, flags);
	}
}

/*
 * PAT as PV guests expect it (it is part of their ABI): WB WT UC- UC WC WP UC UC.
 */
#define PAT_GUEST	0x050100070406UL

void paging_load_ap(void)
{
	wrmsr(MSR_PAT, PAT_GUEST);
	write_cr0(0x80050033UL);	/* PG WP NE ET MP PE AM; no TS: state is switched eagerly */
	write_cr4(x86_features.cr4);
	if (x86_features.xsave) {
		xsetbv(0, x86_features.xcr0);
	}
}

void __init paging_init(const struct boot_info *bi)
{
	paging_fill(hv_l4, DIRECTMAP_BASE, 0, 1UL << 20, PTE_HV_RW | PTE_G);
	for (unsigned int i = 0; i < bi->nr_e820; i++) {
		const struct boot_e820_entry *e = &bi->e820[i];

		if (e->type == BOOT_E820_RAM || e->type == BOOT_E820_ACPI || e->type == BOOT_E820_NVS) {
			paddr_t end = min(ROUND_UP(e->end, PAGE_SIZE), DIRECT_END - DIRECTMAP_BASE);

			paging_fill(hv_l4, DIRECTMAP_BASE, ROUND_DOWN(e->start, PAGE_SIZE), end,
				    PTE_HV_RW | PTE_G);
		}
	}
	image_map();
	for (unsigned int slot = HV_SLOT_FIRST; slot <= HV_SLOT_LAST; slot++) {
		if (!(hv_l4[slot] & PTE_P)) {
			/* Every slot that may fill later needs its L3 now: guests copy these entries. */
			hv_l4[slot] = early_pages(1) | PTE_P | PTE_RW | PTE_US | PTE_A;
		}
	}
	hv_cr3 = paging_walk((unsigned long)hv_l4);
	paging_load_ap();
	write_cr3(hv_cr3);
}

static paddr_t __init large_page_map(vaddr_t va, int fill)
{
	paddr_t pa = boot_mem_alloc(TWO_MIB, TWO_MIB, 0);
	uint64_t *e = paging_entry(hv_l4, va, 2, true);

	if (pa == INVALID_PADDR) {
		panic("not enough memory for the frame tables: give the machine more memory");
	}
	BUG_ON(e == NULL);
	memset(direct_map(pa), fill, TWO_MIB);
	*e = pa | PTE_HV_RW | PTE_G | PTE_PS;
	return pa;
}

static int __init back_frame_table(vaddr_t va, size_t size)
{
	for (; size > 0; size -= TWO_MIB, va += TWO_MIB) {
		(void)large_page_map(va, 0);
	}
	return 0;
}

static void __init add_frames(mfn_t start, mfn_t end)
{
	(void)frame_table_add(start, end, back_frame_table);
}

#define M2P_PER_CHUNK	(TWO_MIB / 8)	/* frames that 2 MiB of the table describe: 1 GiB of machine */

/*
 * Also the machine-to-physical table, once for us and once, read-only, for guests: the only thing of
 * ours that they see. A stretch of 1 GiB without any RAM has no table: reads fault there, as the
 * interface has it.
 */
void __init paging_init_frames(void)
{
	boot_mem_each_ram(add_frames);
	for (mfn_t mfn = 0; mfn < frame_max; mfn += M2P_PER_CHUNK) {
		if (boot_mem_ram_in(mfn_to_paddr(mfn), mfn_to_paddr(mfn + M2P_PER_CHUNK))) {
			paddr_t pa = large_page_map(M2P_RW_BASE + mfn * 8, 0xff);

			*paging_entry(hv_l4, M2P_RO_BASE + mfn * 8, 2, true) =
				pa | PTE_HV_RO | PTE_US | PTE_PS;
		}
	}
}

void __init m2p_share(struct domain *d)
{
	for (mfn_t mfn = 0; mfn < frame_max; mfn += M2P_PER_CHUNK) {
		const uint64_t *e = paging_entry(hv_l4, M2P_RO_BASE + mfn * 8, 2, false);

		for (mfn_t n = 0; e != NULL && (*e & PTE_P) && n < TWO_MIB / PAGE_SIZE; n++) {
			frame_share_with(mfn_to_frame(paddr_to_mfn(*e & PTE_ADDR) + n), d, true);
		}
	}
}

#define FOUR_GIB	(1UL << 32)

paddr_t early_pages(unsigned long n)
{
	paddr_t pa = boot_mem_alloc(n * PAGE_SIZE, PAGE_SIZE, FOUR_GIB);

	if (pa == INVALID_PADDR) {
		panic("not enough memory below 4 GiB for the hypervisor's own tables");
	}
	memset(direct_map(pa), 0, n * PAGE_SIZE);
	return pa;
}

/* An entry with an address beyond the processor's is malformed: not the mapping would fault, but its first use. */
bool paging_reaches(paddr_t pa, size_t len)
{
	paddr_t end = 1UL << x86_features.phys_bits;

	return len <= end && pa <= end - len;
}

void *map_phys(paddr_t pa)
{
	paddr_t end = ROUND_UP(pa + MAP_PHYS_LEN, PAGE_SIZE);

	if (!paging_reaches(pa, MAP_PHYS_LEN) || end > DIRECT_END - DIRECTMAP_BASE) {
		return NULL;
	}
	paging_fill(hv_l4, DIRECTMAP_BASE, ROUND_DOWN(pa, PAGE_SIZE), end, PTE_HV_RW);
	return direct_map(pa);
}

void *map_mmio(paddr_t pa, size_t len)
{
	paddr_t start = ROUND_DOWN(pa, PAGE_SIZE);
	unsigned long n = (ROUND_UP(pa + len, PAGE_SIZE) - start) / PAGE_SIZE;
	void *p = NULL;

	if (!paging_reaches(pa, len)) {
		return NULL;
	}
	spin_lock(&paging_lock);
	if (n <= (MMIO_END - mmio_next) / PAGE_SIZE) {
		paging_map(mmio_next, start, n, PTE_HV_UC);
		p = (void *)(mmio_next + (pa - start));
		mmio_next += n * PAGE_SIZE;
	}
	spin_unlock(&paging_lock);
	return p;
}

void paging_take_away(const char *start, const char *end, uint64_t bits)
{
	for (unsigned long va = (unsigned long)start; va < (unsigned long)end; va += PAGE_SIZE) {
		*paging_entry(hv_l4, va, 1, false) &= ~bits;
	}
	tlb_flush_mask(&cpu_online_mask);
}

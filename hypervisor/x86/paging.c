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
#include <dais/percpu.h>
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
static bool paging_live;	/* the allocator is up: tables come from it */

#define TWO_MIB	(2UL << 20)
#define IDX(va, level)	(((va) >> (12 + 9 * ((level) - 1))) & 511)

paddr_t paging_table_new(void)
{
	if (paging_live) {
		struct frame *f = frame_alloc(0, 0, 0);

		if (f == NULL) {
			panic("no memory for a hypervisor page table");
		}
		memset(direct_map(mfn_to_paddr(frame_to_mfn(f))), 0, PAGE_SIZE);
		return mfn_to_paddr(frame_to_mfn(f));
	}
	return early_pages(1);
}

static uint64_t *table_entry(unsigned long va, unsigned int level, bool make)
{
	return paging_entry(hv_l4, va, level, make);
}

void paging_map(unsigned long va, paddr_t pa, unsigned long n, uint64_t flags)
{
	for (; n > 0; n--, va += PAGE_SIZE, pa += PAGE_SIZE) {
		uint64_t *e = table_entry(va, 1, true);

		BUG_ON(e == NULL);
		*e = pa | flags;
	}
}

uint64_t *paging_l1_entry(unsigned long va)
{
	return table_entry(va, 1, false);
}

paddr_t paging_walk(unsigned long va)
{
	paddr_t table = read_cr3() & PTE_ADDR;

	for (unsigned int l = 4; l > 0; l--) {
		uint64_t e = ((uint64_t *)direct_map(table))[IDX(va, l)];

		if (!(e & PTE_P)) {
			return INVALID_PADDR;
		}
		if (l == 1 || (l < 4 && (e & PTE_PS))) {
			unsigned long mask = (1UL << (12 + 9 * (l - 1))) - 1;

			return (e & PTE_ADDR & ~mask) | (va & mask);
		}
		table = e & PTE_ADDR;
	}
	return INVALID_PADDR;
}

static void direct_map_range(paddr_t start, paddr_t end, uint64_t flags)
{
	paging_fill_direct(hv_l4, start, end, flags);
}

static uint64_t image_flags(unsigned long va)
{
	if ((va >= (unsigned long)__text_start && va < (unsigned long)__text_end) ||
	    (va >= (unsigned long)__init_text_start && va < (unsigned long)__init_text_end)) {
		return PTE_HV_RX;
	}
	if (va >= (unsigned long)__rodata_start && va < (unsigned long)__rodata_end) {
		return PTE_HV_RO;
	}
	return PTE_HV_RW;
}

static void __init image_map(void)
{
	unsigned long va = (unsigned long)__image_start & PAGE_MASK;

	for (; va < (unsigned long)__image_end; va += PAGE_SIZE) {
		paging_map(va, paging_walk(va) & PAGE_MASK, 1, image_flags(va));
	}
}

/*
 * Without CR4.PGE: guests' user pages carry the global bit (it is part of what they read back), and
 * every flush and every change of domain here relies on a CR3 load to forget them.
 */
unsigned long paging_boot_cr4(void)
{
	unsigned long cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE;

	cr4 |= x86_features.xsave ? CR4_OSXSAVE : 0;
	cr4 |= x86_features.fsgsbase ? CR4_FSGSBASE : 0;
	cr4 |= x86_features.smep ? CR4_SMEP : 0;
	cr4 |= x86_features.smap ? CR4_SMAP : 0;
	cr4 |= x86_features.umip ? CR4_UMIP : 0;
	return cr4;
}

/*
 * PAT as PV guests expect it (it is part of their ABI): WB WT UC- UC WC WP UC UC.
 */
#define PAT_GUEST	0x050100070406UL

void paging_load_ap(void)
{
	wrmsr(MSR_PAT, PAT_GUEST);
	write_cr0(0x80050033UL);	/* PG WP NE ET MP PE AM; no TS: state is switched eagerly */
	write_cr4(paging_boot_cr4());
	if (x86_features.xsave) {
		xsetbv(0, x86_features.xcr0);
	}
}

void __init paging_init(const struct boot_info *bi)
{
	direct_map_range(0, 1UL << 20, PTE_HV_RW | PTE_G);
	for (unsigned int i = 0; i < bi->nr_e820; i++) {
		const struct boot_e820_entry *e = &bi->e820[i];

		if (e->type == BOOT_E820_RAM || e->type == BOOT_E820_ACPI || e->type == BOOT_E820_NVS) {
			direct_map_range(ROUND_DOWN(e->start, PAGE_SIZE),
					 min(ROUND_UP(e->end, PAGE_SIZE), DIRECT_END - DIRECTMAP_BASE),
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

static paddr_t large_page(void)
{
	paddr_t pa = boot_mem_alloc(TWO_MIB, TWO_MIB, 0);

	if (pa == INVALID_PADDR) {
		panic("not enough memory for the frame tables: give the machine more memory");
	}
	return pa;
}

static void map_large(vaddr_t va, paddr_t pa, uint64_t flags)
{
	uint64_t *e = table_entry(va, 2, true);

	BUG_ON(e == NULL);
	*e = pa | flags | PTE_PS;
}

static int __init back_frame_table(vaddr_t va, size_t size)
{
	for (; size > 0; size -= TWO_MIB, va += TWO_MIB) {
		paddr_t pa = large_page();

		memset(direct_map(pa), 0, TWO_MIB);
		map_large(va, pa, PTE_HV_RW | PTE_G);
	}
	return 0;
}

static void __init add_frames(mfn_t start, mfn_t end)
{
	if (frame_table_add(start, end, back_frame_table) != 0) {
		panic("not enough memory for the frame table: give the machine more memory");
	}
}

#define M2P_PER_CHUNK	(TWO_MIB / 8)	/* frames that 2 MiB of the table describe: 1 GiB of machine */

static mfn_t m2p_mfn[DIRECTMAP_FRAMES / M2P_PER_CHUNK];	/* frame of each 2 MiB of the table, 0 = none */
static unsigned int m2p_nr_chunks;

/*
 * The machine-to-physical table, once for us and once, read-only, for guests: the only thing of ours that they
 * see. A stretch of 1 GiB without any RAM has no table: reads fault there, as the interface has it.
 */
static void __init init_m2p(void)
{
	mfn_t end = paddr_to_mfn(boot_mem_ram_end());

	for (mfn_t mfn = 0; mfn < end; mfn += M2P_PER_CHUNK) {
		unsigned long off = mfn * 8;
		paddr_t pa;

		if (!boot_mem_ram_in(mfn_to_paddr(mfn), mfn_to_paddr(mfn + M2P_PER_CHUNK))) {
			continue;
		}
		pa = large_page();
		memset(direct_map(pa), 0xff, TWO_MIB);
		map_large(M2P_RW_BASE + off, pa, PTE_HV_RW | PTE_G);
		map_large(M2P_RO_BASE + off, pa, PTE_HV_RO | PTE_US);
		m2p_mfn[mfn / M2P_PER_CHUNK] = paddr_to_mfn(pa);
		m2p_nr_chunks = (unsigned int)(mfn / M2P_PER_CHUNK) + 1;
	}
}

void __init m2p_share(struct domain *d)
{
	for (unsigned int i = 0; i < m2p_nr_chunks; i++) {
		for (mfn_t n = 0; m2p_mfn[i] != 0 && n < TWO_MIB / PAGE_SIZE; n++) {
			frame_share_with(mfn_to_frame(m2p_mfn[i] + n), d, true);
		}
	}
}

void __init paging_init_frames(void)
{
	boot_mem_each_ram(add_frames);
	init_m2p();
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
	direct_map_range(ROUND_DOWN(pa, PAGE_SIZE), end, PTE_HV_RW);
	return direct_map(pa);
}

void *map_mmio(paddr_t pa, size_t len)
{
	paddr_t start = ROUND_DOWN(pa, PAGE_SIZE);
	unsigned long n = (ROUND_UP(pa + len, PAGE_SIZE) - start) / PAGE_SIZE, va;

	if (!paging_reaches(pa, len)) {
		return NULL;
	}
	spin_lock(&paging_lock);
	va = mmio_next;
	if (n > (MMIO_END - va) / PAGE_SIZE) {
		spin_unlock(&paging_lock);
		return NULL;
	}
	mmio_next += n * PAGE_SIZE;
	paging_map(va, start, n, PTE_HV_UC);
	spin_unlock(&paging_lock);
	return (void *)(va + (pa - start));
}

void paging_unmap(unsigned long va, unsigned long n)
{
	for (; n > 0; n--, va += PAGE_SIZE) {
		uint64_t *e = table_entry(va, 1, false);

		if (e != NULL) {
			*e = 0;
		}
	}
	tlb_flush_mask(&cpu_online_mask);
}

void __init paging_seal(void)
{
	for (unsigned long va = (unsigned long)__ro_after_init_start;
	     va < (unsigned long)__ro_after_init_end; va += PAGE_SIZE) {
		*table_entry(va, 1, false) &= ~PTE_RW;
	}
	tlb_flush_mask(&cpu_online_mask);
}

void paging_use_allocator(void)
{
	paging_live = true;
}

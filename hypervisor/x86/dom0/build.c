/* SPDX-License-Identifier: MIT */
/*
 * Builds dom0: a domain with its memory, the kernel and initrd loaded where the kernel's notes and the plan of
 * lib/pvlayout say, first page tables, p2m, start_info, and a first vcpu with the registers of the boot contract.
 * Runs once on the boot CPU with interrupts on; nothing else touches the domain yet, so no lock is taken.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/dom0.h>
#include <dais/domain.h>
#include <dais/domain_create.h>
#include <dais/frame_alloc.h>
#include <dais/hv_alloc.h>
#include <dais/hypercall_page.h>
#include <dais/m2p.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/printk.h>
#include <dais/pv_state.h>
#include <dais/pvlayout.h>
#include <dais/sched.h>
#include <dais/softirq.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/vtime.h>
#include <xen/errno.h>
#include <xen/start_info.h>

/* All that the steps share. mfns: by pfn, nr_pages of them. */
struct build {
	const struct boot_info *bi;
	const struct dom0_kernel *k;
	const struct boot_module *initrd;
	size_t initrd_len;
	struct domain *d;
	struct pv_layout l;
	uint32_t *mfns;
	unsigned long nr_pages;
	uint32_t max_pages;
};

#define PTE_TABLE	(PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define PTE_DATA	(PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define PTE_READONLY	(PTE_P | PTE_US | PTE_A | PTE_D)

static void * __init pfn_map(const struct build *b, uint64_t pfn)
{
	BUG_ON(pfn >= b->nr_pages);
	return frame_map(b->mfns[pfn]);
}

static void __init plan(struct build *b)
{
	struct pv_layout_in in = { .elf = &b->k->elf, .module_len = b->initrd_len };
	const char *why;

	/* How much it needs depends on the p2m's size, that is, on how much it gets: ask for the least first. */
	in.nr_pages = DIV_ROUND_UP(b->initrd_len + (b->k->elf.virt_kend - b->k->elf.virt_kstart), PAGE_SIZE);
	if (pv_layout_compute(&b->l, &in, &why) == -XEN_EINVAL) {
		dom0_refuse("module 1 (kernel): %s", why);
	}
	b->nr_pages = dom0_choose_pages(b->l.used_pages, &b->max_pages);
	in.nr_pages = b->nr_pages;
	if (pv_layout_compute(&b->l, &in, &why) != 0) {
		dom0_refuse("%s Raise dom0_mem= or use a smaller initrd", why);
	}
}

static void __init create(struct build *b)
{
	struct domain_create_params p = {
		.domid = 0, .is_privileged = true, .is_hardware = true,
		.max_vcpus = dom0_choose_vcpus(), .max_maptrack_frames = 1024 * 16, .grant_version = 2,
	};
	int rc = domain_create(&p, &b->d);

	if (rc == 0) {
		dom0 = b->d;
		b->d->max_pages = b->max_pages;
		rc = domain_alloc_vcpus(b->d, p.max_vcpus);
	}
	if (rc != 0) {
		dom0_refuse("the domain cannot be created (error %d): there is too little memory", -rc);
	}
	for (unsigned int i = 0; dom0_vcpus_pin && i < p.max_vcpus; i++) {
		cpumask_t one = { { 0 } };

		cpumask_set(&one, i % nr_cpus);
		(void)sched_set_affinity(b->d->vcpu[i], &one, NULL);
	}
}

/* The largest blocks first: contiguous memory makes dom0's own DMA buffers cheap. */
static void __init allocate(struct build *b)
{
	unsigned long pfn = 0;
	unsigned int order = 10;

	b->mfns = hv_alloc(b->nr_pages * sizeof(b->mfns[0]));
	if (b->mfns == NULL) {
		dom0_refuse("no memory for the list of its pages: lower dom0_mem=");
	}
	while (pfn < b->nr_pages) {
		struct frame *f;

		while (order > 0 && (1UL << order) > b->nr_pages - pfn) {
			order--;
		}
		f = domain_pages_alloc(b->d, order, FRAME_ANY_BITS, FRAME_NOZERO);
		if (f == NULL && order == 0) {
			dom0_refuse("only %luM of %luM could be allocated: lower dom0_mem=", pfn >> (20 - PAGE_SHIFT),
				    b->nr_pages >> (20 - PAGE_SHIFT));
		}
		if (f == NULL) {
			order--;
			continue;
		}
		for (unsigned long i = 0; i < 1UL << order; i++, pfn++) {
			b->mfns[pfn] = (uint32_t)(frame_to_mfn(f) + i);
			m2p_set(b->mfns[pfn], pfn);
		}
	}
}

/* Copy bytes (src NULL: zeros) to a byte address in dom0's pseudo-physical memory. */
static void __init put_bytes(const struct build *b, uint64_t at, const void *src, size_t len)
{
	while (len > 0) {
		size_t off = at & (PAGE_SIZE - 1), n = min(len, PAGE_SIZE - off);
		char *dst = (char *)pfn_map(b, at >> PAGE_SHIFT) + off;

		if (src != NULL) {
			memcpy(dst, src, n);
			src = (const char *)src + n;
		} else {
			memset(dst, 0, n);
		}
		at += n;
		len -= n;
	}
}

static int __init put_segment(void *ctx, uint64_t off, const void *src, size_t len)
{
	const struct build *b = ctx;

	/* The kernel need not begin with a page. */
	put_bytes(b, b->k->elf.virt_kstart - b->l.v_start + off, src, len);
	return 0;
}

static uint64_t * __init table(const struct build *b, unsigned int level, uint64_t va)
{
	return pfn_map(b, pv_layout_table(&b->l, level, va));
}

/* Enter one page at va, and the tables above it. */
static void __init map_page(const struct build *b, uint64_t va, uint64_t pfn, uint64_t flags)
{
	for (unsigned int level = 4; level > 1; level--) {
		uint64_t *e = table(b, level, va) + ((va >> (12 + 9 * (level - 1))) & 511);

		*e = pte_make(b->mfns[pv_layout_table(&b->l, level - 1, va)], PTE_TABLE);
	}
	table(b, 1, va)[(va >> 12) & 511] = pte_make(b->mfns[pfn], flags);
}

static void __init page_tables(const struct build *b)
{
	const struct pv_layout *l = &b->l;

	if (l->nr_p2m_frames) {
		put_bytes(b, (l->first_p2m_pfn + l->p2m.nr) << PAGE_SHIFT, NULL,
			  (l->nr_p2m_frames - l->p2m.nr) << PAGE_SHIFT);
	}
	for (uint64_t va = l->v_start; va < l->v_end; va += PAGE_SIZE) {
		uint64_t pfn = pv_layout_pfn(l, va);

		map_page(b, va, pfn, pfn - l->tables.pfn < l->tables.nr ? PTE_READONLY : PTE_DATA);
	}
	for (uint64_t i = 0; l->nr_p2m_frames && i < l->p2m.nr; i++) {
		map_page(b, l->p2m.va + i * PAGE_SIZE, l->p2m.pfn + i, PTE_DATA);
	}
}

/* Entries behind the last page say "no such page": Linux reads the list in whole pages. */
static void __init p2m(const struct build *b)
{
	for (uint64_t pfn = 0; pfn < b->l.p2m.nr * 512; pfn++) {
		uint64_t *list = pfn_map(b, b->l.p2m.pfn + pfn / 512);

		list[pfn % 512] = pfn < b->nr_pages ? b->mfns[pfn] : ~0UL;
	}
}

static void __init video(const struct boot_framebuffer *fb, struct dom0_vga_console_info *v)
{
	bool text = fb->type == BOOT_FB_TEXT;

	if (fb->type == BOOT_FB_RGB) {
		*v = (struct dom0_vga_console_info){
			.video_type = XEN_VGATYPE_EFI_LFB,
			.u.vesa_lfb = {
				.width = (uint16_t)fb->width, .height = (uint16_t)fb->height,
				.bytes_per_line = (uint16_t)fb->pitch, .bits_per_pixel = fb->bpp,
				.lfb_base = (uint32_t)fb->addr, .ext_lfb_base = (uint32_t)(fb->addr >> 32),
				.lfb_size = (fb->pitch * fb->height + 0xffff) >> 16,
				.red_pos = fb->red_pos, .red_size = fb->red_size,
				.green_pos = fb->green_pos, .green_size = fb->green_size,
				.blue_pos = fb->blue_pos, .blue_size = fb->blue_size,
			},
		};
		return;
	}
	v->video_type = XEN_VGATYPE_TEXT_MODE_3;
	v->u.text_mode_3.font_height = 16;
	v->u.text_mode_3.columns = text ? (uint16_t)fb->width : 80;
	v->u.text_mode_3.rows = text ? (uint16_t)fb->height : 25;
	v->u.text_mode_3.cursor_y = v->u.text_mode_3.rows - 1;
}

static void __init start_info(const struct build *b)
{
	struct start_info *si = pfn_map(b, b->l.start_info.pfn);

	strlcpy(si->magic, b->k->elf.pae ? "xen-3.0-x86_64p" : "xen-3.0-x86_64", sizeof(si->magic));
	si->nr_pages = b->nr_pages;
	si->shared_info = mfn_to_paddr(b->d->shared_info_mfn);
	si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	si->pt_base = b->l.tables.va;
	si->nr_pt_frames = b->l.tables.nr;
	si->mfn_list = b->l.p2m.va;
	si->first_p2m_pfn = b->l.first_p2m_pfn;
	si->nr_p2m_frames = b->l.nr_p2m_frames;
	if (b->initrd != NULL) {
		si->mod_len = b->initrd_len;
		si->mod_start = b->l.module.va;
		if (b->k->elf.mod_start_pfn) {
			si->mod_start = b->l.module.pfn;
			si->flags |= SIF_MOD_START_PFN;
		}
	}
	if (strlcpy((char *)si->cmd_line, b->k->module->cmdline, sizeof(si->cmd_line)) >= sizeof(si->cmd_line)) {
		pr_warn("dom0's command line is longer than %zu bytes: its end is cut off\n", sizeof(si->cmd_line) - 1);
	}
	si->console.dom0.info_off = sizeof(*si);
	si->console.dom0.info_size = sizeof(struct dom0_vga_console_info);
	video(&b->bi->fb, (struct dom0_vga_console_info *)(si + 1));
}

/* From here on every table counts: the root is validated like one a guest asks for. */
static void __init first_vcpu(const struct build *b)
{
	struct vcpu *v = b->d->vcpu[0];
	mfn_t root = b->mfns[b->l.tables.pfn];
	int rc;

	while ((rc = pt_pin(b->d, root, 4)) == -ERESTART) {
		softirq_process();
	}
	if (rc == 0) {
		rc = pv_set_kernel_root(v, root);
	}
	if (rc != 0) {
		panic("dom0's first page tables were refused (%d): this is a bug of Dais", rc);
	}
	v->regs.rip = b->k->elf.entry;
	v->regs.rsp = b->l.stack.va + PAGE_SIZE;
	v->regs.rsi = b->l.start_info.va;
	v->initialised = true;
	vtime_set_periodic(v, VTIME_PERIOD_DEFAULT);
	atomic_and(&v->pause_flags, ~VCPU_DOWN);
}

/* What lies below 1 MiB, where a UEFI loader may put something small, is nobody's to allocate: it stays unused. */
static void __init give_back(paddr_t start, paddr_t end)
{
	start = max(start, (paddr_t)MiB);
	if (start < end) {
		frame_alloc_add(paddr_to_mfn(start), paddr_to_mfn(ROUND_UP(end, PAGE_SIZE)));
	}
}

static void __init release(struct build *b)
{
	hv_free(b->mfns);
	give_back(b->k->unpacked, b->k->unpacked_end);
	give_back(b->k->arena, b->k->arena_end);
	for (unsigned int i = 0; i < b->bi->nr_modules; i++) {
		give_back(b->bi->modules[i].start, b->bi->modules[i].end);
	}
}

void __init dom0_build(const struct boot_info *bi, struct dom0_kernel *k)
{
	struct build b = { .bi = bi, .k = k };

	if (bi->nr_modules > 1) {
		b.initrd = &bi->modules[1];
		b.initrd_len = b.initrd->end - b.initrd->start;
	}
	plan(&b);
	create(&b);
	pr_info("dom0: %luM, %u vcpu%s, kernel %s\n", b.nr_pages >> (20 - PAGE_SHIFT), b.d->max_vcpus,
		b.d->max_vcpus > 1 ? "s" : "", k->elf.guest_version);
	allocate(&b);
	/* Pages of the start area begin as zeros, as from a machine that was just switched on. */
	put_bytes(&b, 0, NULL, b.l.boot_pages << PAGE_SHIFT);
	(void)elf_load_to(&k->elf, put_segment, &b);
	if (b.initrd != NULL) {
		put_bytes(&b, b.l.module.pfn << PAGE_SHIFT, direct_map(b.initrd->start), b.initrd_len);
	}
	page_tables(&b);
	p2m(&b);
	start_info(&b);
	if (k->elf.hypercall_page != ELF_UNSET) {	/* inside the kernel, says elf_parse() */
		pv_hypercall_page_fill(pfn_map(&b, pv_layout_pfn(&b.l, k->elf.hypercall_page)));
	}
	dom0_grant_hardware(b.d);
	first_vcpu(&b);
	release(&b);
}

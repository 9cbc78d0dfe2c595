/* SPDX-License-Identifier: MIT */
/*
 * Lays out a domU: from VIRT_BASE upwards the image at its physical addresses, p2m list,
 * start_info, store page, console page, page tables, boot stack, then free room to the next 4 MiB.
 * Reads the image with every offset checked, since it may be any file. Writes the domain's pages
 * through one window page. No lock.
 */
#include "console.h"
#include "domain.h"
#include "event.h"
#include "hypercall.h"
#include "paging.h"
#include "string.h"

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

#define SEGMENT_LOAD 1
#define SEGMENT_NOTE 4
#define NOTE_HYPERCALL_PAGE 2

struct layout {
	unsigned long p2m, start_info, store, console, tables, nr_tables, stack, end;
	u64 entry, hypercall_page;
};

static char window[PAGE_SIZE] PAGE_ALIGNED;

/* Make the window show pfn; the caller writes there. */
static long builder_show(const struct domain *d, unsigned long pfn)
{
	return domain_map(d, pfn, window, PTE_FLAGS_RW);
}

static long builder_write(const struct domain *d, u64 paddr, const void *data, u64 size)
{
	const char *from = data;

	while (size > 0) {
		u64 offset = paddr & (PAGE_SIZE - 1);
		u64 part = PAGE_SIZE - offset < size ? PAGE_SIZE - offset : size;
		long err = paddr >> PAGE_SHIFT < d->pages
				   ? builder_show(d, paddr >> PAGE_SHIFT) : -kE2BIG;

		if (err != 0) {
			return err;
		}
		memcpy(window + offset, from, part);
		paddr += part;
		from += part;
		size -= part;
	}
	return 0;
}

/* Remember the hypercall page note, if there is one: name "Xen", a 64-bit address. */
static void builder_notes(const char *notes, u64 size, struct layout *l)
{
	struct {
		u32 namesz, descsz, type;
	} head;

	while (size >= sizeof(head)) {
		u64 name, desc;

		memcpy(&head, notes, sizeof(head));
		name = ((u64)head.namesz + 3) & ~3UL;
		desc = ((u64)head.descsz + 3) & ~3UL;
		if (name + desc > size - sizeof(head)) {
			return;
		}
		notes += sizeof(head);
		if (head.type == NOTE_HYPERCALL_PAGE && head.namesz == 4 && head.descsz == 8 &&
		    memcmp(notes, "Xen", 4) == 0) {
			memcpy(&l->hypercall_page, notes + name, 8);
		}
		notes += name + desc;
		size -= sizeof(head) + name + desc;
	}
}

static long builder_load(const struct domain *d, const void *image, size_t size, struct layout *l)
{
	const struct elf_header *h = image;
	unsigned long top = 0;

	if (size < sizeof(*h) || memcmp(h->ident, "\177ELF\2\1", 6) != 0 || h->phoff > size ||
	    h->phnum > (size - h->phoff) / sizeof(struct elf_segment)) {
		return -kEINVAL;
	}
	for (unsigned int i = 0; i < h->phnum; i++) {
		const struct elf_segment *s =
			(const void *)((const char *)image + h->phoff + i * sizeof(*s));
		long err;

		if (s->type != SEGMENT_LOAD && s->type != SEGMENT_NOTE) {
			continue;
		}
		if (s->offset > size || s->filesz > size - s->offset || s->paddr > 1UL << 32 ||
		    s->memsz > 1UL << 32) {
			return -kEINVAL;
		}
		if (s->type == SEGMENT_NOTE) {
			builder_notes((const char *)image + s->offset, s->filesz, l);
			continue;
		}
		err = builder_write(d, s->paddr, (const char *)image + s->offset, s->filesz);
		if (err != 0) {
			return err;
		}
		if (s->paddr + s->memsz > top) {
			top = s->paddr + s->memsz;
		}
	}
	l->entry = h->entry;
	l->p2m = (top + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return l->p2m > 0 && l->p2m < d->pages ? 0 : -kE2BIG;
}

static void builder_lay_out(const struct domain *d, struct layout *l)
{
	l->start_info = l->p2m + d->pages * sizeof(u64) / PAGE_SIZE;
	l->store = l->start_info + 1;
	l->console = l->store + 1;
	l->tables = l->console + 1;
	l->nr_tables = 4;
	do {
		l->nr_tables++;
		l->stack = l->tables + l->nr_tables;
		/* 128 pages free after the stack, rounded up to 4 MiB */
		l->end = (l->stack + 1 + 128 + 1023) & ~1023UL;
	} while (l->end > (l->nr_tables - 3) * 512);
}

/* tables + 0 is the L4, + 1 the L3, + 2 the L2, then the L1s */
static long builder_tables(const struct domain *d, const struct layout *l)
{
	static const unsigned int slots[3] = { VIRT_BASE >> 39 & 511, VIRT_BASE >> 30 & 511, 0 };
	long err;

	for (unsigned int t = 0; t < l->nr_tables; t++) {
		u64 *table = (u64 *)window;

		err = builder_show(d, l->tables + t);
		if (err != 0) {
			return err;
		}
		memset(table, 0, PAGE_SIZE);
		if (t < 2) {
			table[slots[t]] = PTE(d->mfns[l->tables + t + 1], PTE_FLAGS_RW);
		} else if (t == 2) {
			for (unsigned int i = 0; i + 3 < l->nr_tables; i++) {
				table[i] = PTE(d->mfns[l->tables + 3 + i], PTE_FLAGS_RW);
			}
		} else {
			for (unsigned int i = 0; i < 512; i++) {
				unsigned long pfn = (t - 3) * 512UL + i;
				bool ro = pfn >= l->tables && pfn < l->stack;

				if (pfn < l->end) {
					table[i] = PTE(d->mfns[pfn],
						       ro ? PTE_FLAGS_RO : PTE_FLAGS_RW);
				}
			}
		}
	}
	return paging_unmap(window);
}

static long builder_start_info(struct domain *d, const struct layout *l, const char *cmdline)
{
	struct start_info *si = (struct start_info *)window;
	size_t len = strlen(cmdline);
	long err = builder_show(d, l->start_info);

	if (err != 0) {
		return err;
	}
	memset(window, 0, PAGE_SIZE);
	memcpy(si->magic, "xen-3.0-x86_64", 15);
	si->nr_pages = d->pages;
	si->shared_info = d->shared_info << PAGE_SHIFT;
	si->store_mfn = d->mfns[l->store];
	si->store_evtchn = d->store_port;
	si->console.domU.mfn = d->mfns[l->console];
	si->console.domU.evtchn = d->console_port;
	si->pt_base = VIRT_BASE + (l->tables << PAGE_SHIFT);
	si->nr_pt_frames = l->nr_tables;
	si->mfn_list = VIRT_BASE + (l->p2m << PAGE_SHIFT);
	memcpy(si->cmd_line, cmdline, len < sizeof(si->cmd_line) ? len : sizeof(si->cmd_line) - 1);
	d->console_pfn = l->console;
	d->store_pfn = l->store;
	return 0;
}

/* The shared info page belongs to the hypervisor but is mapped like a page of the domain. */
static long builder_shared_info(const struct domain *d)
{
	struct shared_info *s = (struct shared_info *)window;
	long err = HC(update_va_mapping_otherdomain, window, PTE(d->shared_info, PTE_FLAGS_RW),
		      UVMF_INVLPG | UVMF_ALL, d->id);

	if (err == 0) {
		for (unsigned int v = 0; v < XEN_LEGACY_MAX_VCPUS; v++) {
			s->vcpu_info[v].evtchn_upcall_mask = 1;
		}
		err = paging_unmap(window);
	}
	return err;
}

/* Have the hypervisor fill the page the kernel named, if it named one. */
static long builder_hypercall_page(const struct domain *d, const struct layout *l)
{
	unsigned long pfn = (l->hypercall_page - VIRT_BASE) >> PAGE_SHIFT;
	struct xen_domctl op;

	if (l->hypercall_page == 0) {
		return 0;
	}
	memset(&op, 0, sizeof(op));
	op.u.hypercall_init.gmfn = pfn < d->pages ? d->mfns[pfn] : ~0UL;
	return domain_ctl(XEN_DOMCTL_hypercall_init, d->id, &op);
}

static long builder_start_vcpu(const struct domain *d, const struct layout *l)
{
	static struct vcpu_guest_context ctx;
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE };
	struct xen_domctl op;
	long err;

	pin.arg1.mfn = d->mfns[l->tables];
	err = HC(mmuext_op, &pin, 1, 0, d->id);
	if (err != 0) {
		return err;
	}
	memset(&ctx, 0, sizeof(ctx));
	ctx.flags = VGCF_in_kernel | VGCF_online;
	ctx.user_regs.rip = l->entry;
	ctx.user_regs.rsp = VIRT_BASE + ((l->stack + 1) << PAGE_SHIFT);
	ctx.user_regs.rsi = VIRT_BASE + (l->start_info << PAGE_SHIFT);
	ctx.user_regs.rflags = 0x200;
	ctx.user_regs.cs = FLAT_KERNEL_CS;
	ctx.user_regs.ss = FLAT_KERNEL_SS;
	ctx.kernel_ss = FLAT_KERNEL_SS;
	ctx.kernel_sp = ctx.user_regs.rsp;
	ctx.ctrlreg[3] = d->mfns[l->tables] << PAGE_SHIFT;
	ctx.ctrlreg[1] = d->user_root ? ctx.ctrlreg[3] : 0; /* as libxc gives it: no flag in it */
	memset(&op, 0, sizeof(op));
	SET_HANDLE(op.u.vcpucontext.ctxt, &ctx);
	return domain_ctl(XEN_DOMCTL_setvcpucontext, d->id, &op);
}

long domain_build(struct domain *d, const void *image, size_t size, const char *cmdline)
{
	struct layout l;
	long err;

	memset(&l, 0, sizeof(l));
	err = builder_load(d, image, size, &l);
	if (err != 0) {
		return err;
	}
	builder_lay_out(d, &l);
	if (l.end > d->pages) {
		return -kE2BIG;
	}
	err = builder_write(d, (u64)l.p2m << PAGE_SHIFT, d->mfns, d->pages * sizeof(d->mfns[0]));
	if (err == 0) {
		err = builder_start_info(d, &l, cmdline);
	}
	if (err == 0) {
		err = builder_tables(d, &l);
	}
	if (err == 0) {
		err = builder_shared_info(d);
	}
	if (err == 0) {
		err = builder_hypercall_page(d, &l);
	}
	return err == 0 ? builder_start_vcpu(d, &l) : err;
}

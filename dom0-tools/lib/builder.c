/* SPDX-License-Identifier: MIT */
/*
 * The domain builder: the order of its steps, and the pages and registers a kernel starts from.
 * See builder.h. Owns the foreign-memory handle for the time of one build; no lock.
 */
#include "lib/builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/shared_info.h>
#include <xen/start_info.h>

#include "lib/builder_internal.h"
#include "lib/domain_pages.h"
#include "lib/domctl.h"

#define RFLAGS_START 0x202ul /* interrupts on, and the bit that is always 1 */

static int builder_plan(struct builder *b)
{
	struct pv_layout_in in = {
		.elf = &b->in->kernel->elf,
		.module_len = b->in->module_len,
		.store_console = true,
		.nr_pages = b->in->nr_pages,
	};
	const char *why = "";
	int rc;

	rc = pv_layout_compute(&b->layout, &in, &why);
	if (rc == -ENOMEM) {
		return failure_set(b->f, rc,
				   "%llu MiB are too little for this kernel and initrd, "
				   "which need %llu MiB to start; raise `memory`",
				   (unsigned long long)(b->in->nr_pages >> 8),
				   (unsigned long long)((b->layout.used_pages + 255) >> 8));
	}
	if (rc) {
		return failure_set(b->f, rc, "the kernel cannot be laid out in memory. %s", why);
	}
	return 0;
}

int builder_write_start_info(struct builder *b)
{
	const struct pv_layout *l = &b->layout;
	struct xen_domctl_getdomaininfo info;
	struct start_info *si;
	int rc = domctl_info(b->h, b->domid, &info);

	if (rc) {
		return failure_set(b->f, rc, "cannot inspect the new domain: %s", strerror(-rc));
	}
	rc = builder_write(b, l->store.pfn, 0, NULL, PAGE_BYTES);
	rc = rc ? rc : builder_write(b, l->console.pfn, 0, NULL, PAGE_BYTES);
	if (rc) {
		return rc;
	}
	si = builder_map(b, l->start_info.pfn, 1);
	if (!si) {
		return b->f->code;
	}
	memset(si, 0, PAGE_BYTES);
	strcpy(si->magic, "xen-3.0-x86_64");
	si->nr_pages = b->in->nr_pages;
	si->shared_info = info.shared_info_frame * PAGE_BYTES;
	si->store_mfn = b->p2m[l->store.pfn];
	si->store_evtchn = b->in->store_port;
	si->console.domU.mfn = b->p2m[l->console.pfn];
	si->console.domU.evtchn = b->in->console_port;
	si->pt_base = l->tables.va;
	si->nr_pt_frames = l->tables.nr;
	si->mfn_list = l->p2m.va;
	si->first_p2m_pfn = l->first_p2m_pfn;
	si->nr_p2m_frames = l->nr_p2m_frames;
	if (l->module.nr) {
		si->flags = l->module.va ? 0 : SIF_MOD_START_PFN;
		si->mod_start = l->module.va ? l->module.va : l->module.pfn;
		si->mod_len = b->in->module_len;
	}
	strncpy((char *)si->cmd_line, b->in->cmdline, sizeof(si->cmd_line) - 1);
	builder_unmap(b, si, 1);
	return 0;
}

/* No event is delivered before the kernel has a handler and says so. */
int builder_mask_events(struct builder *b)
{
	struct shared_info *shared = domain_shared_map(b->h, b->foreign, b->domid, b->f);
	unsigned int i;

	if (!shared) {
		return b->f->code;
	}
	for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
		shared->vcpu_info[i].evtchn_upcall_mask = 1;
	}
	xenforeignmemory_unmap(b->foreign, shared, 1);
	return 0;
}

int builder_grant_rings(struct builder *b)
{
	return domain_grant_rings(b->foreign, b->domid, b->in->backend,
				  b->p2m[b->layout.console.pfn], b->p2m[b->layout.store.pfn], b->f);
}

int builder_start_vcpu(struct builder *b)
{
	const struct pv_layout *l = &b->layout;
	const struct elf_image *elf = &b->in->kernel->elf;
	uint64_t l4 = b->p2m[l->tables.pfn], page;
	struct vcpu_guest_context c = { .flags = VGCF_in_kernel | VGCF_online };
	int rc = 0;

	if (elf->hypercall_page != ELF_UNSET) {
		page = pv_layout_pfn(l, elf->hypercall_page);
		rc = domctl_hypercall_page(b->h, b->domid, b->p2m[page]);
		if (rc) {
			return failure_set(b->f, rc, "cannot write the hypercall page: %s",
					   strerror(-rc));
		}
	}
	rc = domctl_pin_tables(b->h, b->domid, &(struct domctl_pin){ l4, 4 }, 1);
	if (rc) {
		return failure_set(b->f, rc,
				   "the hypervisor refuses the page tables: %s; its "
				   "console (`dais dmesg`) says more",
				   strerror(-rc));
	}
	c.user_regs.rip = elf->entry;
	c.user_regs.rsp = l->stack.va + PAGE_BYTES;
	c.user_regs.rsi = l->start_info.va;
	c.user_regs.rflags = RFLAGS_START;
	c.user_regs.cs = FLAT_KERNEL_CS;
	c.user_regs.ss = FLAT_KERNEL_SS;
	c.kernel_ss = c.user_regs.ss;
	c.kernel_sp = c.user_regs.rsp;
	c.ctrlreg[3] = xen_pfn_to_cr3(l4);
	rc = domctl_set_context(b->h, b->domid, 0, &c);
	if (rc) {
		return failure_set(b->f, rc, "the hypervisor refuses the registers of vCPU 0: %s",
				   strerror(-rc));
	}
	return 0;
}

int builder_build(struct hypercall *h, uint32_t domid, const struct builder_in *in,
		  struct builder_out *out, struct failure *f)
{
	static int (*const steps[])(struct builder * b) = {
		builder_plan,
		builder_populate,
		builder_load_kernel,
		builder_load_module,
		builder_write_p2m,
		builder_write_tables,
		builder_write_start_info,
		builder_mask_events,
		builder_grant_rings,
		builder_start_vcpu,
	};
	struct builder b = { .h = h, .domid = domid, .in = in, .f = f };
	size_t i;
	int rc = 0;

	b.foreign = xenforeignmemory_open(NULL, 0);
	if (!b.foreign) {
		return failure_set(f, -errno,
				   "cannot open /dev/xen/privcmd: %s; this must run in "
				   "dom0, as root",
				   strerror(errno));
	}
	for (i = 0; !rc && i < sizeof(steps) / sizeof(steps[0]); i++) {
		rc = steps[i](&b);
	}
	if (!rc) {
		out->console_frame = b.p2m[b.layout.console.pfn];
		out->store_frame = b.p2m[b.layout.store.pfn];
	}
	free(b.p2m);
	xenforeignmemory_close(b.foreign);
	return rc;
}

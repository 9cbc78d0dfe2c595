/* SPDX-License-Identifier: MIT */
/*
 * The pages by which a restored guest and its surroundings know each other: the page shared with
 * the hypervisor, the start info page, the rings of console and store. Part of the restorer; see
 * restorer_internal.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xen/start_info.h>

#include "lib/domctl.h"
#include "lib/domain_pages.h"
#include "lib/restorer_internal.h"

/*
 * What the guest had said in its page holds on; no event is pending in the new domain, none is
 * delivered before the guest has made its ports anew, and the times are the new domain's.
 */
int restorer_write_shared_info(struct restorer *r)
{
	const struct shared_info *old = r->shared.bytes;
	struct shared_info *page = domain_shared_map(r->h, r->foreign, r->domid, r->f);
	uint32_t i;

	if (!page) {
		return r->f->code;
	}
	for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
		page->vcpu_info[i].evtchn_upcall_pending = old->vcpu_info[i].evtchn_upcall_pending;
		page->vcpu_info[i].evtchn_upcall_mask = old->vcpu_info[i].evtchn_upcall_mask;
		page->vcpu_info[i].evtchn_pending_sel = 0;
		page->vcpu_info[i].arch = old->vcpu_info[i].arch;
	}
	memset(page->evtchn_pending, 0, sizeof(page->evtchn_pending));
	memset(page->evtchn_mask, 0xff, sizeof(page->evtchn_mask));
	page->arch = old->arch;
	/* Frames of the former domain; the guest names its own when it goes on. */
	page->arch.pfn_to_mfn_frame_list_list = 0;
	page->arch.p2m_cr3 = 0;
	xenforeignmemory_unmap(r->foreign, page, 1);
	return 0;
}

/* The guest suspended with the number of this page in its register, and finds it there again. */
static int start_info_fill(struct restorer *r, struct start_info *si)
{
	struct xen_domctl_getdomaininfo info;
	int rc = domctl_info(r->h, r->domid, &info);

	if (rc) {
		return failure_set(r->f, rc, "cannot inspect the new domain: %s", strerror(-rc));
	}
	rc = restorer_frame(r, si->store_mfn, 0, "the ring of the store", &r->out->store_frame);
	rc = rc ? rc
		: restorer_frame(r, si->console.domU.mfn, 0, "the ring of the console",
				 &r->out->console_frame);
	if (rc) {
		return rc;
	}
	snprintf(si->magic, sizeof(si->magic), "xen-3.0-x86_64");
	si->nr_pages = r->pfns;
	si->shared_info = info.shared_info_frame * SAVED_PAGE_BYTES;
	si->flags = 0;
	si->store_mfn = r->out->store_frame;
	si->store_evtchn = r->in->store_port;
	si->console.domU.mfn = r->out->console_frame;
	si->console.domU.evtchn = r->in->console_port;
	return 0;
}

int restorer_write_start_info(struct restorer *r)
{
	struct vcpu_guest_context *c = r->vcpus[0].context;
	struct start_info *si;
	uint64_t frame;
	int rc = restorer_frame(r, c->user_regs.rdx, 0, "its start info page", &frame);

	if (rc) {
		return rc;
	}
	c->user_regs.rdx = frame;
	si = domain_page_map(r->foreign, r->domid, frame);
	if (!si) {
		return failure_set(r->f, -errno, "cannot map a page of the new domain: %s",
				   strerror(errno));
	}
	rc = start_info_fill(r, si);
	xenforeignmemory_unmap(r->foreign, si, 1);
	return rc;
}

int restorer_grant_rings(struct restorer *r)
{
	return domain_grant_rings(r->foreign, r->domid, r->in->backend, r->out->console_frame,
				  r->out->store_frame, r->f);
}

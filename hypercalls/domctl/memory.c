/* SPDX-License-Identifier: MIT */
/* domctl: a domain's memory: how much, what its frames are used for, and the page of call stubs. */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hypercall_page.h>
#include <xen/errno.h>

#include "domctl.h"

long domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
	uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

	spin_lock(&d->page_lock);
	d->max_pages = pages > ~0U ? ~0U : (uint32_t)pages;
	spin_unlock(&d->page_lock);
	return 0;
}

/* --- types of frames, for saving a domain --- */

#define PAGEINFO_MAX	1024u

/*
 * A table that nobody uses any more is ordinary memory: the guest may have put anything there
 * since.
 */
static uint32_t page_type_bits(const struct frame *f)
{
	uint64_t t = atomic_read(&f->type);
	uint32_t level = (uint32_t)(t >> TYPE_SHIFT);

	BUILD_BUG_ON(TYPE_L1 >> TYPE_SHIFT != 1 || TYPE_L4 >> TYPE_SHIFT != 4);
	if (!(t & TYPE_COUNT) || level < 1 || level > 4) {
		return XEN_DOMCTL_PFINFO_NOTAB;
	}
	return level << XEN_DOMCTL_PFINFO_LTAB_SHIFT
	       | (t & TYPE_PINNED ? XEN_DOMCTL_PFINFO_LPINTAB : 0);
}

static uint64_t page_info(struct domain *d, uint64_t mfn)
{
	struct frame *f = frame_lookup(mfn);
	uint64_t bits;

	/* What it shares with the hypervisor is no memory of its own, to be saved. */
	if (!f || (atomic_read(&f->count) & FRAME_STATIC) || !frame_get(f, d)) {
		return XEN_DOMCTL_PFINFO_XTAB;
	}
	bits = page_type_bits(f);
	frame_put(f);
	return bits;
}

long domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_getpageframeinfo3 *p = &op->u.getpageframeinfo3;
	uint64_t info;

	if (p->num > PAGEINFO_MAX) {
		return -XEN_E2BIG;
	}
	for (uint64_t i = 0; i < p->num; i++) {
		if (copy_elem_from_guest(&info, p->array, i, sizeof(info))) {
			return -XEN_EFAULT;
		}
		info = page_info(d, info);
		if (copy_elem_to_guest(p->array, i, &info, sizeof(info))) {
			return -XEN_EFAULT;
		}
	}
	return 0;
}

/* Dirty pages cannot be tracked. Turning it off is what tools do to clean up: it is off. */
long domctl_shadow_op(struct domain *d, struct xen_domctl *op)
{
	return op->u.shadow_op.op == XEN_DOMCTL_SHADOW_OP_OFF ? 0 : -XEN_EOPNOTSUPP;
}

long domctl_hypercall_init(struct domain *d, struct xen_domctl *op)
{
	struct frame *f = frame_lookup(op->u.hypercall_init.gmfn);

	if (!f || frame_get_writable(f, d)) {
		return -XEN_EINVAL;
	}
	pv_hypercall_page_fill(frame_address(f));
	frame_put_writable(f);
	return 0;
}

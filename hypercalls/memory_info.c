/* SPDX-License-Identifier: MIT */
/*
 * memory_op: what is only asked. How much memory there is, how much a domain has and may have,
 * where the machine-to-phys table is, and which frames hold the pages of a domain's grant table,
 * which are not in its memory map. Nothing here changes anything but the size of that table, which
 * grows as far as it is looked at.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <xen/errno.h>

#include "memory.h"

#define M2P_EXTENT (2 * MiB) /* bytes of the table that one entry of the list stands for */
#define ACQUIRE_BATCH	32u
#define ACQUIRE_MAX	(1u << 24)	/* far more frames than any table has: keeps sums small */

long memory_max_ram_page(struct memory_call *c, union memory_arg *arg)
{
	return (long)frame_max;
}

long memory_figure(struct memory_call *c, union memory_arg *arg)
{
	int rc = domain_target(arg->domain.domid, true, &c->d);
	uint64_t pfns;

	if (rc) {
		return rc;
	}
	if (c->op == XENMEM_current_reservation) {
		return atomic_read(&c->d->tot_pages);
	}
	if (c->op == XENMEM_maximum_reservation) {
		return atomic_read(&c->d->max_pages);
	}
	/*
	 * The guest says so itself; a nonsensical value is passed on to those who asked, but never
	 * as an error: -ERESTART would have them ask for ever.
	 */
	pfns = READ_ONCE(c->d->shared_info->arch.max_pfn);
	return pfns ? (long)((pfns - 1) & (~0UL >> 1)) : 0;
}

/* A guest that may move to a bigger machine is told the whole range. */
long memory_m2p_mapping(struct memory_call *c, union memory_arg *arg)
{
	bool whole = !current_vcpu()->domain->is_hardware;
	struct xen_machphys_mapping m = {
		.v_start = MACH2PHYS_VIRT_START, .v_end = MACH2PHYS_VIRT_END,
		.max_mfn = (whole ? MACH2PHYS_NR_ENTRIES : frame_max) - 1,
	};

	return copy_to_guest(c->va, &m, sizeof(m));
}

/*
 * Where the table has a hole, the extent before it stands in: tools map every entry they are
 * given.
 */
long memory_m2p_list(struct memory_call *c, union memory_arg *arg)
{
	unsigned long extents = DIV_ROUND_UP(frame_max * sizeof(uint64_t), M2P_EXTENT), i;
	struct xen_machphys_mfn_list *l = &arg->list;
	xen_pfn_t last = 0;

	for (i = 0; i < l->max_extents && i < extents; i++) {
		paddr_t pa = paging_walk(M2P_RO_BASE + i * M2P_EXTENT);

		if (pa != INVALID_PADDR) {
			last = paddr_to_mfn(pa);
		}
		if (copy_elem_to_guest(l->extent_start, i, &last, sizeof(last))) {
			return -XEN_EFAULT;
		}
	}
	l->nr_extents = (uint32_t)i;
	return 0;
}

/* PV has no memory that is there on demand only. */
long memory_pod(struct memory_call *c, union memory_arg *arg)
{
	int rc = domain_target(arg->pod.domid, true, &c->d);

	return rc ? rc : -XEN_EINVAL;
}

/* No domain has a virtual NUMA layout; tools look for exactly this answer before they save one. */
long memory_vnuma(struct memory_call *c, union memory_arg *arg)
{
	int rc = arg->vnuma.pad ? -XEN_EINVAL : domain_target(arg->vnuma.domid, true, &c->d);

	return rc ? rc : -XEN_EOPNOTSUPP;
}

static int acquire_check(const struct xen_mem_acquire_resource *a)
{
	if (a->type > XENMEM_resource_vmtrace_buf) {
		return -XEN_EOPNOTSUPP;
	}
	/* The others are known, and no PV domain has any. */
	if (a->type != XENMEM_resource_grant_table ||
	    (a->id != XENMEM_resource_grant_table_id_shared &&
	     a->id != XENMEM_resource_grant_table_id_status) ||
	    (a->frame_list ? a->nr_frames > ACQUIRE_MAX || a->frame > ACQUIRE_MAX
			   : a->nr_frames != 0)) {
		return -XEN_EINVAL;
	}
	return 0;
}

static int acquire_frames(struct memory_call *c, const struct xen_mem_acquire_resource *a)
{
	uint64_t mfns[ACQUIRE_BATCH];

	for (unsigned long i = c->done; i < a->nr_frames;) {
		uint32_t n = min_t(uint32_t, ACQUIRE_BATCH, (uint32_t)(a->nr_frames - i));
		int rc;

		if (i != c->done && preempt_check()) {
			c->done = i;
			return -ERESTART;
		}
		rc = grant_resource_frames(c->d, a->id, (uint32_t)(a->frame + i), n, mfns);
		if (rc) {
			return rc;
		}
		if (copy_to_guest(a->frame_list + i * sizeof(mfns[0]), mfns, n * sizeof(mfns[0]))) {
			return -XEN_EFAULT;
		}
		i += n;
	}
	return 0;
}

/*
 * Without a list nr_frames becomes the size. Its own table a domain sets up with the grant calls.
 */
long memory_acquire(struct memory_call *c, union memory_arg *arg)
{
	struct xen_mem_acquire_resource *a = &arg->acquire;
	int rc = a->pad ? -XEN_EINVAL : domain_target(a->domid, true, &c->d);

	if (rc) {
		return rc;
	}
	rc = c->d == current_vcpu()->domain ? -XEN_EPERM : acquire_check(a);
	if (rc) {
		return rc;
	}
	if (a->frame_list) {
		return acquire_frames(c, a);
	}
	a->nr_frames = grant_resource_max(c->d, a->id);
	return copy_to_guest(c->va + offsetof(struct xen_mem_acquire_resource, nr_frames),
			     &a->nr_frames, sizeof(a->nr_frames));
}

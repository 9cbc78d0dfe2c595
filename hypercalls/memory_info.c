/* SPDX-License-Identifier: MIT */
/*
 * memory_op: figures. How much memory there is, how much a domain has and may have, where the
 * machine-to-phys table is. Nothing here changes anything.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/memory.h>
#include <xen/xen.h>

#include "memory.h"

#define M2P_EXTENT (2 * MiB) /* bytes of the table that one entry of the list stands for */

long memory_max_ram_page(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return (long)frame_max;
}

/* One number about the domain that the argument names. */
static long domain_figure(unsigned long arg, unsigned long (*figure)(struct domain *d))
{
	struct xen_memory_domain m;
	struct domain *d;
	long rc;

	if (copy_from_guest(&m, arg, sizeof(m))) {
		return -XEN_EFAULT;
	}
	rc = domain_target(m.domid, true, &d);
	if (rc) {
		return rc;
	}
	rc = (long)figure(d);
	domain_put(d);
	return rc;
}

static unsigned long figure_current(struct domain *d)
{
	return atomic_read(&d->tot_pages);
}

static unsigned long figure_maximum(struct domain *d)
{
	return atomic_read(&d->max_pages);
}

/* The guest says so itself; a nonsensical value is passed on to those who asked. */
static unsigned long figure_max_gpfn(struct domain *d)
{
	uint64_t n = READ_ONCE(d->shared_info->arch.max_pfn);

	return n ? n - 1 : 0;
}

long memory_current(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return domain_figure(arg, figure_current);
}

long memory_maximum(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return domain_figure(arg, figure_maximum);
}

long memory_max_gpfn(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return domain_figure(arg, figure_max_gpfn);
}

/* A guest that may move to a bigger machine is told the whole range. */
long memory_m2p_mapping(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_machphys_mapping m = {
		.v_start = MACH2PHYS_VIRT_START, .v_end = MACH2PHYS_VIRT_END,
		.max_mfn = MACH2PHYS_NR_ENTRIES - 1,
	};

	if (current_vcpu()->domain->is_hardware) {
		m.max_mfn = frame_max - 1;
	}
	return copy_to_guest(arg, &m, sizeof(m)) ? -XEN_EFAULT : 0;
}

/*
 * Where the table has a hole, the extent before it stands in: tools map every entry they are given.
 */
long memory_m2p_list(unsigned long arg, unsigned long start, unsigned long *progress)
{
	unsigned long extents = DIV_ROUND_UP(frame_max * sizeof(uint64_t), M2P_EXTENT), i;
	struct xen_machphys_mfn_list l;
	xen_pfn_t last = 0;

	if (copy_from_guest(&l, arg, sizeof(l))) {
		return -XEN_EFAULT;
	}
	for (i = 0; i < l.max_extents && i < extents; i++) {
		paddr_t pa = paging_walk(M2P_RO_BASE + i * M2P_EXTENT);

		if (pa != INVALID_PADDR) {
			last = paddr_to_mfn(pa);
		}
		if (copy_elem_to_guest(l.extent_start, i, &last, sizeof(last))) {
			return -XEN_EFAULT;
		}
	}
	l.nr_extents = (uint32_t)i;
	return copy_to_guest(arg, &l, sizeof(l)) ? -XEN_EFAULT : 0;
}

/*
 * PV has no populate-on-demand: nothing is cached, and any target within the limit is already met.
 */
static long pod(unsigned long arg, bool set)
{
	struct xen_pod_target t;
	struct domain *d;
	int rc;

	if (copy_from_guest(&t, arg, sizeof(t))) {
		return -XEN_EFAULT;
	}
	rc = domain_target(t.domid, true, &d);
	if (rc) {
		return rc;
	}
	if (set && t.target_pages > atomic_read(&d->max_pages)) {
		rc = -XEN_EINVAL;
	}
	t.tot_pages = atomic_read(&d->tot_pages);
	t.pod_cache_pages = 0;
	t.pod_entries = 0;
	domain_put(d);
	if (rc == 0 && copy_to_guest(arg, &t, sizeof(t))) {
		rc = -XEN_EFAULT;
	}
	return rc;
}

long memory_pod_set(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return pod(arg, true);
}

long memory_pod_get(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return pod(arg, false);
}

/* No domain has a virtual NUMA layout; tools look for exactly this answer before they save one. */
long memory_vnuma(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_vnuma_topology_info t;
	struct domain *d;
	int rc;

	if (copy_from_guest(&t, arg, sizeof(t))) {
		return -XEN_EFAULT;
	}
	if (t.pad) {
		return -XEN_EINVAL;
	}
	rc = domain_target(t.domid, true, &d);
	if (rc) {
		return rc;
	}
	domain_put(d);
	return -XEN_EOPNOTSUPP;
}

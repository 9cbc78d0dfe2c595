/* SPDX-License-Identifier: MIT */
/*
 * memory_op: memory maps (e820). A guest asks for its own, which its tools have set; dom0 asks for
 * the machine's.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/memory.h>
#include <dais/percpu.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/memory.h>

#include "memory.h"

BUILD_BUG_ON(sizeof(struct memory_map_entry) != 20);

long memory_map_own(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct domain *d = current_vcpu()->domain;
	struct memory_map_entry e;
	struct xen_memory_map m;
	unsigned int i;
	int rc = 0;

	rc = memory_map_get(d, 0, &e);
	if (rc) {
		return rc;
	}
	if (copy_from_guest(&m, arg, sizeof(m))) {
		return -XEN_EFAULT;
	}
	for (i = 0; i < m.nr_entries && memory_map_get(d, i, &e) == 0; i++) {
		if (copy_elem_to_guest(m.buffer, i, &e, sizeof(e))) {
			return -XEN_EFAULT;
		}
	}
	m.nr_entries = i;
	return copy_to_guest(arg, &m, sizeof(m)) ? -XEN_EFAULT : 0;
}

struct map_copy {
	unsigned long buffer;		/* 0: only count */
	unsigned int room, n;
};

static int map_copy_entry(void *arg, const struct memory_map_entry *e)
{
	struct map_copy *c = arg;

	if (c->buffer) {
		if (c->n >= c->room) {
			return -XEN_EINVAL;	/* a map cut short would mislead */
		}
		if (copy_elem_to_guest(c->buffer, c->n, e, sizeof(*e))) {
			return -XEN_EFAULT;
		}
	}
	c->n++;
	return 0;
}

long memory_map_of_machine(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_memory_map m;
	struct map_copy c = { 0 };
	int rc;

	if (copy_from_guest(&m, arg, sizeof(m))) {
		return -XEN_EFAULT;
	}
	c.buffer = m.buffer;
	c.room = m.nr_entries;
	rc = memory_map_machine(current_vcpu()->domain, map_copy_entry, &c);
	if (rc) {
		return rc;
	}
	m.nr_entries = c.n;
	return copy_to_guest(arg, &m, sizeof(m)) ? -XEN_EFAULT : 0;
}

long memory_map_of_domain(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_foreign_memory_map fm;
	struct memory_map_entry *e = NULL;
	struct domain *d;
	int rc;

	if (copy_from_guest(&fm, arg, sizeof(fm))) {
		return -XEN_EFAULT;
	}
	if (fm.map.nr_entries > MEMORY_MAP_MAX) {
		return -XEN_EINVAL;
	}
	rc = domain_target(fm.domid, true, &d);
	if (rc) {
		return rc;
	}
	if (fm.map.nr_entries) {
		e = hv_alloc(fm.map.nr_entries * sizeof(*e));
		rc = e ? 0 : -XEN_ENOMEM;
	}
	if (e && copy_from_guest(e, fm.map.buffer, fm.map.nr_entries * sizeof(*e))) {
		rc = -XEN_EFAULT;
	}
	if (rc == 0) {
		rc = memory_map_set(d, e, fm.map.nr_entries);
	}
	hv_free(e);
	domain_put(d);
	return rc;
}

/* Without an IOMMU no memory is reserved for a device. */
long memory_map_reserved(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_reserved_device_memory_map m;

	if (copy_from_guest(&m, arg, sizeof(m))) {
		return -XEN_EFAULT;
	}
	if (m.flags & ~(uint32_t)XENMEM_RDM_ALL) {
		return -XEN_EINVAL;
	}
	m.nr_entries = 0;
	return copy_to_guest(arg, &m, sizeof(m)) ? -XEN_EFAULT : 0;
}

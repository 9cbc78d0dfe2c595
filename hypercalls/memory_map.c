/* SPDX-License-Identifier: MIT */
/*
 * memory_op: memory maps (e820). A guest asks for its own, which its tools have set; dom0 asks for
 * the machine's.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/memory.h>
#include <dais/percpu.h>
#include <xen/errno.h>

#include "memory.h"

BUILD_BUG_ON(sizeof(struct memory_map_entry) != 20);

long memory_map_own(struct memory_call *c, union memory_arg *arg)
{
	struct domain *d = current_vcpu()->domain;
	struct xen_memory_map *m = &arg->map;
	struct memory_map_entry e;
	unsigned int i;
	int rc = memory_map_get(d, 0, &e);

	if (rc) {
		return rc;
	}
	if (copy_from_guest(m, c->va, sizeof(*m))) {
		return -XEN_EFAULT;
	}
	for (i = 0; i < m->nr_entries && memory_map_get(d, i, &e) == 0; i++) {
		if (copy_elem_to_guest(m->buffer, i, &e, sizeof(e))) {
			return -XEN_EFAULT;
		}
	}
	m->nr_entries = i;
	return copy_to_guest(c->va, m, sizeof(*m));
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

long memory_map_of_machine(struct memory_call *c, union memory_arg *arg)
{
	struct map_copy copy = { .buffer = arg->map.buffer, .room = arg->map.nr_entries };
	int rc = memory_map_machine(current_vcpu()->domain, map_copy_entry, &copy);

	arg->map.nr_entries = copy.n;
	return rc;
}

long memory_map_of_domain(struct memory_call *c, union memory_arg *arg)
{
	unsigned int n = arg->foreign.map.nr_entries;
	struct memory_map_entry *e = NULL;
	int rc = n > MEMORY_MAP_MAX ? -XEN_EINVAL : domain_target(arg->foreign.domid, true, &c->d);

	if (rc) {
		return rc;
	}
	if (n) {
		e = hv_alloc(n * sizeof(*e));
		rc = e ? copy_from_guest(e, arg->foreign.map.buffer, n * sizeof(*e)) : -XEN_ENOMEM;
	}
	if (rc == 0) {
		rc = memory_map_set(c->d, e, n);
	}
	hv_free(e);
	return rc;
}

/* Without an IOMMU no memory is reserved for a device. */
long memory_map_reserved(struct memory_call *c, union memory_arg *arg)
{
	arg->reserved.nr_entries = 0;
	return arg->reserved.flags & ~(uint32_t)XENMEM_RDM_ALL ? -XEN_EINVAL : 0;
}

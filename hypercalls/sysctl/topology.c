/* SPDX-License-Identifier: MIT */
/*
 * sysctl: cores, sockets, nodes. Memory is treated as one node, whatever the machine. In each list
 * a null pointer asks for the number of entries.
 */
#include <dais/boot_mem.h>
#include <dais/compiler.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/pci.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/topology.h>
#include <xen/errno.h>

#include "sysctl.h"

#define DISTANCE_LOCAL	10u

long sysctl_cputopoinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_cputopoinfo *c = &op->u.cputopoinfo;
	uint32_t n = min(c->num_cpus, nr_cpus);
	struct topology t;

	if (!c->cputopo) {
		c->num_cpus = nr_cpus;
		return 0;
	}
	topology_read(&t);
	for (uint32_t i = 0; i < n; i++) {
		struct xen_sysctl_cputopo one = { .node = 0 };

		if (cpumask_test(&cpu_online_mask, i)) {
			topology_of(&t, i, &one.core, &one.socket);
		} else {
			one.core = XEN_INVALID_CORE_ID;
			one.socket = XEN_INVALID_SOCKET_ID;
			one.node = XEN_INVALID_NODE_ID;
		}
		if (copy_elem_to_guest(c->cputopo, i, &one, sizeof(one))) {
			return -XEN_EFAULT;
		}
	}
	c->num_cpus = n;
	return 0;
}

long sysctl_numainfo(struct xen_sysctl *op)
{
	struct xen_sysctl_numainfo *n = &op->u.numainfo;
	struct xen_sysctl_meminfo m = {
		.memsize = boot_mem_ram_pages() << PAGE_SHIFT,
		.memfree = frame_alloc_free() << PAGE_SHIFT,
	};
	uint32_t distance = DISTANCE_LOCAL;

	if (n->num_nodes && n->meminfo && copy_to_guest(n->meminfo, &m, sizeof(m))) {
		return -XEN_EFAULT;
	}
	if (n->num_nodes && n->distance &&
	    copy_to_guest(n->distance, &distance, sizeof(distance))) {
		return -XEN_EFAULT;
	}
	n->num_nodes = 1;
	return 0;
}

/* num_devs becomes how many were answered for; who wanted more asks again from there. */
long sysctl_pcitopoinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_pcitopoinfo *p = &op->u.pcitopoinfo;
	uint32_t i;

	if (!p->devs || !p->nodes) {
		return -XEN_EINVAL;
	}
	for (i = 0; i < p->num_devs && (i == 0 || !preempt_check()); i++) {
		struct physdev_pci_device dev;
		uint32_t node = 0;

		if (copy_elem_from_guest(&dev, p->devs, i, sizeof(dev))) {
			return -XEN_EFAULT;
		}
		if (!pci_device_present(PCI_SBDF(dev.seg, dev.bus, dev.devfn))) {
			node = XEN_INVALID_DEV;
		}
		if (copy_elem_to_guest(p->nodes, i, &node, sizeof(node))) {
			return -XEN_EFAULT;
		}
	}
	p->num_devs = i;
	return 0;
}

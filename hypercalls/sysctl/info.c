/* SPDX-License-Identifier: MIT */
/* sysctl: what the machine is: its memory, CPUs and devices; and the list of domains. */
#include <dais/boot_mem.h>
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/pci.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/topology.h>
#include <xen/errno.h>

#include "../domctl/domctl.h"
#include "../policy_copy.h"
#include "sysctl.h"

long sysctl_physinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_physinfo *p = &op->u.physinfo;
	uint32_t words[POLICY_NR_WORDS];
	struct topology t;

	memset(p, 0, sizeof(*p));
	topology_read(&t);
	topology_counts(&t, &p->threads_per_core, &p->cores_per_socket);
	p->nr_cpus = cpumask_weight(&cpu_online_mask);
	p->max_cpu_id = nr_cpus - 1;
	p->nr_nodes = 1;
	p->max_node_id = 0;
	p->cpu_khz = (uint32_t)(time_tsc_hz() / 1000);
	p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
			  XEN_SYSCTL_PHYSCAP_gnttab_v2;
	p->total_pages = boot_mem_ram_pages();
	p->free_pages = frame_alloc_free();
	p->scrub_pages = frame_alloc_dirty();
	p->outstanding_pages = frame_alloc_claimed();
	p->max_mfn = frame_max - 1;
	cpuid_policy_featureset(cpuid_policy_system(POLICY_HOST), words);
	memcpy(p->hw_cap, words, sizeof(p->hw_cap));
	return 0;
}

long sysctl_getcpuinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_getcpuinfo *g = &op->u.getcpuinfo;
	uint32_t n = min(g->max_cpus, nr_cpus);

	for (uint32_t i = 0; i < n; i++) {
		struct xen_sysctl_cpuinfo info = { .idletime = sched_cpu_idle_time(i) };

		if (copy_elem_to_guest(g->info, i, &info, sizeof(info))) {
			return -XEN_EFAULT;
		}
	}
	g->nr_cpus = n;
	return 0;
}

long sysctl_availheap(struct xen_sysctl *op)
{
	struct xen_sysctl_availheap *a = &op->u.availheap;
	unsigned long below_min, below_max;

	if (a->node > 0) {
		a->avail_bytes = 0;
		return 0;
	}
	below_min = a->min_bitwidth ? frame_alloc_free_below(a->min_bitwidth) : 0;
	below_max = a->max_bitwidth ? frame_alloc_free_below(a->max_bitwidth) : frame_alloc_free();
	a->avail_bytes = below_max > below_min ? (below_max - below_min) << PAGE_SHIFT : 0;
	return 0;
}

long sysctl_getdomaininfolist(struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
	struct xen_domctl_getdomaininfo info;
	uint32_t from = l->first_domain, n;
	struct domain *d;

	for (n = 0; n < l->max_domains && (d = domain_get_from(from)) != NULL; n++) {
		from = d->domid + 1U;
		domctl_info_fill(d, &info);
		domain_put(d);
		if (copy_elem_to_guest(l->buffer, n, &info, sizeof(info))) {
			return -XEN_EFAULT;
		}
	}
	l->num_domains = n;
	return 0;
}

/*
 * --- cores, sockets, nodes ---
 *
 * Memory is treated as one node, whatever the machine. In each list a null pointer asks for the
 * number of entries.
 */

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
		struct xen_sysctl_cputopo one = {
			XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID,
		};

		if (cpumask_test(&cpu_online_mask, i)) {
			topology_of(&t, i, &one.core, &one.socket);
			one.node = 0;
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

	if (n->num_nodes &&
	    ((n->meminfo && copy_to_guest(n->meminfo, &m, sizeof(m))) ||
	     (n->distance && copy_to_guest(n->distance, &distance, sizeof(distance))))) {
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

/* --- what processors there are to show to guests; HVM guests there are none --- */

/* CPUID in a guest's own programs reaches the processor unchanged: nothing can be masked there. */
long sysctl_cpu_levelling_caps(struct xen_sysctl *op)
{
	op->u.cpu_levelling_caps.caps = 0;
	return 0;
}

#define NONE	POLICY_NR_SYSTEM

/* Which of ours is meant by a tool's index; NONE for those of HVM. */
static const enum policy_system featureset_table[] = {
	[XEN_SYSCTL_cpu_featureset_raw] = POLICY_HOST,
	[XEN_SYSCTL_cpu_featureset_host] = POLICY_HOST,
	[XEN_SYSCTL_cpu_featureset_pv] = POLICY_PV_DEFAULT,
	[XEN_SYSCTL_cpu_featureset_hvm] = NONE,
	[XEN_SYSCTL_cpu_featureset_pv_max] = POLICY_PV_MAX,
	[XEN_SYSCTL_cpu_featureset_hvm_max] = NONE,
};

static const enum policy_system policy_table[] = {
	[XEN_SYSCTL_cpu_policy_raw] = POLICY_HOST,
	[XEN_SYSCTL_cpu_policy_host] = POLICY_HOST,
	[XEN_SYSCTL_cpu_policy_pv_max] = POLICY_PV_MAX,
	[XEN_SYSCTL_cpu_policy_hvm_max] = NONE,
	[XEN_SYSCTL_cpu_policy_pv_default] = POLICY_PV_DEFAULT,
	[XEN_SYSCTL_cpu_policy_hvm_default] = NONE,
};

static int policy_find(const enum policy_system *table, uint32_t nr, uint32_t index,
		       const struct cpu_policy **p)
{
	enum policy_system which;

	if (index >= nr) {
		return -XEN_EINVAL;
	}
	which = table[array_index_nospec((unsigned long)index, (unsigned long)nr)];
	if (which == NONE) {
		return -XEN_EOPNOTSUPP;
	}
	*p = cpuid_policy_system(which);
	return 0;
}

long sysctl_cpu_featureset(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
	uint32_t words[POLICY_NR_WORDS], n;
	const struct cpu_policy *p;
	int rc = policy_find(featureset_table, ARRAY_SIZE(featureset_table), f->index, &p);

	if (rc) {
		return rc;
	}
	if (!f->features) {
		f->nr_features = POLICY_NR_WORDS;
		return 0;
	}
	n = min(f->nr_features, POLICY_NR_WORDS);
	cpuid_policy_featureset(p, words);
	if (n && copy_to_guest(f->features, words, n * sizeof(words[0]))) {
		return -XEN_EFAULT;
	}
	f->nr_features = n;
	return n < POLICY_NR_WORDS ? -XEN_ENOBUFS : 0;
}

long sysctl_cpu_policy(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_policy *c = &op->u.cpu_policy;
	const struct cpu_policy *p;
	int rc;

	if (c->_rsvd) {
		return -XEN_EINVAL;
	}
	rc = policy_find(policy_table, ARRAY_SIZE(policy_table), c->index, &p);
	return rc ? rc : policy_copy_out(p, c->leaves, &c->nr_leaves, c->msrs, &c->nr_msrs);
}

/* SPDX-License-Identifier: MIT */
/* sysctl: figures about the machine, its memory and CPUs, and the list of domains. */
#include <dais/boot_mem.h>
#include <dais/compiler.h>
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/sched.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/topology.h>
#include <xen/errno.h>

#include "../domctl/domctl.h"
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

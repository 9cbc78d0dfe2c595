/* SPDX-License-Identifier: MIT */
/*
 * sysctl(struct xen_sysctl *): what the toolstack asks about the machine and the hypervisor as a
 * whole. Privileged; same rules and errors as domctl.
 *
 * Calls that return a list take the room there is and give back the number of entries that exist
 * (or were written, where said so); a 0 pointer asks for the number only.
 */
#ifndef XEN_SYSCTL_H
#define XEN_SYSCTL_H

#include <xen/domctl.h>
#include <xen/physdev.h>
#include <xen/types.h>

#define XEN_SYSCTL_INTERFACE_VERSION	0x00000015

/* Commands. The comment names the member of u. */
#define XEN_SYSCTL_readconsole			1	/* readconsole */
#define XEN_SYSCTL_tbuf_op			2	/* tbuf_op */
#define XEN_SYSCTL_physinfo			3	/* physinfo */
#define XEN_SYSCTL_sched_id			4	/* sched_id */
#define XEN_SYSCTL_perfc_op			5	/* not offered */
#define XEN_SYSCTL_getdomaininfolist		6	/* getdomaininfolist */
#define XEN_SYSCTL_debug_keys			7	/* debug_keys */
#define XEN_SYSCTL_getcpuinfo			8	/* getcpuinfo */
#define XEN_SYSCTL_availheap			9	/* availheap */
#define XEN_SYSCTL_get_pmstat			10	/* not offered */
#define XEN_SYSCTL_cpu_hotplug			11	/* cpu_hotplug */
#define XEN_SYSCTL_pm_op			12	/* not offered */
#define XEN_SYSCTL_page_offline_op		14	/* not offered */
#define XEN_SYSCTL_lockprof_op			15	/* not offered */
#define XEN_SYSCTL_cputopoinfo			16	/* cputopoinfo */
#define XEN_SYSCTL_numainfo			17	/* numainfo */
#define XEN_SYSCTL_cpupool_op			18	/* cpupool_op */
#define XEN_SYSCTL_scheduler_op			19	/* scheduler_op */
#define XEN_SYSCTL_coverage_op			20	/* not offered */
#define XEN_SYSCTL_psr_cmt_op			21	/* not offered */
#define XEN_SYSCTL_pcitopoinfo			22	/* pcitopoinfo */
#define XEN_SYSCTL_psr_alloc			23	/* not offered */
#define XEN_SYSCTL_get_cpu_levelling_caps	25	/* cpu_levelling_caps */
#define XEN_SYSCTL_get_cpu_featureset		26	/* cpu_featureset */
#define XEN_SYSCTL_livepatch_op			27	/* not offered */
#define XEN_SYSCTL_get_cpu_policy		29	/* cpu_policy */

/* xen_sysctl_tbuf_op.cmd */
#define XEN_SYSCTL_TBUFOP_get_info	0
#define XEN_SYSCTL_TBUFOP_set_cpu_mask	1
#define XEN_SYSCTL_TBUFOP_set_evt_mask	2
#define XEN_SYSCTL_TBUFOP_set_size	3
#define XEN_SYSCTL_TBUFOP_enable	4
#define XEN_SYSCTL_TBUFOP_disable	5

/* xen_sysctl_physinfo.capabilities; hvm, hap and shadow are never set here. */
#define _XEN_SYSCTL_PHYSCAP_hvm		0
#define XEN_SYSCTL_PHYSCAP_hvm		(1U << _XEN_SYSCTL_PHYSCAP_hvm)
#define _XEN_SYSCTL_PHYSCAP_pv		1
#define XEN_SYSCTL_PHYSCAP_pv		(1U << _XEN_SYSCTL_PHYSCAP_pv)
#define _XEN_SYSCTL_PHYSCAP_directio	2	/* devices can go to guests (IOMMU) */
#define XEN_SYSCTL_PHYSCAP_directio	(1U << _XEN_SYSCTL_PHYSCAP_directio)
#define _XEN_SYSCTL_PHYSCAP_hap		3
#define XEN_SYSCTL_PHYSCAP_hap		(1U << _XEN_SYSCTL_PHYSCAP_hap)
#define _XEN_SYSCTL_PHYSCAP_shadow	4
#define XEN_SYSCTL_PHYSCAP_shadow	(1U << _XEN_SYSCTL_PHYSCAP_shadow)
#define _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share 5
#define XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share (1U << _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share)
#define XEN_SYSCTL_PHYSCAP_vmtrace	(1U << 6)
#define XEN_SYSCTL_PHYSCAP_vpmu		(1U << 7)
#define XEN_SYSCTL_PHYSCAP_gnttab_v1	(1U << 8)
#define XEN_SYSCTL_PHYSCAP_gnttab_v2	(1U << 9)
#define XEN_SYSCTL_PHYSCAP_MAX		XEN_SYSCTL_PHYSCAP_gnttab_v2

/* xen_sysctl_cpu_hotplug.op */
#define XEN_SYSCTL_CPU_HOTPLUG_ONLINE		0
#define XEN_SYSCTL_CPU_HOTPLUG_OFFLINE		1
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE	2
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE	3

/* "There is none", in the topology lists. */
#define XEN_INVALID_CORE_ID	(~0U)	/* this CPU is not there */
#define XEN_INVALID_SOCKET_ID	(~0U)
#define XEN_INVALID_NODE_ID	(~0U)
#define XEN_INVALID_MEM_SZ	(~0U)	/* this node is not there */
#define XEN_INVALID_NODE_DIST	(~0U)
#define XEN_INVALID_DEV		(XEN_INVALID_NODE_ID - 1)	/* no such PCI device */

/* xen_sysctl_cpupool_op.op */
#define XEN_SYSCTL_CPUPOOL_OP_CREATE		1
#define XEN_SYSCTL_CPUPOOL_OP_DESTROY		2
#define XEN_SYSCTL_CPUPOOL_OP_INFO		3	/* first pool numbered cpupool_id or more */
#define XEN_SYSCTL_CPUPOOL_OP_ADDCPU		4
#define XEN_SYSCTL_CPUPOOL_OP_RMCPU		5
#define XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN	6
#define XEN_SYSCTL_CPUPOOL_OP_FREEINFO		7	/* CPUs in no pool */
#define XEN_SYSCTL_CPUPOOL_PAR_ANY		0xFFFFFFFF	/* any id, any CPU */

/* Limits and commands of xen_sysctl_scheduler_op. */
#define XEN_SYSCTL_SCHED_RATELIMIT_MAX		500000	/* us */
#define XEN_SYSCTL_SCHED_RATELIMIT_MIN		100
#define XEN_SYSCTL_CSCHED_TSLICE_MAX		1000	/* ms */
#define XEN_SYSCTL_CSCHED_TSLICE_MIN		1
#define XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US	(100 * 1000)
#define XEN_SYSCTL_SCHEDOP_putinfo		0
#define XEN_SYSCTL_SCHEDOP_getinfo		1

/* xen_sysctl_cpu_levelling_caps.caps: which CPUID words can be masked for PV programs. */
#define XEN_SYSCTL_CPU_LEVELCAP_faulting	(1UL << 0)	/* all of them */
#define XEN_SYSCTL_CPU_LEVELCAP_ecx		(1UL << 1)
#define XEN_SYSCTL_CPU_LEVELCAP_edx		(1UL << 2)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_ecx	(1UL << 3)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_edx	(1UL << 4)
#define XEN_SYSCTL_CPU_LEVELCAP_xsave_eax	(1UL << 5)
#define XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx	(1UL << 6)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax	(1UL << 7)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx	(1UL << 8)

/* xen_sysctl_cpu_featureset.index; the hvm ones do not exist here (-EOPNOTSUPP). */
#define XEN_SYSCTL_cpu_featureset_raw		0
#define XEN_SYSCTL_cpu_featureset_host		1
#define XEN_SYSCTL_cpu_featureset_pv		2
#define XEN_SYSCTL_cpu_featureset_hvm		3
#define XEN_SYSCTL_cpu_featureset_pv_max	4
#define XEN_SYSCTL_cpu_featureset_hvm_max	5

/* xen_sysctl_cpu_policy.index; the hvm ones likewise. */
#define XEN_SYSCTL_cpu_policy_raw		0
#define XEN_SYSCTL_cpu_policy_host		1
#define XEN_SYSCTL_cpu_policy_pv_max		2
#define XEN_SYSCTL_cpu_policy_hvm_max		3
#define XEN_SYSCTL_cpu_policy_pv_default	4
#define XEN_SYSCTL_cpu_policy_hvm_default	5

#ifndef __ASSEMBLER__

/*
 * Read the hypervisor's console ring. clear empties it; incremental starts at index instead of at
 * the oldest byte, and index is advanced. count: room in, bytes out.
 */
struct xen_sysctl_readconsole {
	uint8_t clear;
	uint8_t incremental;
	uint8_t pad0, pad1;
	uint32_t index;			/* in, out */
	uint64_t buffer;		/* guest ptr: char[count], filled in */
	uint32_t count;			/* in, out */
};

struct xen_sysctl_tbuf_op {
	uint32_t cmd;			/* XEN_SYSCTL_TBUFOP_* */
	struct xenctl_bitmap cpu_mask;
	uint32_t evt_mask;
	uint64_t buffer_mfn;		/* out */
	uint32_t size;			/* in, out: pages per CPU */
};

/* The machine. All out. Pages of 4 KiB; hw_cap: CPUID words of the boot CPU. */
struct xen_sysctl_physinfo {
	uint32_t threads_per_core;
	uint32_t cores_per_socket;
	uint32_t nr_cpus;		/* online */
	uint32_t max_cpu_id;		/* highest number that can exist */
	uint32_t nr_nodes;
	uint32_t max_node_id;
	uint32_t cpu_khz;
	uint32_t capabilities;		/* XEN_SYSCTL_PHYSCAP_* */
	uint32_t arch_capabilities;
	uint32_t pad;
	uint64_t total_pages;
	uint64_t free_pages;
	uint64_t scrub_pages;
	uint64_t outstanding_pages;	/* claimed, not yet allocated */
	uint64_t max_mfn;
	uint32_t hw_cap[8];
};

struct xen_sysctl_sched_id {
	uint32_t sched_id;		/* out: XEN_SCHEDULER_* */
};

/* Domains from number first_domain on, in order; num_domains were written. */
struct xen_sysctl_getdomaininfolist {
	domid_t first_domain;
	uint32_t max_domains;
	uint64_t buffer;		/* guest ptr: xen_domctl_getdomaininfo[max_domains] */
	uint32_t num_domains;		/* out */
};

/* Press keys on the hypervisor's console. */
struct xen_sysctl_debug_keys {
	uint64_t keys;			/* guest ptr: const char[nr_keys] */
	uint32_t nr_keys;
};

struct xen_sysctl_cpuinfo {
	uint64_t idletime;		/* ns */
};

struct xen_sysctl_getcpuinfo {
	uint32_t max_cpus;
	uint64_t info;			/* guest ptr: struct xen_sysctl_cpuinfo[max_cpus] */
	uint32_t nr_cpus;		/* out: written */
};

/* Free memory whose addresses are between min and max bits wide (0: no limit); node -1: any. */
struct xen_sysctl_availheap {
	uint32_t min_bitwidth;
	uint32_t max_bitwidth;
	int32_t node;
	uint64_t avail_bytes;		/* out */
};

struct xen_sysctl_cpu_hotplug {
	uint32_t cpu;
	uint32_t op;			/* XEN_SYSCTL_CPU_HOTPLUG_* */
};

struct xen_sysctl_cputopo {
	uint32_t core;
	uint32_t socket;
	uint32_t node;
};

struct xen_sysctl_cputopoinfo {
	uint32_t num_cpus;		/* in, out */
	uint64_t cputopo;		/* guest ptr: struct xen_sysctl_cputopo[num_cpus] */
};

struct xen_sysctl_meminfo {
	uint64_t memsize;		/* bytes */
	uint64_t memfree;
};

struct xen_sysctl_numainfo {
	uint32_t num_nodes;		/* in, out */
	uint64_t meminfo;		/* guest ptr: struct xen_sysctl_meminfo[num_nodes] */
	uint64_t distance;		/* guest ptr: uint32_t[num_nodes * num_nodes], local 10 */
};

/* The pools are numbered from 0, which always exists. INFO fills in everything but op and cpu. */
struct xen_sysctl_cpupool_op {
	uint32_t op;			/* XEN_SYSCTL_CPUPOOL_OP_* */
	uint32_t cpupool_id;		/* in, out */
	uint32_t sched_id;		/* XEN_SCHEDULER_* */
	uint32_t domid;			/* with MOVEDOMAIN */
	uint32_t cpu;			/* with ADDCPU, RMCPU */
	uint32_t n_dom;			/* out: domains in it */
	struct xenctl_bitmap cpumap;	/* filled in */
};

struct xen_sysctl_credit_schedule {
	uint32_t tslice_ms;
	uint32_t ratelimit_us;		/* shortest time a vCPU runs; 0: no limit */
	uint32_t vcpu_migr_delay_us;
};

struct xen_sysctl_credit2_schedule {
	uint32_t ratelimit_us;
};

/* Parameters of a pool's scheduler. On put they are returned as they are now. */
struct xen_sysctl_scheduler_op {
	uint32_t cpupool_id;
	uint32_t sched_id;		/* XEN_SCHEDULER_* */
	uint32_t cmd;			/* XEN_SYSCTL_SCHEDOP_* */
	union {
		struct xen_sysctl_sched_arinc653 {
			uint64_t schedule;	/* not offered */
		} sched_arinc653;
		struct xen_sysctl_credit_schedule sched_credit;
		struct xen_sysctl_credit2_schedule sched_credit2;
	} u;
};

struct xen_sysctl_pcitopoinfo {
	uint32_t num_devs;		/* in, out: written */
	uint64_t devs;			/* guest ptr: const struct physdev_pci_device[num_devs] */
	uint64_t nodes;			/* guest ptr: uint32_t[num_devs], XEN_INVALID_DEV */
};

struct xen_sysctl_cpu_levelling_caps {
	uint32_t caps;			/* out: XEN_SYSCTL_CPU_LEVELCAP_* */
};

/* CPUID feature words in the order of Xen's feature numbering. */
struct xen_sysctl_cpu_featureset {
	uint32_t index;			/* XEN_SYSCTL_cpu_featureset_* */
	uint32_t nr_features;		/* in, out: words */
	uint64_t features;		/* guest ptr: uint32_t[nr_features] */
};

struct xen_sysctl_cpu_policy {
	uint32_t index;			/* XEN_SYSCTL_cpu_policy_* */
	uint32_t nr_leaves;		/* in, out */
	uint32_t nr_msrs;		/* in, out */
	uint32_t _rsvd;			/* must be 0 */
	uint64_t leaves;		/* guest ptr: struct xen_cpuid_leaf[nr_leaves] */
	uint64_t msrs;			/* guest ptr: struct xen_msr_entry[nr_msrs] */
};

/* 136 bytes. */
struct xen_sysctl {
	uint32_t cmd;			/* XEN_SYSCTL_* */
	uint32_t interface_version;	/* XEN_SYSCTL_INTERFACE_VERSION */
	union {
		struct xen_sysctl_readconsole readconsole;
		struct xen_sysctl_tbuf_op tbuf_op;
		struct xen_sysctl_physinfo physinfo;
		struct xen_sysctl_cputopoinfo cputopoinfo;
		struct xen_sysctl_pcitopoinfo pcitopoinfo;
		struct xen_sysctl_numainfo numainfo;
		struct xen_sysctl_sched_id sched_id;
		struct xen_sysctl_getdomaininfolist getdomaininfolist;
		struct xen_sysctl_debug_keys debug_keys;
		struct xen_sysctl_getcpuinfo getcpuinfo;
		struct xen_sysctl_availheap availheap;
		struct xen_sysctl_cpu_hotplug cpu_hotplug;
		struct xen_sysctl_cpupool_op cpupool_op;
		struct xen_sysctl_scheduler_op scheduler_op;
		struct xen_sysctl_cpu_levelling_caps cpu_levelling_caps;
		struct xen_sysctl_cpu_featureset cpu_featureset;
		struct xen_sysctl_cpu_policy cpu_policy;
		uint8_t pad[128];
	} u;
};

#endif
#endif

/* SPDX-License-Identifier: MIT */
/*
 * memory_op(cmd, arg): how much memory a domain has, which machine frames, and where the machine
 * map and the machine-to-phys table are. "out" marks fields the hypervisor writes.
 *
 * The calls that work through a list are preemptible: internally the number of extents done so far
 * is carried in the upper bits of cmd, which callers must leave zero.
 */
#ifndef XEN_MEMORY_H
#define XEN_MEMORY_H

#include <xen/physdev.h>
#include <xen/types.h>

#define XENMEM_increase_reservation	0	/* xen_memory_reservation; extents done */
#define XENMEM_decrease_reservation	1	/* xen_memory_reservation; extents done */
#define XENMEM_maximum_ram_page		2	/* no argument; highest mfn */
#define XENMEM_current_reservation	3	/* xen_memory_domain; pages */
#define XENMEM_maximum_reservation	4	/* xen_memory_domain; pages */
#define XENMEM_machphys_mfn_list	5	/* xen_machphys_mfn_list */
#define XENMEM_populate_physmap		6	/* xen_memory_reservation; extents done */
#define XENMEM_add_to_physmap		7	/* xen_add_to_physmap; translated guests */
#define XENMEM_memory_map		9	/* xen_memory_map: the caller's own e820 */
#define XENMEM_machine_memory_map	10	/* xen_memory_map: the machine's; privileged */
#define XENMEM_exchange			11	/* xen_memory_exchange */
#define XENMEM_machphys_mapping		12	/* xen_machphys_mapping, out */
#define XENMEM_set_memory_map		13	/* xen_foreign_memory_map; privileged */
#define XENMEM_maximum_gpfn		14	/* xen_memory_domain; highest pfn */
#define XENMEM_remove_from_physmap	15	/* xen_remove_from_physmap; translated guests */
#define XENMEM_set_pod_target		16	/* xen_pod_target; HVM */
#define XENMEM_get_pod_target		17	/* xen_pod_target; HVM */
#define XENMEM_get_sharing_freed_pages	18	/* no argument; pages saved by sharing */
#define XENMEM_get_sharing_shared_pages	19	/* no argument */
#define XENMEM_paging_op		20	/* not offered */
#define XENMEM_access_op		21	/* not offered */
#define XENMEM_sharing_op		22	/* not offered */
#define XENMEM_add_to_physmap_batch	23	/* xen_add_to_physmap_batch; translated guests */
#define XENMEM_claim_pages		24	/* xen_memory_reservation; privileged */
#define XENMEM_machphys_compat_mfn_list	25	/* 32-bit guests; not offered */
#define XENMEM_get_vnumainfo		26	/* xen_vnuma_topology_info */
#define XENMEM_reserved_device_memory_map 27	/* xen_reserved_device_memory_map */
#define XENMEM_acquire_resource		28	/* xen_mem_acquire_resource */

/*
 * mem_flags: address_bits n asks for frames wholly below 2^n bytes (0: anywhere); node prefers a
 * NUMA node, exact_node insists on it; populate_on_demand and vnode mean nothing for PV.
 */
#define XENMEMF_address_bits(n)		(n)
#define XENMEMF_get_address_bits(f)	((f) & 0xffU)
#define XENMEMF_node(n)			(((n) + 1) << 8)
#define XENMEMF_get_node(f)		((((f) >> 8) - 1) & 0xffU)
#define XENMEMF_populate_on_demand	(1 << 16)
#define XENMEMF_exact_node_request	(1 << 17)
#define XENMEMF_exact_node(n)		(XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode			(1 << 18)

/* xen_add_to_physmap.space */
#define XENMAPSPACE_shared_info		0
#define XENMAPSPACE_grant_table		1
#define XENMAPSPACE_gmfn		2
#define XENMAPSPACE_gmfn_range		3
#define XENMAPSPACE_gmfn_foreign	4
#define XENMAPSPACE_dev_mmio		5
#define XENMAPIDX_grant_table_status	0x80000000

/* xen_mem_acquire_resource: type, and id for the grant table. */
#define XENMEM_resource_ioreq_server			0
#define XENMEM_resource_grant_table			1
#define XENMEM_resource_vmtrace_buf			2
#define XENMEM_resource_grant_table_id_shared		0
#define XENMEM_resource_grant_table_id_status		1
#define XENMEM_resource_ioreq_server_frame_bufioreq	0
#define XENMEM_resource_ioreq_server_frame_ioreq(n)	(1 + (n))

/* xen_reserved_device_memory_map.flags: all devices, not only dev. */
#define XENMEM_RDM_ALL			1

#ifndef __ASSEMBLER__

/*
 * A list of extents of 2^extent_order frames each.
 *
 * extent_start  increase: mfns, out (may be 0). decrease: mfns, in. populate: pfns in, mfns out.
 *               claim: 0
 * mem_flags     XENMEMF_*
 * domid         DOMID_SELF, or another domain with privilege
 *
 * The result is the number of extents completed; fewer than asked is not an error.
 */
struct xen_memory_reservation {
	uint64_t extent_start;	/* guest ptr: xen_pfn_t[nr_extents] */
	xen_ulong_t nr_extents;
	uint32_t extent_order;
	uint32_t mem_flags;
	domid_t domid;
};

/*
 * Give frames back and get others of the same total size, whose order and address limit differ.
 * in lists mfns; out lists pfns and receives mfns. nr_exchanged counts input extents done: it must
 * start at 0. On failure what is not counted has not been touched.
 */
struct xen_memory_exchange {
	struct xen_memory_reservation in;
	struct xen_memory_reservation out;
	xen_ulong_t nr_exchanged;	/* in, out */
};

struct xen_memory_domain {
	domid_t domid;
};

/* Frames of the machine-to-phys table, one mfn for each 2 MiB of it. */
struct xen_machphys_mfn_list {
	uint32_t max_extents;
	uint64_t extent_start;	/* guest ptr: xen_pfn_t[max_extents], filled in */
	uint32_t nr_extents;	/* out */
};

/* Where the machine-to-phys table is mapped, and the highest frame it covers. */
struct xen_machphys_mapping {
	xen_ulong_t v_start, v_end;
	xen_ulong_t max_mfn;
};

/* Put a page of the given space at gpfn. size counts pages for gmfn_range. */
struct xen_add_to_physmap {
	domid_t domid;
	uint16_t size;
	uint32_t space;		/* XENMAPSPACE_* */
	xen_ulong_t idx;
	xen_pfn_t gpfn;
};

/* The same for a list. errs gets one error number per page. */
struct xen_add_to_physmap_batch {
	domid_t domid;
	uint16_t space;		/* XENMAPSPACE_* */
	uint16_t size;
	union xen_add_to_physmap_batch_extra {
		domid_t foreign_domid;
		uint16_t res0;
	} u;
	uint64_t idxs;		/* guest ptr: const xen_ulong_t[size] */
	uint64_t gpfns;		/* guest ptr: const xen_pfn_t[size] */
	uint64_t errs;		/* guest ptr: int32_t[size] */
};

struct xen_remove_from_physmap {
	domid_t domid;
	xen_pfn_t gpfn;
};

/* An e820 map: entries of 20 bytes {uint64_t address, uint64_t length, uint32_t type}. */
struct xen_memory_map {
	uint32_t nr_entries;	/* in: room in buffer; out: entries written or needed */
	uint64_t buffer;	/* guest ptr: e820 entries[nr_entries] */
};

struct xen_foreign_memory_map {
	domid_t domid;
	struct xen_memory_map map;
};

/* Populate-on-demand counters of an HVM domain. For PV all are 0 but tot_pages. */
struct xen_pod_target {
	uint64_t target_pages;		/* in */
	uint64_t tot_pages;		/* out */
	uint64_t pod_cache_pages;	/* out */
	uint64_t pod_entries;		/* out */
	domid_t domid;
};

struct xen_reserved_device_memory {
	xen_pfn_t start_pfn;
	xen_ulong_t nr_pages;
};

/* Memory that firmware wants identity-mapped for devices. */
struct xen_reserved_device_memory_map {
	uint32_t flags;		/* XENMEM_RDM_* */
	uint32_t nr_entries;	/* in: room; out: needed */
	uint64_t buffer;	/* guest ptr: struct xen_reserved_device_memory[nr_entries] */
	union {
		struct physdev_pci_device pci;
	} dev;
};

/*
 * Frames of a domain that are not in its memory, for mapping by the tools: nr_frames from index
 * frame on. With frame_list 0 the call only returns how many there are in nr_frames.
 */
struct xen_mem_acquire_resource {
	domid_t domid;
	uint16_t type;		/* XENMEM_resource_* */
	uint32_t id;
	uint32_t nr_frames;	/* in, out */
	uint32_t pad;		/* must be 0 */
	uint64_t frame;
	uint64_t frame_list;	/* guest ptr: xen_pfn_t[nr_frames] */
};

/* Memory range [start, end) of virtual node nid. */
struct xen_vmemrange {
	uint64_t start, end;
	uint32_t flags;
	uint32_t nid;
};

/* Virtual NUMA layout of a domain. -EOPNOTSUPP: it has none. */
struct xen_vnuma_topology_info {
	domid_t domid;
	uint16_t pad;
	uint32_t nr_vnodes;		/* these three in: room; out: needed */
	uint32_t nr_vcpus;
	uint32_t nr_vmemranges;
	union {
		uint64_t h;		/* guest ptr: uint32_t[nr_vnodes * nr_vnodes] */
		uint64_t pad;
	} vdistance;
	union {
		uint64_t h;		/* guest ptr: uint32_t[nr_vcpus] */
		uint64_t pad;
	} vcpu_to_vnode;
	union {
		uint64_t h;		/* guest ptr: struct xen_vmemrange[nr_vmemranges] */
		uint64_t pad;
	} vmemrange;
};

#endif
#endif

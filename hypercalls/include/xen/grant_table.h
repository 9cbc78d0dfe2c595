/* SPDX-License-Identifier: MIT */
/*
 * Grant tables: a domain lists the frames it lets others map or copy in a table shared with the
 * hypervisor, and hands out indexes (grant references); the others use grant_table_op(cmd, args,
 * count) on them. "out" marks fields the hypervisor writes.
 *
 * Every element has its own status (GNTST_*, 0 or negative); the hypercall itself returns 0 even
 * when elements failed, and an -XEN_E number only when it could not go through the array.
 */
#ifndef XEN_GRANT_TABLE_H
#define XEN_GRANT_TABLE_H

#include <xen/types.h>

/* The first references are filled in by the domain builder, never by the guest's allocator. */
#define GNTTAB_NR_RESERVED_ENTRIES	8
#define GNTTAB_RESERVED_CONSOLE		0
#define GNTTAB_RESERVED_XENSTORE	1

/*
 * Entry flags. The low two bits are the type; the guest writes them last, and clears the whole
 * word by compare-and-exchange once reading and writing are off.
 */
#define GTF_invalid		(0U << 0)
#define GTF_permit_access	(1U << 0)	/* domid may map or copy the frame */
#define GTF_accept_transfer	(2U << 0)	/* domid may give us a frame (not offered) */
#define GTF_transitive		(3U << 0)	/* v2: stands for a grant in another domain */
#define GTF_type_mask		(3U << 0)

/* permit_access: readonly, the caching bits and sub_page are the guest's; the others report use. */
#define _GTF_readonly		2
#define GTF_readonly		(1U << _GTF_readonly)
#define _GTF_reading		3
#define GTF_reading		(1U << _GTF_reading)	/* mapped or being copied from */
#define _GTF_writing		4
#define GTF_writing		(1U << _GTF_writing)	/* mapped writable or being copied to */
#define _GTF_PWT		5
#define GTF_PWT			(1U << _GTF_PWT)
#define _GTF_PCD		6
#define GTF_PCD			(1U << _GTF_PCD)
#define _GTF_PAT		7
#define GTF_PAT			(1U << _GTF_PAT)
#define _GTF_sub_page		8
#define GTF_sub_page		(1U << _GTF_sub_page)	/* v2: only part of the frame, copy only */

/* accept_transfer: progress of the transfer. */
#define _GTF_transfer_committed	2
#define GTF_transfer_committed	(1U << _GTF_transfer_committed)
#define _GTF_transfer_completed	3
#define GTF_transfer_completed	(1U << _GTF_transfer_completed)

#define GNTTABOP_map_grant_ref		0
#define GNTTABOP_unmap_grant_ref	1
#define GNTTABOP_setup_table		2
#define GNTTABOP_dump_table		3
#define GNTTABOP_transfer		4
#define GNTTABOP_copy			5
#define GNTTABOP_query_size		6
#define GNTTABOP_unmap_and_replace	7
#define GNTTABOP_set_version		8
#define GNTTABOP_get_status_frames	9
#define GNTTABOP_get_version		10
#define GNTTABOP_swap_grant_ref		11
#define GNTTABOP_cache_flush		12

/*
 * Mapping flags.
 *
 * device_map       for DMA: dev_bus_addr gives the machine address
 * host_map         for the CPU: at host_addr
 * readonly
 * application_map  the page-table entry is for user mode
 * contains_pte     host_addr is the machine address of a level-1 entry, not a virtual address
 * guest_avail_mask bits 16 and up go to the available bits (9 and up) of the entry
 */
#define _GNTMAP_device_map		0
#define GNTMAP_device_map		(1 << _GNTMAP_device_map)
#define _GNTMAP_host_map		1
#define GNTMAP_host_map			(1 << _GNTMAP_host_map)
#define _GNTMAP_readonly		2
#define GNTMAP_readonly			(1 << _GNTMAP_readonly)
#define _GNTMAP_application_map		3
#define GNTMAP_application_map		(1 << _GNTMAP_application_map)
#define _GNTMAP_contains_pte		4
#define GNTMAP_contains_pte		(1 << _GNTMAP_contains_pte)
#define _GNTMAP_guest_avail0		16
#define GNTMAP_guest_avail_mask		(0xffffffffU << _GNTMAP_guest_avail0)

/* gnttab_copy.flags: which end is a reference rather than a frame of the caller's own. */
#define _GNTCOPY_source_gref		0
#define GNTCOPY_source_gref		(1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref		1
#define GNTCOPY_dest_gref		(1 << _GNTCOPY_dest_gref)

/* gnttab_cache_flush.op */
#define GNTTAB_CACHE_CLEAN		(1U << 0)
#define GNTTAB_CACHE_INVAL		(1U << 1)
#define GNTTAB_CACHE_SOURCE_GREF	(1U << 31)

/* Status of one element. */
#define GNTST_okay			0
#define GNTST_general_error		(-1)
#define GNTST_bad_domain		(-2)
#define GNTST_bad_gntref		(-3)
#define GNTST_bad_handle		(-4)
#define GNTST_bad_virt_addr		(-5)
#define GNTST_bad_dev_addr		(-6)
#define GNTST_no_device_space		(-7)	/* no room in the IOMMU */
#define GNTST_permission_denied		(-8)
#define GNTST_bad_page			(-9)
#define GNTST_bad_copy_arg		(-10)	/* crosses the end of a page */
#define GNTST_address_too_big		(-11)	/* frame number does not fit a v1 table */
#define GNTST_eagain			(-12)	/* try again */
#define GNTST_no_space			(-13)	/* out of mapping handles */

#ifndef __ASSEMBLER__

typedef uint32_t grant_ref_t;		/* index into the granting domain's table */
typedef uint32_t grant_handle_t;	/* names one mapping of the domain that made it */
typedef uint16_t grant_status_t;	/* v2: the reporting bits of an entry */

/* Version 1 entry, 8 bytes. flags GTF_*; domid who may use it; frame a pfn/gmfn of the grantor. */
struct grant_entry_v1 {
	uint16_t flags;
	domid_t domid;
	uint32_t frame;
};

/* The words common to all version 2 entries. */
struct grant_entry_header {
	uint16_t flags;
	domid_t domid;
};

/* Version 2 entry, 16 bytes; sub_page and transitive by the flags. Offsets in bytes. */
union grant_entry_v2 {
	struct grant_entry_header hdr;
	struct {
		struct grant_entry_header hdr;
		uint32_t pad0;
		uint64_t frame;
	} full_page;
	struct {
		struct grant_entry_header hdr;
		uint16_t page_off;
		uint16_t length;
		uint64_t frame;
	} sub_page;
	struct {
		struct grant_entry_header hdr;
		domid_t trans_domid;
		uint16_t pad0;
		grant_ref_t gref;
	} transitive;
	uint32_t __spacer[4];
};

/*
 * Map grant ref of dom. host_addr as GNTMAP_contains_pte says; the page-table entry there must
 * be empty. dev_bus_addr: machine address of the frame.
 */
struct gnttab_map_grant_ref {
	uint64_t host_addr;
	uint32_t flags;		/* GNTMAP_* */
	grant_ref_t ref;
	domid_t dom;
	int16_t status;		/* out */
	grant_handle_t handle;	/* out: needed to unmap */
	uint64_t dev_bus_addr;	/* out */
};

/* Undo a mapping. A zero host_addr or dev_bus_addr leaves that half of it in place. */
struct gnttab_unmap_grant_ref {
	uint64_t host_addr;
	uint64_t dev_bus_addr;
	grant_handle_t handle;
	int16_t status;		/* out */
};

/* Grow dom's table to nr_frames pages and list their frames. */
struct gnttab_setup_table {
	domid_t dom;
	uint32_t nr_frames;
	int16_t status;		/* out */
	uint64_t frame_list;	/* guest ptr: xen_pfn_t[nr_frames], filled in */
};

/* Print dom's table on the hypervisor console. */
struct gnttab_dump_table {
	domid_t dom;
	int16_t status;		/* out */
};

/* Give the caller's frame to domid, which offered ref for it. Not offered to PV guests here. */
struct gnttab_transfer {
	xen_pfn_t mfn;
	domid_t domid;
	grant_ref_t ref;
	int16_t status;		/* out */
};

/* Copy len bytes, not crossing a page at either end. u by the GNTCOPY flag of that end. */
struct gnttab_copy {
	struct gnttab_copy_ptr {
		union {
			grant_ref_t ref;
			xen_pfn_t gmfn;
		} u;
		domid_t domid;
		uint16_t offset;
	} source, dest;
	uint16_t len;
	uint16_t flags;
	int16_t status;		/* out */
};

/* Pages of dom's table now, and the limit. */
struct gnttab_query_size {
	domid_t dom;
	uint32_t nr_frames;	/* out */
	uint32_t max_nr_frames;	/* out */
	int16_t status;		/* out */
};

/* Unmap, and put the entry that maps new_addr in its place (new_addr becomes empty). */
struct gnttab_unmap_and_replace {
	uint64_t host_addr;
	uint64_t new_addr;
	grant_handle_t handle;
	int16_t status;		/* out */
};

/* Layout of the caller's table: 1 or 2; the version in force is returned. */
struct gnttab_set_version {
	uint32_t version;	/* in, out */
};

/* Version 2: the pages with the status words. */
struct gnttab_get_status_frames {
	uint32_t nr_frames;
	domid_t dom;
	int16_t status;		/* out */
	uint64_t frame_list;	/* guest ptr: uint64_t[nr_frames], filled in */
};

struct gnttab_get_version {
	domid_t dom;
	uint16_t pad;
	uint32_t version;	/* out */
};

/* Exchange two of the caller's entries, neither in use. */
struct gnttab_swap_grant_ref {
	grant_ref_t ref_a;
	grant_ref_t ref_b;
	int16_t status;		/* out */
};

/* Cache maintenance on part of a frame; not needed on x86. a by GNTTAB_CACHE_SOURCE_GREF. */
struct gnttab_cache_flush {
	union {
		uint64_t dev_bus_addr;
		grant_ref_t ref;
	} a;
	uint16_t offset;
	uint16_t length;
	uint32_t op;		/* GNTTAB_CACHE_* */
};

#endif
#endif

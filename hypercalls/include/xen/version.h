/* SPDX-License-Identifier: MIT */
/*
 * xen_version(cmd, arg): who we are. The result is 0 or a number as said below; anything the
 * caller may not know is "<denied>" (strings) or -EPERM. Guests also call it with (0, NULL) for
 * its side effect: events that became pending are delivered on return.
 */
#ifndef XEN_VERSION_H
#define XEN_VERSION_H

#include <xen/features.h>
#include <xen/types.h>

#define XENVER_version			0	/* returns major << 16 | minor; no argument */
#define XENVER_extraversion		1	/* xen_extraversion_t */
#define XENVER_compile_info		2	/* struct xen_compile_info */
#define XENVER_capabilities		3	/* xen_capabilities_info_t: guest types, spaces */
#define XENVER_changeset		4	/* xen_changeset_info_t */
#define XENVER_platform_parameters	5	/* struct xen_platform_parameters */
#define XENVER_get_features		6	/* struct xen_feature_info */
#define XENVER_pagesize			7	/* returns bytes; argument must be NULL */
#define XENVER_guest_handle		8	/* xen_domain_handle_t: the caller's UUID */
#define XENVER_commandline		9	/* xen_commandline_t; privileged */
#define XENVER_build_id			10	/* struct xen_build_id; privileged */

#define XEN_EXTRAVERSION_LEN		16
#define XEN_CAPABILITIES_INFO_LEN	1024
#define XEN_CHANGESET_INFO_LEN		64

#ifndef __ASSEMBLER__

/* Zero-terminated strings. */
typedef char xen_extraversion_t[XEN_EXTRAVERSION_LEN];
typedef char xen_capabilities_info_t[XEN_CAPABILITIES_INFO_LEN];
typedef char xen_changeset_info_t[XEN_CHANGESET_INFO_LEN];
typedef char xen_commandline_t[1024];

struct xen_compile_info {
	char compiler[64];
	char compile_by[16];
	char compile_domain[32];
	char compile_date[32];
};

/* First virtual address a guest must not use. */
struct xen_platform_parameters {
	xen_ulong_t virt_start;
};

/* submap: XENFEAT_* bits of word submap_idx (only 0 exists). */
struct xen_feature_info {
	uint32_t submap_idx;
	uint32_t submap;	/* out */
};

/* len: room in buf, in; bytes of the id, returned. With a NULL argument the length is returned. */
struct xen_build_id {
	uint32_t len;
	unsigned char buf[];
};

#endif
#endif

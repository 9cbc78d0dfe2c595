/* SPDX-License-Identifier: MIT */
/*
 * The smallest toolstack: make a domain, give it memory, put a kernel of this kit into it, start
 * it, watch it, take it away. Works only in the hardware domain. One domain at a time is
 * remembered.
 */
#ifndef KIT_DOMAIN_H
#define KIT_DOMAIN_H

#include "base.h"

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define DOMAIN_PAGES 4096 /* 16 MiB: image, tables, and room for what a test gives away */

struct domain {
	domid_t id;
	unsigned long pages;		/* it has, at most DOMAIN_PAGES */
	u64 mfns[DOMAIN_PAGES];		/* frame of each pfn */
	u64 shared_info;		/* frame */
	unsigned long console_pfn, store_pfn;
	u32 console_port;		/* the domain's end; the other is anybody's to bind */
	u32 store_port;
	bool user_root;			/* asked for: the vCPU starts with its tables as user root as well */
};

/* One domctl or sysctl with the version filled in; 0 or -errno. */
long domain_ctl(u32 cmd, domid_t id, struct xen_domctl *op);
long domain_sysctl(u32 cmd, struct xen_sysctl *op);

/* XEN_X86_MSR_RELAXED or nothing, for domains made from now on. */
extern u32 domain_misc_flags;

/* vCPUs of domains made from now on: 1 unless said otherwise. Only the first is ever set up. */
extern u32 domain_nr_vcpus;

/*
 * An empty domain with domain_nr_vcpus and DOMAIN_PAGES of memory. 0 or -errno; after a failure
 * nothing is left of it.
 */
long domain_create(struct domain *d);
long domain_create_sized(struct domain *d, unsigned long pages);	/* at least 1024 to build in */

/* Map pfn of d at `where`, a page-aligned address the caller owns; `flags` as in a PTE. */
long domain_map(const struct domain *d, unsigned long pfn, void *where, u64 flags);

/* Load an ELF image as a domU; then the vCPU is ready and the domain paused. */
long domain_build(struct domain *d, const void *image, size_t size, const char *cmdline);

long domain_unpause(const struct domain *d);
long domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info);

/* Destroy and wait until the number is free again; 0 or -errno, -ETIME after ten seconds. */
long domain_destroy(const struct domain *d);

/* Free pages of the machine, as the toolstack sees them. */
u64 domain_free_pages(void);

#endif

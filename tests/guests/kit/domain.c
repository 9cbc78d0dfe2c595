/* SPDX-License-Identifier: MIT */
/*
 * Life cycle of a domain through domctl: creation, memory, destruction. Owns the window through
 * which pages of another domain are reached.
 */
#include "domain.h"

#include <xen/event_channel.h>
#include <xen/memory.h>

#include "clock.h"
#include "event.h"
#include "hypercall.h"
#include "paging.h"
#include "string.h"

u32 domain_misc_flags;
u32 domain_nr_vcpus = 1;

long domain_ctl(u32 cmd, domid_t id, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = id;
	return HC(domctl, op);
}

long domain_sysctl(u32 cmd, struct xen_sysctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return HC(sysctl, op);
}

u64 domain_free_pages(void)
{
	struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	return domain_sysctl(XEN_SYSCTL_physinfo, &op) == 0 ? op.u.physinfo.free_pages : 0;
}

long domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl op;
	long err;

	memset(&op, 0, sizeof(op));
	err = domain_ctl(XEN_DOMCTL_getdomaininfo, d->id, &op);
	*info = op.u.getdomaininfo;
	/* The call finds the next domain when this one is gone. */
	return err ? err : info->domain == d->id ? 0 : -kESRCH;
}

static long domain_give_memory(struct domain *d)
{
	struct xen_memory_reservation r = { .nr_extents = d->pages, .domid = d->id };
	long done;

	for (unsigned long pfn = 0; pfn < d->pages; pfn++) {
		d->mfns[pfn] = pfn;
	}
	SET_HANDLE(r.extent_start, d->mfns);
	done = HC(memory_op, XENMEM_populate_physmap, &r);
	return done == (long)d->pages ? 0 : done < 0 ? done : -kENOMEM;
}

static long domain_configure(struct domain *d)
{
	struct xen_domctl op;
	struct xen_domctl_getdomaininfo info;
	long err;

	memset(&op, 0, sizeof(op));
	op.u.max_vcpus.max = domain_nr_vcpus;
	err = domain_ctl(XEN_DOMCTL_max_vcpus, d->id, &op);
	if (err == 0) {
		memset(&op, 0, sizeof(op));
		op.u.max_mem.max_memkb = d->pages * 4;
		err = domain_ctl(XEN_DOMCTL_max_mem, d->id, &op);
	}
	if (err == 0) {
		err = domain_give_memory(d);
	}
	if (err == 0) {
		err = domain_info(d, &info);
		d->shared_info = info.shared_info_frame;
	}
	return err;
}

long domain_create(struct domain *d)
{
	return domain_create_sized(d, DOMAIN_PAGES);
}

long domain_create_sized(struct domain *d, unsigned long pages)
{
	struct xen_domctl op;
	long err, port;

	if (pages > DOMAIN_PAGES) {
		return -kEINVAL;
	}
	memset(d, 0, sizeof(*d));
	d->pages = pages;
	memset(&op, 0, sizeof(op));
	op.u.createdomain.max_vcpus = domain_nr_vcpus;
	op.u.createdomain.max_evtchn_port = 4095;
	op.u.createdomain.max_grant_frames = 8;
	op.u.createdomain.max_maptrack_frames = 8;
	op.u.createdomain.arch.misc_flags = domain_misc_flags;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(2);
	err = domain_ctl(XEN_DOMCTL_createdomain, 0, &op);
	if (err != 0) {
		return err;
	}
	d->id = op.domain;
	err = domain_configure(d);
	if (err == 0) {
		port = event_alloc_unbound(d->id, DOMID_SELF);
		err = port < 0 ? port : 0;
		d->console_port = (u32)port;
	}
	if (err == 0) {
		port = event_alloc_unbound(d->id, DOMID_SELF);
		err = port < 0 ? port : 0;
		d->store_port = (u32)port;
	}
	if (err != 0) {
		domain_destroy(d);
	}
	return err;
}

long domain_map(const struct domain *d, unsigned long pfn, void *where, u64 flags)
{
	return HC(update_va_mapping_otherdomain, where, PTE(d->mfns[pfn], flags),
		  UVMF_INVLPG | UVMF_ALL, d->id);
}

long domain_unpause(const struct domain *d)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	return domain_ctl(XEN_DOMCTL_unpausedomain, d->id, &op);
}

long domain_destroy(const struct domain *d)
{
	u64 end = clock_ns() + 10000000000UL;
	struct xen_domctl_getdomaininfo info;
	struct xen_domctl op;
	long err;

	do {
		memset(&op, 0, sizeof(op));
		err = domain_ctl(XEN_DOMCTL_destroydomain, d->id, &op);
	} while (err == -kEAGAIN && clock_ns() < end);
	if (err != 0) {
		return err;
	}
	while (domain_info(d, &info) == 0) {
		if (clock_ns() > end) {
			return -kETIME;
		}
		HC(sched_op, 0, 0); /* yield: the last references go in the hypervisor's own time */
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Domain control: see domctl.h. Stateless; each function fills in one struct xen_domctl.
 */
#include "lib/domctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hypercall.h"
#include "lib/xalloc.h"

#define INFO_BATCH 128

/* An operation whose only argument is the domain. */
static int domctl_plain(struct hypercall *h, uint32_t cmd, uint32_t domid)
{
	struct xen_domctl op = { .cmd = cmd, .domain = (domid_t)domid };

	return hypercall_domctl(h, &op);
}

int domctl_create(struct hypercall *h, const struct xen_domctl_createdomain *config,
		  uint32_t *domid)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain };
	int rc;

	op.u.createdomain = *config;
	rc = hypercall_domctl(h, &op);
	if (!rc) {
		*domid = op.domain;
	}
	return rc;
}

int domctl_destroy(struct hypercall *h, uint32_t domid)
{
	int rc;

	/* The kernel's door gives up now and then on long calls, with EAGAIN. */
	do {
		rc = domctl_plain(h, XEN_DOMCTL_destroydomain, domid);
	} while (rc == -EAGAIN);
	return rc;
}

int domctl_pause(struct hypercall *h, uint32_t domid)
{
	return domctl_plain(h, XEN_DOMCTL_pausedomain, domid);
}

int domctl_unpause(struct hypercall *h, uint32_t domid)
{
	return domctl_plain(h, XEN_DOMCTL_unpausedomain, domid);
}

int domctl_info(struct hypercall *h, uint32_t domid, struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .domain = (domid_t)domid };
	int rc = hypercall_domctl(h, &op);

	if (!rc && op.domain != domid) {
		rc = -ESRCH;
	}
	if (!rc) {
		*info = op.u.getdomaininfo;
	}
	return rc;
}

int domctl_info_all(struct hypercall *h, struct xen_domctl_getdomaininfo **list)
{
	struct xen_domctl_getdomaininfo *all = NULL;
	int got, count = 0, room = 0;

	do {
		if (count + INFO_BATCH > room) {
			room = room * 2 + INFO_BATCH;
			all = xrealloc(all, (size_t)room, sizeof(*all));
		}
		got = hypercall_domain_list(h, count ? all[count - 1].domain + 1u : 0, all + count,
					    INFO_BATCH);
		if (got < 0) {
			free(all);
			return got;
		}
		count += got;
	} while (got == INFO_BATCH);
	*list = all;
	return count;
}

int domctl_max_memory(struct hypercall *h, uint32_t domid, uint64_t kib)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_mem, .domain = (domid_t)domid };

	op.u.max_mem.max_memkb = kib;
	return hypercall_domctl(h, &op);
}

int domctl_max_vcpus(struct hypercall *h, uint32_t domid, uint32_t count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_vcpus, .domain = (domid_t)domid };

	op.u.max_vcpus.max = count;
	return hypercall_domctl(h, &op);
}

static int domctl_context(struct hypercall *h, uint32_t cmd, uint32_t domid, uint32_t vcpu,
			  struct vcpu_guest_context *context)
{
	struct xen_domctl op = { .cmd = cmd, .domain = (domid_t)domid };
	struct vcpu_guest_context *buffer = hypercall_buffer(h, sizeof(*buffer));
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	*buffer = *context;
	op.u.vcpucontext.vcpu = vcpu;
	op.u.vcpucontext.ctxt = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	*context = *buffer;
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_set_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		       const struct vcpu_guest_context *context)
{
	struct vcpu_guest_context copy = *context;

	return domctl_context(h, XEN_DOMCTL_setvcpucontext, domid, vcpu, &copy);
}

int domctl_get_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		       struct vcpu_guest_context *context)
{
	memset(context, 0, sizeof(*context));
	return domctl_context(h, XEN_DOMCTL_getvcpucontext, domid, vcpu, context);
}

int domctl_hypercall_page(struct hypercall *h, uint32_t domid, uint64_t mfn)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_hypercall_init, .domain = (domid_t)domid };

	op.u.hypercall_init.gmfn = mfn;
	return hypercall_domctl(h, &op);
}

int domctl_address_size(struct hypercall *h, uint32_t domid, uint32_t bits)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_address_size, .domain = (domid_t)domid };

	op.u.address_size.size = bits;
	return hypercall_domctl(h, &op);
}

int domctl_set_time_offset(struct hypercall *h, uint32_t domid, int64_t seconds)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_settimeoffset, .domain = (domid_t)domid };

	op.u.settimeoffset.time_offset_seconds = seconds;
	return hypercall_domctl(h, &op);
}

int domctl_set_handle(struct hypercall *h, uint32_t domid, const uint8_t uuid[16])
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setdomainhandle, .domain = (domid_t)domid };

	memcpy(op.u.setdomainhandle.handle, uuid, sizeof(op.u.setdomainhandle.handle));
	return hypercall_domctl(h, &op);
}

int domctl_trigger(struct hypercall *h, uint32_t domid, uint32_t trigger, uint32_t vcpu)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_sendtrigger, .domain = (domid_t)domid };

	op.u.sendtrigger.trigger = trigger;
	op.u.sendtrigger.vcpu = vcpu;
	return hypercall_domctl(h, &op);
}

int domctl_allow_ports(struct hypercall *h, uint32_t domid, uint32_t first, uint32_t count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_ioport_permission, .domain = (domid_t)domid };

	op.u.ioport_permission.first_port = first;
	op.u.ioport_permission.nr_ports = count;
	op.u.ioport_permission.allow_access = 1;
	return hypercall_domctl(h, &op);
}

int domctl_allow_irq(struct hypercall *h, uint32_t domid, uint32_t pirq)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_irq_permission, .domain = (domid_t)domid };

	op.u.irq_permission.pirq = pirq;
	op.u.irq_permission.allow_access = 1;
	return hypercall_domctl(h, &op);
}

int domctl_allow_memory(struct hypercall *h, uint32_t domid, uint64_t mfn, uint64_t count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_iomem_permission, .domain = (domid_t)domid };

	op.u.iomem_permission.first_mfn = mfn;
	op.u.iomem_permission.nr_mfns = count;
	op.u.iomem_permission.allow_access = 1;
	return hypercall_domctl(h, &op);
}

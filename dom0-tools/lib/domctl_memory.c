/* SPDX-License-Identifier: MIT */
/*
 * Memory and event channels of other domains: see domctl.h. Stateless.
 */
#include <errno.h>
#include <string.h>

#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/xen.h>

#include "lib/domctl.h"
#include "lib/hypercall.h"

/* One struct through a hypercall buffer, in and out. */
static long domctl_op(struct hypercall *h, unsigned int number, uint64_t cmd, void *arg,
		      size_t bytes)
{
	void *buffer = hypercall_buffer(h, bytes);
	long rc;

	if (!buffer) {
		return -ENOMEM;
	}
	memcpy(buffer, arg, bytes);
	rc = hypercall_call(h, number, cmd, (uintptr_t)buffer, 0, 0);
	memcpy(arg, buffer, bytes);
	hypercall_buffer_free(h, buffer);
	return rc;
}

long domctl_populate(struct hypercall *h, uint32_t domid, uint64_t *pfns, uint32_t count,
		     unsigned int order, uint32_t mem_flags)
{
	struct xen_memory_reservation op = {
		.nr_extents = count,
		.extent_order = order,
		.mem_flags = mem_flags,
		.domid = (domid_t)domid,
	};
	uint64_t *buffer = hypercall_buffer(h, count * sizeof(*buffer));
	long rc;

	if (!buffer) {
		return -ENOMEM;
	}
	memcpy(buffer, pfns, count * sizeof(*buffer));
	op.extent_start = (uintptr_t)buffer;
	rc = domctl_op(h, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &op, sizeof(op));
	memcpy(pfns, buffer, count * sizeof(*buffer));
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_claim(struct hypercall *h, uint32_t domid, uint64_t pages)
{
	struct xen_memory_reservation op = { .nr_extents = pages, .domid = (domid_t)domid };

	return (int)domctl_op(h, __HYPERVISOR_memory_op, XENMEM_claim_pages, &op, sizeof(op));
}

int domctl_unbound_port(struct hypercall *h, uint32_t domid, uint32_t remote, uint32_t *port)
{
	struct evtchn_alloc_unbound op = {
		.dom = (domid_t)domid,
		.remote_dom = (domid_t)remote,
	};
	int rc = (int)domctl_op(h, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &op,
				sizeof(op));

	if (!rc) {
		*port = op.port;
	}
	return rc;
}

int domctl_pin_tables(struct hypercall *h, uint32_t domid, const struct domctl_pin *pins,
		      uint32_t count)
{
	static const uint32_t cmds[] = { MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE,
					 MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE };
	struct mmuext_op *ops = hypercall_buffer(h, count * sizeof(*ops));
	uint32_t i;
	int rc;

	if (!ops) {
		return -ENOMEM;
	}
	memset(ops, 0, count * sizeof(*ops));
	for (i = 0; i < count; i++) {
		ops[i].cmd = cmds[pins[i].level - 1];
		ops[i].arg1.mfn = pins[i].mfn;
	}
	rc = (int)hypercall_call(h, __HYPERVISOR_mmuext_op, (uintptr_t)ops, count, 0, domid);
	hypercall_buffer_free(h, ops);
	return rc;
}

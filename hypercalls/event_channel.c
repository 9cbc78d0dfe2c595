/* SPDX-License-Identifier: MIT */
/*
 * Door of event_channel_op: one row and one small function for each command. A port always belongs
 * to the caller, except where the argument names a domain: then the caller needs rights over it.
 * Closing down every port of a domain may stop half-way and is issued again.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/xen.h>

#include "subop.h"

static struct domain *caller(void)
{
	return current_vcpu()->domain;
}

static long evtchn_op_alloc_unbound(void *arg)
{
	struct evtchn_alloc_unbound *a = arg;
	uint16_t remote = a->remote_dom == DOMID_SELF ? caller()->domid : a->remote_dom;
	struct domain *d;
	int rc = domain_target(a->dom, true, &d);

	if (rc == 0) {
		rc = evtchn_alloc_unbound(d, remote, &a->port);
		domain_put(d);
	}
	return rc;
}

/* Any domain may be named: the room finds out whether the port there waits for us. */
static long evtchn_op_bind_interdomain(void *arg)
{
	struct evtchn_bind_interdomain *a = arg;
	uint16_t remote = a->remote_dom == DOMID_SELF ? caller()->domid : a->remote_dom;
	struct domain *rd = domain_get_by_id(remote);
	int rc;

	if (!rd) {
		return -XEN_ESRCH;
	}
	rc = evtchn_bind_interdomain(caller(), rd, a->remote_port, &a->local_port);
	domain_put(rd);
	return rc;
}

static long evtchn_op_bind_virq(void *arg)
{
	struct evtchn_bind_virq *a = arg;

	return evtchn_bind_virq(caller(), a->virq, a->vcpu, &a->port);
}

static long evtchn_op_bind_pirq(void *arg)
{
	struct evtchn_bind_pirq *a = arg;

	return evtchn_bind_pirq(caller(), a->pirq, a->flags & BIND_PIRQ__WILL_SHARE, &a->port);
}

static long evtchn_op_close(void *arg)
{
	struct evtchn_close *a = arg;

	return evtchn_close(caller(), a->port);
}

static long evtchn_op_status(void *arg)
{
	struct evtchn_status *a = arg;
	struct domain *d;
	int rc = domain_target(a->dom, true, &d);

	if (rc == 0) {
		rc = evtchn_status(d, a->port, a);
		domain_put(d);
	}
	return rc;
}

static long evtchn_op_bind_ipi(void *arg)
{
	struct evtchn_bind_ipi *a = arg;

	return evtchn_bind_ipi(caller(), a->vcpu, &a->port);
}

static long evtchn_op_bind_vcpu(void *arg)
{
	struct evtchn_bind_vcpu *a = arg;

	return evtchn_bind_vcpu(caller(), a->port, a->vcpu);
}

static long evtchn_op_unmask(void *arg)
{
	struct evtchn_unmask *a = arg;

	return evtchn_unmask(caller(), a->port);
}

static long evtchn_op_reset(void *arg)
{
	struct evtchn_reset *a = arg;
	struct domain *d;
	int rc = domain_target(a->dom, true, &d);

	if (rc == 0) {
		rc = evtchn_reset(d);
		domain_put(d);
	}
	return rc;
}

static long evtchn_op_init_control(void *arg)
{
	struct evtchn_init_control *a = arg;

	return evtchn_init_control(caller(), a->vcpu, a->control_gfn, a->offset, &a->link_bits);
}

static long evtchn_op_expand_array(void *arg)
{
	struct evtchn_expand_array *a = arg;

	return evtchn_expand_array(caller(), a->array_gfn);
}

static long evtchn_op_set_priority(void *arg)
{
	struct evtchn_set_priority *a = arg;

	return evtchn_set_priority(caller(), a->port, a->priority);
}

static const struct subop evtchn_table[] = {
	[EVTCHNOP_bind_interdomain] = SUBOP(struct evtchn_bind_interdomain, SUBOP_INOUT,
					    evtchn_op_bind_interdomain),
	[EVTCHNOP_bind_virq] = SUBOP(struct evtchn_bind_virq, SUBOP_INOUT, evtchn_op_bind_virq),
	[EVTCHNOP_bind_pirq] = SUBOP(struct evtchn_bind_pirq, SUBOP_INOUT, evtchn_op_bind_pirq),
	[EVTCHNOP_close] = SUBOP(struct evtchn_close, SUBOP_IN, evtchn_op_close),
	/* EVTCHNOP_send does not come here. */
	[EVTCHNOP_status] = SUBOP(struct evtchn_status, SUBOP_INOUT, evtchn_op_status),
	[EVTCHNOP_alloc_unbound] = SUBOP(struct evtchn_alloc_unbound, SUBOP_INOUT,
					 evtchn_op_alloc_unbound),
	[EVTCHNOP_bind_ipi] = SUBOP(struct evtchn_bind_ipi, SUBOP_INOUT, evtchn_op_bind_ipi),
	[EVTCHNOP_bind_vcpu] = SUBOP(struct evtchn_bind_vcpu, SUBOP_IN, evtchn_op_bind_vcpu),
	[EVTCHNOP_unmask] = SUBOP(struct evtchn_unmask, SUBOP_IN, evtchn_op_unmask),
	[EVTCHNOP_reset] = SUBOP(struct evtchn_reset, SUBOP_IN, evtchn_op_reset),
	[EVTCHNOP_init_control] = SUBOP(struct evtchn_init_control, SUBOP_INOUT,
					evtchn_op_init_control),
	[EVTCHNOP_expand_array] = SUBOP(struct evtchn_expand_array, SUBOP_IN,
					evtchn_op_expand_array),
	[EVTCHNOP_set_priority] = SUBOP(struct evtchn_set_priority, SUBOP_IN,
					evtchn_op_set_priority),
};

/* The command that counts takes the short way: it has one word to read and none to write. */
static long evtchn_send_quick(unsigned long arg)
{
	uint32_t port;

	if (likely(guest_range_ok(arg, sizeof(struct evtchn_send)))) {
		uaccess_begin();
		guest_load32(port, arg + offsetof(struct evtchn_send, port), fault);
		uaccess_end();
		return evtchn_send(caller(), port);
fault:
		uaccess_end();
	}
	return -XEN_EFAULT;
}

long do_event_channel_op(unsigned int cmd, unsigned long arg)
{
	long rc;

	if (likely(cmd == EVTCHNOP_send)) {
		return evtchn_send_quick(arg);
	}
	rc = subop_dispatch(evtchn_table, ARRAY_SIZE(evtchn_table), cmd, arg);
	return rc != -ERESTART ? rc :
	       hypercall_continue(__HYPERVISOR_event_channel_op, 2, (unsigned long)cmd, arg);
}

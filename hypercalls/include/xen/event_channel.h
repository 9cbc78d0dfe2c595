/* SPDX-License-Identifier: MIT */
/*
 * Event channels: event_channel_op(cmd, arg), one structure per command. A port is a number local
 * to a domain; raising it sets a bit that the guest sees and, unless masked, enters its event
 * callback. "out" marks fields the hypervisor writes.
 *
 * Common errors: -EINVAL (no such port, or wrong state for the command), -ESRCH (no such domain),
 * -EPERM (a foreign domain without privilege), -ENOSPC (no free port).
 */
#ifndef XEN_EVENT_CHANNEL_H
#define XEN_EVENT_CHANNEL_H

#include <xen/types.h>

#define EVTCHNOP_bind_interdomain	0
#define EVTCHNOP_bind_virq		1
#define EVTCHNOP_bind_pirq		2
#define EVTCHNOP_close			3
#define EVTCHNOP_send			4
#define EVTCHNOP_status			5
#define EVTCHNOP_alloc_unbound		6
#define EVTCHNOP_bind_ipi		7
#define EVTCHNOP_bind_vcpu		8
#define EVTCHNOP_unmask			9
#define EVTCHNOP_reset			10
#define EVTCHNOP_init_control		11
#define EVTCHNOP_expand_array		12
#define EVTCHNOP_set_priority		13

/* evtchn_bind_pirq.flags: the line may be shared between devices or domains. */
#define BIND_PIRQ__WILL_SHARE		1

/* evtchn_status.status */
#define EVTCHNSTAT_closed		0
#define EVTCHNSTAT_unbound		1	/* waiting for the remote domain to bind */
#define EVTCHNSTAT_interdomain		2
#define EVTCHNSTAT_pirq			3
#define EVTCHNSTAT_virq			4
#define EVTCHNSTAT_ipi			5

/* Two-level ports: a 64-bit selector over 64-bit words of pending and mask bits. */
#define EVTCHN_2L_NR_CHANNELS		4096

/* FIFO ports: 16 queues, priority 0 is served first. */
#define EVTCHN_FIFO_PRIORITY_MAX	0
#define EVTCHN_FIFO_PRIORITY_DEFAULT	7
#define EVTCHN_FIFO_PRIORITY_MIN	15
#define EVTCHN_FIFO_MAX_QUEUES		(EVTCHN_FIFO_PRIORITY_MIN + 1)

/* Bits of an event word; the low LINK_BITS hold the next port of the queue. */
#define EVTCHN_FIFO_PENDING		31
#define EVTCHN_FIFO_MASKED		30
#define EVTCHN_FIFO_LINKED		29
#define EVTCHN_FIFO_BUSY		28
#define EVTCHN_FIFO_LINK_BITS		17
#define EVTCHN_FIFO_LINK_MASK		((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS		(1 << EVTCHN_FIFO_LINK_BITS)

#ifndef __ASSEMBLER__

typedef uint32_t evtchn_port_t;
typedef uint32_t event_word_t;	/* one FIFO port's bits, in the guest's event array */

/* Open a port in dom that remote_dom may bind to. dom other than SELF needs privilege. */
struct evtchn_alloc_unbound {
	domid_t dom, remote_dom;
	evtchn_port_t port;		/* out */
};

/* Connect to a port that remote_dom left unbound for us. The new local port starts pending. */
struct evtchn_bind_interdomain {
	domid_t remote_dom;
	evtchn_port_t remote_port;
	evtchn_port_t local_port;	/* out */
};

/* Receive virq on vcpu. -EEXIST: already bound; global ones only on vCPU 0. */
struct evtchn_bind_virq {
	uint32_t virq;
	uint32_t vcpu;
	evtchn_port_t port;		/* out */
};

/* Receive a physical interrupt that was mapped with PHYSDEVOP_map_pirq; flags BIND_PIRQ__*. */
struct evtchn_bind_pirq {
	uint32_t pirq;
	uint32_t flags;
	evtchn_port_t port;		/* out */
};

/* A port that the domain's own vCPUs raise on vcpu. */
struct evtchn_bind_ipi {
	uint32_t vcpu;
	evtchn_port_t port;		/* out */
};

/* Close a port; an interdomain peer becomes unbound. */
struct evtchn_close {
	evtchn_port_t port;
};

/* Raise the peer of an interdomain port, or an IPI port. */
struct evtchn_send {
	evtchn_port_t port;
};

/* Describe a port of dom. u by status: unbound, interdomain, pirq, virq. -EINVAL past the end. */
struct evtchn_status {
	domid_t dom;
	evtchn_port_t port;
	uint32_t status;		/* out: EVTCHNSTAT_* */
	uint32_t vcpu;			/* out: vCPU it is delivered to */
	union {
		struct {
			domid_t dom;
		} unbound;
		struct {
			domid_t dom;
			evtchn_port_t port;
		} interdomain;
		uint32_t pirq;
		uint32_t virq;
	} u;				/* out */
};

/* Deliver a port to another vCPU. Not for IPIs and per-vCPU virtual interrupts. */
struct evtchn_bind_vcpu {
	evtchn_port_t port;
	uint32_t vcpu;
};

/* Clear a port's mask bit and, if it is pending, deliver it now. */
struct evtchn_unmask {
	evtchn_port_t port;
};

/* Close every port of a domain and go back to two-level delivery. */
struct evtchn_reset {
	domid_t dom;
};

/* Give vcpu its FIFO control block: at offset (8-aligned) in the frame. link_bits is out. */
struct evtchn_init_control {
	uint64_t control_gfn;
	uint32_t offset;
	uint32_t vcpu;
	uint8_t link_bits;
	uint8_t _pad[7];
};

/* Add one more page of event words (1024 ports). */
struct evtchn_expand_array {
	uint64_t array_gfn;
};

/* Queue of a port, 0 (first) to 15. */
struct evtchn_set_priority {
	evtchn_port_t port;
	uint32_t priority;
};

/*
 * The whole argument of event_channel_op_compat, the old form of the call. It knows the commands
 * from EVTCHNOP_bind_interdomain to EVTCHNOP_unmask only.
 */
struct evtchn_op {
	uint32_t cmd;			/* EVTCHNOP_* */
	union {
		struct evtchn_alloc_unbound alloc_unbound;
		struct evtchn_bind_interdomain bind_interdomain;
		struct evtchn_bind_virq bind_virq;
		struct evtchn_bind_pirq bind_pirq;
		struct evtchn_bind_ipi bind_ipi;
		struct evtchn_close close;
		struct evtchn_send send;
		struct evtchn_status status;
		struct evtchn_bind_vcpu bind_vcpu;
		struct evtchn_unmask unmask;
	} u;
};

/* FIFO control block, shared with the guest: queues that have work, and each queue's head. */
struct evtchn_fifo_control_block {
	uint32_t ready;
	uint32_t _rsvd;
	uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};

#endif
#endif

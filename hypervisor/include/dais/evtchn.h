/* SPDX-License-Identifier: MIT */
/*
 * Event channels: the ports of a domain, what each is bound to, and how a pending port reaches a
 * vcpu.
 *
 * Lock order: evtchn_domain.lock of two domains (lower address first), then the locks of single
 * channels (lower address first), then a FIFO queue's lock, then the scheduler's. Sending takes
 * only the sender's channel lock: a channel changes state only under its domain's lock and its own,
 * and an interdomain pair only under both of its channel locks, so whoever holds either end knows
 * that the other stays bound. Channel locks are taken with interrupts off, since interrupts deliver
 * pirqs and virqs.
 *
 * All functions take plain values and return 0 or -errno; a port is uint32_t, 0 is never valid.
 */
#ifndef DAIS_EVTCHN_H
#define DAIS_EVTCHN_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/spinlock.h>
#include <xen/event_channel.h>

struct domain;
struct vcpu;

#define EVTCHN_BUCKET		128u	/* channels allocated at a time: one page */
#define EVTCHN_FIFO_PAGES	128u	/* 1024 event words each */

/* As EVTCHNOP_status has them. */
enum evtchn_state {
	EVTCHN_FREE = EVTCHNSTAT_closed,
	EVTCHN_UNBOUND = EVTCHNSTAT_unbound,
	EVTCHN_INTERDOMAIN = EVTCHNSTAT_interdomain,
	EVTCHN_PIRQ = EVTCHNSTAT_pirq,
	EVTCHN_VIRQ = EVTCHNSTAT_virq,
	EVTCHN_IPI = EVTCHNSTAT_ipi,
};

struct evtchn {
	spinlock_t lock;
	uint8_t state;			/* enum evtchn_state */
	uint8_t priority;		/* FIFO queue 0..15 */
	uint8_t last_priority;		/* queue it was last linked on [queue lock] */
	bool pending;			/* FIFO: raised while its event word did not exist yet */
	uint16_t vcpu;			/* notified vcpu */
	uint16_t last_vcpu;		/* [queue lock] */
	struct domain *remote;		/* EVTCHN_INTERDOMAIN */
	uint32_t u;			/* remote port; remote domid when unbound; pirq; virq */
	uint32_t port;
};

struct evtchn_fifo {
	uint32_t *page[EVTCHN_FIFO_PAGES];	/* event words: frames of the guest's, held */
	uint32_t nr_pages;			/* [a] published after page[] */
};

struct evtchn_domain {
	spinlock_t lock;
	struct evtchn **bucket;		/* [I] max_port / EVTCHN_BUCKET + 1; buckets never go */
	uint32_t max_port;		/* [I] highest port it may use */
	uint32_t valid;			/* ports below this exist [a] */
	uint32_t active;		/* bound ports */
	uint32_t next_free;		/* search hint */
	struct evtchn_fifo *fifo;	/* NULL: two-level; set by init_control, cleared by reset */
	uint32_t pollers;		/* vcpus in SCHEDOP_poll [a] */
	uint32_t destroy_port;		/* progress of evtchn_destroy and evtchn_reset */
	bool dying;
};

/* Life cycle. */
/* max_port: highest usable port, clamped to ABI limits. What it made before it failed is for
 * evtchn_free(). */
int evtchn_init(struct domain *d, uint32_t max_port);
int evtchn_destroy(struct domain *d);			/* -ERESTART: call again */
void evtchn_free(struct domain *d);			/* memory; nobody can send any more */

/* EVTCHNOP_*. caller-visible checks of privilege are the door's; d is the domain that owns the
 * port. */
int evtchn_alloc_unbound(struct domain *d, uint16_t remote_domid, uint32_t *port);
int evtchn_bind_interdomain(struct domain *ld, struct domain *rd, uint32_t rport, uint32_t *lport);
int evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, uint32_t *port);
int evtchn_bind_ipi(struct domain *d, uint32_t vcpu, uint32_t *port);
int evtchn_bind_pirq(struct domain *d, uint32_t pirq, bool will_share, uint32_t *port);
int evtchn_close(struct domain *d, uint32_t port);
int evtchn_send(struct domain *d, uint32_t port);
/* all but out->dom */
int evtchn_status(struct domain *d, uint32_t port, struct evtchn_status *out);
int evtchn_bind_vcpu(struct domain *d, uint32_t port, uint32_t vcpu);
int evtchn_unmask(struct domain *d, uint32_t port);
int evtchn_reset(struct domain *d);			/* -ERESTART: call again */
int evtchn_init_control(struct domain *d, uint32_t vcpu, uint64_t gfn, uint32_t offset,
			uint8_t *link_bits);
int evtchn_expand_array(struct domain *d, uint64_t gfn);
/* Each frame of d's that is held for its queues: fn(arg, mfn, true). d is paused. */
void evtchn_fifo_each_frame(struct domain *d, void (*fn)(void *arg, uint64_t mfn, bool writable),
			    void *arg);
int evtchn_set_priority(struct domain *d, uint32_t port, uint32_t priority);

/* Is the port pending (masked ones count)? For SCHEDOP_poll. -EINVAL: no such port. */
int evtchn_port_is_pending(struct domain *d, uint32_t port);

/* Virtual interrupts. Any context. */
void virq_send_vcpu(struct vcpu *v, uint32_t virq);
void virq_send_global(uint32_t virq);			/* to its handler, dom0 unless set */
int virq_set_handler(struct domain *d, uint32_t virq);	/* -EINVAL: not global; takes a reference */
void virq_clear_handlers(struct domain *d);		/* when d dies */
bool virq_is_global(uint32_t virq);

/* Raise a port if it is still bound to that pirq (as given to pirq_bind) or virq. Any context. */
void evtchn_raise(struct domain *d, uint32_t port, enum evtchn_state state, uint32_t u);

/* Provided by physdev: a port was bound to, or closed for, a pirq; and the vcpu it is delivered to
 * has changed. Called with d->evtchn.lock held. pirq_bind: 0, -EINVAL (no such number), -EPERM
 * (not mapped), -EEXIST (has a port), -EBUSY (others do not share). */
int pirq_bind(struct domain *d, uint32_t pirq, uint32_t port, bool will_share);
void pirq_unbind(struct domain *d, uint32_t pirq, uint32_t port);
void pirq_set_vcpu(struct domain *d, uint32_t pirq, uint32_t vcpu);

#endif

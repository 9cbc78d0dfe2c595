/* SPDX-License-Identifier: MIT */
/*
 * The port table of a domain, and the operations that bind, describe and raise ports. See
 * dais/evtchn.h for the locks; closing is in evtchn_close.c.
 *
 * Channels are allocated in buckets of EVTCHN_BUCKET and live as long as the domain, so a pointer
 * to one stays good, and a port found in some stale note (a vcpu's virq_port, a pirq) is checked
 * against the channel's state under the channel's lock instead of being kept in step.
 */
#include "evtchn_internal.h"
#include <dais/hv_alloc.h>
#include <dais/sched.h>
#include <dais/x86.h>
#include <xen/errno.h>

BUILD_BUG_ON(sizeof(struct evtchn) * EVTCHN_BUCKET != PAGE_SIZE);

/* --- the table --- */

static uint32_t evtchn_limit(const struct domain *d)
{
	uint32_t max = d->evtchn.max_port;

	return !d->evtchn.fifo && max >= EVTCHN_2L_NR_CHANNELS ? EVTCHN_2L_NR_CHANNELS : max + 1;
}

static int evtchn_add_bucket(struct domain *d)
{
	uint32_t first = d->evtchn.valid, i;
	struct evtchn *bucket = hv_alloc(sizeof(*bucket) * EVTCHN_BUCKET);

	if (!bucket) {
		return -XEN_ENOMEM;
	}
	for (i = 0; i < EVTCHN_BUCKET; i++) {
		bucket[i].port = first + i;
		bucket[i].last_priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	}
	d->evtchn.bucket[first / EVTCHN_BUCKET] = bucket;
	atomic_set_release(&d->evtchn.valid, first + EVTCHN_BUCKET);
	return 0;
}

/* Under d->evtchn.lock. A free port, with its channel existing; or -ENOSPC, -ENOMEM, -EINVAL
 * (dying). */
static int evtchn_get_free(struct domain *d, uint32_t *port)
{
	uint32_t p;

	if (d->evtchn.dying) {
		return -XEN_EINVAL;
	}
	for (p = d->evtchn.next_free; p < evtchn_limit(d); p++) {
		struct evtchn *chn;

		if (p >= d->evtchn.valid && evtchn_add_bucket(d)) {
			return -XEN_ENOMEM;
		}
		chn = evtchn_lookup(d, p);
		/* The guest may have one on a queue still that was closed. */
		if (chn->state == EVTCHN_FREE && !(evtchn_flags(d, chn) & EVTCHN_FLAG_LINKED)) {
			*port = p;
			return 0;
		}
		if (p == d->evtchn.next_free && chn->state != EVTCHN_FREE) {
			d->evtchn.next_free++;
		}
	}
	return -XEN_ENOSPC;
}

/* The channel becomes state, on vcpu. Both its lock and d->evtchn.lock held. */
static void evtchn_take(struct domain *d, struct evtchn *chn, enum evtchn_state state,
			uint32_t vcpu)
{
	chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	chn->pending = false;
	atomic_set(&chn->vcpu, (uint16_t)vcpu);
	chn->state = (uint8_t)state;
	d->evtchn.active++;
}

void evtchn_release(struct domain *d, struct evtchn *chn)
{
	if (d->evtchn.fifo) {
		evtchn_fifo_clear_pending(d, chn);
	} else {
		atomic_clear_bit(chn->port, d->shared_info->evtchn_pending);
	}
	chn->state = EVTCHN_FREE;
	chn->remote = NULL;
	chn->u = 0;
	atomic_set(&chn->vcpu, 0);
	d->evtchn.active--;
	if (chn->port < d->evtchn.next_free) {
		d->evtchn.next_free = chn->port;
	}
}

int evtchn_init(struct domain *d, uint32_t max_port)
{
	struct evtchn_domain *e = &d->evtchn;

	spin_lock_init(&e->lock);
	e->max_port = max_port < EVTCHN_FIFO_NR_CHANNELS ? max_port : EVTCHN_FIFO_NR_CHANNELS - 1;
	e->bucket = hv_alloc((e->max_port / EVTCHN_BUCKET + 1) * sizeof(*e->bucket));
	if (!e->bucket || evtchn_add_bucket(d)) {
		return -XEN_ENOMEM;
	}
	e->next_free = 1;	/* port 0 means "none" */
	return 0;
}

/* --- raising --- */

void evtchn_wake_pollers_slow(struct domain *d, uint32_t port)
{
	struct vcpu *v;
	unsigned int i;

	domain_for_each_vcpu(d, v, i) {
		int32_t polled = atomic_read(&v->poll_evtchn);

		if ((polled == -1 || polled == (int32_t)port)
		    && (atomic_read(&v->pause_flags) & VCPU_POLLING)) {
			sched_vcpu_unblock(v);
		}
	}
}

inline void evtchn_set_pending(struct domain *d, struct evtchn *chn)
{
	struct vcpu *v = d->vcpu[atomic_read(&chn->vcpu)];	/* vcpu 0, or one that was checked */

	if (atomic_read_acquire(&d->evtchn.fifo)) {
		evtchn_fifo_set_pending(d, v, chn);
		return;
	}
	evtchn_2l_set_pending(d, v, chn->port);
	/* The sender holds its own channel's lock, which fifo_start() does not wait for: one of the two sees the other. */
	if (unlikely(atomic_read_acquire(&d->evtchn.fifo))) {
		evtchn_fifo_set_pending(d, v, chn);
	}
}

uint32_t evtchn_flags(struct domain *d, const struct evtchn *chn)
{
	if (d->evtchn.fifo) {
		return evtchn_fifo_flags(d, chn);
	}
	return (atomic_test_bit(chn->port, d->shared_info->evtchn_pending) ? EVTCHN_FLAG_PENDING : 0)
	       | (atomic_test_bit(chn->port, d->shared_info->evtchn_mask) ? EVTCHN_FLAG_MASKED : 0);
}

int evtchn_send(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	int rc = 0;

	if (unlikely(!chn)) {
		return -XEN_EINVAL;
	}
	spin_lock_irq(&chn->lock);
	if (likely(chn->state == EVTCHN_INTERDOMAIN)) {
		evtchn_set_pending(chn->remote, evtchn_known(chn->remote, chn->u));
	} else if (chn->state == EVTCHN_IPI) {
		evtchn_set_pending(d, chn);
	} else if (chn->state != EVTCHN_UNBOUND) {	/* unbound: nobody there yet to be told */
		rc = -XEN_EINVAL;
	}
	spin_unlock_irq(&chn->lock);
	return rc;
}

void evtchn_raise(struct domain *d, uint32_t port, enum evtchn_state state, uint32_t u)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	unsigned long flags;

	if (!chn) {
		return;
	}
	flags = spin_lock_irqsave(&chn->lock);
	if (chn->state == state && chn->u == u) {
		evtchn_set_pending(d, chn);
	}
	spin_unlock_irqrestore(&chn->lock, flags);
}

int evtchn_unmask(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	unsigned long flags;

	if (!chn) {
		return -XEN_EINVAL;
	}
	flags = spin_lock_irqsave(&chn->lock);
	if (chn->state != EVTCHN_FREE) {
		struct vcpu *v = d->vcpu[chn->vcpu];

		if (d->evtchn.fifo) {
			evtchn_fifo_unmask(d, v, chn);
		} else {
			evtchn_2l_unmask(d, v, port);
		}
	}
	spin_unlock_irqrestore(&chn->lock, flags);
	return 0;
}

int evtchn_port_is_pending(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	unsigned long flags;
	bool pending;

	if (!chn) {
		return -XEN_EINVAL;
	}
	flags = spin_lock_irqsave(&chn->lock);
	pending = chn->state != EVTCHN_FREE && (evtchn_flags(d, chn) & EVTCHN_FLAG_PENDING);
	spin_unlock_irqrestore(&chn->lock, flags);
	return pending;
}

/* --- binding --- */

/* Take a free port for v (NULL: the first), and write it down where whoever raises it looks. */
static int evtchn_bind(struct domain *d, enum evtchn_state state, uint32_t u, struct vcpu *v,
		       bool will_share, uint32_t *port)
{
	uint32_t *note = state == EVTCHN_VIRQ ? &v->virq_port[u] : NULL;
	struct evtchn *chn;
	unsigned long flags;
	int rc;

	spin_lock(&d->evtchn.lock);
	rc = note && *note ? -XEN_EEXIST : evtchn_get_free(d, port);
	if (rc) {
		goto out;
	}
	chn = evtchn_lookup(d, *port);
	flags = spin_lock_irqsave(&chn->lock);
	chn->u = u;
	evtchn_take(d, chn, state, v ? v->id : 0);
	spin_unlock_irqrestore(&chn->lock, flags);
	if (note) {
		atomic_set_release(note, *port);
	} else if (state == EVTCHN_PIRQ) {
		/* Bound before the line is opened, so that its first interrupt finds the port. */
		rc = pirq_bind(d, u, *port, will_share);
	}
	if (rc) {
		flags = spin_lock_irqsave(&chn->lock);
		evtchn_release(d, chn);
		spin_unlock_irqrestore(&chn->lock, flags);
	}
out:
	spin_unlock(&d->evtchn.lock);
	return rc;
}

int evtchn_alloc_unbound(struct domain *d, uint16_t remote_domid, uint32_t *port)
{
	return evtchn_bind(d, EVTCHN_UNBOUND, remote_domid, NULL, false, port);
}

int evtchn_bind_ipi(struct domain *d, uint32_t vcpu, uint32_t *port)
{
	struct vcpu *v = evtchn_vcpu(d, vcpu);

	return v ? evtchn_bind(d, EVTCHN_IPI, 0, v, false, port) : -XEN_ENOENT;
}

int evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, uint32_t *port)
{
	struct vcpu *v = evtchn_vcpu(d, vcpu);

	if (virq >= ARRAY_SIZE(v->virq_port) || (virq_is_global(virq) && vcpu != 0)) {
		return -XEN_EINVAL;
	}
	virq = array_index_nospec(virq, ARRAY_SIZE(v->virq_port));
	return v ? evtchn_bind(d, EVTCHN_VIRQ, virq, v, false, port) : -XEN_ENOENT;
}

int evtchn_bind_pirq(struct domain *d, uint32_t pirq, bool will_share, uint32_t *port)
{
	return evtchn_bind(d, EVTCHN_PIRQ, pirq, NULL, will_share, port);
}

int evtchn_bind_interdomain(struct domain *ld, struct domain *rd, uint32_t rport, uint32_t *lport)
{
	struct evtchn *rchn, *lchn;
	unsigned long flags;
	int rc = -XEN_EINVAL;

	evtchn_lock_two(&ld->evtchn.lock, &rd->evtchn.lock);
	rchn = evtchn_lookup(rd, rport);
	if (rchn && !rd->evtchn.dying && rchn->state == EVTCHN_UNBOUND && rchn->u == ld->domid) {
		rc = evtchn_get_free(ld, lport);
	}
	if (rc == 0) {
		lchn = evtchn_lookup(ld, *lport);
		flags = irq_save();
		evtchn_lock_two(&lchn->lock, &rchn->lock);
		lchn->remote = rd;
		lchn->u = rport;
		evtchn_take(ld, lchn, EVTCHN_INTERDOMAIN, 0);
		rchn->remote = ld;
		rchn->u = *lport;
		rchn->state = EVTCHN_INTERDOMAIN;
		/* The other side may have sent while we were not there: the guest is to look. */
		evtchn_set_pending(ld, lchn);
		evtchn_unlock_two(&lchn->lock, &rchn->lock);
		irq_restore(flags);
	}
	evtchn_unlock_two(&ld->evtchn.lock, &rd->evtchn.lock);
	return rc;
}

/* --- looking and changing --- */

int evtchn_status(struct domain *d, uint32_t port, struct evtchn_status *out)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	unsigned long flags;

	if (!chn) {
		return -XEN_EINVAL;
	}
	flags = spin_lock_irqsave(&chn->lock);
	out->status = chn->state;
	out->vcpu = chn->vcpu;
	switch (chn->state) {
	case EVTCHN_UNBOUND:
		out->u.unbound.dom = (uint16_t)chn->u;
		break;
	case EVTCHN_INTERDOMAIN:
		out->u.interdomain.dom = chn->remote->domid;
		out->u.interdomain.port = chn->u;
		break;
	case EVTCHN_PIRQ:
		out->u.pirq = chn->u;
		break;
	case EVTCHN_VIRQ:
		out->u.virq = chn->u;
		break;
	}
	spin_unlock_irqrestore(&chn->lock, flags);
	return 0;
}

int evtchn_bind_vcpu(struct domain *d, uint32_t port, uint32_t vcpu)
{
	struct evtchn *chn;
	unsigned long flags;
	int rc = -XEN_EINVAL;

	if (!evtchn_vcpu(d, vcpu)) {
		return -XEN_ENOENT;
	}
	spin_lock(&d->evtchn.lock);
	chn = evtchn_lookup(d, port);
	if (chn) {
		flags = spin_lock_irqsave(&chn->lock);
		if (chn->state == EVTCHN_UNBOUND || chn->state == EVTCHN_INTERDOMAIN ||
		    chn->state == EVTCHN_PIRQ ||
		    (chn->state == EVTCHN_VIRQ && virq_is_global(chn->u))) {
			atomic_set(&chn->vcpu, (uint16_t)vcpu);
			rc = 0;
		}
		spin_unlock_irqrestore(&chn->lock, flags);
	}
	if (!rc && chn->state == EVTCHN_PIRQ) {
		pirq_set_vcpu(d, chn->u, vcpu);
	}
	spin_unlock(&d->evtchn.lock);
	return rc;
}

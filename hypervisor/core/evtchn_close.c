/* SPDX-License-Identifier: MIT */
/*
 * Closing ports: one, all (reset), and for good (destruction). Closing an interdomain port takes
 * both domains' locks and both channel locks, so whoever is sending through either end has
 * finished; the peer becomes unbound and waits for the same domain again.
 */
#include "evtchn_internal.h"
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define CLOSE_BATCH	32	/* ports between questions whether to go on */

/* Forget a port in the notes that name it. Under d->evtchn.lock; the channel is still bound. */
static void evtchn_forget(struct domain *d, const struct evtchn *chn)
{
	struct vcpu *v;
	unsigned int i;

	if (chn->state == EVTCHN_PIRQ) {
		pirq_unbind(d, chn->u, chn->port);
	} else if (chn->state == EVTCHN_VIRQ) {
		domain_for_each_vcpu(d, v, i) {
			if (v->virq_port[chn->u] == chn->port) {
				atomic_set(&v->virq_port[chn->u], 0);
			}
		}
	}
}

/* Both domains' locks held. */
static void evtchn_disconnect(struct domain *ld, struct evtchn *lchn)
{
	struct evtchn *rchn = evtchn_lookup(lchn->remote, lchn->u);
	unsigned long flags = irq_save();

	evtchn_lock_two(&lchn->lock, &rchn->lock);
	if (rchn != lchn) {
		rchn->state = EVTCHN_UNBOUND;
		rchn->remote = NULL;
		rchn->u = ld->domid;
	}
	evtchn_release(ld, lchn);
	evtchn_unlock_two(&lchn->lock, &rchn->lock);
	irq_restore(flags);
}

/*
 * With ld's lock held, take that of its port's peer rd as well. When rd comes first in the order,
 * ld's is dropped in between: false if the port is then no longer bound to rd.
 */
static bool evtchn_lock_peer(struct domain *ld, struct evtchn *chn, struct domain *rd)
{
	bool ok;

	if (ld <= rd) {
		if (ld != rd) {
			spin_lock(&rd->evtchn.lock);
		}
		return true;
	}
	domain_get(rd);
	spin_unlock(&ld->evtchn.lock);
	spin_lock(&rd->evtchn.lock);
	spin_lock(&ld->evtchn.lock);
	ok = chn->state == EVTCHN_INTERDOMAIN && chn->remote == rd;
	if (!ok) {
		spin_unlock(&rd->evtchn.lock);
	}
	domain_put(rd);		/* if bound to us, it cannot go while we hold its lock */
	return ok;
}

/* d->evtchn.lock held, and again on return. */
static int evtchn_close_locked(struct domain *d, struct evtchn *chn)
{
	unsigned long flags;

	while (chn->state == EVTCHN_INTERDOMAIN) {
		struct domain *rd = chn->remote;

		if (evtchn_lock_peer(d, chn, rd)) {
			evtchn_disconnect(d, chn);
			if (rd != d) {
				spin_unlock(&rd->evtchn.lock);
			}
			return 0;
		}
	}
	if (chn->state == EVTCHN_FREE) {
		return -XEN_EINVAL;
	}
	evtchn_forget(d, chn);
	flags = spin_lock_irqsave(&chn->lock);
	evtchn_release(d, chn);
	spin_unlock_irqrestore(&chn->lock, flags);
	return 0;
}

int evtchn_close(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	int rc;

	if (!chn) {
		return -XEN_EINVAL;
	}
	spin_lock(&d->evtchn.lock);
	rc = evtchn_close_locked(d, chn);
	spin_unlock(&d->evtchn.lock);
	return rc;
}

/*
 * All ports from d->evtchn.destroy_port on, and then the queues. 0 when done, -ERESTART, or `busy`
 * when others opened new ports or are closing one still. Several vcpus may be at it: whoever holds
 * the lock takes the next port, and steps on first, since closing may let go of the lock.
 */
static int evtchn_close_all(struct domain *d, int busy)
{
	unsigned int n = 0;
	uint32_t port;
	bool more;
	int rc = 0;

	do {
		if (++n % CLOSE_BATCH == 0 && preempt_check()) {
			return -ERESTART;
		}
		spin_lock(&d->evtchn.lock);
		port = d->evtchn.destroy_port;
		more = port < d->evtchn.valid;
		if (more) {
			d->evtchn.destroy_port = port + 1;
			(void)evtchn_close_locked(d, evtchn_lookup(d, port));
		} else {
			d->evtchn.destroy_port = 0;
			rc = d->evtchn.active ? busy : 0;
			if (!rc) {
				evtchn_fifo_free(d);
				d->evtchn.next_free = 1;
			}
		}
		spin_unlock(&d->evtchn.lock);
	} while (more);
	return rc;
}

int evtchn_reset(struct domain *d)
{
	/* Somebody else's ports may only be pulled out while it stands still. */
	if (d != current_vcpu()->domain && !d->controller_pause_count && !d->creation_paused) {
		return -XEN_EINVAL;
	}
	return evtchn_close_all(d, -XEN_EAGAIN);
}

int evtchn_destroy(struct domain *d)
{
	int rc;

	spin_lock(&d->evtchn.lock);
	if (!d->evtchn.dying) {
		d->evtchn.dying = true;		/* from here on no port is bound any more */
		d->evtchn.destroy_port = 0;
	}
	spin_unlock(&d->evtchn.lock);
	rc = evtchn_close_all(d, -ERESTART);
	if (rc == 0) {
		virq_clear_handlers(d);
	}
	return rc;
}

void evtchn_free(struct domain *d)
{
	uint32_t i;

	for (i = 0; i < d->evtchn.valid; i += EVTCHN_BUCKET) {
		hv_free(d->evtchn.bucket[i / EVTCHN_BUCKET]);
	}
	hv_free(d->evtchn.bucket);
}

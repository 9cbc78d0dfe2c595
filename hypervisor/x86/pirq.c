/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that belong to guests. Owns d->pirqs: the interrupts a domain has mapped, by its own
 * numbers. A pirq stands for a machine interrupt (mapped) and may have an event channel (bound).
 * The table comes with the first mapping, since most guests drive no hardware, and stays until the
 * domain goes: whoever looks without the lock may find an entry that is out of date, never one that
 * is freed, and guest_eoi() and the event room check what they are handed. d->lock guards mapping
 * and binding.
 *
 * desc->lock guards the list of an interrupt's guests. pirq_raise() runs in the interrupt without
 * either, since it takes event-channel locks under which irqs are bound; in_progress says that it
 * is running, and an entry changes its meaning only after its irq has been unbound and nobody is in
 * there any more.
 */
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/domain_internal.h>
#include <dais/evtchn.h>
#include <dais/hv_alloc.h>
#include <dais/msi.h>
#include <dais/pagetype.h>
#include <dais/pirq.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/physdev.h>

#include "irq_private.h"

struct pirq {
	struct irq_desc *desc;
	uint32_t port;		/* 0: not bound */
	bool mapped;		/* set last, cleared first */
};

/* The entry of a number that is mapped, or NULL. */
static struct pirq *pirq_get(struct domain *d, unsigned int pirq)
{
	struct pirq *table = atomic_read_acquire(&d->pirqs), *p;

	if (pirq >= NR_PIRQS || table == NULL) {
		return NULL;
	}
	p = &table[array_index_nospec((unsigned long)pirq, (unsigned long)NR_PIRQS)];
	return atomic_read_acquire(&p->mapped) ? p : NULL;
}

/* ---- the guests of an interrupt ---- */

static struct irq_guest *guest_find(struct irq_desc *desc, const struct domain *d)
{
	for (unsigned int i = 0; i < desc->nr_guests; i++) {
		if (desc->guests[i].domain == d) {
			return &desc->guests[i];
		}
	}
	return NULL;
}

/*
 * The irq starts unmasked. share: join others that share. -XEN_EBUSY when somebody who does not
 * share has it, -XEN_ENOSPC when full.
 */
static int guest_bind(struct irq_desc *desc, struct domain *d, unsigned int pirq, bool share)
{
	unsigned long flags = spin_lock_irqsave(&desc->lock);
	int rc = 0;

	if (desc->user == IRQ_FREE) {
		desc->share = share;
		rc = irq_start(desc, IRQ_GUEST);
	} else if (desc->user != IRQ_GUEST || !share || !desc->share) {
		rc = -XEN_EBUSY;
	} else if (guest_find(desc, d)) {
		rc = -XEN_EEXIST;
	} else if (desc->nr_guests == IRQ_MAX_GUESTS) {
		rc = -XEN_ENOSPC;
	}
	if (!rc) {
		desc->guests[desc->nr_guests++] = (struct irq_guest){ d, pirq, false };
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

/* It has answered, or, with unbind, leaves. No-op when nothing is owed or bound. */
static void guest_eoi(struct irq_desc *desc, struct domain *d, bool unbind)
{
	unsigned long flags = spin_lock_irqsave(&desc->lock);
	struct irq_guest *g = guest_find(desc, d);

	if (g && unbind && desc->nr_guests == 1) {
		irq_shutdown(desc);
	} else if (g && g->needs_eoi) {
		g->needs_eoi = false;
		if (--desc->in_flight == 0) {
			/* The last guest has answered: the line may interrupt again. */
			irq_move_pending(desc);
			irq_set_masked(desc, false);
		}
	}
	if (g && unbind) {
		*g = desc->guests[--desc->nr_guests];
	}
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* ---- arrival ---- */

static void pirq_raise(struct domain *d, unsigned int pirq, bool needs_eoi)
{
	struct pirq *p = pirq_get(d, pirq);
	uint32_t port = p != NULL ? atomic_read(&p->port) : 0;
	unsigned long *map = d->pirq_eoi_map;

	if (port == 0) {
		return;
	}
	if (map != NULL && needs_eoi) {
		atomic_set_bit(pirq, map);
	}
	evtchn_raise(d, port, EVTCHN_PIRQ, pirq);
}

void pirq_arrived(struct irq_desc *desc)
{
	struct irq_guest to[IRQ_MAX_GUESTS];
	unsigned int n = desc->nr_guests;

	for (unsigned int i = 0; i < n; i++) {
		if (desc->level && !desc->guests[i].needs_eoi) {
			desc->guests[i].needs_eoi = true;
			desc->in_flight++;
		}
		to[i] = desc->guests[i];
	}
	atomic_inc(&desc->in_progress);
	spin_unlock(&desc->lock);
	for (unsigned int i = 0; i < n; i++) {
		pirq_raise(to[i].domain, to[i].pirq, to[i].needs_eoi);
	}
	atomic_dec(&desc->in_progress);
}

/* ---- mapping ---- */

/* An irq has one number in a domain: that one, or the number that is wanted, or a free one. */
static int pirq_number(struct domain *d, int wanted, const struct irq_desc *desc)
{
	int number = -1;

	if (wanted >= NR_PIRQS) {
		return -XEN_EINVAL;
	}
	/* From the top: low numbers are what guests expect for their GSIs. */
	for (int i = NR_PIRQS - 1; i >= 0; i--) {
		const struct pirq *p = pirq_get(d, (unsigned int)i);

		if (p != NULL && p->desc == desc) {
			return wanted < 0 || wanted == i ? i : -XEN_EEXIST;
		}
		if (p == NULL && number < 0 && i >= 16) {
			number = i;
		}
	}
	if (wanted >= 0) {
		return pirq_get(d, (unsigned int)wanted) == NULL ? wanted : -XEN_EBUSY;
	}
	return number >= 0 ? number : -XEN_ENOSPC;
}

int pirq_map(struct domain *d, unsigned int irq, int wanted)
{
	struct irq_desc *desc = irq_desc(irq);
	struct pirq *p;
	int nr;

	spin_lock(&d->lock);
	nr = atomic_read(&d->dying) ? -XEN_ESRCH : pirq_number(d, wanted, desc);
	if (nr >= 0 && d->pirqs == NULL) {
		atomic_set_release(&d->pirqs, hv_alloc(NR_PIRQS * sizeof(*p)));
		nr = d->pirqs != NULL ? nr : -XEN_ENOMEM;
	}
	if (nr >= 0 && !d->pirqs[nr].mapped) {
		p = &d->pirqs[nr];
		p->desc = desc;
		atomic_set_release(&p->mapped, true);
	}
	spin_unlock(&d->lock);
	return nr;
}

int pirq_unmap(struct domain *d, unsigned int pirq)
{
	struct pirq *p;

	spin_lock(&d->lock);
	p = pirq_get(d, pirq);
	if (p != NULL) {
		guest_eoi(p->desc, d, true);
		while (atomic_read(&p->desc->in_progress)) {
			cpu_relax();
		}
		atomic_set(&p->mapped, false);
		atomic_set(&p->port, 0);
		msi_teardown(p->desc);
	}
	spin_unlock(&d->lock);
	return p != NULL ? 0 : -XEN_EINVAL;
}

int pirq_domain_destroy(struct domain *d)
{
	struct pirq *table;

	/* Nothing is mapped any more to one that dies. */
	for (unsigned int i = 0; d->pirqs != NULL && i < NR_PIRQS; i++) {
		(void)pirq_unmap(d, i);
	}
	/* Its own vcpus are at rest, but one that controls it may be unmapping. */
	spin_lock(&d->lock);
	table = d->pirqs;
	d->pirqs = NULL;
	spin_unlock(&d->lock);
	if (d->pirq_eoi_map != NULL) {
		d->pirq_eoi_map = NULL;
		frame_put_writable(mfn_to_frame(d->pirq_eoi_mfn));
	}
	hv_free(table);
	return 0;
}

/* ---- what the event room calls ---- */

int pirq_bind(struct domain *d, uint32_t pirq, uint32_t port, bool will_share)
{
	struct pirq *p;
	int rc;

	spin_lock(&d->lock);
	p = pirq_get(d, pirq);
	if (p == NULL) {
		rc = pirq < NR_PIRQS ? -XEN_EPERM : -XEN_EINVAL;
	} else if (p->port != 0) {
		rc = -XEN_EEXIST;
	} else {
		atomic_set(&p->port, port);	/* an interrupt may come before the call returns */
		rc = guest_bind(p->desc, d, pirq, will_share);
		if (rc != 0) {
			atomic_set(&p->port, 0);
		}
	}
	spin_unlock(&d->lock);
	return rc;
}

void pirq_unbind(struct domain *d, uint32_t pirq, uint32_t port)
{
	struct pirq *p;

	spin_lock(&d->lock);
	p = pirq_get(d, pirq);
	if (p != NULL && p->port == port) {
		guest_eoi(p->desc, d, true);
		atomic_set(&p->port, 0);
	}
	spin_unlock(&d->lock);
}

void pirq_set_vcpu(struct domain *d, uint32_t pirq, uint32_t vcpu)
{
	const struct pirq *p;

	spin_lock(&d->lock);	/* or the line might be another's by now */
	p = pirq_get(d, pirq);
	if (p != NULL && vcpu < d->max_vcpus && d->vcpu[vcpu] != NULL) {
		irq_set_affinity(p->desc, d->vcpu[vcpu]->cpu);
	}
	spin_unlock(&d->lock);
}

/* ---- answers and questions of the guest ---- */

int pirq_eoi(struct domain *d, unsigned int pirq)
{
	struct pirq *p = pirq_get(d, pirq);

	if (p == NULL) {
		return -XEN_EINVAL;
	}
	if (d->pirq_eoi_auto_unmask && p->port != 0) {
		(void)evtchn_unmask(d, p->port);
	}
	guest_eoi(p->desc, d, false);
	return 0;
}

int pirq_status(struct domain *d, unsigned int pirq, uint32_t *flags)
{
	struct pirq *p = pirq_get(d, pirq);

	if (pirq >= NR_PIRQS) {
		return -XEN_EINVAL;
	}
	/* A guest that does not look at the shared page has to end every interrupt. */
	*flags = d->pirq_eoi_map == NULL || (p != NULL && p->desc->level) ? XENIRQSTAT_needs_eoi : 0;
	*flags |= p != NULL && p->desc->nr_guests > 1 ? XENIRQSTAT_shared : 0;
	return 0;
}

int pirq_eoi_page_set(struct domain *d, mfn_t mfn, bool auto_unmask)
{
	struct frame *f = frame_lookup(mfn);
	int rc = 0;

	if (f == NULL || frame_get_writable(f, d) != 0) {
		return -XEN_EINVAL;
	}
	spin_lock(&d->lock);
	if (d->pirq_eoi_map != NULL) {
		rc = -XEN_EBUSY;
	} else {
		d->pirq_eoi_mfn = mfn;
		d->pirq_eoi_auto_unmask = auto_unmask;
		d->pirq_eoi_map = frame_address(f);
	}
	spin_unlock(&d->lock);
	if (rc != 0) {
		frame_put_writable(f);
	}
	return rc;
}

// SPDX-License-Identifier: MIT
/*
 * Interrupts that belong to guests: binding a domain's pirq to an irq, telling it of an
 * arrival, and waiting for its end-of-interrupt where the line is level-triggered.
 *
 * desc->lock guards the list of guests. pirq_raise() runs without it, since it takes
 * event-channel locks under which irqs are bound; in_progress says that it is running.
 */
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/pirq.h>
#include <xen/errno.h>

#include "irq_private.h"

void irq_guest_arrived(struct irq_desc *desc)
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
		pirq_raise(to[i].domain, to[i].pirq);
	}
	atomic_dec(&desc->in_progress);
}

void irq_synchronize(unsigned int irq)
{
	struct irq_desc *desc = irq_desc(irq);

	while (desc && atomic_read(&desc->in_progress)) {
		cpu_relax();
	}
}

static struct irq_guest *guest_find(struct irq_desc *desc, const struct domain *d)
{
	for (unsigned int i = 0; i < desc->nr_guests; i++) {
		if (desc->guests[i].domain == d) {
			return &desc->guests[i];
		}
	}
	return NULL;
}

static int guest_may_bind(struct irq_desc *desc, const struct domain *d, bool share)
{
	if (desc->user == IRQ_FREE) {
		return 0;
	}
	if (desc->user != IRQ_GUEST || !share || !desc->share) {
		return -XEN_EBUSY;
	}
	if (guest_find(desc, d)) {
		return -XEN_EEXIST;
	}
	return desc->nr_guests == IRQ_MAX_GUESTS ? -XEN_ENOSPC : 0;
}

int irq_bind_guest(unsigned int irq, struct domain *d, unsigned int pirq, bool share)
{
	struct irq_desc *desc = irq_desc(irq);
	unsigned long flags;
	int rc;

	if (!desc) {
		return -XEN_ENODEV;
	}
	flags = spin_lock_irqsave(&desc->lock);
	rc = guest_may_bind(desc, d, share);
	if (!rc) {
		desc->guests[desc->nr_guests++] = (struct irq_guest){ d, pirq, false };
		if (desc->user == IRQ_FREE) {
			desc->user = IRQ_GUEST;
			desc->share = share;
			rc = irq_start(desc);
			if (rc) {
				desc->user = IRQ_FREE;
				desc->nr_guests = 0;
			}
		}
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

/* The last guest has answered: the line may interrupt again. */
static void guest_answered(struct irq_desc *desc, struct irq_guest *g)
{
	if (!g->needs_eoi) {
		return;
	}
	g->needs_eoi = false;
	if (--desc->in_flight == 0) {
		irq_move_pending(desc);
		irq_unmask_locked(desc);
	}
}

int irq_unbind_guest(unsigned int irq, struct domain *d)
{
	struct irq_desc *desc = irq_desc(irq);
	struct irq_guest *g;
	unsigned long flags;
	int rc = -XEN_EINVAL;

	if (!desc) {
		return rc;
	}
	flags = spin_lock_irqsave(&desc->lock);
	g = desc->user == IRQ_GUEST ? guest_find(desc, d) : NULL;
	if (g) {
		rc = 0;
		if (desc->nr_guests == 1) {
			irq_shutdown(desc);
		} else {
			guest_answered(desc, g);
		}
		*g = desc->guests[--desc->nr_guests];
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

void irq_guest_eoi(unsigned int irq, struct domain *d)
{
	struct irq_desc *desc = irq_desc(irq);
	struct irq_guest *g;
	unsigned long flags;

	if (!desc) {
		return;
	}
	flags = spin_lock_irqsave(&desc->lock);
	g = desc->user == IRQ_GUEST ? guest_find(desc, d) : NULL;
	if (g) {
		guest_answered(desc, g);
	}
	spin_unlock_irqrestore(&desc->lock, flags);
}

bool irq_guest_needs_eoi(unsigned int irq)
{
	const struct irq_desc *desc = irq_desc(irq);

	return desc && desc->level;
}

bool irq_guest_shared(unsigned int irq)
{
	const struct irq_desc *desc = irq_desc(irq);

	return desc && desc->nr_guests > 1;
}

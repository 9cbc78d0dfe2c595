/* SPDX-License-Identifier: MIT */
/*
 * Virtual interrupts: events the hypervisor itself raises. Per-vcpu ones (timer, debug) go to the
 * vcpu they are bound on; global ones are bound on vcpu 0 of one domain, the handler, which is dom0
 * unless another was named.
 *
 * v->virq_port is only a note of the port; the channel's own state, looked at under its lock, is
 * the truth. virq_handler_lock guards the table of handlers; taken with interrupts off, before
 * channel locks.
 */
#include "evtchn_internal.h"
#include <xen/errno.h>
#include <xen/xen.h>

#define VIRQS	24u
#define VIRQS_PER_VCPU	(1u << VIRQ_TIMER | 1u << VIRQ_DEBUG | 1u << VIRQ_XENOPROF | \
			 1u << VIRQ_XENPMU)

BUILD_BUG_ON(ARRAY_SIZE(((struct vcpu *)0)->virq_port) < VIRQS);

static struct domain *virq_handler[VIRQS];	/* NULL: dom0 */
static spinlock_t virq_handler_lock = SPINLOCK_INIT;

bool virq_is_global(uint32_t virq)
{
	return !(VIRQS_PER_VCPU >> virq & 1);
}

void virq_send_vcpu(struct vcpu *v, uint32_t virq)
{
	uint32_t port = atomic_read_acquire(&v->virq_port[virq]);

	if (port) {
		evtchn_raise(v->domain, port, EVTCHN_VIRQ, virq);
	}
}

void virq_send_global(uint32_t virq)
{
	unsigned long flags = spin_lock_irqsave(&virq_handler_lock);
	struct domain *d = virq_handler[virq] ? virq_handler[virq] : dom0;

	if (d && d->vcpu[0]) {
		virq_send_vcpu(d->vcpu[0], virq);
	}
	spin_unlock_irqrestore(&virq_handler_lock, flags);
}

int virq_set_handler(struct domain *d, uint32_t virq)
{
	struct domain *old;
	unsigned long flags;

	if (virq >= VIRQS || !virq_is_global(virq) || d->evtchn.dying || !domain_get(d)) {
		return -XEN_EINVAL;
	}
	virq = array_index_nospec(virq, VIRQS);
	flags = spin_lock_irqsave(&virq_handler_lock);
	old = virq_handler[virq];
	virq_handler[virq] = d;
	spin_unlock_irqrestore(&virq_handler_lock, flags);
	if (old) {
		domain_put(old);
	}
	return 0;
}

void virq_clear_handlers(struct domain *d)
{
	unsigned int i, held = 0;
	unsigned long flags = spin_lock_irqsave(&virq_handler_lock);

	for (i = 0; i < VIRQS; i++) {
		if (virq_handler[i] == d) {
			virq_handler[i] = NULL;
			held++;
		}
	}
	spin_unlock_irqrestore(&virq_handler_lock, flags);
	while (held--) {
		domain_put(d);
	}
}

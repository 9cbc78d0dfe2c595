/* SPDX-License-Identifier: MIT */
/*
 * Debug key e: event channels and what their guests have not seen yet. Only looks; guests may
 * change what is printed at the same time. A channel's lock keeps it bound, and so its word there.
 */
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/keys.h>
#include <dais/printk.h>
#include <dais/vcpu.h>

#include "evtchn_internal.h"

static void dump_port(struct domain *d, struct evtchn *chn)
{
	static const char *const names[] = {
		[EVTCHN_UNBOUND] = "unbound", [EVTCHN_INTERDOMAIN] = "interdomain",
		[EVTCHN_PIRQ] = "pirq", [EVTCHN_VIRQ] = "virq", [EVTCHN_IPI] = "ipi",
	};
	unsigned long irq = spin_lock_irqsave(&chn->lock);
	uint8_t state = chn->state;
	uint32_t u = chn->u, flags = state != EVTCHN_FREE ? evtchn_flags(d, chn) : 0;

	spin_unlock_irqrestore(&chn->lock, irq);
	if (state == EVTCHN_FREE) {
		return;
	}
	pr_info("  d%u port %u: %s %u, vcpu %u, last queued on %u;%s%s%s\n", d->domid, chn->port,
		names[state], u, chn->vcpu, chn->last_vcpu,
		flags & EVTCHN_FLAG_PENDING ? " pending" : "",
		flags & EVTCHN_FLAG_MASKED ? " masked" : "",
		flags & EVTCHN_FLAG_LINKED ? " linked" : "");
}

static void key_evtchn(struct regs *regs __maybe_unused)
{
	struct domain *d = NULL;
	struct vcpu *v;
	unsigned int i;
	uint32_t port;

	while ((d = domain_next(d)) != NULL) {
		pr_info("event channels of d%u, by %s:\n", d->domid,
			d->evtchn.fifo ? "queues" : "two levels of bits");
		domain_for_each_vcpu(d, v, i) {
			pr_info("  d%uv%u: %s, upcall %s%s\n", d->domid, v->id,
				vcpu_is_up(v) ? "up" : "down",
				v->info->evtchn_upcall_pending ? "pending" : "not pending",
				v->info->evtchn_upcall_mask ? ", masked" : "");
		}
		for (port = 1; port < d->evtchn.valid; port++) {
			dump_port(d, evtchn_lookup(d, port));
		}
	}
}
DEBUG_KEY('e', key_evtchn, "show event channels");

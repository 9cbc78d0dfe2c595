/* SPDX-License-Identifier: MIT */
/*
 * Physical interrupts in the hands of a domain: its own numbering (pirq), which machine interrupt each stands for,
 * and the event channel it arrives on. evtchn.h declares what the event room calls here (pirq_bind and so on).
 * Lock: d->lock for the table; what an interrupt handler reads is published by single stores.
 */
#ifndef DAIS_PIRQ_H
#define DAIS_PIRQ_H

#include <dais/types.h>

struct domain;

/*
 * Let irq be known to d as a pirq: `wanted`, or a free number when that is negative. Returns the
 * number, or -EINVAL, -EEXIST (irq has another number), -EBUSY (number stands for another irq),
 * -ENOSPC, -ENOMEM, -ESRCH. Unmapping an MSI tears it down.
 */
int pirq_map(struct domain *d, unsigned int irq, int wanted);
int pirq_unmap(struct domain *d, unsigned int pirq);	/* -EINVAL: not mapped */

int pirq_eoi(struct domain *d, unsigned int pirq);
int pirq_status(struct domain *d, unsigned int pirq, uint32_t *flags);	/* XENIRQSTAT_* */

/* The page of bits in which the guest reads which pirqs need EOI. -EINVAL, -EBUSY: it has one. */
int pirq_eoi_page_set(struct domain *d, mfn_t mfn, bool auto_unmask);

#endif

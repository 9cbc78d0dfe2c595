/* SPDX-License-Identifier: MIT */
/*
 * Shared by irq.c and pirq.c only.
 */
#ifndef DAIS_X86_IRQ_PRIVATE_H
#define DAIS_X86_IRQ_PRIVATE_H

#include <dais/irq.h>

/* All with desc->lock held. */
int irq_start(struct irq_desc *desc, enum irq_user user);	/* vector, route, unmask */
void irq_shutdown(struct irq_desc *desc);	/* mask, give vectors back */
void irq_set_masked(struct irq_desc *desc, bool masked);
void irq_move_pending(struct irq_desc *desc);	/* do what irq_set_affinity() asked for */

/* The guest half of an arrival: takes over the lock and drops it. */
void pirq_arrived(struct irq_desc *desc);

#endif /* DAIS_X86_IRQ_PRIVATE_H */

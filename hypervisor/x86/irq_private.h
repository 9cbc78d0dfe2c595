/* SPDX-License-Identifier: MIT */
/*
 * Shared by irq.c, irq_guest.c and vector.c only.
 */
#ifndef DAIS_X86_IRQ_PRIVATE_H
#define DAIS_X86_IRQ_PRIVATE_H

#include <dais/irq.h>

/* A free vector of `cpu`, `prefer` if that one is free; 0 when there is none. */
uint8_t vector_alloc(unsigned int cpu, unsigned int irq, uint8_t prefer);
void vector_free(unsigned int cpu, uint8_t vector);
int vector_lookup(unsigned int cpu, unsigned int vector);	/* irq or -1 */

/* All with desc->lock held. */
int irq_start(struct irq_desc *desc, enum irq_user user);	/* vector, route, unmask */
void irq_shutdown(struct irq_desc *desc);	/* mask, give vectors back */
void irq_set_masked(struct irq_desc *desc, bool masked);
void irq_move_pending(struct irq_desc *desc);	/* do what irq_set_affinity() asked for */

/* The guest half of an arrival: takes over the lock and drops it. */
void irq_guest_arrived(struct irq_desc *desc);

#endif /* DAIS_X86_IRQ_PRIVATE_H */

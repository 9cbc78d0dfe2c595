/* SPDX-License-Identifier: MIT */
/*
 * Device interrupts: numbering, vectors, who handles each one.
 *
 * An irq number below irq_nr_gsis() is that GSI; higher ones are handed out for MSI.
 * Each irq has at most one (CPU, vector) it is delivered to and one user: a handler
 * of the hypervisor, or up to IRQ_MAX_GUESTS domains that share a level line.
 *
 * A guest's level interrupt is masked on arrival, acknowledged at once, and unmasked
 * when every guest it was sent to has said end-of-interrupt. Edge and MSI are
 * acknowledged at once.
 *
 * Lock: desc->lock of each irq (irq-safe), then vector_lock, then a chip's own lock.
 */
#ifndef DAIS_IRQ_H
#define DAIS_IRQ_H

#include <dais/cpumask.h>
#include <dais/spinlock.h>
#include <dais/types.h>
#include <dais/vectors.h>

#define NR_IRQS		512
#define IRQ_MAX_GUESTS	4

struct domain;
struct regs;
struct irq_desc;

typedef void (*irq_handler_t)(unsigned int irq, void *arg, struct regs *regs);

/* What can be done to the source of an interrupt. All run with desc->lock held. */
struct irq_chip {
	const char *name;
	void (*set_mask)(struct irq_desc *desc, bool masked);
	void (*route)(struct irq_desc *desc, uint32_t apic_id, uint8_t vector);
};

enum irq_user { IRQ_FREE, IRQ_HYPERVISOR, IRQ_GUEST };

struct irq_guest {
	struct domain *domain;
	unsigned int pirq;
	bool needs_eoi;		/* was notified, has not answered */
};

struct irq_desc {
	spinlock_t lock;
	const struct irq_chip *chip;	/* NULL: no such interrupt */
	void *chip_data;
	uint16_t irq;
	uint8_t user;			/* enum irq_user */
	bool level;			/* only a GSI can be */
	bool masked;
	bool share;			/* guests agreed to share */
	uint8_t nr_guests;
	uint8_t in_flight;		/* guests that owe an EOI */
	uint8_t vector, old_vector;	/* 0 = none */
	uint16_t cpu, old_cpu;
	int16_t move_cpu;		/* wanted CPU, -1 = none */
	uint16_t in_progress;		/* CPUs now notifying guests [atomic] */
	irq_handler_t handler;
	void *arg;
	const char *name;
	struct irq_guest guests[IRQ_MAX_GUESTS];
	uint64_t count;
};

/* Boot: this GSI exists. */
void irq_add_gsi(unsigned int gsi, const struct irq_chip *chip, void *chip_data);
unsigned int irq_nr_gsis(void);
struct irq_desc *irq_desc(unsigned int irq);	/* NULL when out of range or no such irq */

/*
 * Entry code calls this for vectors 0x20..0xff with interrupts off. Acknowledges the
 * local APIC itself.
 */
void irq_dispatch(unsigned int vector, struct regs *regs);

/* Hypervisor-owned interrupt: claim and unmask. -XEN_EBUSY, -XEN_ENODEV, -XEN_ENOSPC. */
int irq_request(unsigned int irq, irq_handler_t handler, void *arg, const char *name);

/* Deliver to another CPU, which is online: done when the interrupt next arrives. */
void irq_set_affinity(struct irq_desc *desc, unsigned int cpu);

/*
 * For MSI, one caller at a time: an irq >= irq_nr_gsis(), masked but routed to a real vector,
 * since an enabled MSI must aim somewhere. NULL when numbers or vectors have run out.
 */
struct irq_desc *irq_alloc(const struct irq_chip *chip, void *chip_data);
void irq_free(struct irq_desc *desc);

#endif /* DAIS_IRQ_H */

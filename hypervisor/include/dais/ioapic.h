/* SPDX-License-Identifier: MIT */
/*
 * IO-APICs: from a global system interrupt (GSI) to a pin and its redirection entry.
 *
 * ioapic.c's lock guards the index/data register pairs and the shadow copies of the
 * entries; it is a leaf lock, taken with interrupts off.
 */
#ifndef DAIS_IOAPIC_H
#define DAIS_IOAPIC_H

#include <dais/types.h>

struct irq_desc;

void ioapic_init(void);		/* pins masked and known as irqs; ISA lines as the MADT says */
unsigned int ioapic_isa_to_gsi(unsigned int isa_irq);

/*
 * Trigger and polarity of a GSI: -XEN_EINVAL when there is none of this number, -XEN_EEXIST when
 * it is in use already with other settings.
 */
int ioapic_set_mode(unsigned int gsi, bool level, bool active_low);

/* Level only, pin masked and local EOI done, desc->lock held: make sure remote IRR is clear. */
void ioapic_eoi(struct irq_desc *desc, uint8_t vector);

/*
 * PHYSDEVOP_apic_read: register `reg` of the IO-APIC whose registers lie at machine
 * address `base`. Redirection entries read as masked. -XEN_EINVAL for anything else.
 */
int ioapic_guest_read(paddr_t base, uint32_t reg, uint32_t *value);

void ioapic_dump(void);

/* The pair of 8259s: remapped to VECTOR_LEGACY_FIRST and masked for good. */
void i8259_disable(void);

#endif /* DAIS_IOAPIC_H */

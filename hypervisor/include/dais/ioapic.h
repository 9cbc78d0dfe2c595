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

void ioapic_init(void);		/* all pins masked; ISA lines as the MADT says */
unsigned int ioapic_nr_gsis(void);
bool ioapic_gsi_valid(unsigned int gsi);
unsigned int ioapic_isa_to_gsi(unsigned int isa_irq);

/* Trigger and polarity of a masked pin. */
void ioapic_set_mode(unsigned int gsi, bool level, bool active_low);
bool ioapic_is_level(unsigned int gsi);
bool ioapic_is_low(unsigned int gsi);

/* Destination and vector; takes effect at once, keeps the mask bit. */
void ioapic_route(unsigned int gsi, uint32_t apic_id, uint8_t vector);
void ioapic_mask(unsigned int gsi);
void ioapic_unmask(unsigned int gsi);

/* Level only, pin masked and local EOI done: make sure remote IRR is clear. */
void ioapic_eoi(unsigned int gsi, uint8_t vector);

/*
 * PHYSDEVOP_apic_read: register `reg` of the IO-APIC whose registers lie at machine
 * address `base`. Redirection entries read as masked. -XEN_EINVAL for anything else.
 */
int ioapic_guest_read(paddr_t base, uint32_t reg, uint32_t *value);

void ioapic_dump(void);

/* The pair of 8259s: remapped to VECTOR_LEGACY_FIRST and masked for good. */
void i8259_disable(void);

#endif /* DAIS_IOAPIC_H */

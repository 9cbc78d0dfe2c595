/* SPDX-License-Identifier: MIT */
/*
 * The local APIC of each CPU, through xAPIC MMIO or x2APIC MSRs.
 *
 * Every function acts on the CPU it runs on unless it names another. Sending an IPI
 * is safe with interrupts on or off and in NMI context. The mode is chosen once on
 * the boot CPU and is the same everywhere.
 */
#ifndef DAIS_APIC_H
#define DAIS_APIC_H

#include <dais/cpumask.h>
#include <dais/types.h>

/* Register offsets in the MMIO page; the x2APIC MSR is 0x800 + offset / 16. */
#define APIC_ID		0x020
#define APIC_VERSION	0x030
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_LDR	0x0d0
#define APIC_DFR	0x0e0
#define APIC_SVR	0x0f0
#define APIC_ISR	0x100
#define APIC_IRR	0x200
#define APIC_ESR	0x280
#define APIC_LVT_CMCI	0x2f0
#define APIC_ICR	0x300
#define APIC_ICR_HI	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_THERM	0x330
#define APIC_LVT_PMC	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0

/*
 * Choose the mode and bring up the boot CPU's APIC; panics when the CPU has none.
 * Needs acpi_init() and map_mmio(). apic_init_ap() does the same on each other CPU.
 */
void apic_init_bsp(void);
void apic_init_ap(void);

uint32_t apic_read_id(void);		/* id of the CPU this runs on */
uint32_t apic_read(unsigned int reg);	/* raw register access */
void apic_write(unsigned int reg, uint32_t value);

void apic_eoi(void);
void apic_send_ipi(unsigned int cpu, uint8_t vector);
void apic_send_ipi_mask(const cpumask_t *mask, uint8_t vector);	/* may include this CPU */
void apic_send_nmi(unsigned int cpu);

/* INIT and start-up messages to a CPU named by APIC id, for smpboot. -XEN_ETIMEDOUT. */
int apic_send_init(uint32_t apic_id);
int apic_send_sipi(uint32_t apic_id, uint8_t page);

/* The largest id that can be an interrupt's destination without remapping. */
#define XAPIC_MAX_ID	254

/*
 * One-shot timer of this CPU, for clock_event_set(). The boot CPU first: chooses the mode and
 * measures the rate; returns the mode's name. apic_timer_init() is for the others.
 */
const char *apic_timer_setup(uint64_t tsc_hz);
void apic_timer_init(void);

/* Handlers of the fixed vectors. */
void apic_timer_interrupt(void);
void apic_error_interrupt(void);

#endif /* DAIS_APIC_H */

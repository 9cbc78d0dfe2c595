/* SPDX-License-Identifier: MIT */
/*
 * Several CPUs: starting them, running a function on them, stopping them.
 *
 * smp_call_mask() is called with interrupts on and no irq-safe lock held (it waits
 * for others who may be waiting for that lock); functions run in interrupt context.
 */
#ifndef DAIS_SMP_H
#define DAIS_SMP_H

#include <dais/cpumask.h>
#include <dais/types.h>

/* Fill cpu_ptr(i)->apic_id/acpi_id from ACPI, boot CPU first; sets nr_cpus (maxcpus=). */
void smp_enumerate(void);

/* Start every other CPU, one at a time. Those that do not answer are left out. */
void smp_boot_aps(void);

/* First thing a started CPU does in C, from the trampoline; calls cpu_ap_main(cpu). */
void smp_ap_entry(unsigned int cpu);

/* The lead's side: per-CPU set-up and the idle loop; calls smp_ap_ready() when online. */
void cpu_ap_main(unsigned int cpu);
void smp_ap_ready(void);	/* this CPU takes interrupts: set it in cpu_online_mask */

/* Run fn(arg) on every online CPU of mask, this one too when it is in it. */
void smp_call_mask(const cpumask_t *mask, void (*fn)(void *arg), void *arg, bool wait);
void smp_call_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg, bool wait);

/* Make `cpu` pass through its exit path and look at its softirqs. */
void smp_send_event_check(unsigned int cpu);
void smp_send_event_check_mask(const cpumask_t *mask);

/* Stop all other CPUs by NMI, for panic and reset. True when all of them stopped. */
bool smp_stop_others(void);

/*
 * First thing the NMI handler asks: true when this NMI means "stop" and the caller
 * should halt for ever (already recorded as stopped).
 */
bool smp_nmi_stop(void);

#endif /* DAIS_SMP_H */

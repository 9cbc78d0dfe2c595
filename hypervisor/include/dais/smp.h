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

struct boot_info;

/*
 * After acpi_init(), while early_pages() works: order the CPUs with the boot CPU first,
 * obey maxcpus=, set nr_cpus, make the other CPUs' blocks (percpu_setup) and fill in
 * their apic_id and acpi_id.
 */
void smp_enumerate(void);

/*
 * Start every other CPU, one at a time; needs interrupts, time_init() and the low identity
 * map. A CPU that does not answer is named in a warning and left out: ids stay contiguous
 * and nr_cpus is the number that runs. Interrupts must be on.
 */
void smp_boot_aps(const struct boot_info *bi);

/*
 * Where a started CPU arrives, on its own stack, interrupts off: it loads descriptor
 * tables and control registers, calls smp_ap_ready(), and goes idle. x86 start-up owns it.
 */
void cpu_ap_main(unsigned int cpu) __attribute__((__noreturn__));

/* Brings up this CPU's APIC, timer and clock and puts it in cpu_online_mask. */
void smp_ap_ready(void);

/* Run fn(arg) on every online CPU of mask, this one too when it is in it. */
void smp_call_mask(const cpumask_t *mask, void (*fn)(void *arg), void *arg, bool wait);
void smp_call_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg, bool wait);

/* Make `cpu` pass through its exit path and look at its softirqs. */
void smp_send_event_check(unsigned int cpu);
void smp_send_event_check_mask(const cpumask_t *mask);

/* Stop all other CPUs by NMI, for panic and reset. True when all of them stopped. */
bool smp_stop_others(void);

/*
 * First thing the NMI handler asks: does not return when the NMI meant "stop"; false when
 * it meant something else.
 */
bool smp_nmi_stop(void);

void smp_init(void);	/* handlers of the vectors above; after irq_init() */

#endif /* DAIS_SMP_H */

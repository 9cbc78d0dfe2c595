/* SPDX-License-Identifier: MIT */
/*
 * Several CPUs: starting them, running a function on them, stopping them.
 *
 * smp_call_mask() is called with interrupts on and no irq-safe lock held (it waits
 * for others who may be waiting for that lock); functions run in interrupt context, and call
 * nobody themselves.
 */
#ifndef DAIS_SMP_H
#define DAIS_SMP_H

#include <dais/cpumask.h>
#include <dais/types.h>

/*
 * After apic_init_bsp(): order the CPUs with the boot CPU first, obey maxcpus=, set
 * nr_cpus. The caller then makes the blocks of CPUs 1 .. nr_cpus - 1 (percpu_setup).
 */
void smp_enumerate(void);

/*
 * Start every other CPU, one at a time; needs time_init() and the hypervisor's own page
 * tables, of which it borrows the lowest slot for a while. A CPU that does not answer is
 * named in a warning and left out: ids stay contiguous and nr_cpus becomes the number that
 * runs. Fills in apic_id and acpi_id. Interrupts must be on.
 */
void smp_boot_aps(void);

/*
 * Where a started CPU arrives, on its own stack, interrupts off: it loads control
 * registers and descriptor tables, calls apic_init_ap() and time_init_ap(), says in
 * cpu_online_mask that it can take interrupts, and goes idle.
 */
void cpu_ap_main(unsigned int cpu) __attribute__((__noreturn__));

/* Run fn(arg) on every online CPU of mask at once, this one too when it is in it; returns when all have. */
void smp_call_mask(const cpumask_t *mask, void (*fn)(void *arg), void *arg);

/* Make `cpu` pass through its exit path and look at its softirqs. */
void smp_send_event_check(unsigned int cpu);

/* Stop all other CPUs by NMI, for panic and reset. */
void smp_stop_others(void);

/*
 * First thing the NMI handler asks: does not return when the NMI meant "stop"; false when
 * it meant something else.
 */
bool smp_nmi_stop(void);

void smp_call_interrupt(void);	/* handler of VECTOR_CALL */

#endif /* DAIS_SMP_H */

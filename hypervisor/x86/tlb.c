/* SPDX-License-Identifier: MIT */
/*
 * TLB flushes and the flush clock (see dais/tlb.h). tlb_lock serialises requests to other CPUs; a CPU that waits
 * for it or for an answer keeps interrupts on, so that it can answer others.
 */
#include <dais/apic.h>
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/percpu.h>
#include <dais/spinlock.h>
#include <dais/tlb.h>
#include <dais/vectors.h>
#include <dais/x86.h>

static spinlock_t tlb_lock = SPINLOCK_INIT;
static cpumask_t tlb_waiting;		/* CPUs that still owe an answer */
static unsigned long tlb_va;		/* 0: flush everything */
static uint64_t tlb_clock = 1;

uint64_t tlb_now(void)
{
	return atomic_read(&tlb_clock);
}

/*
 * The clock advances before the flush: a stamp taken in between is not older than the flush, so the frame counts
 * as dirty and is flushed once more. The other order would call it clean.
 */
void tlb_load_cr3(uint64_t cr3)
{
	uint64_t now = atomic_add(&tlb_clock, 2);

	write_cr3(cr3);
	this_cpu()->tlb_clock = now;
}

void tlb_flush_local(void)
{
	unsigned long flags = irq_save();

	tlb_load_cr3(read_cr3());
	irq_restore(flags);
}

void tlb_answer(void)
{
	unsigned long flags = irq_save();	/* an interrupt in the middle could answer the next request */

	if (cpumask_test(&tlb_waiting, cpu_id())) {
		unsigned long va = atomic_read(&tlb_va);

		if (va) {
			invlpg(va);
		} else {
			tlb_flush_local();
		}
		cpumask_unset_atomic(&tlb_waiting, cpu_id());
	}
	irq_restore(flags);
}

static void tlb_flush_others(const cpumask_t *mask, unsigned long va)
{
	cpumask_t others;

	cpumask_and(&others, mask, &cpu_online_mask);
	cpumask_unset(&others, cpu_id());
	while (!spin_trylock(&tlb_lock)) {
		tlb_answer();	/* the holder may wait for us, and we may have interrupts off */
		cpu_relax();
	}
	atomic_set(&tlb_va, va);
	smp_wmb();	/* tlb_answer() looks without an interrupt, too */
	tlb_waiting = others;
	smp_mb();
	apic_send_ipi_mask(&others, VECTOR_TLB_FLUSH);
	while (!cpumask_empty(&tlb_waiting)) {
		cpu_relax();
	}
	spin_unlock(&tlb_lock);
}

/* Does the mask have a CPU that is not this one? */
static inline bool mask_has_others(const cpumask_t *mask, unsigned int cpu)
{
	cpumask_t others = *mask;

	cpumask_unset(&others, cpu);
	return !cpumask_empty(&others);
}

void tlb_flush_mask(const cpumask_t *mask)
{
	unsigned int cpu = cpu_id();

	if (cpumask_test(mask, cpu)) {
		tlb_flush_local();
	}
	if (mask_has_others(mask, cpu)) {
		tlb_flush_others(mask, 0);
	}
}

void tlb_invlpg_mask(const cpumask_t *mask, unsigned long va)
{
	unsigned int cpu = cpu_id();

	if (cpumask_test(mask, cpu)) {
		invlpg(va);
	}
	if (mask_has_others(mask, cpu)) {
		tlb_flush_others(mask, va & PAGE_MASK);
	}
}

void tlb_flush_stale(const cpumask_t *cpus, uint32_t stamp)
{
	cpumask_t mask = cpus != NULL ? *cpus : cpu_online_mask;
	uint64_t since = tlb_stamp_time(stamp, tlb_now());
	unsigned int cpu;

	cpumask_for_each(cpu, &mask) {
		if (atomic_read(&cpu_ptr(cpu)->tlb_clock) > since) {
			cpumask_unset(&mask, cpu);
		}
	}
	tlb_flush_mask(&mask);
}

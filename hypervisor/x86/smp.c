// SPDX-License-Identifier: MIT
/*
 * CPUs calling on each other: run a function, look at softirqs, stop.
 *
 * One call is under way at a time; call_lock guards it. Who waits for call_lock or for
 * an answer has interrupts on and so answers others meanwhile: no deadlock, provided no
 * caller holds a lock that is taken with interrupts off elsewhere.
 */
#include <dais/apic.h>
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/irq.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/smp.h>
#include <dais/spinlock.h>
#include <dais/time.h>
#include <dais/tlb.h>
#include <dais/vectors.h>
#include <dais/x86.h>

static spinlock_t call_lock = SPINLOCK_INIT;
static struct {
	void (*fn)(void *arg);
	void *arg;
	bool wait;
	cpumask_t pending;	/* have not picked the call up or, with wait, not finished it */
} call;

/* ---- calls ---- */

static void call_interrupt(struct regs *regs __maybe_unused)
{
	unsigned int self = cpu_id();
	void (*fn)(void *arg) = call.fn;
	void *arg = call.arg;
	bool wait = call.wait;

	if (!cpumask_test(&call.pending, self)) {
		return;
	}
	if (!wait) {
		/* From here on `call` may be reused. */
		cpumask_unset_atomic(&call.pending, self);
	}
	fn(arg);
	if (wait) {
		cpumask_unset_atomic(&call.pending, self);
	}
}

static void call_others(const cpumask_t *others, void (*fn)(void *arg), void *arg, bool wait)
{
	spin_lock(&call_lock);
	call.fn = fn;
	call.arg = arg;
	call.wait = wait;
	smp_wmb();
	call.pending = *others;
	smp_mb();
	apic_send_ipi_mask(others, VECTOR_CALL);
	while (!cpumask_empty(&call.pending)) {
		cpu_relax();
	}
	spin_unlock(&call_lock);
}

void smp_call_mask(const cpumask_t *mask, void (*fn)(void *arg), void *arg, bool wait)
{
	cpumask_t others;
	unsigned int self = cpu_id();
	unsigned long flags;

	BUG_ON(!irqs_enabled());
	cpumask_and(&others, mask, &cpu_online_mask);
	cpumask_unset(&others, self);
	if (!cpumask_empty(&others)) {
		call_others(&others, fn, arg, wait);
	}
	if (cpumask_test(mask, self)) {
		flags = irq_save();
		fn(arg);
		irq_restore(flags);
	}
}

void smp_call_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg, bool wait)
{
	cpumask_t mask;

	cpumask_clear(&mask);
	cpumask_set(&mask, cpu);
	smp_call_mask(&mask, fn, arg, wait);
}

/* ---- reschedule ---- */

/* The way out of any interrupt looks at softirqs; nothing else is wanted. */
static void event_check_interrupt(struct regs *regs __maybe_unused)
{
}

void smp_send_event_check(unsigned int cpu)
{
	apic_send_ipi(cpu, VECTOR_EVENT_CHECK);
}

void smp_answer(void)
{
	tlb_flush_ipi();
}

static void tlb_interrupt(struct regs *regs __maybe_unused)
{
	tlb_flush_ipi();
}

void __init smp_init(void)
{
	irq_set_vector_handler(VECTOR_CALL, call_interrupt);
	irq_set_vector_handler(VECTOR_EVENT_CHECK, event_check_interrupt);
	irq_set_vector_handler(VECTOR_TLB_FLUSH, tlb_interrupt);
}

/* ---- stopping ---- */

#define STOP_MS		500
#define NOBODY		(~0u)

static unsigned int stopper = NOBODY;	/* the CPU that goes on */
static cpumask_t stopped;

bool smp_stop_others(void)
{
	unsigned int nobody = NOBODY, self = cpu_id(), cpu;
	cpumask_t others = cpu_online_mask;

	cpumask_unset(&others, self);
	if (!atomic_cas(&stopper, &nobody, self) && nobody != self) {
		/* Two at once: the first goes on, this one stops like the rest. */
		smp_nmi_stop();
	}
	cpumask_for_each(cpu, &others) {
		if (!cpumask_test(&stopped, cpu)) {
			apic_send_nmi(cpu);
		}
	}
	for (unsigned int i = 0; i < STOP_MS; i++) {
		cpumask_for_each(cpu, &others) {
			if (cpumask_test(&stopped, cpu)) {
				cpumask_unset(&others, cpu);
			}
		}
		if (cpumask_empty(&others)) {
			return true;
		}
		time_udelay(1000);
	}
	return false;
}

bool smp_nmi_stop(void)
{
	unsigned int who = atomic_read(&stopper);

	if (who == NOBODY || who == cpu_id()) {
		return false;
	}
	cpumask_set_atomic(&stopped, cpu_id());
	for (;;) {
		__asm__ volatile("cli\n\thlt" ::: "memory");
	}
}

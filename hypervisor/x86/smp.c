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
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/smp.h>
#include <dais/spinlock.h>
#include <dais/time.h>
#include <dais/vectors.h>
#include <dais/x86.h>

static spinlock_t call_lock = SPINLOCK_INIT;
static struct {
	void (*fn)(void *arg);
	void *arg;
	cpumask_t pending;	/* have not finished it */
} call;

/* ---- calls ---- */

void smp_call_interrupt(void)
{
	if (cpumask_test(&call.pending, cpu_id())) {
		call.fn(call.arg);
		cpumask_unset_atomic(&call.pending, cpu_id());
	}
}

void smp_call_mask(const cpumask_t *mask, void (*fn)(void *arg), void *arg)
{
	unsigned int self = cpu_id();
	cpumask_t others;

	BUG_ON(!irqs_enabled());
	cpumask_and(&others, mask, &cpu_online_mask);
	cpumask_unset(&others, self);
	spin_lock(&call_lock);
	call.fn = fn;
	call.arg = arg;
	smp_wmb();
	call.pending = others;
	smp_mb();
	apic_send_ipi_mask(&others, VECTOR_CALL);
	if (cpumask_test(mask, self)) {
		irq_disable();
		fn(arg);
		irq_enable();
	}
	while (!cpumask_empty(&call.pending)) {
		cpu_relax();
	}
	spin_unlock(&call_lock);
}

/* ---- other messages ---- */

/* Has no handler: the way out of any interrupt looks at softirqs, and nothing else is wanted. */
void smp_send_event_check(unsigned int cpu)
{
	apic_send_ipi(cpu, VECTOR_EVENT_CHECK);
}

/* ---- stopping ---- */

#define STOP_MS		500
#define NOBODY		(~0u)

static unsigned int stopper = NOBODY;	/* the CPU that goes on */
static cpumask_t stopped;

void smp_stop_others(void)
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
		if (cpumask_weight(&stopped) >= cpumask_weight(&others)) {
			break;
		}
		time_udelay(1000);
	}
}

bool smp_nmi_stop(void)
{
	unsigned int who = atomic_read(&stopper);

	if (who == NOBODY || who == cpu_id()) {
		return false;
	}
	cpumask_set_atomic(&stopped, cpu_id());
	machine_halt();
}

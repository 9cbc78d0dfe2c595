/* SPDX-License-Identifier: MIT */
/*
 * Softirqs: one pending bit for each kind in struct cpu. Bits are set atomically from anywhere;
 * handlers run on the CPU's own stack with interrupts on, and SOFTIRQ_SCHEDULE, which may not come
 * back, when nothing else is left.
 */
#include <dais/softirq.h>
#include <dais/compiler.h>
#include <dais/percpu.h>
#include <dais/smp.h>

static void (*softirq_handler[NR_SOFTIRQS])(void);

void softirq_register(enum softirq nr, void (*fn)(void))
{
	softirq_handler[nr] = fn;
}

void softirq_raise(enum softirq nr)
{
	atomic_or(&this_cpu()->softirqs, 1UL << nr);
}

void softirq_raise_cpu(unsigned int cpu, enum softirq nr)
{
	unsigned long old = atomic_fetch_or(&cpu_ptr(cpu)->softirqs, 1UL << nr);

	/* Whoever set this bit before us has sent, or is about to send, the interrupt. */
	if (cpu != cpu_id() && !(old & (1UL << nr))) {
		smp_send_event_check(cpu);
	}
}

bool softirq_pending(void)
{
	return atomic_read(&this_cpu()->softirqs) != 0;
}

static void __noinline softirq_run(struct cpu *c)
{
	unsigned long pending;

	while ((pending = atomic_read(&c->softirqs)) != 0) {
		unsigned long others = pending & ~(1UL << SOFTIRQ_SCHEDULE);
		unsigned int nr = others ? (unsigned int)__builtin_ctzl(others) : SOFTIRQ_SCHEDULE;

		atomic_and(&c->softirqs, ~(1UL << nr));
		if (softirq_handler[nr]) {
			softirq_handler[nr]();
		}
	}
}

/* On every way out to a guest: that nothing is pending must cost nothing. */
void softirq_process(void)
{
	struct cpu *c = this_cpu();

	if (unlikely(atomic_read(&c->softirqs))) {
		softirq_run(c);
	}
}

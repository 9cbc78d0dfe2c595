/* SPDX-License-Identifier: MIT */
/*
 * One block of PERCPU_SIZE bytes for each physical CPU, at PERCPU_BASE + cpu * PERCPU_SIZE: struct cpu at the
 * bottom, interrupt stacks above it, the main stack at the top, each stack with an unmapped page below it.
 * The stack pointer therefore always tells which CPU this is, whatever stack is in use.
 */
#ifndef DAIS_PERCPU_H
#define DAIS_PERCPU_H

#include <stdint.h>
#include <dais/cpumask.h>
#include <dais/sched.h>
#include <dais/time_math.h>
#include <dais/timer.h>

#define PERCPU_BASE	0xffff828040000000UL
#define PERCPU_SHIFT	16
#define PERCPU_SIZE	(1UL << PERCPU_SHIFT)

struct vcpu;
struct domain;

/* A copy of a guest's page-table root: see x86/xpti.c. */
struct guest_root {
	uint64_t *l4;
	uint64_t cr3;			/* where l4 is */
	uint64_t of;			/* the root it is a copy of, and xpti_generation before it was made */
	uint64_t generation;
};

struct cpu {
	/* Used by entry.S: keep first, in this order. */
	uint64_t scratch;		/* guest RSP while SYSCALL finds a stack */
	void *regs_end;			/* end of current vcpu's register frame; SYSCALL's first stack */
	struct vcpu *current;		/* the vcpu whose frame that is */
	unsigned long softirqs;		/* pending bits; set atomically from anywhere */
	uint64_t full_cr3;		/* these three: x86/xpti.c; all 0 without it */
	uint64_t guest_cr3;
	struct guest_root guest_root[2];	/* by vcpu->kernel_mode */

	unsigned int id;		/* logical number, index of cpumasks */
	uint32_t apic_id;
	uint32_t acpi_id;
	struct vcpu *idle;
	struct vcpu *fpu_owner;		/* whose FPU registers are live, or NULL */
	uint64_t tlb_clock;		/* flush clock when this CPU last flushed everything */
	uint16_t last_domid;		/* the domain that ran here last */
	unsigned long cr4_tsd;		/* CR4_TSD when it is set in CR4 now, else 0 */
	unsigned int gdt_pages, ldt_pages; /* window pages that show a guest's frames: count, bitmap */
	uint64_t *desc_l1;		/* page-table entries of the GDT and LDT windows */
	struct sched_cpu sched;
	struct timer_cpu timers;
	struct time_scale time;		/* from the TSC to system time */
};

#ifdef DAIS_HOST_TEST
struct cpu *this_cpu(void);
struct cpu *cpu_ptr(unsigned int cpu);
#else
static inline struct cpu *this_cpu(void)
{
	unsigned long sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct cpu *)(sp & ~(PERCPU_SIZE - 1));
}

static inline struct cpu *cpu_ptr(unsigned int cpu)
{
	return (struct cpu *)(PERCPU_BASE + ((unsigned long)cpu << PERCPU_SHIFT));
}
#endif

#define cpu_id()	(this_cpu()->id)
#define current_vcpu()	(this_cpu()->current)

extern unsigned int nr_cpus;		/* present CPUs; ids run from 0 to nr_cpus - 1 */

#endif

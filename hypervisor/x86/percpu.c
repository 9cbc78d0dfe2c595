/* SPDX-License-Identifier: MIT */
/* Makes the per-CPU blocks: maps their pages, leaves the guard pages out, fills descriptors. Boot time only. */
#include <dais/compiler.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include "desc.h"
#include "layout.h"
#include "percpu_init.h"

_Static_assert(sizeof(struct cpu) <= PERCPU_STRUCT_PAGES * PAGE_SIZE, "struct cpu outgrew its pages");

extern const char percpu_blocks[];	/* the linker script's, for entry.S */

cpumask_t cpu_online_mask;
unsigned int nr_cpus = 1;

static void percpu_map(unsigned int cpu, unsigned long from, unsigned long to)
{
	paging_map((unsigned long)cpu_ptr(cpu) + from, early_pages((to - from) / PAGE_SIZE),
		   (to - from) / PAGE_SIZE, PTE_HV_RW);
}

void percpu_setup(unsigned int cpu)
{
	BUG_ON((unsigned long)percpu_blocks != PERCPU_BASE);
	percpu_map(cpu, 0, PERCPU_TSS + PAGE_SIZE);
	percpu_map(cpu, PERCPU_IST_DB_TOP - PAGE_SIZE, PERCPU_IST_DB_TOP);
	percpu_map(cpu, PERCPU_IST_NMI_TOP - PAGE_SIZE, PERCPU_IST_NMI_TOP);
	percpu_map(cpu, PERCPU_IST_DF_TOP - PAGE_SIZE, PERCPU_IST_DF_TOP);
	percpu_map(cpu, PERCPU_STACK_BOTTOM, PERCPU_SIZE);
	cpu_ptr(cpu)->id = cpu;
	desc_setup_cpu(cpu);
}

void *percpu_stack_top(unsigned int cpu)
{
	return (char *)cpu_ptr(cpu) + PERCPU_STACK_TOP;
}

/* SPDX-License-Identifier: MIT */
/*
 * The start of the hypervisor, as a table of contents. boot/ hands over on the boot CPU with interrupts off and
 * its own page tables; at the end dom0 runs and the boot CPU is like any other.
 */
#include <dais/acpi.h>
#include <dais/apic.h>
#include <dais/boot_info.h>
#include <dais/boot_mem.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/context.h>
#include <dais/cpuid_policy.h>
#include <dais/dom0.h>
#include <dais/domain.h>
#include <dais/domain_internal.h>
#include <dais/efi.h>
#include <dais/frame_alloc.h>
#include <dais/ioapic.h>
#include <dais/m2p.h>
#include <dais/memory.h>
#include <dais/paging.h>
#include <dais/pci.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/sched.h>
#include <dais/sections.h>
#include <dais/smp.h>
#include <dais/softirq.h>
#include <dais/time.h>
#include <dais/timer.h>
#include <dais/vcpu.h>
#include <dais/vcpu_ops.h>
#include <dais/version.h>
#include <dais/x86.h>
#include "x86/desc.h"

const struct boot_info *dais_boot_info;
static struct dom0_kernel dom0_kernel __initdata;

static void __init platform_init(const struct boot_info *bi)
{
	efi_init(bi);
	acpi_init(bi);
	apic_init_bsp();
	ioapic_init();
	pci_init();
	smp_enumerate();
	for (unsigned int cpu = 1; cpu < nr_cpus; cpu++) {
		percpu_setup(cpu);
	}
	timer_cpu_init(0);
	time_init();
}

static void __init cpus_start(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		/* Runs when nothing else does; until then C code has no current vcpu. */
		struct vcpu *idle = vcpu_create_idle(cpu, dom_idle);

		if (idle == NULL) {
			panic("no memory for CPU %u", cpu);
		}
		sched_cpu_init(cpu, idle);
		if (cpu > 0) {
			timer_cpu_init(cpu);	/* the boot CPU's came with its clock */
		}
		cpu_ptr(cpu)->idle = idle;
		cpu_ptr(cpu)->current = idle;
	}
	context_set_current(this_cpu()->idle);
	cpumask_set_atomic(&cpu_online_mask, 0);
	sched_cpu_online(0);
	irq_enable();
	smp_boot_aps();
	time_all_cpus_up();
}

/* Runs from the stack of CPU 0, and is not part of the memory that only boot needed. */
static void __noinline boot_done(void)
{
	paddr_t start = paging_walk((unsigned long)__init_start), end = start + (paddr_t)(__init_end - __init_start);

	paging_take_away(__init_start, __init_end, ~0UL);
	frame_alloc_add(paddr_to_mfn(start), paddr_to_mfn(end));
	pr_info("%lu KiB of boot code freed, %lu MiB of %lu MiB free\n", (end - start) >> 10,
		frame_alloc_free() >> (20 - PAGE_SHIFT), frame_alloc_total() >> (20 - PAGE_SHIFT));
	memory_use_boot();
	dom0->creation_paused = false;
	domain_unpause(dom0);
	context_idle();
}

/* On the boot CPU's own stack: from here on printk, allocation and other CPUs are there. */
static void __init start_rest(void)
{
	const struct boot_info *bi = dais_boot_info;

	desc_load_cpu();
	cmdline_parse(bi->cmdline);
	console_init_early(bi);
	pr_info("Dais %s\n", DAIS_VERSION);
	pr_info("command line: %.1000s\n", bi->cmdline);	/* printk() has no room for more */
	pr_info("loaded by %s at %#lx-%#lx, %u module%s, %s\n", bi->loader_name[0] ? bi->loader_name : "?",
		bi->image_start, bi->image_end, bi->nr_modules, bi->nr_modules == 1 ? "" : "s",
		bi->efi_system_table ? "UEFI" : "BIOS");
	platform_init(bi);
	paging_init_frames();
	dom0_kernel_prepare(bi, &dom0_kernel);
	boot_mem_finish();
	protect_init();
	softirq_register(SOFTIRQ_TIMER, timer_softirq);
	softirq_register(SOFTIRQ_SCHEDULE, schedule);
	cpuid_policy_init();
	domain_init();
	m2p_share(dom_xen);
	cpus_start();
	console_init_late();
	dom0_build(bi, &dom0_kernel);
	console_end_boot();
	paging_take_away(__ro_after_init_start, __ro_after_init_end, PTE_RW);
	boot_done();
}

void __init dais_start(struct boot_info *bi)
{
	dais_boot_info = bi;
	boot_mem_init(bi);
	x86_features_init();
	paging_init(bi);
	desc_init_idt();
	percpu_setup(0);
	/* this_cpu() follows the stack: nothing that needs it may run before this line */
	stack_run(percpu_stack_top(0), start_rest);
}

/* A CPU that has just been started, on its own stack. */
void cpu_ap_main(unsigned int cpu)
{
	paging_load_ap();
	write_cr3(hv_cr3);
	desc_load_cpu();
	x86_lfence_init();
	context_set_current(this_cpu()->idle);
	apic_init_ap();
	time_init_ap();
	cpumask_set_atomic(&cpu_online_mask, cpu);
	sched_cpu_online(cpu);
	irq_enable();
	context_idle();
}

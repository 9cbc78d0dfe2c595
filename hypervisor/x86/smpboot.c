// SPDX-License-Identifier: MIT
/*
 * Starting the other CPUs, one at a time, by INIT and start-up messages.
 *
 * A started CPU runs the trampoline in a borrowed page below 1 MiB, arrives in
 * cpu_ap_main() on its own stack, and says when it is ready. Boot CPU only; nothing here
 * is used afterwards. CPU numbers are handed out as CPUs answer, so they have no gaps.
 */
#include <dais/acpi.h>
#include <dais/apic.h>
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/boot_info.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/smp.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/trampoline.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "desc.h"

#define LOW_END		0x9f000		/* above may be the EBDA, whatever the map says */
#define ALIVE_MS	1000
#define ONLINE_MS	10000

static unsigned int opt_maxcpus __initdata = NR_CPUS;
static uint8_t low_page_saved[PAGE_SIZE] __initdata;

static int __init parse_maxcpus(const char *value)
{
	const char *end;
	uint64_t n = value ? cmdline_parse_u64(value, &end) : 0;

	if (!value || end == value || *end) {
		return -XEN_EINVAL;
	}
	opt_maxcpus = n < 1 ? 1 : n > NR_CPUS ? NR_CPUS : n;
	return 0;
}
CMDLINE_PARAM("maxcpus", parse_maxcpus, "maxcpus=N: use at most N CPUs");

/* ---- who is there ---- */

/* The boot CPU comes first. */
void __init smp_enumerate(void)
{
	struct acpi_cpu boot = { .apic_id = apic_read_id() };
	unsigned int i = 0;

	while (i < acpi.nr_cpus && acpi.cpus[i].apic_id != boot.apic_id) {
		i++;
	}
	if (i < acpi.nr_cpus) {
		boot = acpi.cpus[i];
		memmove(&acpi.cpus[1], &acpi.cpus[0], i * sizeof(boot));
	} else {
		/* No MADT, or one that forgets the CPU it is read on: then trust only that one. */
		if (acpi.nr_cpus) {
			pr_warn("SMP: the boot CPU (APIC id %u) is not in the MADT: using it "
				"alone\n", boot.apic_id);
		}
		acpi.nr_cpus = 1;
	}
	acpi.cpus[0] = boot;
	nr_cpus = min(acpi.nr_cpus, opt_maxcpus);
	if (nr_cpus < acpi.nr_cpus) {
		pr_info("SMP: %u of %u CPUs used (maxcpus)\n", nr_cpus, acpi.nr_cpus);
	}
	cpu_ptr(0)->apic_id = boot.apic_id;
	cpu_ptr(0)->acpi_id = boot.acpi_id;
}

/* ---- a page for the trampoline ---- */

static bool __init overlaps(paddr_t page, uint64_t start, uint64_t end)
{
	return page < end && page + PAGE_SIZE > start;
}

/* Whatever is in the page is put back afterwards, so only boot code must not need it. */
static paddr_t __init low_page_find(const struct boot_info *bi)
{
	for (paddr_t page = LOW_END - PAGE_SIZE; page >= PAGE_SIZE; page -= PAGE_SIZE) {
		bool usable = false;

		for (unsigned int i = 0; i < bi->nr_e820; i++) {
			const struct boot_e820_entry *e = &bi->e820[i];

			usable |= e->type == BOOT_E820_RAM && page >= e->start &&
				  page + PAGE_SIZE <= e->end;
		}
		for (unsigned int i = 0; i < bi->nr_modules; i++) {
			usable &= !overlaps(page, bi->modules[i].start, bi->modules[i].end);
		}
		if (usable && !overlaps(page, bi->mbi_start, bi->mbi_end) &&
		    !overlaps(page, bi->image_start, bi->image_end)) {
			return page;
		}
	}
	return 0;
}

/* ---- one CPU ---- */

/* Until one of these bits is set, which another CPU does. */
static bool __init wait_bits(const volatile uint64_t *word, uint64_t bits, unsigned int ms)
{
	for (unsigned int i = 0; i < ms * 10; i++) {
		if (*word & bits) {
			return true;
		}
		time_udelay(100);
	}
	return false;
}

/* One that fails is put back to waiting, so that it cannot turn up later. */
static bool __init ap_start(unsigned int cpu, const struct acpi_cpu *a, paddr_t low)
{
	const char *why = "does not answer";
	uint64_t *page = direct_map(low);
	int rc;

	cpu_ptr(cpu)->apic_id = a->apic_id;
	cpu_ptr(cpu)->acpi_id = a->acpi_id;
	memcpy(page, trampoline_start, trampoline_end - trampoline_start);
	page[TRAMPOLINE_CR3 / 8] = hv_cr3;
	page[TRAMPOLINE_STACK / 8] = (uint64_t)percpu_stack_top(cpu);
	page[TRAMPOLINE_ENTRY / 8] = (uint64_t)cpu_ap_main;
	page[TRAMPOLINE_CPU / 8] = cpu;
	page[TRAMPOLINE_ALIVE / 8] = 0;
	smp_mb();
	rc = apic_send_init(a->apic_id);
	/* A second start-up message is for CPUs that missed the first. */
	for (unsigned int i = 0; i < 2 && !rc; i++) {
		rc = apic_send_sipi(a->apic_id, low >> PAGE_SHIFT);
		if (!wait_bits(&page[TRAMPOLINE_ALIVE / 8], 1, i ? ALIVE_MS : 10)) {
			continue;
		}
		if (wait_bits(&cpu_online_mask.bits[cpu / 64], 1UL << (cpu % 64), ONLINE_MS)) {
			return true;
		}
		why = "got lost starting";
		break;
	}
	apic_send_init(a->apic_id);
	pr_warn("SMP: the CPU with APIC id %u (ACPI id %u) %s: left out\n", a->apic_id,
		a->acpi_id, why);
	return false;
}

void __init smp_boot_aps(void)
{
	paddr_t low = nr_cpus > 1 ? low_page_find(dais_boot_info) : 0;
	unsigned int cpu = 1;

	if (low) {
		/* The trampoline turns paging on where it is: for a while the page is at its own address. */
		memcpy(low_page_saved, direct_map(low), PAGE_SIZE);
		paging_map(low, low, 1, PTE_P | PTE_RW | PTE_A | PTE_D);
		for (unsigned int i = 1; i < acpi.nr_cpus && cpu < nr_cpus; i++) {
			cpu += ap_start(cpu, &acpi.cpus[i], low);
		}
		memcpy(direct_map(low), low_page_saved, PAGE_SIZE);
		hv_l4[0] = 0;
		write_cr3(read_cr3());
	} else if (nr_cpus > 1) {
		pr_warn("SMP: no free page below 640 KiB: using one CPU\n");
	}
	nr_cpus = cpu;
	pr_info("SMP: %u CPU%s\n", nr_cpus, nr_cpus == 1 ? "" : "s");
}

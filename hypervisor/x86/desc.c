/* SPDX-License-Identifier: MIT */
/*
 * What each CPU has of its own: its block of memory, with guard pages left out, and in it GDT and
 * TSS; the IDT, which is everybody's; system call registers.
 *
 * Each CPU has a GDT window: 16 pages of address space whose pages 0-13 show the frames of the current guest's
 * GDT and whose page 14 holds the hypervisor's own descriptors and the flat ones every guest may rely on. GDTR
 * never changes; a context switch only rewrites the window's page-table entries. The LDT window follows it.
 * Everything here belongs to one CPU and is touched by that CPU alone once it runs.
 */
#include <dais/compiler.h>
#include <dais/msr.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/x86.h>
#include "asm_defs.h"
#include "desc.h"

struct idt_gate {
	uint16_t offset_lo, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_hi, rsvd;
};

enum { IST_DB = 1, IST_NMI, IST_DF };

extern const char percpu_blocks[];	/* the linker script's, for entry.S */
extern const uint8_t entry_stubs[], syscall_stubs[NR_CPUS][3][32];

static struct idt_gate idt[256] __aligned(4096) __ro_after_init;
static const uint8_t null_page[PAGE_SIZE] __aligned(4096);
static uint64_t null_page_mfn;

#define DESC_INDEX(sel)		(((sel) - 0xe000u) >> 3)	/* within page 14 */

_Static_assert(sizeof(struct cpu) <= PERCPU_STRUCT_PAGES * PAGE_SIZE, "struct cpu is too big");

cpumask_t cpu_online_mask;
unsigned int nr_cpus = 1;

void __init desc_init_idt(void)
{
	static const uint8_t ist[] = { [1] = IST_DB, [2] = IST_NMI, [8] = IST_DF, [18] = IST_DF };

	for (unsigned int v = 0; v < 256; v++) {
		uint64_t addr = (uint64_t)entry_stubs + v * 16;
		bool open = v == 3 || v == 4 || v == 0x80;	/* see pv_int_n() */

		idt[v] = (struct idt_gate){
			.offset_lo = (uint16_t)addr,
			.selector = SEL_HV_CS,
			.ist = v < ARRAY_SIZE(ist) ? ist[v] : 0,
			.type = open ? 0xee : 0x8e,	/* interrupt gate: IF cleared */
			.offset_mid = (uint16_t)(addr >> 16),
			.offset_hi = (uint32_t)(addr >> 32),
		};
	}
	null_page_mfn = paging_walk((unsigned long)null_page) >> PAGE_SHIFT;
}

/* A 16-byte system descriptor (TSS or LDT). */
static void gdt_set_system(uint64_t *gdt, unsigned int sel, uint64_t base, uint32_t limit, unsigned int type)
{
	uint64_t *d = gdt + DESC_INDEX(sel);

	d[0] = (limit & 0xffff) | ((base & 0xffffff) << 16) | ((uint64_t)type << 40) | (1UL << 47) |
	       ((uint64_t)(limit >> 16 & 0xf) << 48) | ((base >> 24 & 0xff) << 56);
	d[1] = base >> 32;
}

static uint64_t *cpu_gdt(unsigned int cpu)
{
	return (uint64_t *)((char *)cpu_ptr(cpu) + PERCPU_GDT);
}

static void block_map(unsigned int cpu, unsigned long from, unsigned long to)
{
	unsigned long n = (to - from) / PAGE_SIZE;

	paging_map((unsigned long)cpu_ptr(cpu) + from, early_pages(n), n, PTE_HV_RW);
}

void percpu_setup(unsigned int cpu)
{
	struct cpu *c = cpu_ptr(cpu);
	struct tss *tss = cpu_tss(c);
	uint64_t *gdt = cpu_gdt(cpu);

	BUG_ON((unsigned long)percpu_blocks != PERCPU_BASE);
	block_map(cpu, 0, PERCPU_TSS + PAGE_SIZE);
	block_map(cpu, PERCPU_IST_DB_TOP - PAGE_SIZE, PERCPU_IST_DB_TOP);
	block_map(cpu, PERCPU_IST_NMI_TOP - PAGE_SIZE, PERCPU_IST_NMI_TOP);
	block_map(cpu, PERCPU_IST_DF_TOP - PAGE_SIZE, PERCPU_IST_DF_TOP);
	block_map(cpu, PERCPU_STACK_BOTTOM, PERCPU_SIZE);
	c->id = cpu;

	/* Flat code and data. */
	gdt[DESC_INDEX(SEL_HV_CS)] = 0x00af9b000000ffffUL;
	gdt[DESC_INDEX(SEL_HV_DS)] = 0x00cf93000000ffffUL;
	gdt[DESC_INDEX(SEL_GUEST_CS32)] = 0x00cffb000000ffffUL;
	gdt[DESC_INDEX(SEL_GUEST_SS)] = 0x00cff3000000ffffUL;
	gdt[DESC_INDEX(SEL_GUEST_CS64)] = 0x00affb000000ffffUL;
	gdt_set_system(gdt, SEL_TSS, (uint64_t)tss, sizeof(*tss) - 1, 9);

	tss->iomap = sizeof(*tss);
	tss->ist[IST_DB - 1] = (uint64_t)c + PERCPU_IST_DB_TOP;
	tss->ist[IST_NMI - 1] = (uint64_t)c + PERCPU_IST_NMI_TOP;
	tss->ist[IST_DF - 1] = (uint64_t)c + PERCPU_IST_DF_TOP;

	for (unsigned int i = 0; i < 16; i++) {
		paging_map(DESC_GDT(cpu) + i * PAGE_SIZE, mfn_to_paddr(null_page_mfn), 1, PTE_HV_RO);
	}
	paging_map(DESC_GDT(cpu) + 14 * PAGE_SIZE, paging_walk((unsigned long)gdt), 1, PTE_HV_RW);
	c->desc_l1 = paging_entry(hv_l4, DESC_GDT(cpu), 1, false);
}

void *percpu_stack_top(unsigned int cpu)
{
	return (char *)cpu_ptr(cpu) + PERCPU_STACK_TOP;
}

void desc_load_cpu(void)
{
	unsigned int cpu = cpu_id();
	struct table_reg gdtr = { 15 * PAGE_SIZE - 1, DESC_GDT(cpu) };
	struct table_reg idtr = { sizeof(idt) - 1, (uint64_t)idt };

	/* The busy bit is set when a CPU that got lost starting had this number before. */
	cpu_gdt(cpu)[DESC_INDEX(SEL_TSS)] &= ~(2UL << 40);
	__asm__ volatile("lgdt %0" : : "m"(gdtr));
	__asm__ volatile("lidt %0" : : "m"(idtr));
	__asm__ volatile("push %0\n\tlea 1f(%%rip), %%rax\n\tpush %%rax\n\tlretq\n1:"
			 : : "i"(SEL_HV_CS) : "rax", "memory");
	__asm__ volatile("mov %0, %%ss\n\tmov %1, %%ds\n\tmov %1, %%es\n\tmov %1, %%fs\n\tmov %1, %%gs"
			 : : "r"(SEL_HV_DS), "r"(0));
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
	desc_load_ldt(0);

	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, ((uint64_t)SEL_GUEST_CS32 << 48) | ((uint64_t)SEL_HV_CS << 32));
	wrmsr(MSR_LSTAR, (uint64_t)syscall_stubs[cpu][0]);
	wrmsr(MSR_CSTAR, (uint64_t)syscall_stubs[cpu][1]);
	wrmsr(MSR_SFMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_RF |
	      RFLAGS_VM | RFLAGS_AC);
	wrmsr(MSR_SYSENTER_CS, SEL_HV_CS);
	wrmsr(MSR_SYSENTER_EIP, (uint64_t)syscall_stubs[cpu][2]);
	wrmsr(MSR_SYSENTER_ESP, (uint64_t)percpu_stack_top(cpu));
}

void desc_window_set(unsigned int page, uint64_t mfn)
{
	/* A page of the LDT that is not there must fault, or nobody would fetch the guest's. */
	uint64_t none = page < 16 ? mfn_to_paddr(null_page_mfn) | PTE_HV_RO : 0;

	this_cpu()->desc_l1[page] = mfn ? mfn_to_paddr(mfn) | PTE_HV_RW : none;
}

void desc_load_ldt(unsigned int entries)
{
	if (entries) {
		gdt_set_system(cpu_gdt(cpu_id()), SEL_LDT, DESC_LDT(cpu_id()), entries * 8 - 1, 2);
	}
	__asm__ volatile("lldt %w0" : : "r"(entries ? SEL_LDT : 0));
}

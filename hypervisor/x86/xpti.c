/* SPDX-License-Identifier: MIT */
/*
 * Owns each CPU's guest roots: the page-table roots that are in CR3 while a guest runs, when XPTI is on, one for
 * kernels and one for user modes. Each has the guest's own entries and the M2P, copied from the guest's root, and of the
 * hypervisor only what the processor needs to get in: code and read-only data, the CPU's own block, its descriptor
 * windows, and behind these the page of the current vcpu that registers are saved in. The direct map, the frame table
 * and the hypervisor's data are not in it.
 *
 * On the way to the guest a new copy is made (xpti_leave in entry.S) when the last one is of another root or
 * older than xpti_generation. A root may also change while a CPU runs on a copy. What disappears from it is
 * followed by a flush before the memory is used for something else, and the flush is an interrupt: a new
 * copy. What is new is found missing by a page fault: xpti_root_is_old(). No locks: a guest root belongs to
 * its CPU.
 */
#include <dais/compiler.h>
#include <dais/directmap.h>
#include <dais/hv_alloc.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/sections.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <dais/xpti.h>
#include "asm_defs.h"
#include "desc.h"

uint64_t xpti_generation = 1;	/* no copy has been made at 0 */

#define WINDOW_PAGE	32	/* of the CPU's descriptor window: behind GDT and LDT */

/* The vcpu's page must hold nothing that is another's: hv_alloc() gives whole pages above this. */
_Static_assert(sizeof(struct vcpu) > PAGE_SIZE / 2, "a vcpu shares its page");

/* Show [start, end) as the hypervisor's own tables do. */
static void __init xpti_show(uint64_t *l4, unsigned long start, unsigned long end, uint64_t without)
{
	for (unsigned long va = start; va < end; va += PAGE_SIZE) {
		const uint64_t *e = paging_entry(hv_l4, va, 1, false);

		if (e != NULL && (*e & PTE_P)) {
			*paging_entry(l4, va, 1, true) = *e & ~without;
		}
	}
}

static uint64_t *__init xpti_table(void)
{
	uint64_t *table = hv_alloc(PAGE_SIZE);

	if (table == NULL) {
		panic("no memory for the page tables of XPTI: xpti=no does without");
	}
	return table;
}

static void __init xpti_cpu_init(unsigned int cpu)
{
	unsigned long image = (unsigned long)__text_start & PAGE_MASK;
	uint64_t *l4 = xpti_table(), *user = xpti_table();
	struct cpu *c = cpu_ptr(cpu);

	if (cpu == 0) {
		xpti_show(l4, image, (unsigned long)__ro_after_init_end, PTE_RW);
	} else {
		*paging_entry(l4, image, 3, true) =
			*paging_entry(cpu_ptr(0)->guest_root[0].l4, image, 3, false);
	}
	xpti_show(l4, (unsigned long)c, (unsigned long)c + PERCPU_SIZE, 0);
	*paging_entry(l4, DESC_GDT(cpu), 2, true) = *paging_entry(hv_l4, DESC_GDT(cpu), 2, false);
	/* What the two roots have in common is one L3 table. */
	*paging_entry(user, image, 4, false) = *paging_entry(l4, image, 4, false);
	c->guest_root[0] = (struct guest_root){ .l4 = user, .cr3 = virt_to_paddr(user) };
	c->guest_root[1] = (struct guest_root){ .l4 = l4, .cr3 = virt_to_paddr(l4) };
}

void __init xpti_init(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		xpti_cpu_init(cpu);
	}
}

struct regs *xpti_show_regs(struct vcpu *v)
{
	desc_window_set(WINDOW_PAGE, virt_to_mfn(v));
	return (struct regs *)(DESC_GDT(cpu_id()) + WINDOW_PAGE * PAGE_SIZE + offsetof(struct vcpu, regs));
}

bool xpti_root_is_old(const struct vcpu *v, unsigned long cr2)
{
	unsigned int slot = (unsigned int)(cr2 >> 39) & (PT_ENTRIES - 1);
	uint64_t now;

	if (slot >= ROOT_LOW && slot < ROOT_HIGH) {
		return false;
	}
	now = atomic_read((uint64_t *)direct_map(read_cr3()) + slot);
	return (now & PTE_P) && ((now ^ this_cpu()->guest_root[v->kernel_mode].l4[slot]) & ~(PTE_A | PTE_D));
}

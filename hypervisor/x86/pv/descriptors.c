/* SPDX-License-Identifier: MIT */
/*
 * GDT and LDT of a PV vcpu. The guest names frames; each is held as a descriptor page (so nobody can write it
 * but through the hypervisor) and shown in the CPU's window. LDT pages are fetched when first touched.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/pagetype.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/pv_switch.h>
#include <dais/pv_trap.h>
#include <dais/pv_walk.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>
#include "../desc.h"

#define ENTRIES_PER_PAGE	512u

/* The windows of this CPU, if v is what runs here. */
static void windows_refresh(struct vcpu *v)
{
	unsigned long flags;

	if (v != current_vcpu()) {
		return;
	}
	flags = irq_save();
	pv_window_load(v);
	for (unsigned int i = 0; i < 32; i++) {
		invlpg(DESC_GDT(cpu_id()) + i * PAGE_SIZE);
	}
	irq_restore(flags);
}

int pv_gdt_set(struct vcpu *v, const unsigned long *frames, unsigned int entries)
{
	unsigned int n = DIV_ROUND_UP(entries, ENTRIES_PER_PAGE), i;
	unsigned long old[PV_GDT_GUEST_FRAMES];
	unsigned int old_n = DIV_ROUND_UP(v->pv.gdt_entries, ENTRIES_PER_PAGE);
	int rc;

	if (entries > FIRST_RESERVED_GDT_ENTRY) {
		return -XEN_EINVAL;
	}
	for (i = 0; i < n; i++) {
		rc = pt_desc_get(v->domain, frames[i]);
		if (rc != 0) {
			while (i-- > 0) {
				pt_hold_put(v->domain, frames[i]);
			}
			return rc == -ERESTART ? rc : -XEN_EINVAL;
		}
	}
	memcpy(old, v->pv.gdt_frames, sizeof(old));
	for (i = 0; i < n; i++) {
		v->pv.gdt_frames[i] = frames[i];
	}
	v->pv.gdt_entries = entries;
	windows_refresh(v);
	for (i = 0; i < old_n; i++) {
		pt_hold_put(v->domain, old[i]);
	}
	return 0;
}

void pv_ldt_drop(struct vcpu *v)
{
	unsigned int had = v->pv.ldt_shadowed;

	if (!had) {
		return;
	}
	v->pv.ldt_shadowed = 0;
	windows_refresh(v);
	for (unsigned int i = 0; i < PV_LDT_FRAMES; i++) {
		if (had & (1U << i)) {
			pt_hold_put(v->domain, v->pv.ldt_frames[i]);
		}
	}
}

int pv_ldt_set(struct vcpu *v, unsigned long base, unsigned int entries)
{
	if (entries > 8192 || (entries && (base & (PAGE_SIZE - 1) || !va_canonical(base) ||
					     !guest_range_ok(base, entries * 8UL)))) {
		return -XEN_EINVAL;
	}
	pv_ldt_drop(v);
	v->pv.ldt_base = base;
	v->pv.ldt_entries = entries;
	desc_load_ldt(entries);
	return 0;
}

/* First touch: find the guest's page behind that part of the LDT and show it. */
bool pv_ldt_fault(struct vcpu *v, unsigned long offset)
{
	unsigned int page = (unsigned int)(offset >> PAGE_SHIFT);
	mfn_t mfn;
	int rc;

	if (offset >= (unsigned long)v->pv.ldt_entries * 8 || page >= PV_LDT_FRAMES ||
	    (v->pv.ldt_shadowed & (1U << page))) {
		return false;
	}
	mfn = pv_walk_mfn(v, v->pv.ldt_base + (unsigned long)page * PAGE_SIZE);
	rc = mfn == INVALID_MFN ? -XEN_EFAULT : pt_desc_get(v->domain, mfn);
	if (rc != 0) {
		return rc == -ERESTART;	/* other work first; the access faults again */
	}
	v->pv.ldt_frames[page] = mfn;
	v->pv.ldt_shadowed |= 1U << page;
	windows_refresh(v);
	return true;
}

int pv_descriptor_update(uint64_t maddr, uint64_t desc)
{
	if (maddr & 7) {
		return -XEN_EINVAL;
	}
	return pt_desc_set(current_vcpu()->domain, paddr_to_mfn(maddr),
			   (unsigned int)(maddr & (PAGE_SIZE - 1)) / 8, desc);
}

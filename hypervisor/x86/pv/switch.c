/* SPDX-License-Identifier: MIT */
/*
 * Loads and saves what a running PV vcpu keeps in the processor beyond its general registers and FPU.
 *
 * The guest may change FS and GS bases itself (selector loads, WRFSBASE), so the hardware is read back. The
 * inactive GS base rests in KERNEL_GS_BASE: SWAPGS is the whole mode switch. Interrupts off throughout.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/msr.h>
#include <dais/percpu.h>
#include <dais/pv_state.h>
#include <dais/pv_switch.h>
#include <dais/uaccess.h>
#include <dais/x86.h>
#include "../desc.h"

#define DR7_ENABLE	0xffUL

void pv_switch_out(struct vcpu *v)
{
	uint64_t active, other = rdmsr(MSR_KERNEL_GS_BASE);

	__asm__ volatile("mov %%ds, %0" : "=m"(v->pv.ds));
	__asm__ volatile("mov %%es, %0" : "=m"(v->pv.es));
	__asm__ volatile("mov %%fs, %0" : "=m"(v->pv.fs));
	__asm__ volatile("mov %%gs, %0" : "=m"(v->pv.gs));
	if (x86_features.fsgsbase) {
		__asm__ volatile("rdfsbase %0" : "=r"(v->pv.fs_base));
		__asm__ volatile("rdgsbase %0" : "=r"(active));
	} else {
		v->pv.fs_base = rdmsr(MSR_FS_BASE);
		active = rdmsr(MSR_GS_BASE);
	}
	v->pv.gs_base_kernel = v->kernel_mode ? active : other;
	v->pv.gs_base_user = v->kernel_mode ? other : active;
	if (v->pv.dr7 & DR7_ENABLE) {
		__asm__ volatile("mov %0, %%dr7" : : "r"(0x400UL));
	}
}

/* Load a data selector; one that faults becomes null. Null into null is skipped: the usual case. */
#define SELECTOR_LOADER(reg) \
static bool load_##reg(uint32_t sel) \
{ \
	uint32_t now; \
	__asm__ volatile("mov %%" #reg ", %0" : "=r"(now)); \
	if (((now | sel) & 0xffff) == 0) { \
		return true; \
	} \
	__asm__ volatile goto("1: mov %0, %%" #reg "\n\t" EX_TABLE("1b", "%l[bad]") : : "r"(sel) : : bad); \
	return true; \
bad: \
	__asm__ volatile("mov %0, %%" #reg : : "r"(0)); \
	return false; \
}

SELECTOR_LOADER(ds)
SELECTOR_LOADER(es)
SELECTOR_LOADER(fs)
SELECTOR_LOADER(gs)

/* CR4 is the same for everybody but for this bit, which hardly anybody sets. The vcpu may be the running one. */
void pv_cr4_load(const struct vcpu *v)
{
	unsigned long tsd = v->pv.cr4 & CR4_TSD;

	if (unlikely(tsd != this_cpu()->cr4_tsd)) {
		this_cpu()->cr4_tsd = tsd;
		write_cr4(read_cr4() ^ CR4_TSD);
	}
}

void pv_window_load(struct vcpu *v)
{
	struct cpu *c = this_cpu();
	unsigned int n = DIV_ROUND_UP(v->pv.gdt_entries, 512u);

	for (unsigned int i = 0; i < n || i < c->gdt_pages; i++) {
		desc_window_set(i, i < n ? v->pv.gdt_frames[i] : 0);
	}
	c->gdt_pages = n;
	for (unsigned int i = 0; (v->pv.ldt_shadowed | c->ldt_pages) >> i; i++) {
		desc_window_set(16 + i, (v->pv.ldt_shadowed >> i) & 1 ? v->pv.ldt_frames[i] : 0);
	}
	c->ldt_pages = v->pv.ldt_shadowed;
}

/*
 * After CR3: the guest's descriptors are visible, so its selectors can be loaded; before its
 * bases.
 */
void pv_switch_in(struct vcpu *v)
{
	uint64_t active = v->kernel_mode ? v->pv.gs_base_kernel : v->pv.gs_base_user;
	bool ok;

	desc_load_ldt(v->pv.ldt_entries);
	ok = load_ds(v->pv.ds);
	ok &= load_es(v->pv.es);
	ok &= load_fs(v->pv.fs);
	ok &= load_gs(v->pv.gs);
	if (!ok) {
		atomic_or(&v->exit_work, VCPU_WORK_FAILSAFE);
	}
	if (x86_features.fsgsbase) {
		__asm__ volatile("wrfsbase %0" : : "r"(v->pv.fs_base));
		__asm__ volatile("wrgsbase %0" : : "r"(active));
	} else {
		wrmsr(MSR_FS_BASE, v->pv.fs_base);
		wrmsr(MSR_GS_BASE, active);
	}
	wrmsr(MSR_KERNEL_GS_BASE, v->kernel_mode ? v->pv.gs_base_user : v->pv.gs_base_kernel);
	if (v->pv.dr7 & DR7_ENABLE) {
		pv_debug_load(v);
	}
	pv_cr4_load(v);
	if (x86_features.rdtscp) {
		wrmsr(MSR_TSC_AUX, v->pv.tsc_aux);
	}
}

/*
 * A reader that sees XEN_RUNSTATE_UPDATE in the entry time knows that the rest may be half of
 * each.
 */
static void runstate_update(struct vcpu *v)
{
	bool flag = v->domain->vm_assist & (1UL << VMASST_TYPE_runstate_update_flag);
	struct vcpu_runstate_info info;
	unsigned long entry_va = v->runstate_va + offsetof(__typeof__(info), state_entry_time);
	uint64_t entry;

	runstate_get(v, &info);
	entry = info.state_entry_time;
	if (flag) {
		info.state_entry_time |= XEN_RUNSTATE_UPDATE;
		copy_to_guest(entry_va, &info.state_entry_time, sizeof(entry));
	}
	copy_to_guest(v->runstate_va, &info, sizeof(info));
	if (flag) {
		copy_to_guest(entry_va, &entry, sizeof(entry));
	}
}

static void time_area_update(struct vcpu *v)
{
	struct vcpu_time_info t = v->info->time;
	unsigned long va = v->time_va;
	uint32_t version = t.version & ~1U;

	t.version = version | 1;
	if (copy_to_guest(va, &t.version, 4) == 0 && copy_to_guest(va, &t, sizeof(t)) == 0) {
		copy_to_guest(va, &version, 4);
	}
}

/* The areas are at kernel addresses: while user tables are loaded the update waits for the next mode switch. */
void pv_areas_update(struct vcpu *v)
{
	if (!v->kernel_mode) {
		v->runstate_stale = v->runstate_va || v->time_va;
		return;
	}
	v->runstate_stale = false;
	if (v->runstate_va) {
		runstate_update(v);
	}
	if (v->time_va) {
		time_area_update(v);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The context switch, the way back into a guest when there is something to do first, and the idle loop.
 *
 * A vcpu that is switched away from leaves nothing behind: its tables are unloaded even when the CPU goes idle,
 * so its TLB entries are gone, the CPU leaves the domain's dirty set, and any other CPU may take the vcpu at once.
 * No stack is kept for a vcpu; the CPU's own stack starts empty after every switch.
 */
#include <dais/compiler.h>
#include <dais/context.h>
#include <dais/domain.h>
#include <dais/fpu.h>
#include <dais/frame_alloc.h>
#include <dais/msr.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/pv_switch.h>
#include <dais/pv_trap.h>
#include <dais/sched.h>
#include <dais/softirq.h>
#include <dais/tlb.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <dais/vtime.h>
#include <dais/x86.h>
#include <dais/xpti.h>
#include "desc.h"

bool context_ibpb __ro_after_init;

void context_set_current(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	c->current = v;
	c->regs_end = 1 + (c->guest_root[0].l4 && !v->is_idle ? xpti_show_regs(v) : &v->regs);
	v->hv_stack = percpu_stack_top(c->id);
	cpu_tss(c)->rsp[0] = (uint64_t)c->regs_end;
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	unsigned int cpu = cpu_id();

	irq_disable();
	if (!prev->is_idle) {
		vtime_switch_out(prev);
		pv_switch_out(prev);
		fpu_save(prev);
	}
	context_set_current(next);
	if (!next->is_idle) {
		cpumask_set_atomic(&next->domain->dirty_cpus, cpu);
		pv_window_load(next);
		tlb_load_cr3(next->kernel_mode ? next->pv.kernel_cr3 : next->pv.user_cr3);
	} else {
		tlb_load_cr3(hv_cr3);
	}
	if (!prev->is_idle && (next->is_idle || prev->domain != next->domain)) {
		cpumask_unset_atomic(&prev->domain->dirty_cpus, cpu);
	}
	sched_switched_out(prev);
	if (next->is_idle) {
		irq_enable();
		stack_run(next->hv_stack, context_idle);
	}
	if (unlikely(context_ibpb) && this_cpu()->last_domid != next->domain->domid) {
		wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
	}
	this_cpu()->last_domid = next->domain->domid;
	pv_switch_in(next);
	fpu_load(next);
	vtime_switch_in(next);
	vtime_update(next, false);
	pv_areas_update(next);
	guest_resume(next->hv_stack);
}

/* From guest_exit in entry.S, interrupts off, when the quick look found something to do. */
void guest_exit_slow(void)
{
	struct vcpu *v = current_vcpu();

	irq_enable();
	/* First: another switch would save the null selectors over those that failed. */
	if (atomic_read(&v->exit_work) & VCPU_WORK_FAILSAFE) {
		atomic_and(&v->exit_work, ~VCPU_WORK_FAILSAFE);
		pv_inject_failsafe(v);
	}
	softirq_process();	/* may switch to another vcpu and not return */
	irq_disable();
	if (atomic_read(&v->exit_work) & VCPU_WORK_NMI) {
		atomic_and(&v->exit_work, ~VCPU_WORK_NMI);
		if (v->pv.nmi_masked) {
			v->pv.nmi_pending = true;	/* iret brings it back */
		} else if (v->pv.traps[2].address) {
			v->pv.nmi_masked = true;
			pv_inject(v, 2);
		}
	}
	if (vcpu_upcall_due(v)) {
		pv_deliver_upcall(v);
	}
}

/*
 * In C1E the local APIC's timer stands still, and with it all that waits. Firmware may switch it on
 * as late as when dom0 begins with ACPI, so this is asked before every halt.
 */
static void c1e_leave(void)
{
	uint64_t v;

	if (x86_features.c1e && rdmsr_safe(MSR_K8_INT_PENDING, &v) == 0 && (v & INT_PENDING_C1E)) {
		wrmsr(MSR_K8_INT_PENDING, v & ~INT_PENDING_C1E);
	}
}

void context_idle(void)
{
	for (;;) {
		softirq_process();
		if (frame_scrub_idle()) {
			continue;
		}
		c1e_leave();
		irq_disable();
		if (softirq_pending()) {
			irq_enable();
		} else {
			__asm__ volatile("sti\n\thlt" : : : "memory");
		}
	}
}

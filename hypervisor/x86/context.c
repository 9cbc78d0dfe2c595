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
#include <dais/vcpu.h>
#include <dais/vtime.h>
#include <dais/x86.h>
#include <dais/xpti.h>
#include "layout.h"

bool context_ibpb __ro_after_init;

struct tss_head {
	uint32_t rsvd;
	uint64_t rsp0;
} __packed;

void __noreturn guest_resume(void *stack_top);
void __noreturn stack_run(void *stack_top, void (*fn)(void));

static void *stack_top(void)
{
	return (char *)this_cpu() + PERCPU_STACK_TOP;
}

void context_set_current(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	c->current = v;
	c->regs_end = (c->guest_root[0].l4 != NULL ? xpti_show_regs(v) : &v->regs) + 1;
	v->hv_stack = stack_top();
	((struct tss_head *)c->tss)->rsp0 = (uint64_t)c->regs_end;
}

static void switch_out(struct vcpu *prev)
{
	if (prev->is_idle) {
		return;
	}
	vtime_switch_out(prev);
	pv_switch_out(prev);
	fpu_save(prev);
}

static void switch_in(struct vcpu *next)
{
	if (next->is_idle) {
		return;
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
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	unsigned int cpu = cpu_id();

	irq_disable();
	switch_out(prev);
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
	switch_in(next);
	if (next->is_idle) {
		irq_enable();
		stack_run(stack_top(), context_idle);
	}
	guest_resume(stack_top());
}

static void deliver_work(struct vcpu *v)
{
	static const uint16_t none[4];
	uint32_t work = atomic_read(&v->exit_work);

	if (work & VCPU_WORK_FAILSAFE) {
		atomic_and(&v->exit_work, ~VCPU_WORK_FAILSAFE);
		pv_inject_failsafe(v, none);
	}
	if (work & VCPU_WORK_NMI) {
		atomic_and(&v->exit_work, ~VCPU_WORK_NMI);
		if (v->pv.nmi_masked) {
			v->pv.nmi_pending = true;	/* iret brings it back */
		} else if (v->pv.traps[2].address) {
			pv_inject_nmi(v);
		}
	}
}

/* From guest_exit in entry.S, interrupts off, when the quick look found something to do. */
void guest_exit_slow(void)
{
	struct vcpu *v = current_vcpu();

	irq_enable();
	softirq_process();	/* may switch to another vcpu and not return */
	irq_disable();
	if (atomic_read(&v->exit_work)) {
		deliver_work(v);
	}
	if (vcpu_upcall_due(v)) {
		pv_deliver_upcall(v);
	}
}

void context_idle(void)
{
	for (;;) {
		if (softirq_pending()) {
			softirq_process();
			continue;
		}
		if (frame_scrub_idle()) {
			continue;
		}
		irq_disable();
		if (softirq_pending()) {
			irq_enable();
			continue;
		}
		__asm__ volatile("sti\n\thlt" : : : "memory");
	}
}

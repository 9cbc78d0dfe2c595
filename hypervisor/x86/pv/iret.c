/* SPDX-License-Identifier: MIT */
/*
 * The iret hypercall: a guest kernel returns from an exception, an upcall or an OS system call. The frame on its
 * stack is the guest's own data: whatever it says, the result runs in ring 3 with interrupts on.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/pv_trap.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <hypercall_table.h>

/* Bits of RFLAGS a guest may not choose: they are as the hypervisor needs them. */
#define RFLAGS_FORCED_OFF	(RFLAGS_IOPL | RFLAGS_VM)

/*
 * The frame's nine words, in the order of struct iret_context, are read once, its two ends first:
 * nothing has changed yet when a frame that reaches into a page which is not there is refused. The
 * guest's kernel stack must be done with before the page tables of its user mode are loaded.
 */
static __always_inline long iret_by_frame(struct vcpu *v)
{
	struct regs *r = &v->regs;
	unsigned long sp = r->rsp;
	uint64_t rax, flags, cs, rflags, tmp;

	if (unlikely(!guest_range_ok(sp, sizeof(struct iret_context)))) {
		goto range;
	}
	uaccess_begin();
	guest_load64(tmp, sp + 64, fault);
	guest_load64(rax, sp, fault);
	r->ss = (tmp | 3) & 0xffff;
	guest_load64(flags, sp + 24, fault);
	if (!(flags & VGCF_in_syscall)) {
		r->vector = 0;		/* every register counts: leave by IRET */
		guest_load64(tmp, sp + 8, fault);
		r->r11 = tmp;
		guest_load64(tmp, sp + 16, fault);
		r->rcx = tmp;
	}
	guest_load64(tmp, sp + 32, fault);
	r->rip = tmp;
	guest_load64(cs, sp + 40, fault);
	r->cs = (cs | 3) & 0xffff;
	guest_load64(rflags, sp + 48, fault);
	r->rflags = (rflags & ~RFLAGS_FORCED_OFF) | RFLAGS_IF;
	guest_load64(tmp, sp + 56, fault);
	uaccess_end();
	r->rsp = tmp;
	v->info->evtchn_upcall_mask = !(rflags & RFLAGS_IF);
	if (unlikely(v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl))) {
		v->pv.iopl = (rflags & RFLAGS_IOPL) >> 12;
	}
	if ((cs & 3) == 3) {
		if (unlikely(v->pv.user_cr3 == 0)) {
			domain_crash(v->domain, "return to user mode without a user page table");
			return 0;
		}
		pv_toggle_mode(v);
	}
	if (unlikely(v->pv.nmi_masked)) {
		v->pv.nmi_masked = false;
		if (v->pv.nmi_pending) {
			v->pv.nmi_pending = false;
			atomic_or(&v->exit_work, VCPU_WORK_NMI);
		}
	}
	return (long)rax;
fault:
	uaccess_end();
range:
	domain_crash(v->domain, "iret: cannot read the frame at %#lx", sp);
	return 0;
}

/* From a multicall. */
long do_iret(void)
{
	return iret_by_frame(current_vcpu());
}

void pv_iret(struct regs *regs)
{
	regs->rax = (uint64_t)iret_by_frame(container_of(regs, struct vcpu, regs));
}

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

static void nmi_unmask(struct vcpu *v)
{
	v->pv.nmi_masked = false;
	if (v->pv.nmi_pending) {
		v->pv.nmi_pending = false;
		atomic_or(&v->exit_work, VCPU_WORK_NMI);
	}
}

/* The frame's nine words, in the order of struct iret_context, are read once. */
long do_iret(void)
{
	struct vcpu *v = current_vcpu();
	struct regs *r = &v->regs;
	unsigned long sp = r->rsp;
	uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;

	if (unlikely(!guest_range_ok(sp, sizeof(struct iret_context)))) {
		goto fault;
	}
	guest_load64(rax, sp, fault);
	guest_load64(r11, sp + 8, fault);
	guest_load64(rcx, sp + 16, fault);
	guest_load64(flags, sp + 24, fault);
	guest_load64(rip, sp + 32, fault);
	guest_load64(cs, sp + 40, fault);
	guest_load64(rflags, sp + 48, fault);
	guest_load64(rsp, sp + 56, fault);
	guest_load64(ss, sp + 64, fault);

	if ((cs & 3) == 3) {
		if (unlikely(v->pv.user_cr3 == 0)) {
			domain_crash(v->domain, "return to user mode without a user page table");
			return 0;
		}
		pv_toggle_mode(v);
	}
	r->rip = rip;
	r->cs = (cs | 3) & 0xffff;
	r->rflags = (rflags & ~RFLAGS_FORCED_OFF) | RFLAGS_IF;
	r->rsp = rsp;
	r->ss = (ss | 3) & 0xffff;
	if (!(flags & VGCF_in_syscall)) {
		r->vector = 0;		/* every register counts: leave by IRET */
		r->r11 = r11;
		r->rcx = rcx;
	}
	v->info->evtchn_upcall_mask = !(rflags & RFLAGS_IF);
	if (unlikely(v->pv.nmi_masked)) {
		nmi_unmask(v);
	}
	return (long)rax;
fault:
	domain_crash(v->domain, "iret: cannot read the frame at %#lx", sp);
	return 0;
}

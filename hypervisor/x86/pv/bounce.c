/* SPDX-License-Identifier: MIT */
/*
 * Bounce frames: how an exception, an upcall or an OS system call reaches the guest's kernel.
 *
 * A PV kernel runs in ring 3 and never sees the processor's own exception frame. Instead a frame of the same
 * spirit is written to its stack, lowest address first:
 *
 *	rcx, r11, [error code], rip, cs | old event mask << 32, rflags, rsp, ss
 *
 * on the interrupted stack when the kernel was interrupted (its CS then shows RPL 0) and on the registered kernel
 * stack otherwise. rcx and r11 lead because the guest is entered by SYSRET, which destroys them. IF in the frame
 * is the inverse of the event mask. A guest whose stack cannot be written is crashed: it has no other place to
 * go. Only the current vcpu is touched; no lock.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/pv_switch.h>
#include <dais/pv_trap.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <dais/x86.h>

#define BOUNCE_ERROR	1	/* push an error code */
#define BOUNCE_MASK	2	/* mask events on entry */
#define BOUNCE_SELS	4	/* failsafe: push the data selectors that should have been loaded */

void pv_toggle_mode(struct vcpu *v)
{
	v->kernel_mode ^= 1;
	__asm__ volatile("swapgs" : : : "memory");
	write_cr3(v->kernel_mode ? v->pv.kernel_cr3 : v->pv.user_cr3);
	if (unlikely(v->runstate_stale) && v->kernel_mode) {
		pv_areas_update(v);
	}
}

/* RFLAGS as the frame shows them: virtual IF, virtual IOPL. */
static inline uint64_t bounce_rflags(const struct vcpu *v)
{
	uint64_t fl = v->regs.rflags & ~(RFLAGS_IF | RFLAGS_IOPL);

	if (!(v->info->evtchn_upcall_mask & 1)) {
		fl |= RFLAGS_IF;
	}
	if (unlikely(v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl))) {
		fl |= (uint64_t)v->pv.iopl << 12;
	}
	return fl;
}

/*
 * Write the frame, at *sp downwards. False when the stack is no good. Like all that builds on it,
 * this is compiled for each kind of frame apart: `flags` without BOUNCE_MASK is a constant there.
 */
static __always_inline bool bounce_write(struct vcpu *v, unsigned long *sp_out, unsigned int flags,
					 uint32_t error_code, bool from_kernel)
{
	const struct regs *r = &v->regs;
	unsigned long sp = *sp_out;
	uint64_t cs = r->cs & 0xffff;

	if (unlikely(!guest_range_ok(sp - 128, 128))) {
		return false;
	}
	cs = (from_kernel ? cs & ~3UL : cs) | ((uint64_t)v->info->evtchn_upcall_mask << 32);
	uaccess_begin();
	guest_store64(sp - 8, r->ss, fault);
	guest_store64(sp - 16, r->rsp, fault);
	guest_store64(sp - 24, bounce_rflags(v), fault);
	guest_store64(sp - 32, cs, fault);
	guest_store64(sp - 40, r->rip, fault);
	sp -= 40;
	if (flags & BOUNCE_ERROR) {
		sp -= 8;
		guest_store64(sp, error_code, fault);
	}
	if (flags & BOUNCE_SELS) {
		guest_store64(sp - 8, v->pv.gs, fault);
		guest_store64(sp - 16, v->pv.fs, fault);
		guest_store64(sp - 24, v->pv.es, fault);
		guest_store64(sp - 32, v->pv.ds, fault);
		sp -= 32;
	}
	guest_store64(sp - 8, r->r11, fault);
	guest_store64(sp - 16, r->rcx, fault);
	uaccess_end();
	*sp_out = sp - 16;
	return true;
fault:
	uaccess_end();
	return false;
}

static bool __noinline __cold bounce_failed(struct vcpu *v, unsigned long handler, unsigned long sp)
{
	domain_crash(v->domain, handler ? "its stack at %#lx cannot take an exception frame"
		     : "no handler for a fault (stack %#lx)", sp);
	return false;
}

/* Enter the guest's kernel at `handler`. False: it could not be done and the domain has crashed. */
static __always_inline bool bounce(struct vcpu *v, unsigned long handler, unsigned int flags,
				   uint32_t error_code)
{
	struct regs *r = &v->regs;
	bool from_kernel = v->kernel_mode;
	unsigned long sp = r->rsp;

	if (!from_kernel) {
		pv_toggle_mode(v);
		sp = v->pv.kernel_sp;
	}
	sp &= ~15UL;
	if (unlikely(handler == 0 ||
		     !bounce_write(v, &sp, flags, error_code, from_kernel))) {
		return bounce_failed(v, handler, sp);
	}
	if (flags & BOUNCE_MASK) {
		v->info->evtchn_upcall_mask = 1;
	}
	r->rip = handler;
	r->rsp = sp;
	r->cs = FLAT_KERNEL_CS;
	r->ss = FLAT_KERNEL_SS;
	r->rflags &= ~(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_VM);
	r->vector = VECTOR_SYSCALL;	/* rcx and r11 are in the frame: SYSRET will do */
	return true;
}

static __always_inline void inject(struct vcpu *v, unsigned int vector, unsigned int flags,
				   uint32_t error_code)
{
	const struct trap_info *t = &v->pv.traps[vector];

	if (unlikely(t->address == 0)) {
		domain_crash(v->domain, "unhandled exception %u, error code %#x, at rip %#lx",
			     vector, error_code, (unsigned long)v->regs.rip);
		return;
	}
	bounce(v, t->address, flags | (TI_GET_IF(t) ? BOUNCE_MASK : 0), error_code);
}

void pv_inject(struct vcpu *v, unsigned int vector)
{
	inject(v, vector, 0, 0);
}

void pv_inject_error(struct vcpu *v, unsigned int vector, uint32_t error_code)
{
	inject(v, vector, BOUNCE_ERROR, error_code);
}

#define PF_USER		4U

void pv_inject_page_fault(struct vcpu *v, unsigned long cr2, uint32_t error_code)
{
	error_code = v->kernel_mode ? error_code & ~PF_USER : error_code | PF_USER;
	v->info->arch.cr2 = cr2;
	inject(v, 14, BOUNCE_ERROR, error_code);
}

void pv_inject_failsafe(struct vcpu *v)
{
	bounce(v, v->pv.failsafe_cb, BOUNCE_SELS | (v->pv.failsafe_mask ? BOUNCE_MASK : 0), 0);
}

bool pv_deliver_upcall(struct vcpu *v)
{
	if (unlikely(v->pv.event_cb == 0)) {
		domain_crash(v->domain, "an event is due but no event callback is registered");
		return false;
	}
	return bounce(v, v->pv.event_cb, BOUNCE_MASK, 0);
}

void pv_syscall_from_user(struct regs *regs)
{
	struct vcpu *v = current_vcpu();

	if (unlikely(v->pv.syscall_cb == 0)) {
		regs->rip -= 2;
		pv_inject(v, 6);
		return;
	}
	bounce(v, v->pv.syscall_cb, v->pv.syscall_mask ? BOUNCE_MASK : 0, 0);
	regs->rflags &= ~RFLAGS_DF;
}

void pv_syscall32_from_user(struct regs *regs)
{
	struct vcpu *v = current_vcpu();

	if (v->kernel_mode || v->pv.syscall32_cb == 0) {
		regs->rip -= 2;
		pv_inject(v, 6);
		return;
	}
	bounce(v, v->pv.syscall32_cb, v->pv.syscall32_mask ? BOUNCE_MASK : 0, 0);
	regs->rflags &= ~RFLAGS_DF;
}

void pv_sysenter_from_user(struct regs *regs)
{
	struct vcpu *v = current_vcpu();

	if (v->kernel_mode || v->pv.sysenter_cb == 0) {
		pv_inject_error(v, 13, 0);
		return;
	}
	bounce(v, v->pv.sysenter_cb, v->pv.sysenter_mask ? BOUNCE_MASK : 0, 0);
}

bool pv_int_n(struct vcpu *v, unsigned int vector, unsigned int insn_len)
{
	const struct trap_info *t = &v->pv.traps[array_index_nospec(vector, 256UL)];

	/* The guest's kernel counts as ring 1 here, its user mode as ring 3. */
	if (t->address == 0 || TI_GET_DPL(t) < (v->kernel_mode ? 1 : 3)) {
		return false;
	}
	v->regs.rip += insn_len;
	pv_inject(v, vector & 0xff);
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * Exceptions: from a guest they are dealt with here or bounced to its kernel; from the hypervisor itself they are
 * expected at a few marked instructions and fatal elsewhere. One small function for each kind, found by table.
 * Interrupts are off on arrival; exceptions from a guest are handled with them on.
 *
 * NMIs: the stop signal between our own CPUs, and everything else, which is dom0's to judge (the reason is in
 * port 0x61, as on bare hardware). Runs on its own stack at any point: only atomic accesses.
 */
#include <dais/compiler.h>
#include <dais/context.h>
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/fpu.h>
#include <dais/io.h>
#include <dais/irq.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/pv_trap.h>
#include <dais/smp.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <dais/xpti.h>
#include <xen/nmi.h>

#define PF_PRESENT	1U
#define PF_WRITE	2U
#define PF_RESERVED	8U

#define PORT_NMI_STATUS	0x61
#define NMI_SERR	0x80
#define NMI_IOCHK	0x40

static void guest_plain(struct vcpu *v, struct regs *r)
{
	pv_inject(v, r->vector & 0x1f);
}

static void guest_with_error(struct vcpu *v, struct regs *r)
{
	pv_inject_error(v, r->vector & 0x1f, r->error_code);
}

static void guest_debug(struct vcpu *v, struct regs *r)
{
	unsigned long dr6;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%dr6" : : "r"(0xffff0ff0UL));
	v->pv.dr6 = dr6;
	pv_inject(v, 1);
}

/* Of anybody: stops this CPU if that is what it means, else it is passed on to dom0. */
static void handle_nmi(struct vcpu *v, struct regs *r)
{
	struct domain *d = dom0;
	unsigned long bits;
	uint8_t reason;

	if (smp_nmi_stop() || d == NULL || d->vcpu == NULL || d->vcpu[0] == NULL) {
		return;
	}
	reason = inb(PORT_NMI_STATUS);
	bits = reason & NMI_SERR ? XEN_NMIREASON_pci_serr :
	       reason & NMI_IOCHK ? XEN_NMIREASON_io_error : XEN_NMIREASON_unknown;
	atomic_or(&d->shared_info->arch.nmi_reason, bits);
	atomic_or(&d->vcpu[0]->exit_work, VCPU_WORK_NMI);
}

static void guest_invalid_opcode(struct vcpu *v, struct regs *r)
{
	if (!pv_emulate_cpuid_prefix(v)) {
		pv_inject(v, 6);
	}
}

static void guest_no_fpu(struct vcpu *v, struct regs *r)
{
	fpu_set_ts(false);
	if (v->pv.cr0_ts) {
		v->pv.cr0_ts = 0;
		pv_inject(v, 7);
	}
}

static void guest_general_protection(struct vcpu *v, struct regs *r)
{
	uint32_t err = r->error_code;

	if (err & 2 ? pv_emulate_int(v) : err == 0 && pv_emulate_privileged(v)) {
		return;
	}
	pv_inject_error(v, 13, err);
}

static void guest_page_fault(struct vcpu *v, struct regs *r)
{
	unsigned long cr2 = read_cr2();
	uint32_t err = r->error_code;

	if (unlikely(this_cpu()->guest_root[0].l4 != NULL) && xpti_root_is_old(v, cr2)) {
		return;
	}
	irq_enable();
	if (unlikely(cr2 >= HYPERVISOR_VIRT_START && cr2 < HYPERVISOR_VIRT_END)) {
		/* A selector load missed its descriptor in the LDT window: fetch the page and try again. */
		if (pv_ldt_fault(v, cr2 - DESC_LDT(cpu_id()))) {
			return;
		}
	} else if ((err & (PF_PRESENT | PF_WRITE | PF_RESERVED)) == (PF_PRESENT | PF_WRITE) && v->kernel_mode) {
		if (pv_emulate_write(v, cr2)) {
			return;
		}
	}
	pv_inject_page_fault(v, cr2, err & ~PF_RESERVED);
}

/* Others, double faults and machine checks among them, are the end. */
static void (*const guest_traps[32])(struct vcpu *v, struct regs *r) = {
	[0] = guest_plain, [1] = guest_debug, [2] = handle_nmi, [3 ... 5] = guest_plain,
	[6] = guest_invalid_opcode, [7] = guest_no_fpu, [9] = guest_plain,
	[10 ... 12] = guest_with_error, [13] = guest_general_protection, [15 ... 16] = guest_plain,
	[17] = guest_with_error, [19 ... 20] = guest_plain, [21] = guest_with_error,
};

void trap_from_guest(struct regs *r)
{
	struct vcpu *v = current_vcpu();
	unsigned int vec = r->vector;

	if (vec == 14) {
		guest_page_fault(v, r);		/* reads CR2 before interrupts come on */
		return;
	}
	if (vec >= 32) {
		if (vec != 0x80) {
			irq_dispatch(vec, r);
			return;
		}
		irq_enable();
		if (!pv_int_n(v, vec, 0)) {
			r->rip -= 2;
			pv_inject_error(v, 13, (0x80 << 3) | 2);
		}
		return;
	}
	if (vec != 1 && vec != 2) {
		irq_enable();
	}
	if (unlikely(guest_traps[vec] == NULL)) {
		crash_fatal_trap(r);
	}
	guest_traps[vec](v, r);
	irq_enable();
}

extern const char guest_iret[];

/* IRET to the guest faulted: the frame was bad. Its registers are still whole in the vcpu. */
static void __noreturn guest_iret_fault(const struct regs *r)
{
	struct vcpu *v = current_vcpu();

	irq_enable();
	v->regs.vector = 0;
	/* A stack segment that is not present (#NP) or bad (#SS, #GP): one answer, a general protection fault. */
	pv_inject_error(v, r->vector == 14 ? 13 : r->vector, r->vector == 14 ? 0 : r->error_code);
	guest_resume(v->hv_stack);
}

/*
 * A selector of the guest's LDT missed its page while we loaded it: with interrupts off, but the
 * page is looked for with them on, since that may wait for other CPUs and take its time. On the way
 * back to the guest something may have become due meanwhile, so that begins again. Elsewhere it is
 * not tried again when other work comes first: nothing else runs here for as long, and how long
 * that is a guest could choose.
 */
static bool hv_ldt_fault(const struct regs *r)
{
	unsigned long offset = read_cr2() - DESC_LDT(cpu_id());
	struct vcpu *v = current_vcpu();
	bool done;

	if (offset >= 16 * PAGE_SIZE) {
		return false;
	}
	irq_enable();
	done = pv_ldt_fault(v, offset);
	if (done && r->rip == (unsigned long)guest_iret) {
		guest_resume(v->hv_stack);
	}
	irq_disable();
	return done && (v->pv.ldt_shadowed >> (offset >> PAGE_SHIFT) & 1);
}

void trap_from_hypervisor(struct regs *r)
{
	unsigned long fix = 0;

	if (r->vector >= 32) {
		irq_dispatch(r->vector, r);
		return;
	}
	if (r->vector == 2) {
		handle_nmi(NULL, r);
		return;
	}
	/*
	 * A single-step or watchpoint of the guest that fires on the first instructions of ours, or a
	 * breakpoint of its that lies where the firmware has its code. The latter is a fault: without
	 * RF it would be met again for ever. SYSENTER does not clear TF.
	 */
	if (r->vector == 1) {
		__asm__ volatile("mov %0, %%dr6" : : "r"(0xffff0ff0UL));
		r->rflags = (r->rflags | RFLAGS_RF) & ~RFLAGS_TF;
		return;
	}
	if (r->vector == 14 && hv_ldt_fault(r)) {
		return;
	}
	if (r->vector >= 10 && r->vector <= 14) {
		if (r->rip == (unsigned long)guest_iret) {
			guest_iret_fault(r);
		}
		fix = ex_table_find(r->rip);
	}
	if (!fix) {
		crash_fatal_trap(r);
	}
	r->rip = fix;
}

/* SPDX-License-Identifier: MIT */
/*
 * From a guest kernel's SYSCALL to the door of the hypercall, and how a long one is continued: its arguments are
 * changed, RIP goes back to the SYSCALL instruction (or the multicall entry is rewritten), and the guest issues it
 * again once whatever interrupted it is done. Acts on the current vcpu only.
 */
#include <stdarg.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/hypercall.h>
#include <dais/hypercall_page.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_trap.h>
#include <dais/softirq.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#define SYSCALL_BYTES	2

/* Inline in both: this is the shortest way through the hypervisor, and counted. */
static __always_inline long dispatch(unsigned long nr, unsigned long a, unsigned long b, unsigned long c,
				     unsigned long d, unsigned long e, unsigned long f)
{
	const struct hypercall *h;

	if (unlikely(nr >= HYPERCALL_COUNT)) {
		return -XEN_ENOSYS;
	}
	h = &hypercall_table[array_index_nospec(nr, (unsigned long)HYPERCALL_COUNT)];
	if (unlikely(h->call == NULL)) {
		return -XEN_ENOSYS;
	}
	if (unlikely(h->privileged && !current_vcpu()->domain->is_privileged)) {
		return -XEN_EPERM;
	}
	return h->call(a, b, c, d, e, f);
}

long hypercall_call(unsigned long nr, const unsigned long a[6])
{
	return dispatch(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void pv_hypercall(struct regs *regs)
{
	regs->rax = (uint64_t)dispatch(regs->rax, regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8,
				       regs->r9);
}

long hypercall_continue(unsigned int nr, unsigned int nargs, ...)
{
	struct vcpu *v = current_vcpu();
	uint64_t *const reg[6] = {
		&v->regs.rdi, &v->regs.rsi, &v->regs.rdx, &v->regs.r10, &v->regs.r8, &v->regs.r9,
	};
	bool multi = v->multicall.active;
	va_list ap;

	va_start(ap, nargs);
	for (unsigned int i = 0; i < nargs && i < 6; i++) {
		*(multi ? &v->multicall.args[i] : reg[i]) = va_arg(ap, unsigned long);
	}
	va_end(ap);
	if (multi) {
		v->multicall.again = true;
		v->multicall.op = nr;
	} else {
		v->regs.rip -= SYSCALL_BYTES;
	}
	return nr;	/* RAX: the number of the call to repeat */
}

bool preempt_check(void)
{
	return softirq_pending() || vcpu_upcall_due(current_vcpu());
}

/* --- the page of call stubs: stub n issues hypercall n and returns --- */

#define STUB_BYTES	32
#define INT3		0xcc

/*
 * SYSCALL destroys RCX and R11, which a caller of the stub may rely on:
 * push %rcx; push %r11; mov $n, %eax; syscall; pop %r11; pop %rcx; ret
 */
static const uint8_t stub_call[] = {
	0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3,
};
#define STUB_CALL_NR	4

/*
 * iret does not come back: the three registers pushed are the start of its frame.
 * push %rcx; push %r11; push %rax; mov $23, %eax; syscall
 */
static const uint8_t stub_iret[] = {
	0x51, 0x41, 0x53, 0x50, 0xb8, __HYPERVISOR_iret, 0, 0, 0, 0x0f, 0x05,
};

BUILD_BUG_ON(sizeof(stub_call) > STUB_BYTES || sizeof(stub_iret) > STUB_BYTES);

/* Unused bytes are INT3, so that a jump into the middle of nowhere is noticed. */
void pv_hypercall_page_fill(void *page)
{
	uint8_t *at = page;

	memset(page, INT3, PAGE_SIZE);
	for (unsigned int n = 0; n < PAGE_SIZE / STUB_BYTES; n++, at += STUB_BYTES) {
		memcpy(at, stub_call, sizeof(stub_call));
		at[STUB_CALL_NR] = (uint8_t)n;
	}
	memcpy((uint8_t *)page + __HYPERVISOR_iret * STUB_BYTES, stub_iret, sizeof(stub_iret));
}

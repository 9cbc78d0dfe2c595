/* SPDX-License-Identifier: MIT */
/*
 * Owns the stacks of secondary vCPUs. vCPU 0 alone starts others.
 */
#include "smp.h"

#include <xen/vcpu.h>

#include "hypercall.h"
#include "paging.h"
#include "string.h"
#include "trap.h"

#define SMP_VCPUS 4
#define SMP_STACK 8192

static char stacks[SMP_VCPUS][SMP_STACK] PAGE_ALIGNED;

void smp_context(struct vcpu_guest_context *ctx, void (*fn)(void), unsigned int vcpu)
{
	u64 *sp = (u64 *)(stacks[vcpu % SMP_VCPUS] + SMP_STACK) - 1;

	memset(ctx, 0, sizeof(*ctx));
	*sp = 0;
	ctx->flags = VGCF_in_kernel;
	ctx->user_regs.rip = (u64)fn;
	ctx->user_regs.rsp = (u64)sp;
	ctx->user_regs.rflags = 0x202;
	ctx->user_regs.cs = FLAT_KERNEL_CS;
	ctx->user_regs.ss = FLAT_KERNEL_SS;
	for (unsigned int v = 0; v < 256; v++) {
		ctx->trap_ctxt[v].vector = (u8)v;
		ctx->trap_ctxt[v].cs = FLAT_KERNEL_CS;
		ctx->trap_ctxt[v].address = TRAP_STUB(v);
	}
	ctx->kernel_ss = FLAT_KERNEL_SS;
	ctx->kernel_sp = (u64)sp - SMP_STACK / 2;
	ctx->ctrlreg[3] = paging_mfn((void *)start_info->pt_base) << PAGE_SHIFT;
	ctx->event_callback_eip = (u64)trap_event;
	ctx->failsafe_callback_eip = (u64)trap_failsafe;
	ctx->syscall_callback_eip = (u64)trap_syscall;
}

long smp_start(unsigned int vcpu, void (*fn)(void))
{
	static struct vcpu_guest_context ctx;
	long err;

	smp_context(&ctx, fn, vcpu);
	err = HC(vcpu_op, VCPUOP_initialise, vcpu, &ctx);
	return err ? err : HC(vcpu_op, VCPUOP_up, vcpu, 0);
}

void smp_stop_self(unsigned int vcpu)
{
	for (;;) {
		HC(vcpu_op, VCPUOP_down, vcpu, 0);
	}
}

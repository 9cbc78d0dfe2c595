/* SPDX-License-Identifier: MIT */
/*
 * What can a toolstack read and set of a vCPU that does not run?
 *
 * Domain: dom0
 * Module: waiter
 * Cpu: SandyBridge
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * With what saving and restoring a domain need: its context, which can also be taken away again;
 * the two entries of 32-bit code, which have no place in it; the extended registers, whose size is
 * asked for first; and MSRs. What is refused leaves what was there.
 */
#include "kit.h"

#include "domain.h"
#include "neighbour.h"

#define MSR_TSC_AUX 0xc0000103

static struct domain child;
static struct xen_domctl op;
static struct vcpu_guest_context ctx;

static long call(u32 cmd)
{
	return domain_ctl(cmd, child.id, &op);
}

static long context(u32 cmd, u32 vcpu, const void *at)
{
	memset(&op, 0, sizeof(op));
	op.u.vcpucontext.vcpu = vcpu;
	SET_HANDLE(op.u.vcpucontext.ctxt, at);
	return call(cmd);
}

static u64 online(u32 vcpu)
{
	memset(&op, 0, sizeof(op));
	op.u.getvcpuinfo.vcpu = vcpu;
	CHECK_EQ(call(XEN_DOMCTL_getvcpuinfo), 0);
	return op.u.getvcpuinfo.online;
}

/* A second vCPU gets the first one's context, loses it, and gets it again. */
static void check_context(void)
{
	u64 rip;

	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 1, &ctx), -kENODATA);
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 0, &ctx), 0);
	rip = ctx.user_regs.rip;
	CHECK(rip != 0);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 1, &ctx), 0);
	CHECK_EQ(online(1), 1);
	memset(&ctx, 0, sizeof(ctx));
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 1, &ctx), 0);
	CHECK_EQ(ctx.user_regs.rip, rip);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 1, NULL), 0);
	CHECK_EQ(online(1), 0);
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 1, &ctx), -kENODATA);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 1, NULL), 0);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 1, &ctx), 0);
	CHECK_EQ(online(1), 1);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 0, (void *)ADDR_UNMAPPED), -kEFAULT);
	CHECK(context(XEN_DOMCTL_setvcpucontext, 2, &ctx) < 0);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 0, NULL), 0);
	CHECK_EQ(online(0), 0);
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 0, &ctx), -kENODATA);
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 0, &ctx), 0);
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 0, &ctx), 0);
	CHECK_EQ(ctx.user_regs.rip, rip);
}

/* Legacy FPU state is part of a context that says so; else the vCPU begins with none. */
static void check_fpu(void)
{
	u64 *xmm0 = (u64 *)((char *)&ctx.fpu_ctxt + 160);
	u32 *mxcsr = (u32 *)((char *)&ctx.fpu_ctxt + 24);

	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 1, &ctx), 0);
	CHECK(!(ctx.flags & VGCF_i387_valid) || *xmm0 == 0);
	ctx.flags |= VGCF_i387_valid;
	*(u16 *)&ctx.fpu_ctxt = 0x37f;
	*mxcsr = 0x1f80;
	*xmm0 = 0x123456789abcdef0;
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 1, &ctx), 0);
	memset(&ctx, 0, sizeof(ctx));
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 1, &ctx), 0);
	CHECK_EQ(ctx.flags & VGCF_i387_valid, VGCF_i387_valid);
	CHECK_EQ(*xmm0, 0x123456789abcdef0);
	CHECK_EQ(*mxcsr, 0x1f80);
	CHECK_EQ(*(u16 *)&ctx.fpu_ctxt, 0x37f);
	ctx.flags &= ~(u64)VGCF_i387_valid;
	CHECK_EQ(context(XEN_DOMCTL_setvcpucontext, 1, &ctx), 0);
	CHECK_EQ(context(XEN_DOMCTL_getvcpucontext, 1, &ctx), 0);
	CHECK(!(ctx.flags & VGCF_i387_valid) || *xmm0 == 0);
}

static struct xen_domctl_ext_vcpucontext *ext_get(void)
{
	memset(&op, 0, sizeof(op));
	CHECK_EQ(call(XEN_DOMCTL_get_ext_vcpucontext), 0);
	return &op.u.ext_vcpucontext;
}

static void check_ext(void)
{
	struct xen_domctl_ext_vcpucontext *e = ext_get();

	CHECK_EQ(e->size, sizeof(*e));
	CHECK_EQ(e->syscall32_callback_eip, 0);
	CHECK_EQ(e->sysenter_callback_eip, 0);
	e->syscall32_callback_eip = (u64)trap_syscall32;
	e->sysenter_callback_eip = (u64)trap_sysenter;
	e->syscall32_callback_cs = e->sysenter_callback_cs = FLAT_KERNEL_CS;
	e->sysenter_disables_events = 1;
	CHECK_EQ(call(XEN_DOMCTL_set_ext_vcpucontext), 0);
	e = ext_get();
	CHECK_EQ(e->syscall32_callback_eip, trap_syscall32);
	CHECK_EQ(e->sysenter_callback_eip, trap_sysenter);
	CHECK_EQ(e->syscall32_callback_cs, FLAT_KERNEL_CS);
	CHECK_EQ(e->sysenter_callback_cs, FLAT_KERNEL_CS);
	CHECK_EQ(e->syscall32_disables_events, 0);
	CHECK_EQ(e->sysenter_disables_events, 1);
	e->sysenter_callback_eip = ADDR_NONCANONICAL;
	CHECK_EQ(call(XEN_DOMCTL_set_ext_vcpucontext), -kEINVAL);
	e = ext_get();
	e->syscall32_callback_eip = ADDR_NONCANONICAL;
	CHECK_EQ(call(XEN_DOMCTL_set_ext_vcpucontext), -kEINVAL);
	e = ext_get();
	e->size = 8;
	CHECK_EQ(call(XEN_DOMCTL_set_ext_vcpucontext), -kEINVAL);
	e->size = sizeof(*e) + 8;	/* of tools that know more */
	e->sysenter_disables_events = 0;
	CHECK_EQ(call(XEN_DOMCTL_set_ext_vcpucontext), 0);
	CHECK_EQ(ext_get()->sysenter_disables_events, 0);
	e->vcpu = 2;
	CHECK(call(XEN_DOMCTL_set_ext_vcpucontext) < 0);
	CHECK(call(XEN_DOMCTL_get_ext_vcpucontext) < 0);
	CHECK_EQ(ext_get()->sysenter_callback_eip, trap_sysenter);
}

static long xstate(u32 cmd, u64 mask, const void *at, u64 size)
{
	memset(&op, 0, sizeof(op));
	op.u.vcpuextstate.xfeature_mask = mask;
	op.u.vcpuextstate.size = size;
	SET_HANDLE(op.u.vcpuextstate.buffer, at);
	return call(cmd);
}

#define xstate_get(at, size) xstate(XEN_DOMCTL_getvcpuextstate, 7, (void *)(at), size)
#define xstate_set(at, size) xstate(XEN_DOMCTL_setvcpuextstate, 7, (void *)(at), size)

/* In words: xcr0, what was ever in use, then an XSAVE image. */
#define IMAGE_FCW	2
#define IMAGE_MXCSR	(2 + 24 / 8)
#define IMAGE_XMM0	(2 + 160 / 8)
#define IMAGE_USED	(2 + 512 / 8)
#define IMAGE_SIZE	(16 + 576)

static void check_xstate(void)
{
	static const u64 none[2];
	static u64 state[IMAGE_SIZE / 8] = {
		3, 3, [IMAGE_FCW] = 0x37f, [IMAGE_MXCSR] = 0x1f80,
		[IMAGE_XMM0] = 0x1122334455667788, [IMAGE_USED] = 3,
	};

	CHECK_EQ(xstate(XEN_DOMCTL_getvcpuextstate, 0, NULL, 0), 0);
	CHECK_EQ(op.u.vcpuextstate.xfeature_mask & 7, 7);
	CHECK(op.u.vcpuextstate.size >= IMAGE_SIZE);
	CHECK_EQ(xstate_set(state, IMAGE_SIZE), 0);
	memset(state, 0, sizeof(state));
	CHECK_EQ(xstate_get(state, IMAGE_SIZE), 0);
	CHECK_EQ(op.u.vcpuextstate.size, IMAGE_SIZE);
	CHECK_EQ(state[0], 3);
	CHECK_EQ(state[1], 3);
	CHECK_EQ(state[IMAGE_XMM0], 0x1122334455667788);
	CHECK_EQ(xstate_get(state, IMAGE_SIZE - 1), -kEINVAL);
	CHECK_EQ(xstate_get(ADDR_UNMAPPED, IMAGE_SIZE), -kEFAULT);
	state[IMAGE_XMM0] = 0;
	CHECK_EQ(xstate_set(state, 0), -kEINVAL);
	CHECK_EQ(xstate_set(state, 15), -kEINVAL);
	CHECK_EQ(xstate_set(none, 16), 0);	/* as a vCPU is saved that never used any */
	CHECK_EQ(xstate_set(state, 17), -kEINVAL);
	CHECK_EQ(xstate_set(state, 1UL << 20), -kEINVAL);
	CHECK_EQ(xstate_set(ADDR_UNMAPPED, IMAGE_SIZE), -kEFAULT);
	state[0] = 5;			/* AVX without what it builds on */
	CHECK_EQ(xstate_set(state, IMAGE_SIZE), -kEINVAL);
	state[0] = 1UL << 40 | 3;	/* what nobody has */
	CHECK_EQ(xstate_set(state, IMAGE_SIZE), -kEINVAL);
	state[0] = 7;			/* more than was ever in use */
	CHECK_EQ(xstate_set(state, IMAGE_SIZE), -kEINVAL);
	state[0] = 3;
	state[IMAGE_USED] = 7;
	CHECK_EQ(xstate_set(state, IMAGE_SIZE), -kEINVAL);
	CHECK_EQ(xstate_get(state, IMAGE_SIZE), 0);
	CHECK_EQ(state[IMAGE_XMM0], 0x1122334455667788);
}

static long msrs(u32 cmd, struct xen_domctl_vcpu_msr *at, u32 count)
{
	memset(&op, 0, sizeof(op));
	op.u.vcpu_msrs.msr_count = count;
	SET_HANDLE(op.u.vcpu_msrs.msrs, at);
	return call(cmd);
}

static void check_msrs(void)
{
	static struct xen_domctl_vcpu_msr list[64];
	u32 most;

	CHECK_EQ(msrs(XEN_DOMCTL_get_vcpu_msrs, NULL, 0), 0);
	most = op.u.vcpu_msrs.msr_count;
	CHECK(most >= 1 && most <= ARRAY_SIZE(list));
	CHECK_EQ(msrs(XEN_DOMCTL_get_vcpu_msrs, list, most), 0);
	CHECK_EQ(op.u.vcpu_msrs.msr_count, 0);	/* none has been changed */
	CHECK_EQ(msrs(XEN_DOMCTL_set_vcpu_msrs, list, 0), 0);
	list[0] = (struct xen_domctl_vcpu_msr){ .index = MSR_TSC_AUX, .value = 0x1234 };
	CHECK_EQ(msrs(XEN_DOMCTL_set_vcpu_msrs, list, 1), 0);
	CHECK_EQ(op.u.vcpu_msrs.msr_count, 1);
	memset(list, 0, sizeof(list));
	CHECK_EQ(msrs(XEN_DOMCTL_get_vcpu_msrs, list, most), 0);
	CHECK_EQ(op.u.vcpu_msrs.msr_count, 1);
	CHECK_EQ(list[0].index, MSR_TSC_AUX);
	CHECK_EQ(list[0].reserved, 0);
	CHECK_EQ(list[0].value, 0x1234);
	CHECK_EQ(msrs(XEN_DOMCTL_get_vcpu_msrs, list, 0), -kENOBUFS);
	CHECK_EQ(msrs(XEN_DOMCTL_get_vcpu_msrs, (void *)ADDR_UNMAPPED, most), -kEFAULT);
	CHECK_EQ(msrs(XEN_DOMCTL_set_vcpu_msrs, (void *)ADDR_UNMAPPED, 1), -kEFAULT);
	list[0].reserved = 1;
	CHECK_EQ(msrs(XEN_DOMCTL_set_vcpu_msrs, list, 1), -kEINVAL);
	CHECK_EQ(op.u.vcpu_msrs.msr_count, 0);
	list[0] = (struct xen_domctl_vcpu_msr){ .index = 0x10, .value = 1 };
	CHECK_EQ(msrs(XEN_DOMCTL_set_vcpu_msrs, list, 1), -kEINVAL);
	list[0] = (struct xen_domctl_vcpu_msr){ .index = MSR_TSC_AUX, .value = 1UL << 32 };
	CHECK_EQ(msrs(XEN_DOMCTL_set_vcpu_msrs, list, 1), -kEINVAL);
	CHECK_EQ(msrs(XEN_DOMCTL_get_vcpu_msrs, list, most), 0);
	CHECK_EQ(list[0].value, 0x1234);
}

void guest_main(void)
{
	kit_init();
	domain_nr_vcpus = 2;
	neighbour_make(&child, "");
	check_context();
	check_fpu();
	check_ext();
	check_xstate();
	check_msrs();
	CHECK_EQ(domain_destroy(&child), 0);
	verdict();
}

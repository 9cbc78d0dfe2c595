/* SPDX-License-Identifier: MIT */
/*
 * What a PV vcpu's registers hold: single ones that its kernel sets, and the whole state, made,
 * reset, set from and read into struct vcpu_guest_context and struct pv_xstate. For the whole the
 * vcpu is not running (new, down or paused), so nothing here races with it; page-table and
 * descriptor references follow mm/pagetype.
 */
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/fpu.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/pv_xstate.h>
#include <dais/string.h>
#include <dais/uaccess.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define DR6_FIXED	0xffff0ff0UL
#define DR6_CLEAR	(1UL << 12)
#define DR7_FIXED_SET	(1UL << 10)
#define DR7_FIXED_CLEAR	((1UL << 11) | (1UL << 12) | (1UL << 14) | (1UL << 15))
#define DR7_GD		(1UL << 13)
#define DR7_ENABLE	0xffUL

/*
 * The selector goes into GS of user mode; one that cannot be loaded leaves null. Never fails:
 * Linux relies on it.
 */
void pv_user_gs_load(uint16_t sel)
{
	unsigned long flags = irq_save();

	__asm__ volatile("swapgs\n\tmov %0, %%gs" : : "r"(0) : "memory");
	__asm__ volatile goto("1: mov %0, %%gs\n\t" EX_TABLE("1b", "%l[out]")
			      : : "r"((uint32_t)sel) : : out);
out:
	__asm__ volatile("mfence\n\tswapgs" : : : "memory");
	irq_restore(flags);
}

void pv_fpu_taskswitch(bool set)
{
	current_vcpu()->pv.cr0_ts = set ? CR0_TS : 0;
	fpu_set_ts(set);
}

/* The bits of DR7 that make breakpoints on ports. */
static unsigned long debug_io_bits(unsigned long dr7)
{
	unsigned long bits = 0;

	for (unsigned int i = 0; i < 4; i++) {
		if (((dr7 >> (2 * i)) & 3) && ((dr7 >> (16 + 4 * i)) & 3) == 2) {
			bits |= (3UL << (2 * i)) | (15UL << (16 + 4 * i));
		}
	}
	return bits;
}

/*
 * The processor gets no breakpoints on ports: a guest's own IN and OUT fault and are carried out
 * here, so they could fire nowhere but in the hypervisor. DR6 is not loaded: it stays clean, as
 * guest_debug() leaves it, and so tells of the next exception alone.
 */
void pv_debug_load(const struct vcpu *v)
{
	unsigned long dr7 = v->pv.dr7;

	if (dr7 & DR7_ENABLE) {
		__asm__ volatile("mov %0, %%dr0" : : "r"(v->pv.dr[0]));
		__asm__ volatile("mov %0, %%dr1" : : "r"(v->pv.dr[1]));
		__asm__ volatile("mov %0, %%dr2" : : "r"(v->pv.dr[2]));
		__asm__ volatile("mov %0, %%dr3" : : "r"(v->pv.dr[3]));
	}
	dr7 &= ~debug_io_bits(dr7);
	__asm__ volatile("mov %0, %%dr7" : : "r"(dr7 & DR7_ENABLE ? dr7 : DR7_FIXED_SET));
}

/* Of 4 to 7, the even ones are DR6 and the odd ones DR7. */
int pv_debugreg_set(struct vcpu *v, unsigned int reg, unsigned long val)
{
	if (reg > 7) {
		return -XEN_ENODEV;
	}
	if (reg < 4) {
		/* A watchpoint must not lie in the hypervisor: it would fire there. */
		if (!va_canonical(val) ||
		    (val >= HYPERVISOR_VIRT_START && val < HYPERVISOR_VIRT_END)) {
			return -XEN_EPERM;
		}
		v->pv.dr[array_index_nospec(reg, 4u)] = val;
	} else if (val >> 32) {
		return -XEN_EINVAL;
	} else if (reg & 1) {
		if ((val & DR7_GD) || (debug_io_bits(val) && !(v->pv.cr4 & CR4_DE))) {
			return -XEN_EPERM;
		}
		v->pv.dr7 = (val | DR7_FIXED_SET) & ~DR7_FIXED_CLEAR;
	} else {
		v->pv.dr6 = (val | DR6_FIXED) & ~DR6_CLEAR;
		return 0;
	}
	if (v == current_vcpu()) {
		pv_debug_load(v);
	}
	return 0;
}

int pv_debugreg_get(struct vcpu *v, unsigned int reg, unsigned long *val)
{
	if (reg > 7) {
		return -XEN_ENODEV;
	}
	if (reg < 4) {
		*val = v->pv.dr[array_index_nospec(reg, 4u)];
	} else {
		*val = reg & 1 ? v->pv.dr7 : v->pv.dr6;
	}
	return 0;
}

uint64_t pv_cr4_settable(void)
{
	return CR4_TSD | CR4_DE | (x86_features.fsgsbase ? CR4_FSGSBASE : 0) |
	       (x86_features.xsave ? CR4_OSXSAVE : 0);
}

/* R15 to RDI: both structures begin with them, in the order in which they are pushed. */
#define GENERAL_REGS	offsetof(struct regs, error_code)
BUILD_BUG_ON(offsetof(struct cpu_user_regs, error_code) != GENERAL_REGS);
BUILD_BUG_ON(offsetof(struct cpu_user_regs, rbx) != offsetof(struct regs, rbx));
BUILD_BUG_ON(offsetof(struct cpu_user_regs, rax) != offsetof(struct regs, rax));

void pv_vcpu_reset(struct vcpu *v)
{
	(void)pv_gdt_set(v, NULL, 0);
	pv_ldt_drop(v);
	pv_drop_roots(v);
	memset(v->pv.traps, 0, sizeof(v->pv.traps));
	v->pv.event_cb = v->pv.failsafe_cb = v->pv.syscall_cb = 0;
	v->pv.syscall32_cb = v->pv.sysenter_cb = 0;
	v->pv.ldt_base = 0;
	v->pv.ldt_entries = 0;
	v->pv.dr6 = DR6_FIXED;
	v->pv.dr7 = DR7_FIXED_SET;
	v->pv.cr0_ts = 0;
	v->pv.nmi_masked = v->pv.nmi_pending = false;
	fpu_reset(v);
	v->pv.xcr0 = 1;
	v->initialised = false;
}

int pv_vcpu_init(struct vcpu *v)
{
	/* hv_alloc aligns to the size class: always at least the 64 bytes XSAVE needs */
	v->pv.fpu = hv_alloc(x86_features.xsave_size);
	if (v->pv.fpu == NULL) {
		return -XEN_ENOMEM;
	}
	pv_vcpu_reset(v);
	v->regs.cs = FLAT_KERNEL_CS;
	v->regs.ss = FLAT_KERNEL_SS;
	v->regs.rflags = RFLAGS_IF | 2;
	v->kernel_mode = 1;
	return 0;
}

void pv_vcpu_destroy(struct vcpu *v)
{
	pv_vcpu_reset(v);
	hv_free(v->pv.fpu);
}

/* Refusals that need nothing taken. One that starts in user mode needs a user page table. */
static bool context_ok(const struct vcpu_guest_context *c)
{
	bool ok = (c->flags & VGCF_in_kernel) || c->ctrlreg[1];

	ok &= c->gdt_ents <= FIRST_RESERVED_GDT_ENTRY && c->ldt_ents <= 8192 &&
	      va_canonical(c->ldt_base) && va_canonical(c->fs_base) &&
	      va_canonical(c->gs_base_kernel) && va_canonical(c->gs_base_user) &&
	      va_canonical(c->event_callback_eip) && va_canonical(c->failsafe_callback_eip) &&
	      va_canonical(c->syscall_callback_eip);
	for (unsigned int i = 0; i < 256; i++) {
		ok &= va_canonical(c->trap_ctxt[i].address);
	}
	return ok;
}

/*
 * What needs references: roots first (they may take several calls), then the GDT. Of a vcpu that
 * has run, refused tables leave the roots it got meanwhile: it can run on them, or on none at all.
 */
static int context_take_tables(struct vcpu *v, const struct vcpu_guest_context *c)
{
	int rc = pv_set_kernel_root(v, xen_cr3_to_pfn(c->ctrlreg[3]));

	if (rc == 0) {
		rc = pv_set_user_root(v, xen_cr3_to_pfn(c->ctrlreg[1]));
	}
	if (rc != 0) {
		return rc;
	}
	rc = pv_gdt_set(v, c->gdt_frames, (unsigned int)c->gdt_ents);
	if (rc != 0 && rc != -ERESTART && !v->initialised) {
		pv_drop_roots(v);
	}
	return rc;
}

static void context_set_plain(struct vcpu *v, const struct vcpu_guest_context *c)
{
	const struct cpu_user_regs *u = &c->user_regs;
	struct regs *r = &v->regs;

	memcpy(r, u, GENERAL_REGS);
	r->rip = u->rip;
	r->rsp = u->rsp;
	r->cs = u->cs | 3;
	r->ss = u->ss | 3;
	r->rflags = (u->rflags & ~(RFLAGS_IOPL | RFLAGS_VM)) | RFLAGS_IF | 2;
	r->vector = 0;
	r->error_code = 0;
	v->pv.ds = u->ds, v->pv.es = u->es, v->pv.fs = u->fs, v->pv.gs = u->gs;
	v->pv.iopl = (u->rflags & RFLAGS_IOPL) >> 12;
	v->kernel_mode = !!(c->flags & VGCF_in_kernel);
	memcpy(v->pv.traps, c->trap_ctxt, sizeof(v->pv.traps));
	for (unsigned int i = 0; i < 256; i++) {
		v->pv.traps[i].cs |= 3;
		v->pv.traps[i].vector = (uint8_t)i;
	}
	v->pv.ldt_base = c->ldt_base;
	v->pv.ldt_entries = (uint32_t)c->ldt_ents;
	v->pv.kernel_ss = (c->kernel_ss | 3) & 0xffff;
	v->pv.kernel_sp = c->kernel_sp;
	v->pv.cr0_ts = c->ctrlreg[0] & CR0_TS;
	v->pv.cr4 = c->ctrlreg[4] & pv_cr4_settable();
	v->pv.event_cb = c->event_callback_eip;
	v->pv.failsafe_cb = c->failsafe_callback_eip;
	v->pv.syscall_cb = c->syscall_callback_eip;
	v->pv.failsafe_mask = c->flags & VGCF_failsafe_disables_events;
	v->pv.syscall_mask = c->flags & VGCF_syscall_disables_events;
	v->pv.fs_base = c->fs_base;
	v->pv.gs_base_kernel = c->gs_base_kernel;
	v->pv.gs_base_user = c->gs_base_user;
	for (unsigned int i = 0; i < 8; i++) {
		if (i != 4 && i != 5) {
			(void)pv_debugreg_set(v, i, c->debugreg[i]);
		}
	}
}

int pv_context_set(struct vcpu *v, const struct vcpu_guest_context *c)
{
	int rc = context_ok(c) ? context_take_tables(v, c) : -XEN_EINVAL;

	if (rc != 0) {
		return rc;
	}
	pv_ldt_drop(v);
	context_set_plain(v, c);
	fpu_reset(v);
	if (c->flags & VGCF_i387_valid) {
		fpu_set_legacy(v, &c->fpu_ctxt);
	}
	v->initialised = true;
	return 0;
}

void pv_context_get(struct vcpu *v, struct vcpu_guest_context *c)
{
	struct cpu_user_regs *u = &c->user_regs;
	const struct regs *r = &v->regs;

	memset(c, 0, sizeof(*c));
	memcpy(u, r, GENERAL_REGS);
	u->rip = r->rip;
	u->rsp = r->rsp;
	u->cs = (uint16_t)r->cs;
	u->ss = (uint16_t)r->ss;
	u->rflags = (r->rflags & ~RFLAGS_IOPL) | ((uint64_t)v->pv.iopl << 12);
	u->ds = v->pv.ds, u->es = v->pv.es, u->fs = v->pv.fs, u->gs = v->pv.gs;
	u->saved_upcall_mask = v->info->evtchn_upcall_mask;
	c->flags = VGCF_i387_valid | (v->kernel_mode ? VGCF_in_kernel : 0) |
		   (v->pv.failsafe_mask ? VGCF_failsafe_disables_events : 0) |
		   (v->pv.syscall_mask ? VGCF_syscall_disables_events : 0) |
		   (vcpu_is_up(v) ? VGCF_online : 0);
	memcpy(&c->fpu_ctxt, v->pv.fpu, sizeof(c->fpu_ctxt));
	memcpy(c->trap_ctxt, v->pv.traps, sizeof(c->trap_ctxt));
	c->ldt_base = v->pv.ldt_base;
	c->ldt_ents = v->pv.ldt_entries;
	for (unsigned int i = 0; i < DIV_ROUND_UP(v->pv.gdt_entries, 512u); i++) {
		c->gdt_frames[i] = v->pv.gdt_frames[i];
	}
	c->gdt_ents = v->pv.gdt_entries;
	c->kernel_ss = v->pv.kernel_ss;
	c->kernel_sp = v->pv.kernel_sp;
	c->ctrlreg[0] = v->pv.cr0_ts | 0x80050033UL;
	c->ctrlreg[1] = xen_pfn_to_cr3(v->pv.user_cr3 >> PAGE_SHIFT);
	c->ctrlreg[2] = v->info->arch.cr2;
	c->ctrlreg[3] = xen_pfn_to_cr3(v->pv.kernel_cr3 >> PAGE_SHIFT);
	c->ctrlreg[4] = v->pv.cr4;
	memcpy(c->debugreg, v->pv.dr, sizeof(v->pv.dr));
	c->debugreg[6] = v->pv.dr6;
	c->debugreg[7] = v->pv.dr7;
	c->event_callback_eip = v->pv.event_cb;
	c->failsafe_callback_eip = v->pv.failsafe_cb;
	c->syscall_callback_eip = v->pv.syscall_cb;
	c->vm_assist = v->domain->vm_assist;
	c->fs_base = v->pv.fs_base;
	c->gs_base_kernel = v->pv.gs_base_kernel;
	c->gs_base_user = v->pv.gs_base_user;
}

/*
 * Extended state. What comes in is loaded by XRSTOR in ring 0 later, so everything XRSTOR would
 * fault on is refused here: reserved bits of the header and of MXCSR, features the machine lacks.
 */
#define XSAVE_HEADER	512	/* offset in the image */
#define XSAVE_MIN	(512 + 64)
#define MXCSR_OFFSET	24
#define MXCSR_MASK	0xffffu
#define X_X87_SSE	3UL

struct xsave_header {
	uint64_t xstate_bv, zero[7];
};

static size_t image_size(uint64_t features)
{
	return cpuid_policy_xstate_size(cpuid_policy_system(POLICY_HOST), features, false);
}

size_t pv_xstate_max(void)
{
	return x86_features.xcr0 ? PV_XSTATE_HEADER + image_size(x86_features.xcr0) : 0;
}

size_t pv_xstate_get(const struct vcpu *v, struct pv_xstate *x)
{
	const struct xsave_header *h = (const void *)((const uint8_t *)v->pv.fpu + XSAVE_HEADER);

	if (!x86_features.xcr0) {
		return 0;
	}
	x->xcr0 = v->pv.xcr0;
	x->used = (v->pv.xcr0 | h->xstate_bv | X_X87_SSE) & x86_features.xcr0;
	memcpy(x->image, v->pv.fpu, image_size(x->used));
	return PV_XSTATE_HEADER + image_size(x->used);
}

static bool image_ok(const uint8_t *image, uint64_t used)
{
	const struct xsave_header *h = (const void *)(image + XSAVE_HEADER);
	uint32_t mxcsr = *(const uint32_t *)(image + MXCSR_OFFSET);
	uint64_t bad = (h->xstate_bv & ~used) | (mxcsr & ~MXCSR_MASK);

	for (unsigned int i = 0; i < ARRAY_SIZE(h->zero); i++) {
		bad |= h->zero[i];
	}
	return bad == 0;
}

int pv_xstate_set(struct vcpu *v, const struct pv_xstate *x, size_t size)
{
	if (size < PV_XSTATE_HEADER + XSAVE_MIN || size > pv_xstate_max() ||
	    !pv_xcr0_ok(x->xcr0, x86_features.xcr0) || (x->used & ~x86_features.xcr0) ||
	    (x->xcr0 & ~x->used) || size - PV_XSTATE_HEADER < image_size(x->used) ||
	    !image_ok(x->image, x->used)) {
		return -XEN_EINVAL;
	}
	memset(v->pv.fpu, 0, x86_features.xsave_size);
	memcpy(v->pv.fpu, x->image, image_size(x->used));
	v->pv.xcr0 = x->xcr0;
	v->pv.fpu_cpu = NR_CPUS;	/* registers of no CPU hold it */
	return 0;
}

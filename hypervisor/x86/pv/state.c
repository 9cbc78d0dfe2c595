/* SPDX-License-Identifier: MIT */
/* Single registers a PV kernel sets by hypercall: segment bases, debug registers, the virtual TS flag. */
#include <dais/fpu.h>
#include <dais/msr.h>
#include <dais/percpu.h>
#include <dais/pv_state.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define DR6_FIXED	0xffff0ff0UL
#define DR6_CLEAR	(1UL << 12)
#define DR7_FIXED_SET	(1UL << 10)
#define DR7_FIXED_CLEAR	((1UL << 11) | (1UL << 12) | (1UL << 14) | (1UL << 15))
#define DR7_GD		(1UL << 13)
#define DR7_ENABLE	0xffUL

/* The selector goes into GS of user mode; one that cannot be loaded becomes null. Never fails: Linux relies on it. */
static void user_gs_selector_load(uint32_t sel)
{
	unsigned long flags = irq_save();

	__asm__ volatile("swapgs" : : : "memory");
	__asm__ volatile goto("1: mov %0, %%gs\n\t" EX_TABLE("1b", "%l[bad]") : : "r"(sel) : : bad);
	goto out;
bad:
	__asm__ volatile("mov %0, %%gs" : : "r"(0));
out:
	__asm__ volatile("mfence\n\tswapgs" : : : "memory");
	irq_restore(flags);
}

int pv_segment_base_set(unsigned int which, unsigned long base)
{
	switch (which) {
	case SEGBASE_GS_USER_SEL:
		user_gs_selector_load(base & 0xffff);
		return 0;
	case SEGBASE_FS:
	case SEGBASE_GS_USER:
	case SEGBASE_GS_KERNEL:
		break;
	default:
		return -XEN_EINVAL;
	}
	if (!va_canonical(base)) {
		return -XEN_EINVAL;
	}
	if (which == SEGBASE_FS) {
		wrmsr(MSR_FS_BASE, base);
	} else {
		/* a hypercall comes from kernel mode: its GS is the active one */
		wrmsr(which == SEGBASE_GS_KERNEL ? MSR_GS_BASE : MSR_KERNEL_GS_BASE, base);
	}
	return 0;
}

void pv_fpu_taskswitch(bool set)
{
	current_vcpu()->pv.cr0_ts = set ? CR0_TS : 0;
	fpu_set_ts(set);
}

/* A watchpoint must not lie in the hypervisor: it would fire there. */
static int debug_address_set(struct vcpu *v, unsigned int i, unsigned long val, bool live)
{
	if (!va_canonical(val) || (val >= HYPERVISOR_VIRT_START && val < HYPERVISOR_VIRT_END)) {
		return -XEN_EPERM;
	}
	v->pv.dr[i] = val;
	if (!live) {
		return 0;
	}
	switch (i) {
	case 0:
		__asm__ volatile("mov %0, %%dr0" : : "r"(val));
		break;
	case 1:
		__asm__ volatile("mov %0, %%dr1" : : "r"(val));
		break;
	case 2:
		__asm__ volatile("mov %0, %%dr2" : : "r"(val));
		break;
	default:
		__asm__ volatile("mov %0, %%dr3" : : "r"(val));
		break;
	}
	return 0;
}

static bool debug_is_io(unsigned long dr7, unsigned int i)
{
	return ((dr7 >> (2 * i)) & 3) && ((dr7 >> (16 + 4 * i)) & 3) == 2;
}

/*
 * The processor gets no breakpoints on ports: a guest's own IN and OUT fault and are carried out here, so they
 * could fire nowhere but in the hypervisor.
 */
unsigned long pv_debug_control(const struct vcpu *v)
{
	unsigned long dr7 = v->pv.dr7;

	for (unsigned int i = 0; i < 4; i++) {
		if (debug_is_io(dr7, i)) {
			dr7 &= ~((3UL << (2 * i)) | (15UL << (16 + 4 * i)));
		}
	}
	return dr7 & DR7_ENABLE ? dr7 : DR7_FIXED_SET;
}

static int debug_control_set(struct vcpu *v, unsigned long val, bool live)
{
	bool had = v->pv.dr7 & DR7_ENABLE;

	if (val >> 32) {
		return -XEN_EPERM;
	}
	val = (val | DR7_FIXED_SET) & ~DR7_FIXED_CLEAR;
	if (val & DR7_GD) {
		return -XEN_EPERM;
	}
	for (unsigned int i = 0; i < 4; i++) {
		if (debug_is_io(val, i) && !(v->pv.cr4 & CR4_DE)) {
			return -XEN_EPERM;
		}
	}
	v->pv.dr7 = val;
	if (live && (val & DR7_ENABLE) && !had) {
		for (unsigned int i = 0; i < 4; i++) {
			(void)debug_address_set(v, i, v->pv.dr[i], true);
		}
	}
	if (live) {
		__asm__ volatile("mov %0, %%dr7" : : "r"(pv_debug_control(v)));
	}
	return 0;
}

int pv_debugreg_set(struct vcpu *v, unsigned int reg, unsigned long val)
{
	bool live = v == current_vcpu();

	if (reg < 4) {
		return debug_address_set(v, reg, val, live && (v->pv.dr7 & DR7_ENABLE));
	}
	if (reg == 4 || reg == 6) {
		if (val >> 32) {
			return -XEN_EPERM;
		}
		v->pv.dr6 = (val | DR6_FIXED) & ~DR6_CLEAR;
		return 0;
	}
	if (reg == 5 || reg == 7) {
		return debug_control_set(v, val, live);
	}
	return -XEN_ENODEV;
}

int pv_debugreg_get(struct vcpu *v, unsigned int reg, unsigned long *val)
{
	if (reg < 4) {
		*val = v->pv.dr[reg];
	} else if (reg == 4 || reg == 6) {
		*val = v->pv.dr6;
	} else if (reg == 5 || reg == 7) {
		*val = v->pv.dr7;
	} else {
		return -XEN_ENODEV;
	}
	return 0;
}

#define CR4_GUEST	(CR4_TSD | CR4_DE | CR4_FSGSBASE | CR4_OSXSAVE)
#define CR4_SHOWN	(CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT)

uint64_t pv_cr4_settable(void)
{
	return CR4_GUEST & ~((x86_features.fsgsbase ? 0 : CR4_FSGSBASE) | (x86_features.xsave ? 0 : CR4_OSXSAVE));
}

uint64_t pv_cr4_shown(const struct vcpu *v)
{
	return CR4_SHOWN | (v->pv.cr4 & CR4_GUEST);
}

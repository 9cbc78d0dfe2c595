/* SPDX-License-Identifier: MIT */
/* Single registers that a PV kernel sets: the GS of user mode, debug registers, the virtual TS flag. */
#include <dais/compiler.h>
#include <dais/fpu.h>
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

/* The selector goes into GS of user mode; one that cannot be loaded leaves null. Never fails: Linux relies on it. */
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
 * The processor gets no breakpoints on ports: a guest's own IN and OUT fault and are carried out here, so they
 * could fire nowhere but in the hypervisor. DR6 is not loaded: it stays clean, as guest_debug() leaves it, and so
 * tells of the next exception alone.
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
		if (!va_canonical(val) || (val >= HYPERVISOR_VIRT_START && val < HYPERVISOR_VIRT_END)) {
			return -XEN_EPERM;
		}
		v->pv.dr[array_index_nospec(reg, 4u)] = val;
	} else if (reg & 1) {
		if ((val >> 32) || (val & DR7_GD) || (debug_io_bits(val) && !(v->pv.cr4 & CR4_DE))) {
			return -XEN_EPERM;
		}
		v->pv.dr7 = (val | DR7_FIXED_SET) & ~DR7_FIXED_CLEAR;
	} else {
		if (val >> 32) {
			return -XEN_EPERM;
		}
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

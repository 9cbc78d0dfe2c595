/* SPDX-License-Identifier: MIT */
/* Doors of descriptor tables, segment bases, the kernel stack, debug registers and the virtual TS flag. */
#include <dais/compiler.h>
#include <dais/guest_access.h>
#include <dais/msr.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include <xen/errno.h>

long do_set_gdt(unsigned long frames_va, unsigned int entries)
{
	unsigned long frames[PV_GDT_GUEST_FRAMES];
	unsigned int n = DIV_ROUND_UP(entries, 512u);
	int rc;

	if (entries > FIRST_RESERVED_GDT_ENTRY) {
		return -XEN_EINVAL;
	}
	if (copy_from_guest(frames, frames_va, n * sizeof(frames[0])) != 0) {
		return -XEN_EFAULT;
	}
	rc = pv_gdt_set(current_vcpu(), frames, entries);
	return rc == -ERESTART ? hypercall_continue(__HYPERVISOR_set_gdt, 2, frames_va, entries) : rc;
}

long do_update_descriptor(uint64_t maddr, uint64_t desc)
{
	return pv_descriptor_update(maddr, desc);
}

long do_stack_switch(unsigned long ss, unsigned long sp)
{
	struct vcpu *v = current_vcpu();

	v->pv.kernel_ss = (ss | 3) & 0xffff;
	v->pv.kernel_sp = sp;
	return 0;
}

long do_fpu_taskswitch(unsigned int set)
{
	pv_fpu_taskswitch(set != 0);
	return 0;
}

/* A hypercall comes from kernel mode: its GS is the active one. */
long do_set_segment_base(unsigned int which, unsigned long base)
{
	static const uint32_t msrs[] = {
		[SEGBASE_FS] = MSR_FS_BASE, [SEGBASE_GS_USER] = MSR_KERNEL_GS_BASE,
		[SEGBASE_GS_KERNEL] = MSR_GS_BASE,
	};

	if (which == SEGBASE_GS_USER_SEL) {
		pv_user_gs_load((uint16_t)base);
		return 0;
	}
	if (which >= ARRAY_SIZE(msrs) || !va_canonical(base)) {
		return -XEN_EINVAL;
	}
	wrmsr(msrs[array_index_nospec((unsigned long)which, ARRAY_SIZE(msrs))], base);
	return 0;
}

long do_set_debugreg(unsigned int reg, unsigned long value)
{
	return pv_debugreg_set(current_vcpu(), reg, value);
}

long do_get_debugreg(unsigned int reg)
{
	unsigned long val;
	int rc = pv_debugreg_get(current_vcpu(), reg, &val);

	return rc == 0 ? (long)val : rc;
}

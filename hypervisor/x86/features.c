/* SPDX-License-Identifier: MIT */
/* What this machine's processors can do, found once at boot. Read-only afterwards. */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/msr.h>
#include <dais/uaccess.h>
#include <dais/x86.h>

struct x86_features x86_features __ro_after_init;

/* XCR0 bits a guest may be given: x87, SSE, AVX, AVX-512. Nothing that needs supervisor state. */
#define XCR0_GUEST	0xe7UL

void __init x86_features_init(void)
{
	struct x86_features *f = &x86_features;
	struct cpuid_regs r = cpuid(0);
	struct cpuid_signature sig;

	f->amd = r.ebx == 0x68747541 || r.ebx == 0x6f677948;	/* "Auth", "Hygo" */
	sig = cpuid_signature(cpuid(1).eax);
	f->c1e = f->amd && sig.family >= 0x0f && sig.family <= 0x11;
	f->x87_pointers_stay = f->amd && !cpuid_has(CPU_AMD_RSTR_FP_PTRS);
	f->fsgsbase = cpuid_has(CPU_FSGSBASE);
	f->xsave = cpuid_has(CPU_XSAVE);
	f->page1gb = cpuid_has(CPU_PAGE1GB);
	f->rdtscp = cpuid_has(CPU_RDTSCP);
	f->phys_bits = 36;
	if (cpuid_max(0x80000000) >= 0x80000008) {
		f->phys_bits = cpuid(0x80000008).eax & 0xff;
	}
	if (!cpuid_has(CPU_NX) || !cpuid_has(CPU_SYSCALL) || !cpuid_has(CPU_APIC)) {
		/* Too early for panic(), which asks what CPU this is. */
		boot_halt("This processor lacks NX, SYSCALL or a local APIC, or the firmware has "
			  "switched it off: Dais needs all three.");
	}
	/*
	 * Without CR4.PGE: guests' user pages carry the global bit (it is part of what they read
	 * back), and every flush and every change of domain here relies on a CR3 load to forget them.
	 */
	f->cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE;
	f->cr4 |= f->xsave ? CR4_OSXSAVE : 0;
	f->cr4 |= f->fsgsbase ? CR4_FSGSBASE : 0;
	f->cr4 |= cpuid_has(CPU_SMEP) ? CR4_SMEP : 0;
	f->cr4 |= cpuid_has(CPU_SMAP) ? CR4_SMAP : 0;
	f->cr4 |= cpuid_has(CPU_UMIP) ? CR4_UMIP : 0;
	f->xsave_size = 512;
	if (f->xsave) {
		r = cpuid_count(0xd, 0);
		f->xcr0 = (((uint64_t)r.edx << 32) | r.eax) & XCR0_GUEST;
		write_cr4(read_cr4() | CR4_OSXSAVE);
		xsetbv(0, f->xcr0);
		f->xsave_size = cpuid_count(0xd, 0).ebx;
	}
}

/*
 * Barriers against speculation, ours and guests', are LFENCE. AMD's waits for all that is before it
 * when told to; those of the two oldest kinds always do, and cannot be told.
 */
void x86_lfence_init(void)
{
	unsigned int family = cpuid_signature(cpuid(1).eax).family;
	uint64_t v = 0;

	if (!x86_features.amd) {
		return;
	}
	if (family == 0x0f || family == 0x11) {
		v = DE_CFG_LFENCE;
	} else if (rdmsr_safe(MSR_AMD_DE_CFG, &v) == 0 && !(v & DE_CFG_LFENCE) &&
		   wrmsr_safe(MSR_AMD_DE_CFG, v | DE_CFG_LFENCE) == 0) {
		(void)rdmsr_safe(MSR_AMD_DE_CFG, &v);	/* whoever runs us may have ignored it */
	}
	x86_features.lfence_waits = v & DE_CFG_LFENCE;
}

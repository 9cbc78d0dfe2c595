/* SPDX-License-Identifier: MIT */
/*
 * What the PV interface keeps for a vcpu and for a domain.
 *
 * Only the CPU a vcpu runs on touches struct pv_vcpu, or anybody while it is paused. struct pv_domain is fixed
 * after domain creation except where marked.
 */
#ifndef DAIS_PV_H
#define DAIS_PV_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/arch-x86/xen.h>

#define PV_GDT_GUEST_FRAMES 14		/* of the 16 pages of the GDT window, the first */
#define PV_LDT_FRAMES	16

struct frame;

struct pv_vcpu {
	unsigned long kernel_cr3;	/* machine address of the L4 table, 0 before set */
	unsigned long user_cr3;		/* machine address of the user L4, 0 = none */
	unsigned long kernel_sp, kernel_ss;
	unsigned long fs_base, gs_base_kernel, gs_base_user; /* while not loaded */
	uint16_t ds, es, fs, gs;	/* selectors while not loaded */
	unsigned long event_cb, failsafe_cb, syscall_cb, syscall32_cb, sysenter_cb;
	bool event_mask, failsafe_mask, syscall_mask, syscall32_mask, sysenter_mask;
	struct trap_info traps[256];	/* address 0 = no handler */
	bool nmi_masked, nmi_pending;
	uint32_t gdt_entries;
	unsigned long gdt_frames[PV_GDT_GUEST_FRAMES];	/* mfns; each holds a seg_desc type reference */
	uint32_t ldt_entries;
	unsigned long ldt_base;
	unsigned int ldt_shadowed;	/* bitmap of LDT pages fetched so far */
	unsigned long ldt_frames[PV_LDT_FRAMES];	/* their mfns; each holds a seg_desc type reference */
	unsigned long cr0_ts, cr4;	/* virtual TS, CR4 bits the guest asked for */
	unsigned long dr[4], dr6, dr7;
	uint8_t iopl;			/* virtual IOPL, 0..3 */
	unsigned long iobmp;		/* guest VA of the I/O bitmap, 0 = none */
	uint32_t iobmp_limit;
	uint64_t tsc_aux;
	void *fpu;			/* FXSAVE/XSAVE area, 64-byte aligned */
	uint32_t fpu_cpu;		/* CPU whose registers may still hold the state */
	uint64_t xcr0;
};

struct pv_domain {
	struct cpu_policy *policy;	/* what CPUID and MSRs show */
};

#endif

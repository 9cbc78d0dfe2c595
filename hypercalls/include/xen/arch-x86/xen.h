/* SPDX-License-Identifier: MIT */
/*
 * The processor side of the PV interface on x86-64: descriptor selectors, the address range that
 * belongs to the hypervisor, register and trap layouts, and what a vCPU is started from.
 *
 * A PV kernel and its programs both run in ring 3. What tells them apart is a mode flag of the
 * vCPU that the hypervisor keeps, not the privilege level.
 */
#ifndef XEN_ARCH_X86_XEN_H
#define XEN_ARCH_X86_XEN_H

#include <xen/types.h>

/*
 * Flat descriptors that every guest finds in the reserved tail of its GDT, usable before it has
 * set any GDT of its own. All have RPL 3. The kernel and user names are synonyms.
 */
#define FLAT_RING3_CS32		0xe023
#define FLAT_RING3_CS64		0xe033
#define FLAT_RING3_DS32		0xe02b
#define FLAT_RING3_DS64		0x0000
#define FLAT_RING3_SS32		0xe02b
#define FLAT_RING3_SS64		0xe02b

#define FLAT_KERNEL_CS32	FLAT_RING3_CS32
#define FLAT_KERNEL_CS64	FLAT_RING3_CS64
#define FLAT_KERNEL_CS		FLAT_RING3_CS64
#define FLAT_KERNEL_DS32	FLAT_RING3_DS32
#define FLAT_KERNEL_DS64	FLAT_RING3_DS64
#define FLAT_KERNEL_DS		FLAT_RING3_DS64
#define FLAT_KERNEL_SS32	FLAT_RING3_SS32
#define FLAT_KERNEL_SS64	FLAT_RING3_SS64
#define FLAT_KERNEL_SS		FLAT_RING3_SS64

#define FLAT_USER_CS32		FLAT_RING3_CS32
#define FLAT_USER_CS64		FLAT_RING3_CS64
#define FLAT_USER_CS		FLAT_RING3_CS64
#define FLAT_USER_DS32		FLAT_RING3_DS32
#define FLAT_USER_DS64		FLAT_RING3_DS64
#define FLAT_USER_DS		FLAT_RING3_DS64
#define FLAT_USER_SS32		FLAT_RING3_SS32
#define FLAT_USER_SS64		FLAT_RING3_SS64
#define FLAT_USER_SS		FLAT_RING3_SS64

/* GDT pages 0..13 are the guest's (set_gdt); from page 14 on the entries are the hypervisor's. */
#define FIRST_RESERVED_GDT_PAGE		14
#define FIRST_RESERVED_GDT_BYTE		(FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY	(FIRST_RESERVED_GDT_BYTE / 8)

/*
 * Top-level slots 256..271 are the hypervisor's in every address space. The first of them shows
 * guests the machine-to-phys table, read-only: 8 bytes per machine frame, ~0 where a frame has no
 * pseudo-physical number.
 */
#define __HYPERVISOR_VIRT_START		0xFFFF800000000000
#define __HYPERVISOR_VIRT_END		0xFFFF880000000000
#define __MACH2PHYS_VIRT_START		0xFFFF800000000000
#define __MACH2PHYS_VIRT_END		0xFFFF804000000000
#define HYPERVISOR_VIRT_START		__HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_END		__HYPERVISOR_VIRT_END
#define MACH2PHYS_VIRT_START		__MACH2PHYS_VIRT_START
#define MACH2PHYS_VIRT_END		__MACH2PHYS_VIRT_END
#define MACH2PHYS_NR_ENTRIES		((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)

/*
 * set_segment_base(which, base). FS and GS_KERNEL take effect at once, GS_USER at the next switch
 * to user mode. GS_USER_SEL loads a selector instead: one that cannot be loaded becomes the null
 * selector and the call still succeeds.
 */
#define SEGBASE_FS		0
#define SEGBASE_GS_USER		1
#define SEGBASE_GS_KERNEL	2
#define SEGBASE_GS_USER_SEL	3

/*
 * vcpu_guest_context.flags. The lower-case spellings are the ones in use; the two upper-case
 * ones are the older names of the same bits.
 *
 * i387_valid                the FPU state in fpu_ctxt is meaningful
 * in_kernel                 the vCPU is in guest-kernel mode
 * failsafe_disables_events  the failsafe callback is entered with event delivery masked
 * syscall_disables_events   likewise the syscall callback
 * online                    the vCPU is up (not waiting for VCPUOP_up)
 * in_syscall                iret only: RCX and R11 may be taken as destroyed, as by SYSRET
 */
#define VGCF_I387_VALID			(1 << 0)
#define VGCF_IN_KERNEL			(1 << 2)
#define _VGCF_i387_valid		0
#define VGCF_i387_valid			(1 << _VGCF_i387_valid)
#define _VGCF_in_kernel			2
#define VGCF_in_kernel			(1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events	3
#define VGCF_failsafe_disables_events	(1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events	4
#define VGCF_syscall_disables_events	(1 << _VGCF_syscall_disables_events)
#define _VGCF_online			5
#define VGCF_online			(1 << _VGCF_online)
#define _VGCF_in_syscall		8
#define VGCF_in_syscall			(1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL			VGCF_in_syscall

/* vCPUs below this number have a vcpu_info in shared_info; the others must register one. */
#define XEN_LEGACY_MAX_VCPUS	32

/* Reserved: which hardware a domain sees emulated. Only HVM has any; PV must pass 0. */
#define _XEN_X86_EMU_LAPIC	0
#define XEN_X86_EMU_LAPIC	(1U << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET	1
#define XEN_X86_EMU_HPET	(1U << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM		2
#define XEN_X86_EMU_PM		(1U << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC	3
#define XEN_X86_EMU_RTC		(1U << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC	4
#define XEN_X86_EMU_IOAPIC	(1U << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC	5
#define XEN_X86_EMU_PIC		(1U << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA	6
#define XEN_X86_EMU_VGA		(1U << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU	7
#define XEN_X86_EMU_IOMMU	(1U << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT	8
#define XEN_X86_EMU_PIT		(1U << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ	9
#define XEN_X86_EMU_USE_PIRQ	(1U << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI	10
#define XEN_X86_EMU_VPCI	(1U << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL		0x7ffU

/* xen_arch_domainconfig.misc_flags: unknown MSRs read as 0 and ignore writes instead of #GP. */
#define XEN_X86_MSR_RELAXED	(1U << 0)
#define XEN_X86_MISC_FLAGS_MAX	XEN_X86_MSR_RELAXED

/* xen_cpuid_leaf.subleaf of a leaf that has no subleaves. */
#define XEN_CPUID_NO_SUBLEAF	0xffffffffU

/*
 * A PV guest asks for the virtual CPUID by this byte sequence (ud2, "xen") before the CPUID
 * instruction: plain CPUID may run on the hardware unseen.
 */
#ifdef __ASSEMBLER__
#define XEN_EMULATE_PREFIX	.byte 0x0f,0x0b,0x78,0x65,0x6e ;
#define XEN_CPUID		XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX	".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID		XEN_EMULATE_PREFIX "cpuid"
#endif

#ifndef __ASSEMBLER__

/* vcpu_guest_context carries page-table roots in this form: address of the frame. */
#define xen_pfn_to_cr3(pfn)	((uint64_t)(pfn) << 12)
#define xen_cr3_to_pfn(cr3)	((uint64_t)(cr3) >> 12)

/*
 * One entry of the table given to set_trap_table, which ends at the first entry with address 0,
 * and of vcpu_guest_context.trap_ctxt, which is indexed by vector.
 *
 * vector   exception or interrupt vector, 0..255
 * flags    bits 0-1: least privileged mode that may raise it by INT n (3 = user);
 *          bit 2: mask event delivery on entry
 * cs       code selector; its RPL is forced to 3
 * address  handler; 0 means "no handler"
 */
struct trap_info {
	uint8_t vector;
	uint8_t flags;
	uint16_t cs;
	uint64_t address;
};

#define TI_GET_DPL(ti)		((ti)->flags & 3)
#define TI_GET_IF(ti)		((ti)->flags & 4)
#define TI_SET_DPL(ti, dpl)	((ti)->flags |= (dpl))
#define TI_SET_IF(ti, yes)	((ti)->flags |= ((!!(yes)) << 2))

/*
 * What the iret hypercall finds at the guest's stack pointer, lowest address first. RPL 3 in cs
 * returns to user mode, any other stays in the kernel. Bit 9 of rflags (IF) becomes "events
 * unmasked". flags: 0 or VGCF_in_syscall.
 */
struct iret_context {
	uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

/*
 * General registers as the tools see them. error_code and entry_vector are not part of a saved
 * context: zero on output, ignored on input. saved_upcall_mask is the event mask at that point.
 */
struct cpu_user_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi;
	uint32_t error_code;
	uint32_t entry_vector;
	uint64_t rip;
	uint16_t cs, _pad0[1];
	uint8_t saved_upcall_mask;
	uint8_t _pad1[3];
	uint64_t rflags;
	uint64_t rsp;
	uint16_t ss, _pad2[3];
	uint16_t es, _pad3[3];
	uint16_t ds, _pad4[3];
	uint16_t fs, _pad5[3];
	uint16_t gs, _pad6[3];
};

/*
 * A whole vCPU, 5168 bytes: argument of VCPUOP_initialise and of the vcpucontext domctls.
 *
 * fpu_ctxt    FXSAVE image, meaningful with VGCF_i387_valid
 * flags       VGCF_*
 * trap_ctxt   handlers by vector
 * ldt_base, ldt_ents    virtual address and number of entries
 * gdt_frames, gdt_ents  mfns and number of entries (14 frames are usable)
 * kernel_ss, kernel_sp  stack taken when user mode is interrupted
 * ctrlreg     [0] CR0; [1] user page-table root, 0 for none; [3] kernel page-table root (both
 *             in xen_pfn_to_cr3 form); [4] CR4; others unused
 * debugreg    DR0..DR3, DR6, DR7 at their own index
 * *_callback_eip        entry points, 0 for none
 * vm_assist   bits VMASST_TYPE_*
 * fs_base, gs_base_*    segment bases
 */
struct vcpu_guest_context {
	struct {
		char x[512];
	} fpu_ctxt;
	uint64_t flags;
	struct cpu_user_regs user_regs;
	struct trap_info trap_ctxt[256];
	uint64_t ldt_base, ldt_ents;
	uint64_t gdt_frames[16], gdt_ents;
	uint64_t kernel_ss, kernel_sp;
	uint64_t ctrlreg[8];
	uint64_t debugreg[8];
	uint64_t event_callback_eip;
	uint64_t failsafe_callback_eip;
	uint64_t syscall_callback_eip;
	uint64_t vm_assist;
	uint64_t fs_base;
	uint64_t gs_base_kernel;
	uint64_t gs_base_user;
};

/* Per-vCPU words written by the hypervisor: cr2 is the address of the last page fault. */
struct arch_vcpu_info {
	uint64_t cr2;
	uint64_t pad;
};

/*
 * Tail of shared_info. Everything but nmi_reason is written by the guest for the tools.
 *
 * max_pfn     one more than the highest pfn in the p2m
 * pfn_to_mfn_frame_list_list  root of the three-level p2m, or ~0 when only the linear one exists
 * nmi_reason  XEN_NMIREASON_* bits, set by the hypervisor
 * p2m_cr3     page-table root in which p2m_vaddr is valid; 0: no linear p2m
 * p2m_vaddr   address of the linear p2m
 * p2m_generation  odd while the guest changes the mapping of the p2m
 */
struct arch_shared_info {
	uint64_t max_pfn;
	xen_pfn_t pfn_to_mfn_frame_list_list;
	uint64_t nmi_reason;
	uint64_t p2m_cr3;
	uint64_t p2m_vaddr;
	uint64_t p2m_generation;
};

/* The x86 part of domain creation: XEN_X86_EMU_* (0 for PV) and XEN_X86_MSR_RELAXED. */
struct xen_arch_domainconfig {
	uint32_t emulation_flags;
	uint32_t misc_flags;
};

/* One CPUID leaf of a CPU policy: what CPUID(leaf, subleaf) returns in eax, ebx, ecx, edx. */
struct xen_cpuid_leaf {
	uint32_t leaf, subleaf;
	uint32_t a, b, c, d;
};

/* One MSR of a CPU policy. flags must be 0. */
struct xen_msr_entry {
	uint32_t idx;
	uint32_t flags;
	uint64_t val;
};

#endif
#endif

/* SPDX-License-Identifier: MIT */
/*
 * The hypercall numbers and the structures of the calls that have no header of their own: page
 * tables (mmu_update, mmuext_op, update_va_mapping), multicall, console_io, vm_assist, and the
 * virtual interrupts. Includes the start and shared pages, so that <xen/xen.h> is enough to begin
 * with.
 *
 * Calling convention: SYSCALL from guest-kernel mode, number in EAX, arguments in RDI, RSI, RDX,
 * R10, R8, R9, result in RAX (negative: -XEN_E...). RCX and R11 are destroyed, all others kept.
 */
#ifndef XEN_XEN_H
#define XEN_XEN_H

#include <xen/arch-x86/xen.h>
#include <xen/shared_info.h>
#include <xen/start_info.h>
#include <xen/types.h>

/* Hypercall numbers. Who may call what is in hypercalls.tbl. */
#define __HYPERVISOR_set_trap_table			0
#define __HYPERVISOR_mmu_update				1
#define __HYPERVISOR_set_gdt				2
#define __HYPERVISOR_stack_switch			3
#define __HYPERVISOR_set_callbacks			4
#define __HYPERVISOR_fpu_taskswitch			5
#define __HYPERVISOR_sched_op_compat			6	/* old form */
#define __HYPERVISOR_platform_op			7
#define __HYPERVISOR_set_debugreg			8
#define __HYPERVISOR_get_debugreg			9
#define __HYPERVISOR_update_descriptor			10
#define __HYPERVISOR_memory_op				12
#define __HYPERVISOR_multicall				13
#define __HYPERVISOR_update_va_mapping			14
#define __HYPERVISOR_set_timer_op			15
#define __HYPERVISOR_event_channel_op_compat		16	/* old form */
#define __HYPERVISOR_xen_version			17
#define __HYPERVISOR_console_io				18
#define __HYPERVISOR_physdev_op_compat			19	/* old form */
#define __HYPERVISOR_grant_table_op			20
#define __HYPERVISOR_vm_assist				21
#define __HYPERVISOR_update_va_mapping_otherdomain	22
#define __HYPERVISOR_iret				23
#define __HYPERVISOR_vcpu_op				24
#define __HYPERVISOR_set_segment_base			25
#define __HYPERVISOR_mmuext_op				26
#define __HYPERVISOR_xsm_op				27
#define __HYPERVISOR_nmi_op				28
#define __HYPERVISOR_sched_op				29
#define __HYPERVISOR_callback_op			30
#define __HYPERVISOR_xenoprof_op			31
#define __HYPERVISOR_event_channel_op			32
#define __HYPERVISOR_physdev_op				33
#define __HYPERVISOR_hvm_op				34
#define __HYPERVISOR_sysctl				35
#define __HYPERVISOR_domctl				36
#define __HYPERVISOR_kexec_op				37
#define __HYPERVISOR_tmem_op				38
#define __HYPERVISOR_argo_op				39
#define __HYPERVISOR_xenpmu_op				40
#define __HYPERVISOR_dm_op				41
#define __HYPERVISOR_hypfs_op				42
#define __HYPERVISOR_arch_0				48	/* mca, see arch-x86/xen-mca.h */
#define __HYPERVISOR_arch_1				49
#define __HYPERVISOR_arch_2				50
#define __HYPERVISOR_arch_3				51
#define __HYPERVISOR_arch_4				52
#define __HYPERVISOR_arch_5				53
#define __HYPERVISOR_arch_6				54
#define __HYPERVISOR_arch_7				55

/*
 * Virtual interrupts, bound to a port with EVTCHNOP_bind_virq. "v": one binding per vCPU; the
 * others are global, bound on vCPU 0 by whoever handles them (dom0 unless told otherwise).
 */
#define VIRQ_TIMER		0	/* v: a timer of this vCPU expired */
#define VIRQ_DEBUG		1	/* v: asked from our console: print your state */
#define VIRQ_CONSOLE		2	/* input is waiting (console_io read) */
#define VIRQ_DOM_EXC		3	/* some domain shut down or died */
#define VIRQ_TBUF		4	/* trace buffers are filling up */
#define VIRQ_DEBUGGER		6
#define VIRQ_XENOPROF		7	/* v */
#define VIRQ_CON_RING		8	/* new bytes in the hypervisor's console ring */
#define VIRQ_PCPU_STATE		9	/* a physical CPU came or went */
#define VIRQ_MEM_EVENT		10
#define VIRQ_ARGO		11
#define VIRQ_ENOMEM		12	/* free memory is low */
#define VIRQ_XENPMU		13	/* v */
#define VIRQ_ARCH_0		16	/* machine check, as VIRQ_MCA */
#define VIRQ_ARCH_1		17
#define VIRQ_ARCH_2		18
#define VIRQ_ARCH_3		19
#define VIRQ_ARCH_4		20
#define VIRQ_ARCH_5		21
#define VIRQ_ARCH_6		22
#define VIRQ_ARCH_7		23
#define NR_VIRQS		24

/*
 * mmu_update(req[], count, *done, domid): the low two bits of each request's ptr.
 *
 * NORMAL_PT_UPDATE       write val to the page-table entry at machine address ptr
 * MACHPHYS_UPDATE        set the machine-to-phys entry of the frame at ptr to val
 * PT_UPDATE_PRESERVE_AD  as NORMAL, but keep the entry's accessed and dirty bits, atomically
 * PT_UPDATE_NO_TRANSLATE as NORMAL; differs only for translated guests
 *
 * The low 16 bits of domid name the owner of the mapped frames; the high ones, when nonzero, one
 * more than the domain owning the tables. The call stops at the first request that fails and
 * stores how many it did in *done. Errors: -EINVAL (not a page table, bits that are not allowed),
 * -EBUSY (frame has another type), -EPERM, -ESRCH, -EFAULT.
 */
#define MMU_NORMAL_PT_UPDATE		0
#define MMU_MACHPHYS_UPDATE		1
#define MMU_PT_UPDATE_PRESERVE_AD	2
#define MMU_PT_UPDATE_NO_TRANSLATE	3

/*
 * mmuext_op(op[], count, *done, domid): commands and the arguments they use.
 *
 * PIN_Ln_TABLE     arg1.mfn: validate as a level-n table and hold it so. -EINVAL if pinned
 * UNPIN_TABLE      arg1.mfn
 * NEW_BASEPTR      arg1.mfn: kernel page-table root; flushes the TLB
 * NEW_USER_BASEPTR arg1.mfn: user page-table root, 0 for none
 * TLB_FLUSH_*      LOCAL this vCPU, MULTI the vCPUs in arg2.vcpumask, ALL of the domain
 * INVLPG_*         likewise, for the page at arg1.linear_addr
 * FLUSH_CACHE*     write back caches; only for a domain with devices
 * SET_LDT          arg1.linear_addr (page aligned), arg2.nr_ents
 * CLEAR_PAGE       arg1.mfn
 * COPY_PAGE        arg1.mfn from arg2.src_mfn
 * (UN)MARK_SUPER   -EOPNOTSUPP
 */
#define MMUEXT_PIN_L1_TABLE		0
#define MMUEXT_PIN_L2_TABLE		1
#define MMUEXT_PIN_L3_TABLE		2
#define MMUEXT_PIN_L4_TABLE		3
#define MMUEXT_UNPIN_TABLE		4
#define MMUEXT_NEW_BASEPTR		5
#define MMUEXT_TLB_FLUSH_LOCAL		6
#define MMUEXT_INVLPG_LOCAL		7
#define MMUEXT_TLB_FLUSH_MULTI		8
#define MMUEXT_INVLPG_MULTI		9
#define MMUEXT_TLB_FLUSH_ALL		10
#define MMUEXT_INVLPG_ALL		11
#define MMUEXT_FLUSH_CACHE		12
#define MMUEXT_SET_LDT			13
#define MMUEXT_NEW_USER_BASEPTR		15
#define MMUEXT_CLEAR_PAGE		16
#define MMUEXT_COPY_PAGE		17
#define MMUEXT_FLUSH_CACHE_GLOBAL	18
#define MMUEXT_MARK_SUPER		19
#define MMUEXT_UNMARK_SUPER		20

/*
 * update_va_mapping(va, pte, flags): what to flush (low two bits) and where. With MULTI, the rest
 * of flags is the address of a 64-bit vCPU bitmap; LOCAL (same value, no address) is the caller's
 * vCPU; ALL is every vCPU of the domain.
 */
#define UVMF_NONE		0
#define UVMF_TLB_FLUSH		1
#define UVMF_INVLPG		2
#define UVMF_FLUSHTYPE_MASK	3
#define UVMF_MULTI		0
#define UVMF_LOCAL		0
#define UVMF_ALL		4

/* console_io(cmd, count, buffer): write returns 0, read the number of bytes. Privileged. */
#define CONSOLEIO_write		0
#define CONSOLEIO_read		1

/*
 * vm_assist(cmd, type). 4gb_segments and pae_extended_cr3 are accepted and mean nothing on
 * x86-64; writable_pagetables allows direct writes to level-1 tables (emulated);
 * architectural_iopl shows the virtual IOPL in pushed flags, and iret takes it from them;
 * runstate_update_flag sets XEN_RUNSTATE_UPDATE around updates; m2p_strict hides the
 * machine-to-phys table from user mode.
 */
#define VMASST_CMD_enable			0
#define VMASST_CMD_disable			1
#define VMASST_TYPE_4gb_segments		0
#define VMASST_TYPE_4gb_segments_notify		1
#define VMASST_TYPE_writable_pagetables		2
#define VMASST_TYPE_pae_extended_cr3		3
#define VMASST_TYPE_architectural_iopl		4
#define VMASST_TYPE_runstate_update_flag	5
#define VMASST_TYPE_m2p_strict			32

#ifndef __ASSEMBLER__

/* One page-table update; see MMU_*. ptr is a machine address with the command in bits 0-1. */
struct mmu_update {
	uint64_t ptr;
	uint64_t val;
};

/* One extended MMU operation; see MMUEXT_*. 24 bytes. */
struct mmuext_op {
	uint32_t cmd;
	union {
		xen_pfn_t mfn;
		uint64_t linear_addr;
	} arg1;
	union {
		uint32_t nr_ents;
		uint64_t vcpumask;	/* guest ptr: const uint64_t[], one bit per vCPU */
		xen_pfn_t src_mfn;
	} arg2;
};

/* One call in a multicall list. result is written by the hypervisor; unused args are ignored. */
struct multicall_entry {
	xen_ulong_t op, result;
	xen_ulong_t args[6];
};

/* A bitmap in the caller's memory: bit i is bit i % 8 of byte i / 8. Used by the tools' calls. */
struct xenctl_bitmap {
	uint64_t bitmap;	/* guest ptr: uint8_t[(nr_bits + 7) / 8] */
	uint32_t nr_bits;
};

/* A UUID in network byte order. */
typedef struct {
	uint8_t a[16];
} xen_uuid_t;

#endif
#endif

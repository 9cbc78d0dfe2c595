/* SPDX-License-Identifier: MIT */
/*
 * Offsets that entry.S needs of C structures. asm_check.c asserts each of them against the C definition, so a
 * change on one side only does not build.
 */
#ifndef DAIS_ASM_DEFS_H
#define DAIS_ASM_DEFS_H

#define REGS_R15	0
#define REGS_R11	48
#define REGS_R10	56
#define REGS_RCX	88
#define REGS_RDX	96
#define REGS_RDI	112
#define REGS_ERROR	120
#define REGS_VECTOR	124
#define REGS_RIP	128
#define REGS_CS		136
#define REGS_RFLAGS	144
#define REGS_RSP	152
#define REGS_SS		160
#define REGS_SIZE	168

#define VCPU_HV_STACK	0
#define VCPU_REGS	8
#define VCPU_INFO	176
#define VCPU_EXIT_WORK	184
#define VCPU_KERNEL_MODE 188

/* From a pointer to the register frame of a guest. */
#define REGS_TO_HV_STACK	(VCPU_HV_STACK - VCPU_REGS)
#define REGS_TO_KERNEL_MODE	(VCPU_KERNEL_MODE - VCPU_REGS)

#define CPU_SCRATCH	0
#define CPU_REGS_END	8
#define CPU_CURRENT	16
#define CPU_SOFTIRQS	24
#define CPU_FULL_CR3	32
#define CPU_GUEST_CR3	40
#define CPU_GUEST_ROOT	48

#define GUEST_ROOT_L4		0
#define GUEST_ROOT_CR3		8
#define GUEST_ROOT_OF		16
#define GUEST_ROOT_GENERATION	24
#define GUEST_ROOT_SHIFT	5

/* Of a page table's root, by entries: what guests may see in it of its beginning, and after the hypervisor's own. */
#define ROOT_LOW	257
#define ROOT_HIGH	272
#define ROOT_ENTRIES	512

/* Selectors of the reserved descriptors, at the end of every GDT (page 14). */
#define SEL_HV_CS	0xe008
#define SEL_HV_DS	0xe010
#define SEL_GUEST_CS32	0xe023
#define SEL_GUEST_SS	0xe02b
#define SEL_GUEST_CS64	0xe033
#define SEL_TSS		0xe040
#define SEL_LDT		0xe050

#define PERCPU_BYTES	0x10000
#define PERCPU_MASK	(-PERCPU_BYTES)

#define VEC_SYSCALL	0x100
#define VEC_SYSENTER	0x101

#define HYPERCALL_IRET	23

#endif

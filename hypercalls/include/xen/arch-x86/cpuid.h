/* SPDX-License-Identifier: MIT */
/*
 * The CPUID leaves by which a guest recognises the hypervisor, from 0x40000000 on.
 *
 * +0  eax highest leaf; ebx, ecx, edx the signature "XenVMMXenVMM"
 * +1  eax version, major << 16 | minor
 * +2  hypercall pages: eax how many, ebx MSR to place one; ecx XEN_CPUID_FEAT1_*
 * +3  time: subleaf 0 eax flags (bit 0 emulated TSC), ebx mode, ecx kHz, edx incarnation;
 *     subleaf 1 offset and scale; subleaf 2 eax host kHz
 * +4  HVM only
 * +5  ebx bits 0-7: width of machine addresses in bits, PV only
 */
#ifndef XEN_ARCH_X86_CPUID_H
#define XEN_ARCH_X86_CPUID_H

#define XEN_CPUID_FIRST_LEAF	0x40000000
#define XEN_CPUID_LEAF(i)	(XEN_CPUID_FIRST_LEAF + (i))

#define XEN_CPUID_SIGNATURE_EBX	0x566e6558	/* "XenV" */
#define XEN_CPUID_SIGNATURE_ECX	0x65584d4d	/* "MMXe" */
#define XEN_CPUID_SIGNATURE_EDX	0x4d4d566e	/* "nVMM" */

/* MMU_PT_UPDATE_PRESERVE_AD works. */
#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	(1U << 0)

#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK		0xffU

#define XEN_CPUID_MAX_NUM_LEAVES	5

#endif

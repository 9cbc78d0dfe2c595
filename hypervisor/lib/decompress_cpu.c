/* SPDX-License-Identifier: MIT */
/*
 * The CPU as library code built for a Linux process expects it: vector instructions allowed,
 * and at %fs:0x28 a word to compare with, since distributions build with stack protectors.
 * Init code, boot CPU, before any guest has FPU state or an FS base.
 */
#include <stdint.h>
#include <dais/decompress.h>
#include <dais/msr.h>

#define CR0_MP		(1UL << 1)
#define CR0_EM		(1UL << 2)
#define CR0_TS		(1UL << 3)
#define CR4_OSFXSR	(1UL << 9)
#define CR4_OSXMMEXCPT	(1UL << 10)

/* %fs:0x28 is word 5. Its value only has to stay the same. */
static const uint64_t decompress_tls[8] = { [5] = 0x5a17e9c3b8d04600UL };

void decompress_cpu_begin(struct decompress_cpu *saved)
{
	__asm__ volatile("mov %%cr0, %0" : "=r"(saved->cr0));
	__asm__ volatile("mov %%cr4, %0" : "=r"(saved->cr4));
	saved->fs_base = rdmsr(MSR_FS_BASE);
	__asm__ volatile("mov %0, %%cr4"
			 : : "r"(saved->cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT) : "memory");
	__asm__ volatile("mov %0, %%cr0"
			 : : "r"((saved->cr0 | CR0_MP) & ~(CR0_EM | CR0_TS)) : "memory");
	__asm__ volatile("fninit");
	wrmsr(MSR_FS_BASE, (uint64_t)(uintptr_t)decompress_tls);
}

void decompress_cpu_end(const struct decompress_cpu *saved)
{
	wrmsr(MSR_FS_BASE, saved->fs_base);
	__asm__ volatile("mov %0, %%cr0" : : "r"(saved->cr0) : "memory");
	__asm__ volatile("mov %0, %%cr4" : : "r"(saved->cr4) : "memory");
}

/* SPDX-License-Identifier: MIT */
/*
 * The CPU as library code built for a Linux process expects it: vector instructions allowed,
 * and at %fs:0x28 a word to compare with, since distributions build with stack protectors.
 * Init code, boot CPU, before any guest has FPU state or an FS base.
 */
#include <stdint.h>
#include <dais/decompress.h>
#include <dais/msr.h>
#include <dais/x86.h>

#define CR0_EM		(1UL << 2)

/* %fs:0x28 is word 5. Its value only has to stay the same. */
static const uint64_t decompress_tls[8] = { [5] = 0x5a17e9c3b8d04600UL };

void decompress_cpu_begin(struct decompress_cpu *saved)
{
	*saved = (struct decompress_cpu){ read_cr0(), read_cr4(), rdmsr(MSR_FS_BASE) };
	write_cr4(saved->cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT);
	write_cr0((saved->cr0 | CR0_MP) & ~(CR0_EM | CR0_TS));
	__asm__ volatile("fninit");
	wrmsr(MSR_FS_BASE, (uint64_t)(uintptr_t)decompress_tls);
}

void decompress_cpu_end(const struct decompress_cpu *saved)
{
	wrmsr(MSR_FS_BASE, saved->fs_base);
	write_cr0(saved->cr0);
	write_cr4(saved->cr4);
}

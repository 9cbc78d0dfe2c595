/* SPDX-License-Identifier: MIT */
/*
 * The register frame every entry into the hypervisor saves, lowest address first. entry.S pushes it field by
 * field; asm offsets are checked in x86/asm_check.c. For a guest it is the first member of its struct vcpu.
 */
#ifndef DAIS_REGS_H
#define DAIS_REGS_H

#include <stdbool.h>
#include <stdint.h>

struct regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint32_t error_code;
	uint32_t vector;	/* exception or interrupt number; VECTOR_SYSCALL for SYSCALL */
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

#define VECTOR_SYSCALL	0x100	/* RCX and R11 hold RIP and RFLAGS: SYSRET may be used to go back */
#define VECTOR_SYSENTER	0x101

static inline bool regs_from_guest(const struct regs *r)
{
	return r->cs & 3;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Proves at compile time that asm_defs.h says the truth about the C structures. Holds no code. */
#include <stddef.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/regs.h>
#include <dais/vcpu.h>
#include "asm_defs.h"

#define CHECK(name, type, field) \
	_Static_assert((name) == offsetof(type, field), #name " differs from " #type "." #field)

/* The order in which entry.S saves and loads registers. */
#define WORD(field) (offsetof(struct regs, field) / 8)
_Static_assert(WORD(r15) == 0 && WORD(r14) == 1 && WORD(r13) == 2 && WORD(r12) == 3 &&
	       WORD(rbp) == 4 && WORD(rbx) == 5 && WORD(r11) == 6 && WORD(r10) == 7 &&
	       WORD(r9) == 8 && WORD(r8) == 9 && WORD(rax) == 10 && WORD(rcx) == 11 &&
	       WORD(rdx) == 12 && WORD(rsi) == 13 && WORD(rdi) == 14, "general registers");
CHECK(REGS_R15, struct regs, r15);
CHECK(REGS_R11, struct regs, r11);
CHECK(REGS_R10, struct regs, r10);
CHECK(REGS_RCX, struct regs, rcx);
CHECK(REGS_RDX, struct regs, rdx);
CHECK(REGS_RDI, struct regs, rdi);
CHECK(REGS_ERROR, struct regs, error_code);
CHECK(REGS_VECTOR, struct regs, vector);
CHECK(REGS_RIP, struct regs, rip);
CHECK(REGS_CS, struct regs, cs);
CHECK(REGS_RFLAGS, struct regs, rflags);
CHECK(REGS_RSP, struct regs, rsp);
CHECK(REGS_SS, struct regs, ss);
_Static_assert(REGS_SIZE == sizeof(struct regs), "REGS_SIZE");

CHECK(VCPU_HV_STACK, struct vcpu, hv_stack);
CHECK(VCPU_REGS, struct vcpu, regs);
CHECK(VCPU_INFO, struct vcpu, info);
CHECK(VCPU_EXIT_WORK, struct vcpu, exit_work);
CHECK(VCPU_KERNEL_MODE, struct vcpu, kernel_mode);
_Static_assert((VCPU_REGS + REGS_SIZE) % 16 == 0, "TSS.RSP0 must be 16-byte aligned");

CHECK(CPU_SCRATCH, struct cpu, scratch);
CHECK(CPU_REGS_END, struct cpu, regs_end);
CHECK(CPU_CURRENT, struct cpu, current);
CHECK(CPU_SOFTIRQS, struct cpu, softirqs);
CHECK(CPU_FULL_CR3, struct cpu, full_cr3);
CHECK(CPU_GUEST_CR3, struct cpu, guest_cr3);
CHECK(CPU_GUEST_ROOT, struct cpu, guest_root);
CHECK(GUEST_ROOT_L4, struct guest_root, l4);
CHECK(GUEST_ROOT_CR3, struct guest_root, cr3);
CHECK(GUEST_ROOT_OF, struct guest_root, of);
CHECK(GUEST_ROOT_GENERATION, struct guest_root, generation);
_Static_assert(1 << GUEST_ROOT_SHIFT == sizeof(struct guest_root), "GUEST_ROOT_SHIFT");
_Static_assert(ROOT_LOW == HV_SLOT_FIRST + 1 && ROOT_HIGH == HV_SLOT_LAST + 1, "the hypervisor's slots");

_Static_assert(PERCPU_BYTES == PERCPU_SIZE, "PERCPU_BYTES");
_Static_assert(VEC_SYSCALL == VECTOR_SYSCALL && VEC_SYSENTER == VECTOR_SYSENTER, "vectors");
_Static_assert(HYPERCALL_IRET == __HYPERVISOR_iret, "the iret hypercall");

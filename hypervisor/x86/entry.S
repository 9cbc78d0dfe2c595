/* SPDX-License-Identifier: MIT */
/*
 * Every way into the hypervisor and back to a guest. Saves registers in one struct regs and calls C; nothing is
 * decided here beyond "did this come from a guest" and "may SYSRET be used".
 *
 * A guest's registers are saved in its struct vcpu: TSS.RSP0 and the SYSCALL stub point at the end of vcpu->regs,
 * and once the frame is complete the stack moves to the CPU's own. An entry from ring 0 keeps its frame on the
 * stack it came from. The GS base always belongs to the guest: per-CPU data is found from the stack pointer.
 */
#include <dais/patch.h>
#include "asm_defs.h"

#define DIRECTMAP_BASE	0xffff830000000000

	.text

/* An instruction of <dais/patch.h>, of 3 or 7 bytes. */
.macro PATCHED kind, nop:vararg
777:	.byte	\nop
	.pushsection .init.patch, "a"
	.balign	4
	.long	777b - ., \kind
	.popsection
.endm

.macro ENTRY name
	.balign 16
	.globl	\name
\name:
.endm

/* The per-CPU block of this stack, in \reg. */
.macro CPU_BLOCK reg
	mov	%rsp, \reg
	and	$PERCPU_MASK, \reg
.endm

/* Push the general registers below an already pushed error code / vector word. */
.macro SAVE_GPRS
	.irp	reg, rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
	push	%\reg
	.endr
.endm

/* Load registers that follow each other in the frame at RDI, from `at` on. */
.macro LOAD at, regs:vararg
	.set	offset, \at
	.irp	reg, \regs
	mov	offset(%rdi), %\reg
	.set	offset, offset + 8
	.endr
.endm

/* Load the general registers but RDI, RCX and R11 from the frame at RDI. */
.macro LOAD_MOST_GPRS
	LOAD	REGS_R15, r15, r14, r13, r12, rbp, rbx
	LOAD	REGS_R10, r10, r9, r8, rax
	LOAD	REGS_RDX, rdx, rsi
.endm

/*
 * From a guest whose registers are saved: go on with its frame at RDI, on the CPU's own stack.
 * Values that it left in callee-saved registers must not steer speculation in C code.
 */
.macro FROM_GUEST
	mov	REGS_TO_HV_STACK(%rsp), %rsp
	PATCHED	PATCH_XPTI_ENTER, PATCH_NOP7
	.irp	reg, ebx, ebp, r12d, r13d, r14d, r15d
	xor	%\reg, %\reg
	.endr
.endm

/* SYSCALL: the stub (below) has switched to the end of vcpu->regs and pushed SS, RSP. Interrupts are off. */
.macro FROM_SYSCALL cs
	push	%r11
	push	$\cs
	push	%rcx
	push	$0
	movl	$VEC_SYSCALL, 4(%rsp)
	SAVE_GPRS
	mov	%rsp, %rdi
	FROM_GUEST
.endm

/* SYSCALL from 64-bit guest code: a hypercall of its kernel, or an OS system call of its user mode. */
ENTRY entry_syscall
	FROM_SYSCALL SEL_GUEST_CS64
	cmpl	$0, REGS_TO_KERNEL_MODE(%rdi)
	je	1f
	sti
	cmp	$HYPERCALL_IRET, %eax	/* a guest kernel's commonest: ends every trap and system call */
	je	2f
	call	pv_hypercall
	jmp	guest_exit
2:	call	pv_iret
	jmp	guest_exit
1:	sti
	call	pv_syscall_from_user
	jmp	guest_exit

/* SYSCALL from 32-bit guest code (AMD): always an OS system call. */
ENTRY entry_syscall32
	FROM_SYSCALL SEL_GUEST_CS32
	sti
	call	pv_syscall32_from_user
	jmp	guest_exit

/* SYSENTER: the stub has switched to the end of vcpu->regs. There is no return address and no RSP. */
ENTRY entry_sysenter
	push	$SEL_GUEST_SS
	push	$0
	pushf
	orl	$0x200, (%rsp)
	push	$2			/* none of the guest's flags stays: SYSENTER clears only IF */
	popf
	push	$3
	push	$0
	push	$0
	movl	$VEC_SYSENTER, 4(%rsp)
	SAVE_GPRS
	mov	%rsp, %rdi
	FROM_GUEST
	sti
	call	pv_sysenter_from_user
	jmp	guest_exit

/*
 * Back to the guest that is current on this CPU. Runs on the CPU's own stack, which it abandons.
 */
ENTRY guest_exit
	cli
	CPU_BLOCK %rax
	mov	CPU_CURRENT(%rax), %rdi
	cmpq	$0, CPU_SOFTIRQS(%rax)
	jne	.Lexit_slow
	cmpl	$0, VCPU_EXIT_WORK(%rdi)
	jne	.Lexit_slow
	mov	VCPU_INFO(%rdi), %rcx
	movzwl	(%rcx), %ecx		/* pending in the low byte, mask in the high one */
	dec	%ecx
	cmp	$0xff, %ecx		/* below: pending is not 0 and mask is 0 */
	jb	.Lexit_upcall
	add	$VCPU_REGS, %rdi
.Lexit_go:
	PATCHED	PATCH_XPTI_LEAVE, PATCH_NOP7
	PATCHED	PATCH_VERW, PATCH_NOP7
	LOAD_MOST_GPRS
	cmpl	$VEC_SYSCALL, REGS_VECTOR(%rdi)
	jne	.Lexit_iret
	/* SYSRET faults in ring 0 when RIP is not canonical (Intel): only for addresses that are. */
	mov	REGS_RIP(%rdi), %rcx
	mov	%rcx, %r11
	shl	$16, %r11
	sar	$16, %r11
	cmp	%rcx, %r11
	jne	.Lexit_iret
	cmpw	$SEL_GUEST_CS64, REGS_CS(%rdi)
	jne	.Lexit_iret
	mov	REGS_RFLAGS(%rdi), %r11
	mov	REGS_RSP(%rdi), %rsp
	mov	REGS_RDI(%rdi), %rdi
	sysretq

.Lexit_iret:
	mov	REGS_TO_HV_STACK(%rdi), %rsp
	push	REGS_SS(%rdi)
	push	REGS_RSP(%rdi)
	push	REGS_RFLAGS(%rdi)
	push	REGS_CS(%rdi)
	push	REGS_RIP(%rdi)
	mov	REGS_RCX(%rdi), %rcx
	mov	REGS_R11(%rdi), %r11
	mov	REGS_RDI(%rdi), %rdi
	.globl	guest_iret
guest_iret:				/* a fault here is the guest's: see trap_from_hypervisor() */
	iretq

	/* Nothing but an upcall is due; it masks the next one, so there is nothing more to look for. */
.Lexit_upcall:
	mov	%rdi, %rbx
	call	pv_deliver_upcall
	lea	VCPU_REGS(%rbx), %rdi
	test	%al, %al
	jnz	.Lexit_go
	jmp	guest_exit

.Lexit_slow:
	call	guest_exit_slow		/* interrupts off; may not come back here but via guest_exit */
	jmp	guest_exit

/* void guest_resume(void *stack_top): leave whatever C was doing and run the current vcpu's guest. */
ENTRY guest_resume
	mov	%rdi, %rsp
	jmp	guest_exit

/* void stack_run(void *stack_top, void (*fn)(void)): leave the current stack for good and run fn on another. */
ENTRY stack_run
	mov	%rdi, %rsp
	xor	%ebp, %ebp
	call	__x86_indirect_thunk_rsi
	ud2

/*
 * Calls through pointers (the compiler is told to make them so): the processor's prediction for
 * them, which a guest could have trained, is replaced by that for a return, which leads to a halt.
 */
.irp	reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
ENTRY __x86_indirect_thunk_\reg
	call	2f
1:	pause
	lfence
	jmp	1b
2:	mov	%\reg, (%rsp)
	ret
.endr

/* Exceptions and interrupts by IDT. The stub pushed an error code (or 0) and stored the vector above it. */
	.balign 16
entry_common:
	SAVE_GPRS
	cld
	PATCHED	PATCH_CLAC, PATCH_NOP3
	mov	%rsp, %rdi
	testb	$3, REGS_CS(%rsp)
	jz	.Lfrom_ring0
	FROM_GUEST
	call	trap_from_guest
	jmp	guest_exit

.Lfrom_ring0:
	mov	%rsp, %rbp
	sub	$8, %rsp
	PATCHED	PATCH_XPTI_RING0, PATCH_NOP7
	call	trap_from_hypervisor
	PATCHED	PATCH_XPTI_RING0_END, PATCH_NOP7
	mov	%rbp, %rdi
	LOAD_MOST_GPRS
	mov	REGS_RCX(%rdi), %rcx
	mov	REGS_R11(%rdi), %r11
	lea	REGS_RIP(%rdi), %rsp
	mov	REGS_RDI(%rdi), %rdi
	iretq

/*
 * Exceptions with a stack of their own (#DB, NMI, #DF, #MC) can arrive at any instruction. From a guest the
 * frame is copied to where the guest's registers belong and things go on as for other exceptions; from ring 0
 * it is handled on the exception's stack.
 */
	.balign 16
entry_ist:
	testb	$3, REGS_CS-REGS_ERROR(%rsp)
	jz	entry_common
	push	%rax
	push	%rcx
	CPU_BLOCK %rax
	mov	CPU_REGS_END(%rax), %rax
	.irp	off, 8, 16, 24, 32, 40, 48
	mov	64-\off(%rsp), %rcx
	mov	%rcx, -\off(%rax)
	.endr
	lea	-48(%rax), %rax
	pop	%rcx
	xchg	%rax, (%rsp)
	pop	%rsp
	jmp	entry_common

/* One 16-byte aligned stub for each vector; desc.c computes their addresses. */
ENTRY entry_stubs
	.set	vec, 0
	.rept	256
	.balign 16
	.if	!(vec == 8 || vec >= 10 && vec <= 14 || vec == 17 || vec == 21)
	push	$0		/* the processor pushes no error code */
	.endif
	movl	$vec, 4(%rsp)
	.if	vec == 1 || vec == 2 || vec == 8 || vec == 18
	jmp	entry_ist
	.else
	jmp	entry_common
	.endif
	.set	vec, vec + 1
	.endr

/*
 * The changes of CR3 between a guest and the hypervisor when XPTI is on (see xpti.c): calls of these
 * are then in the place of NOPs. All run on a stack in the CPU's block, with interrupts off.
 */

/* From a guest whose registers are saved. RDI becomes their place in the vcpu; only RCX goes besides. */
ENTRY xpti_enter
	CPU_BLOCK %rcx
	mov	CPU_CURRENT(%rcx), %rdi
	add	$VCPU_REGS, %rdi
	mov	CPU_FULL_CR3(%rcx), %rcx
	mov	%rcx, %cr3
	ret

/*
 * To the current guest, whose registers are at RDI. That becomes where they are visible from then on;
 * the other registers are lost.
 */
ENTRY xpti_leave
	CPU_BLOCK %rax
	mov	REGS_TO_KERNEL_MODE(%rdi), %edx
	shl	$GUEST_ROOT_SHIFT, %edx
	lea	CPU_GUEST_ROOT(%rax, %rdx), %rdx
	mov	%cr3, %rsi
	mov	%rsi, CPU_FULL_CR3(%rax)
	mov	xpti_generation(%rip), %r8	/* before the copy */
	cmp	GUEST_ROOT_OF(%rdx), %rsi
	jne	2f
	cmp	GUEST_ROOT_GENERATION(%rdx), %r8
	jne	2f
1:	mov	CPU_REGS_END(%rax), %rdi
	sub	$REGS_SIZE, %rdi
	mov	GUEST_ROOT_CR3(%rdx), %rdx
	mov	%rdx, CPU_GUEST_CR3(%rax)
	mov	%rdx, %cr3
	ret

2:	mov	%rsi, GUEST_ROOT_OF(%rdx)
	mov	%r8, GUEST_ROOT_GENERATION(%rdx)
	movabs	$DIRECTMAP_BASE, %rcx
	add	%rcx, %rsi
	mov	GUEST_ROOT_L4(%rdx), %rdi
	mov	$ROOT_LOW, %ecx
	rep movsq
	add	$(ROOT_HIGH - ROOT_LOW) * 8, %rsi
	add	$(ROOT_HIGH - ROOT_LOW) * 8, %rdi
	mov	$(ROOT_ENTRIES - ROOT_HIGH), %ecx
	rep movsq
	jmp	1b

/* Ring 0 was interrupted, perhaps on the guest's tables: R12 keeps these for xpti_ring0_end. RAX, RCX go. */
ENTRY xpti_ring0
	CPU_BLOCK %rax
	mov	%cr3, %r12
	cmp	CPU_GUEST_CR3(%rax), %r12
	jne	1f
	mov	CPU_FULL_CR3(%rax), %rcx
	mov	%rcx, %cr3
1:	ret

ENTRY xpti_ring0_end
	CPU_BLOCK %rax
	cmp	CPU_GUEST_CR3(%rax), %r12
	jne	1f
	mov	%r12, %cr3
1:	ret

/*
 * Where SYSCALL and SYSENTER go, 96 bytes for each CPU: save RSP, take regs_end, push SS and the
 * guest's RSP. All operands are relative to RIP, which is how a stub knows its CPU.
 */
.macro SYSCALL_STUB target
	.balign 32
	mov	%rsp, percpu_blocks + block + CPU_SCRATCH(%rip)
	mov	percpu_blocks + block + CPU_REGS_END(%rip), %rsp
	push	$SEL_GUEST_SS
	push	percpu_blocks + block + CPU_SCRATCH(%rip)
	jmp	\target
.endm

	.balign 32
ENTRY syscall_stubs
	.set	block, 0
	.rept	NR_CPUS
	SYSCALL_STUB entry_syscall
	SYSCALL_STUB entry_syscall32
	.balign 32
	mov	percpu_blocks + block + CPU_REGS_END(%rip), %rsp
	jmp	entry_sysenter
	.balign 32
	.set	block, block + PERCPU_BYTES
	.endr

	.section .rodata
	.balign	2
	.globl	verw_selector
verw_selector:
	.short	SEL_HV_DS

	.section .note.GNU-stack, "", @progbits

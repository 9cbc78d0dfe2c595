/* SPDX-License-Identifier: MIT */
/*
 * The changes of CR3 between a guest and the hypervisor when XPTI is on (see xpti.c): entry.S then has calls of
 * these in the place of NOPs. All run on a stack in the CPU's block, with interrupts off.
 */
#include <dais/patch.h>
#include "asm_defs.h"

#define DIRECTMAP_BASE	0xffff830000000000

	.text

/* The per-CPU block of this stack, in \reg. */
.macro CPU_BLOCK reg
	mov	%rsp, \reg
	and	$PERCPU_MASK, \reg
.endm

/* From a guest whose registers are saved. RDI becomes their place in the vcpu; leaves all others but RCX. */
	.balign 16
	.globl	xpti_enter
xpti_enter:
	CPU_BLOCK %rcx
	mov	CPU_CURRENT(%rcx), %rdi
	add	$VCPU_REGS, %rdi
	mov	CPU_FULL_CR3(%rcx), %rcx
	mov	%rcx, %cr3
	ret

/*
 * To the current guest, whose registers are at RDI. That becomes where they are visible from then on; the other
 * registers are lost.
 */
	.balign 16
	.globl	xpti_leave
xpti_leave:
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

/* Ring 0 was interrupted, perhaps on the guest's tables: R12 keeps the tables for xpti_ring0_end. RAX, RCX go. */
	.balign 16
	.globl	xpti_ring0
xpti_ring0:
	CPU_BLOCK %rax
	mov	%cr3, %r12
	cmp	CPU_GUEST_CR3(%rax), %r12
	jne	1f
	mov	CPU_FULL_CR3(%rax), %rcx
	mov	%rcx, %cr3
1:	ret

	.balign 16
	.globl	xpti_ring0_end
xpti_ring0_end:
	CPU_BLOCK %rax
	cmp	CPU_GUEST_CR3(%rax), %r12
	jne	1f
	mov	%r12, %cr3
1:	ret

	.section .note.GNU-stack, "", @progbits

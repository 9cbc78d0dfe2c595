/* SPDX-License-Identifier: MIT */
/*
 * What a freshly started CPU executes: real mode to 64-bit mode in one step. Runs only as a
 * copy in a page below 1 MiB; <dais/trampoline.h> says how it is used. Position independent:
 * real mode knows the page from CS, later code carries its address in EBX.
 */
#include <dais/trampoline.h>
#include "layout.h"

#define T(sym)		((sym) - trampoline_start)

	.section .trampoline, "a", @progbits
	.balign 16
	.globl trampoline_start, trampoline_end
	.code16
trampoline_start:
	cli
	cld
	jmp	trampoline_real

	/* The parameters, from TRAMPOLINE_CR3 on. */
	.org	TRAMPOLINE_ALIVE + 8, 0

trampoline_real:
	movw	%cs, %ax
	movw	%ax, %ds
	movzwl	%ax, %ebx
	shll	$4, %ebx			/* machine address of this page */
	movl	$1, TRAMPOLINE_ALIVE

	/* The descriptor table and the far jump need absolute addresses. */
	leal	T(trampoline_gdt)(%ebx), %eax
	movl	%eax, T(trampoline_gdt_base)
	leal	T(trampoline_long)(%ebx), %eax
	movl	%eax, T(trampoline_target)
	lgdtl	T(trampoline_gdt_reg)

	movl	$BOOT_CR4_PAE, %eax
	movl	%eax, %cr4
	movl	TRAMPOLINE_CR3, %eax
	movl	%eax, %cr3
	movl	$BOOT_MSR_EFER, %ecx
	rdmsr
	orl	$BOOT_EFER, %eax
	wrmsr
	/* Protection and paging together: with LME set this is long mode. */
	movl	$BOOT_CR0, %eax
	movl	%eax, %cr0
	ljmpl	*T(trampoline_target)

	.code64
trampoline_long:
	/* Data segments do not matter here, and desc_load_cpu() loads them. */
	movl	%ebx, %ebx			/* upper half cleared */
	movq	TRAMPOLINE_STACK(%rbx), %rsp
	movq	TRAMPOLINE_CPU(%rbx), %rdi
	xorl	%ebp, %ebp
	pushq	$0				/* where a return would go */
	jmpq	*TRAMPOLINE_ENTRY(%rbx)

	.balign 8
trampoline_gdt:
	.quad	0
	.quad	0x00af9b000000ffff		/* 64-bit code */
trampoline_gdt_reg:
	.short	2 * 8 - 1
trampoline_gdt_base:
	.long	0
	.balign 8
trampoline_target:
	.long	0
	.short	BOOT_CS64
trampoline_end:

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: MIT */
/*
 * First instructions of a guest. Owns boot_regs and the kernel stack. Everything the boot
 * contract says about registers is stored before anything changes it, so that a test can ask;
 * only then is the kit's own stack loaded and C entered.
 */
	.section .text.start, "ax", @progbits
	.code64
	.globl _start
_start:
	movq	%rax, boot_regs + 0x00
	movq	%rbx, boot_regs + 0x08
	movq	%rcx, boot_regs + 0x10
	movq	%rdx, boot_regs + 0x18
	movq	%rsi, boot_regs + 0x20
	movq	%rdi, boot_regs + 0x28
	movq	%rbp, boot_regs + 0x30
	movq	%rsp, boot_regs + 0x38
	movq	%r8,  boot_regs + 0x40
	movq	%r9,  boot_regs + 0x48
	movq	%r10, boot_regs + 0x50
	movq	%r11, boot_regs + 0x58
	movq	%r12, boot_regs + 0x60
	movq	%r13, boot_regs + 0x68
	movq	%r14, boot_regs + 0x70
	movq	%r15, boot_regs + 0x78
	pushfq
	popq	boot_regs + 0x80
	movw	%cs, boot_regs + 0x88
	movw	%ss, boot_regs + 0x90
	movw	%ds, boot_regs + 0x98
	movw	%es, boot_regs + 0xa0
	movw	%fs, boot_regs + 0xa8
	movw	%gs, boot_regs + 0xb0
	movq	%rsi, start_info
	movq	$kernel_stack_top, %rsp
	cld
	xorl	%ebp, %ebp
	call	guest_main
	/* A guest that returns has forgotten its verdict; guest_done says so. */
	call	guest_done
1:	jmp	1b

	.section .bss, "aw", @nobits
	.globl boot_regs, kernel_stack_top, start_info
	.balign 16
boot_regs:
	.skip	0xb8
start_info:
	.skip	8
	.balign 4096
	.skip	16384
kernel_stack_top:

/* SPDX-License-Identifier: MIT */
/*
 * Where bounce frames land. A frame arrives as rcx, r11, [error code], rip, cs|mask, rflags,
 * rsp, ss. Each stub turns it into struct trap_frame (kit/trap.h), whose upper half is exactly
 * what the iret hypercall wants, calls trap_dispatch(), and leaves by that hypercall. So the
 * way out needs no copying: the error-code slot becomes the iret flags, zero.
 */
	.text
	.code64

/* rsp -> error code; rcx, r11 hold the interrupted values; eax = vector, saved rax pushed */
	.macro FRAME_TAIL vector
	pushq	%rcx
	pushq	%r11
	pushq	%rax
	movl	$\vector, %eax
	jmp	trap_common
	.endm

	.macro STUB vector, has_error
	.balign 32
	popq	%rcx
	popq	%r11
	.if \has_error == 0
	pushq	$0
	.endif
	FRAME_TAIL \vector
	.endm

	.globl trap_stubs
	.balign 32
trap_stubs:
	.set vec, 0
	.rept 256
	.if vec == 8 || (vec >= 10 && vec <= 14) || vec == 17 || vec == 21
	STUB vec, 1
	.else
	STUB vec, 0
	.endif
	.set vec, vec + 1
	.endr

	.balign 32
	.globl trap_event, trap_failsafe, trap_syscall, trap_syscall32, trap_sysenter, trap_nmi
trap_event:
	STUB 256, 0
trap_syscall:
	STUB 258, 0
trap_syscall32:
	STUB 259, 0
trap_sysenter:
	STUB 260, 0
trap_nmi:
	STUB 261, 0
trap_failsafe:
	popq	%rcx
	popq	%r11
	popq	failsafe_segments + 0x00
	popq	failsafe_segments + 0x08
	popq	failsafe_segments + 0x10
	popq	failsafe_segments + 0x18
	pushq	$0
	FRAME_TAIL 257

trap_common:
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rax
	cld
	movq	%rsp, %rdi
	call	trap_dispatch
	.globl trap_return
trap_return:
	popq	%rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdx
	popq	%rsi
	popq	%rdi
	/* rsp -> rax, r11, rcx, flags, rip, cs, rflags, rsp, ss */
	movq	$0, 0x18(%rsp)
	movl	$23, %eax
	syscall
	ud2

/*
 * int trap_arm(void): setjmp for traps. Returns 0 now, and vector + 1 when trap_dispatch jumps
 * back through trap_jump(vector + 1).
 */
	.globl trap_arm, trap_jump
trap_arm:
	movq	%rbx, trap_context + 0x00
	movq	%rbp, trap_context + 0x08
	movq	%r12, trap_context + 0x10
	movq	%r13, trap_context + 0x18
	movq	%r14, trap_context + 0x20
	movq	%r15, trap_context + 0x28
	leaq	8(%rsp), %rax
	movq	%rax, trap_context + 0x30
	movq	(%rsp), %rax
	movq	%rax, trap_context + 0x38
	movl	$1, trap_armed
	xorl	%eax, %eax
	ret
trap_jump:
	movl	$0, trap_armed
	movl	%edi, %eax
	movq	trap_context + 0x00, %rbx
	movq	trap_context + 0x08, %rbp
	movq	trap_context + 0x10, %r12
	movq	trap_context + 0x18, %r13
	movq	trap_context + 0x20, %r14
	movq	trap_context + 0x28, %r15
	movq	trap_context + 0x30, %rsp
	jmpq	*trap_context + 0x38

/*
 * long user_switch(struct iret_request *): leave to user mode by the iret hypercall. The eight
 * words of the request are copied below the current stack; user_resume() ends the excursion and
 * makes this function return its argument.
 */
	.globl user_switch, user_resume
user_switch:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, user_return_rsp
	pushq	0x48(%rdi)		/* ss */
	pushq	0x40(%rdi)		/* rsp */
	pushq	0x38(%rdi)		/* rflags */
	pushq	0x30(%rdi)		/* cs */
	pushq	0x28(%rdi)		/* rip */
	pushq	0x20(%rdi)		/* flags */
	pushq	0x18(%rdi)		/* rcx */
	pushq	0x10(%rdi)		/* r11 */
	pushq	0x08(%rdi)		/* rax */
	movq	0x00(%rdi), %rdi	/* rdi: the argument of the user function */
	movl	$23, %eax
	syscall
	ud2
user_resume:
	movq	user_return_rsp, %rsp
	movq	%rdi, %rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* User mode: where a user function returns to. rax is the function's result. */
	.globl user_return
user_return:
	movq	%rax, %rdi
	movl	$0x7e57e417, %eax
	syscall
	ud2

/*
 * void regs_hypercall(u64 regs[16]): load all registers but rsp from regs (rax rbx rcx rdx rsi
 * rdi rbp - r8..r15), execute syscall, store them all back. regs[7] is not used.
 */
	.globl regs_hypercall
regs_hypercall:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	movq	0x00(%rdi), %rax
	movq	0x08(%rdi), %rbx
	movq	0x10(%rdi), %rcx
	movq	0x18(%rdi), %rdx
	movq	0x20(%rdi), %rsi
	movq	0x30(%rdi), %rbp
	movq	0x40(%rdi), %r8
	movq	0x48(%rdi), %r9
	movq	0x50(%rdi), %r10
	movq	0x58(%rdi), %r11
	movq	0x60(%rdi), %r12
	movq	0x68(%rdi), %r13
	movq	0x70(%rdi), %r14
	movq	0x78(%rdi), %r15
	movq	0x28(%rdi), %rdi
	.globl regs_hypercall_insn
regs_hypercall_insn:
	syscall
	xchgq	%rdi, (%rsp)
	movq	%rax, 0x00(%rdi)
	movq	%rbx, 0x08(%rdi)
	movq	%rcx, 0x10(%rdi)
	movq	%rdx, 0x18(%rdi)
	movq	%rsi, 0x20(%rdi)
	movq	%rbp, 0x30(%rdi)
	movq	%r8, 0x40(%rdi)
	movq	%r9, 0x48(%rdi)
	movq	%r10, 0x50(%rdi)
	movq	%r11, 0x58(%rdi)
	movq	%r12, 0x60(%rdi)
	movq	%r13, 0x68(%rdi)
	movq	%r14, 0x70(%rdi)
	movq	%r15, 0x78(%rdi)
	popq	%rax
	movq	%rax, 0x28(%rdi)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.section .bss, "aw", @nobits
	.globl failsafe_segments, trap_armed
	.balign 16
trap_context:
	.skip	0x40
user_return_rsp:
	.skip	8
failsafe_segments:
	.skip	0x20
trap_armed:
	.skip	4

/* SPDX-License-Identifier: MIT */
/*
 * The shortest handlers a kernel can have, so that what is counted is the hypervisor: each undoes
 * the bounce frame and leaves by the iret hypercall. In passing they are the guest's share of the
 * figures: 8 instructions for a system call, 10 for a page fault, 11 for an event.
 */
	.text

	.macro IRET_HYPERCALL
	pushq	$0
	pushq	%rcx
	pushq	%r11
	pushq	%rax
	movl	$23, %eax
	syscall
	.endm

/* rsp -> rcx, r11, rip, cs, rflags, rsp, ss */
	.globl bench_syscall_entry
bench_syscall_entry:
	popq	%rcx
	popq	%r11
	IRET_HYPERCALL

/* rsp -> rcx, r11, error, rip ...; the faulting load is three bytes long */
	.globl bench_fault_entry
bench_fault_entry:
	popq	%rcx
	popq	%r11
	addq	$8, %rsp
	addq	$3, (%rsp)
	IRET_HYPERCALL

/* acknowledge everything: one port is in use */
	.globl bench_event_entry
bench_event_entry:
	popq	%rcx
	popq	%r11
	movb	$0, bench_shared		/* upcall pending of vCPU 0 */
	movq	$0, bench_shared + 8		/* its selector */
	movq	$0, bench_shared + 0x800	/* pending bits of ports 0 to 63 */
	IRET_HYPERCALL

/* void bench_fault(unsigned long va): one load that faults */
	.globl bench_fault
bench_fault:
	movq	(%rdi), %rax
	ret

/* long bench_user_loop(long count): count system calls; result in bench_user_ticks; then ud2 */
	.globl bench_user_loop
bench_user_loop:
	movq	%rdi, %rbx
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, %r12
1:	syscall
	decq	%rbx
	jnz	1b
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	%r12, %rax
	movq	%rax, bench_user_ticks
	ud2

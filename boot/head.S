/* SPDX-License-Identifier: MIT */
/*
 * From GRUB to C. GRUB (multiboot2) enters boot_entry in 32-bit protected mode with flat
 * segments, paging and interrupts off, EAX = its magic, EBX = machine address of its tags, on
 * legacy BIOS and, having ended the firmware's boot services, on UEFI alike.
 *
 * The image may lie at any multiple of 2 MiB below 4 GiB. The 32-bit half finds out where,
 * checks that the CPU will do, fills the first page tables and turns on long mode; the 64-bit
 * half runs at the link address and calls boot_start64(magic, tags, image).
 *
 * Everything here but the header and the first instructions of an error is used once.
 */
#include "layout.h"

#define MB2_ARCH_I386		0
#define MB2_TAG_END		0
#define MB2_TAG_INFO_REQUEST	1
#define MB2_TAG_CONSOLE		4
#define MB2_TAG_FRAMEBUFFER	5
#define MB2_TAG_MODULE_ALIGN	6
#define MB2_TAG_RELOCATABLE	10
#define MB2_OPTIONAL		1

#define PTE_TABLE		0x23		/* present, writable, accessed */
#define PTE_2M			0xe3		/* the same, dirty, a 2 MiB page */

/* Offset of a symbol in the image; EBP holds the machine address of offset 0. */
#define OFF(sym)		((sym) - BOOT_IMAGE_VIRT)

	.section .boot.header, "a", @progbits
	.balign 8
mb2_header:
	.long MB2_HEADER_MAGIC
	.long MB2_ARCH_I386
	.long mb2_header_end - mb2_header
	.long -(MB2_HEADER_MAGIC + MB2_ARCH_I386 + (mb2_header_end - mb2_header))

	/* Asked for if they exist: each has a fallback or is about one firmware only. */
	.balign 8
mb2_request:
	.short MB2_TAG_INFO_REQUEST, MB2_OPTIONAL
	.long mb2_request_end - mb2_request
	.long 1, 2, 3, 4, 6, 8, 12, 14, 15, 17, 21
mb2_request_end:

	.balign 8
	.short MB2_TAG_CONSOLE, MB2_OPTIONAL
	.long 12
	.long 2					/* EGA text will do, none is required */

	.balign 8
	.short MB2_TAG_FRAMEBUFFER, MB2_OPTIONAL
	.long 20
	.long 0, 0, 0				/* width, height, depth: any */

	.balign 8
	.short MB2_TAG_MODULE_ALIGN, MB2_OPTIONAL
	.long 8

	.balign 8
	.short MB2_TAG_RELOCATABLE, MB2_OPTIONAL
	.long 24
	.long 0x200000, 0xffffffff		/* lowest and highest address for the image */
	.long 0x200000				/* alignment */
	.long 1					/* as low as possible */

	.balign 8
	.short MB2_TAG_END, 0
	.long 8
mb2_header_end:

	.section .boot.text, "ax", @progbits
	.code32
	.globl boot_entry
boot_entry:
	cli
	cld
	/*
	 * Where are we? A call tells, but needs a stack: the second word of the tags is reserved,
	 * so it can hold the one return address.
	 */
	leal	8(%ebx), %esp
	call	1f
1:	popl	%ebp
	subl	$OFF(1b), %ebp
	leal	OFF(boot_stack_top)(%ebp), %esp
	pushl	%eax				/* the magic; C code looks at it */

	leal	OFF(boot_text_misplaced)(%ebp), %esi
	testl	$0x1fffff, %ebp
	jnz	boot_die32

	/* Long mode (CPUID 0x80000001 EDX bit 29) and no-execute (bit 20) are the least we need. */
	pushl	%ebx
	leal	OFF(boot_text_no_long_mode)(%ebp), %esi
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	boot_die32
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx
	jnc	boot_die32
	leal	OFF(boot_text_no_nx)(%ebp), %esi
	btl	$20, %edx
	jnc	boot_die32
	popl	%ebx

	/*
	 * The first 4 GiB at their own addresses (for the next few instructions) and at the direct
	 * map share their lower tables; the image gets as many 2 MiB pages as it is long.
	 */
	movl	$(PTE_2M), %eax
	leal	OFF(boot_l2_low)(%ebp), %edi
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b

	leal	OFF(boot_l2_low) + PTE_TABLE(%ebp), %eax
	leal	OFF(boot_l3_low)(%ebp), %edi
	movl	$4, %ecx
1:	movl	%eax, (%edi)
	addl	$4096, %eax
	addl	$8, %edi
	loop	1b

	/* The image starts at the second 2 MiB of its slot: entry 1 of its tables. */
	leal	PTE_2M(%ebp), %eax
	leal	OFF(boot_l2_image) + 8(%ebp), %edi
	movl	$OFF(__image_end), %ecx
	addl	$0x1fffff, %ecx
	shrl	$21, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	leal	OFF(boot_l2_image) + PTE_TABLE(%ebp), %eax
	movl	%eax, OFF(boot_l3_image)(%ebp)

	leal	OFF(boot_l3_low) + PTE_TABLE(%ebp), %eax
	movl	%eax, OFF(boot_l4)(%ebp)
	movl	%eax, OFF(boot_l4) + 262 * 8(%ebp)
	leal	OFF(boot_l3_image) + PTE_TABLE(%ebp), %eax
	movl	%eax, OFF(boot_l4) + 261 * 8(%ebp)
	popl	%edi				/* the magic */

	/* Long mode: tables, then PAE, then the enable bit, then paging. */
	leal	OFF(boot_l4)(%ebp), %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$(BOOT_CR4_PAE | BOOT_CR4_PGE), %eax
	movl	%eax, %cr4
	movl	$BOOT_MSR_EFER, %ecx
	rdmsr
	orl	$BOOT_EFER, %eax
	wrmsr
	movl	$BOOT_CR0, %eax
	movl	%eax, %cr0

	leal	OFF(boot_gdt)(%ebp), %eax
	movl	%eax, OFF(boot_gdt_base)(%ebp)
	lgdt	OFF(boot_gdt_reg)(%ebp)
	leal	OFF(boot_low64)(%ebp), %eax
	pushl	$BOOT_CS64
	pushl	%eax
	lret

/* ESI: text to show on the text screen (if it is one) and on the first serial port. */
boot_die32:
	movl	$0xb8000, %edi
	movl	$0x0c000000, %ebx		/* give up on a port that never gets ready */
1:	lodsb
	testb	%al, %al
	jz	3f
	movb	%al, (%edi)
	movb	$0x4f, 1(%edi)
	addl	$2, %edi
	movb	%al, %cl
	movw	$0x3fd, %dx
2:	decl	%ebx
	js	1b
	inb	%dx, %al
	testb	$0x20, %al
	jz	2b
	movw	$0x3f8, %dx
	movb	%cl, %al
	outb	%al, %dx
	jmp	1b
3:	hlt
	jmp	3b

	.code64
/* Still at the machine address: leave for the link address. */
boot_low64:
	movabsq	$boot_high64, %rax
	jmpq	*%rax
boot_high64:
	/* Data segments do not matter here, and desc_load_cpu() loads them. */
	leaq	boot_stack_top(%rip), %rsp
	movl	%edi, %edi			/* magic, upper half cleared */
	movl	%ebx, %esi			/* tags */
	movl	%ebp, %edx			/* machine address of the image */
	xorl	%ebp, %ebp			/* ends a walk along frame pointers */
	pushq	$0				/* and one along return addresses */
	jmp	boot_start64

	.section .init.rodata, "a", @progbits
boot_text_misplaced:
	.asciz	"Dais: the boot loader put the image at an address that is not a multiple of 2 MiB. Use GRUB 2.02 or later.\r\n"
boot_text_no_long_mode:
	.asciz	"Dais: this CPU has no 64-bit mode. A 64-bit x86 machine is needed.\r\n"
boot_text_no_nx:
	.asciz	"Dais: this CPU has no no-execute pages, or the firmware has turned them off: enable NX (XD) in the firmware's settings.\r\n"

	.section .init.data, "aw", @progbits
	.balign 8
boot_gdt:
	.quad	0
	.quad	0x00af9b000000ffff		/* BOOT_CS64 */
boot_gdt_reg:
	.short	2 * 8 - 1
boot_gdt_base:
	.long	0

	.section .init.bss, "aw", @nobits
	.balign BOOT_STACK_SIZE
	.globl boot_stack, boot_stack_top
boot_stack:
	.skip	BOOT_STACK_SIZE
boot_stack_top:
	.balign 4096
boot_l4:
	.skip	4096
boot_l3_low:
	.skip	4096
boot_l3_image:
	.skip	4096
boot_l2_image:
	.skip	4096
boot_l2_low:
	.skip	4 * 4096

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: MIT */
/* A kernel of one instruction that has every Xen note: the fuzzer's start. */
#include <xen/elfnote.h>

	.macro note type, kind, value:vararg
	.long 4, 2f - 1f, \type
	.asciz "Xen"
1:	\kind \value
2:	.balign 4
	.endm

	.text
	.globl _start
_start:
	hlt
	.balign 4096
hypercall_page:
	.skip 4096

	.data
	.quad _start

	.section .note.Xen, "a", @note
	note XEN_ELFNOTE_ENTRY, .quad, _start
	note XEN_ELFNOTE_HYPERCALL_PAGE, .quad, hypercall_page
	note XEN_ELFNOTE_VIRT_BASE, .quad, 0xffffffff80000000
	note XEN_ELFNOTE_PADDR_OFFSET, .quad, 0xffffffff80000000
	note XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
	note XEN_ELFNOTE_GUEST_OS, .asciz, "linux"
	note XEN_ELFNOTE_GUEST_VERSION, .asciz, "2.6"
	note XEN_ELFNOTE_LOADER, .asciz, "generic"
	note XEN_ELFNOTE_PAE_MODE, .asciz, "yes"
	note XEN_ELFNOTE_FEATURES, .asciz, "!writable_page_tables|pae_pgdir_above_4gb"
	note XEN_ELFNOTE_HV_START_LOW, .quad, 0xffff800000000000
	note XEN_ELFNOTE_L1_MFN_VALID, .quad, 1, 1
	note XEN_ELFNOTE_SUSPEND_CANCEL, .long, 1
	note XEN_ELFNOTE_INIT_P2M, .quad, 0x8000000000
	note XEN_ELFNOTE_MOD_START_PFN, .quad, 1
	note XEN_ELFNOTE_SUPPORTED_FEATURES, .long, 0x8801

	.section .note.GNU-stack, "", @progbits

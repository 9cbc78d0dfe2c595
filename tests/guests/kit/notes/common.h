/* SPDX-License-Identifier: MIT */
/*
 * ELF notes of the PV boot contract, as assembly macros. Each file beside this one is one set of
 * notes; a guest is linked with the set its question needs (default.S unless guests.mk says
 * otherwise).
 */
#define NOTE_ENTRY 1
#define NOTE_HYPERCALL_PAGE 2
#define NOTE_VIRT_BASE 3
#define NOTE_PADDR_OFFSET 4
#define NOTE_XEN_VERSION 5
#define NOTE_GUEST_OS 6
#define NOTE_GUEST_VERSION 7
#define NOTE_LOADER 8
#define NOTE_PAE_MODE 9
#define NOTE_FEATURES 10
#define NOTE_INIT_P2M 15
#define NOTE_MOD_START_PFN 16
#define NOTE_SUPPORTED_FEATURES 17

	.macro NOTE_BEGIN type
	.balign 4
	.long	2f - 1f
	.long	4f - 3f
	.long	\type
1:	.asciz	"Xen"
2:	.balign 4
3:
	.endm

	.macro NOTE_END
4:	.balign 4
	.endm

	.macro NOTE_QUAD type, value
	NOTE_BEGIN \type
	.quad	\value
	NOTE_END
	.endm

	.macro NOTE_LONG type, value
	NOTE_BEGIN \type
	.long	\value
	NOTE_END
	.endm

	.macro NOTE_STRING type, text:vararg
	NOTE_BEGIN \type
	.asciz	\text
	NOTE_END
	.endm

/* What every set has. Feature bit 11 is dom0. */
	.macro NOTES_COMMON
	NOTE_STRING NOTE_XEN_VERSION, "xen-3.0"
	NOTE_STRING NOTE_GUEST_OS, "dais-kit"
	NOTE_STRING NOTE_GUEST_VERSION, "1"
	NOTE_STRING NOTE_LOADER, "generic"
	NOTE_STRING NOTE_PAE_MODE, "yes"
	NOTE_STRING NOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb"
	NOTE_QUAD NOTE_VIRT_BASE, 0xffffffff80000000
	NOTE_QUAD NOTE_PADDR_OFFSET, 0
	NOTE_QUAD NOTE_ENTRY, _start
	.endm

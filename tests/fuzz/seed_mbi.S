/* SPDX-License-Identifier: MIT */
/* A list of multiboot2 tags with one of every kind that boot/mbi.c reads. */

	.data
list:
	.long list_end - list, 0
	.balign 8
	.long 1, 8 + 14
	.asciz "com1 dom0_mem"
	.balign 8
	.long 2, 8 + 5
	.asciz "GRUB"
	.balign 8
	.long 3, 8 + 8 + 5, 0x200000, 0x201234
	.asciz "root"
	.balign 8
	.long 4, 16, 639, 130048
	.balign 8
	.long 6, 16 + 3 * 24, 24, 0
	.quad 0, 0x9fc00, 1
	.quad 0x9fc00, 0x400, 2
	.quad 0x100000, 0x7ee0000, 1
	.balign 8
	.long 8, 38
	.quad 0xfd000000
	.long 4096, 1024, 768
	.byte 32, 1, 0, 0, 16, 8, 8, 8, 0, 8
	.balign 8
	.long 12, 16
	.quad 0x7f5eb018
	.balign 8
	.long 14, 28
	.ascii "RSD PTR "
	.byte 0xdf
	.ascii "BOCHS "
	.byte 0
	.long 0
	.balign 8
	.long 17, 16 + 2 * 48, 48, 1
	.long 7, 0
	.quad 0x100000, 0, 0x7000, 15, 0
	.long 6, 0
	.quad 0x7100000, 0, 0x100, 0x800000000000000f, 0
	.balign 8
	.long 0, 8
list_end:

	.section .note.GNU-stack, "", @progbits

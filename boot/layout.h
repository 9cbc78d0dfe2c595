/* SPDX-License-Identifier: MIT */
/*
 * Numbers that the assembly of boot/ shares with its C code. The virtual addresses repeat
 * <dais/paging.h> and boot/dais.lds, which assembly cannot include; start.c asserts that they
 * agree.
 */
#ifndef BOOT_LAYOUT_H
#define BOOT_LAYOUT_H

#define BOOT_IMAGE_VIRT		0xffff828000200000	/* where the image is linked */
#define BOOT_DIRECT_BASE	0xffff830000000000	/* direct map of machine memory */
#define BOOT_STACK_SIZE		16384			/* also its alignment */
#define BOOT_MAPPED_BYTES	0x100000000		/* of machine memory, by boot_l2_low */

#define MB2_HEADER_MAGIC	0xe85250d6		/* ours, for the loader to find */
#define MB2_LOADER_MAGIC	0x36d76289		/* the loader's, in EAX */

#define BOOT_CS64		0x08
#define BOOT_CR0		0x80010033		/* PG WP NE ET MP PE */
#define BOOT_CR4_PAE		(1 << 5)
#define BOOT_CR4_PGE		(1 << 7)
#define BOOT_MSR_EFER		0xc0000080
#define BOOT_EFER		((1 << 8) | (1 << 11))	/* LME, NXE */

#endif /* BOOT_LAYOUT_H */

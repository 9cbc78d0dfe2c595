/* SPDX-License-Identifier: MIT */
/*
 * Inside a per-CPU block (see dais/percpu.h): offsets of its parts. Pages between stacks stay unmapped so that
 * an overflow is a double fault with a name instead of corruption.
 */
#ifndef X86_LAYOUT_H
#define X86_LAYOUT_H

#define PERCPU_STRUCT_PAGES	2		/* struct cpu */
#define PERCPU_GDT		0x2000		/* page 14 of the GDT window */
#define PERCPU_TSS		0x3000
#define PERCPU_IST_DB_TOP	0x6000		/* guard page below each stack */
#define PERCPU_IST_NMI_TOP	0x8000
#define PERCPU_IST_DF_TOP	0xa000
#define PERCPU_STACK_BOTTOM	0xb000
#define PERCPU_STACK_TOP	0xfff0		/* below the block's end, so that the mask finds this block */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How another CPU is started. The bytes [trampoline_start, trampoline_end) are copied to the
 * start of a free page below 1 MiB, the parameters below are filled in in that copy, and the
 * CPU gets INIT and SIPI with that page's number as vector. One copy serves one CPU at a time.
 *
 * The page tables named by TRAMPOLINE_CR3 must map the trampoline page at its own (low) machine
 * address, executable, besides what the C code needs. The CPU arrives in `entry` with the index
 * as its one argument, on the given stack, in 64-bit mode with interrupts off, CR4 = PAE,
 * EFER = LME|LMA|NXE, CR0 = PE|MP|ET|NE|WP|PG, flat segments from a descriptor table that lies in
 * the trampoline page: all to be replaced by the CPU's own at once.
 */
#ifndef DAIS_TRAMPOLINE_H
#define DAIS_TRAMPOLINE_H

/* Byte offsets of the parameters in the copy. All are 8 bytes, naturally aligned. */
#define TRAMPOLINE_CR3		0x08	/* machine address of an L4 table, below 4 GiB */
#define TRAMPOLINE_STACK	0x10	/* initial stack pointer, 16-byte aligned */
#define TRAMPOLINE_ENTRY	0x18	/* void (*)(uint64_t cpu), never returns */
#define TRAMPOLINE_CPU		0x20	/* handed to entry */
/*
 * Set to 1 by the CPU as soon as it runs, before it needs anything else: tells a CPU that never
 * woke up from one that got lost later.
 */
#define TRAMPOLINE_ALIVE	0x28

#ifndef __ASSEMBLER__
extern const unsigned char trampoline_start[], trampoline_end[];
#endif

#endif /* DAIS_TRAMPOLINE_H */

/* SPDX-License-Identifier: MIT */
/* What a CPU has of its own, descriptor tables above all: for who starts CPUs, switches, sets descriptors. */
#ifndef X86_DESC_H
#define X86_DESC_H

#include <dais/compiler.h>
#include <dais/percpu.h>
#include "layout.h"

struct tss {
	uint32_t rsvd0;
	uint64_t rsp[3];
	uint64_t rsvd1;
	uint64_t ist[7];
	uint64_t rsvd2;
	uint16_t rsvd3, iomap;
} __packed;

struct table_reg {		/* what LGDT and LIDT load */
	uint16_t limit;
	uint64_t base;
} __packed;

static inline struct tss *cpu_tss(struct cpu *c)
{
	return (struct tss *)((char *)c + PERCPU_TSS);
}

void desc_init_idt(void);			/* once, before any desc_load */
void percpu_setup(unsigned int cpu);		/* make the block of a CPU that does not run yet */
void *percpu_stack_top(unsigned int cpu);	/* where its main stack starts */
void desc_load_cpu(void);			/* load GDTR, IDTR, TR and the SYSCALL MSRs */

/* This CPU's window: page i of it shows mfn (0: an all-null page in the GDT, nothing in the LDT). No flush. */
void desc_window_set(unsigned int page, uint64_t mfn);
void desc_load_ldt(unsigned int entries);	/* 0: no LDT; else LDTR covers that many in the window */

#endif

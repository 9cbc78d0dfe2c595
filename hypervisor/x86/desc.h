/* SPDX-License-Identifier: MIT */
/* Descriptor tables of a CPU: what percpu.c, context switch and the PV descriptor code share. */
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

static inline struct tss *cpu_tss(struct cpu *c)
{
	return (struct tss *)((char *)c + PERCPU_TSS);
}

void desc_init_idt(void);			/* once, before any desc_load */
void desc_setup_cpu(unsigned int cpu);		/* fill GDT page, TSS and SYSCALL stubs of a CPU */
void desc_load_cpu(void);			/* load GDTR, IDTR, TR and the SYSCALL MSRs */

/* This CPU's window: page i of it shows mfn (0: an all-null page in the GDT, nothing in the LDT). No flush. */
void desc_window_set(unsigned int page, uint64_t mfn);
void desc_load_ldt(unsigned int entries);	/* 0: no LDT; else LDTR covers that many in the window */

#endif

/* SPDX-License-Identifier: MIT */
/* Making a per-CPU block; the block itself is described in dais/percpu.h. */
#ifndef X86_PERCPU_INIT_H
#define X86_PERCPU_INIT_H

void percpu_setup(unsigned int cpu);		/* map and fill the block of a CPU that does not run yet */
void *percpu_stack_top(unsigned int cpu);	/* where its main stack starts */

#endif

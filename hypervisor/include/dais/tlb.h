/* SPDX-License-Identifier: MIT */
/*
 * TLB flushes: of this CPU, of all CPUs that run a domain, and the flush clock that tells whether one is needed.
 *
 * The clock and tlb_flush_stale() are described in pt_env.h.
 */
#ifndef DAIS_TLB_H
#define DAIS_TLB_H

#include <dais/cpumask.h>
#include <dais/pt_env.h>
#include <dais/types.h>

void tlb_flush_local(void);			/* everything that is not global */
void tlb_flush_mask(const cpumask_t *mask);	/* waits until done; interrupts on */
void tlb_invlpg_mask(const cpumask_t *mask, unsigned long va);

void tlb_load_cr3(uint64_t cr3);

#endif

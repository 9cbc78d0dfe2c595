/* SPDX-License-Identifier: MIT */
/*
 * Page tables on which guests cannot see, and so not guess by speculation (Meltdown), what is the hypervisor's.
 * Off where processors do not need it: then nothing here is called.
 */
#ifndef DAIS_XPTI_H
#define DAIS_XPTI_H

#include <dais/types.h>

struct regs;
struct vcpu;

void xpti_init(void);		/* boot: makes every CPU's root; from then on context_set_current() uses it */

/* v's registers where this CPU shows them to its entry code, v not being idle. Interrupts off. */
struct regs *xpti_show_regs(struct vcpu *v);

/* v, which is current, faulted at cr2 only because its root has changed since it was entered. Interrupts off. */
bool xpti_root_is_old(const struct vcpu *v, unsigned long cr2);

extern uint64_t xpti_generation;	/* grows when an entry of any root changes; see pt_env_root_changed() */

#endif

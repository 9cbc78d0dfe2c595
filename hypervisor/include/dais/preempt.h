/* SPDX-License-Identifier: MIT */
/*
 * Preemption of long operations. A room that loops over something a guest can size asks preempt_check() every
 * few hundred operations, and returns -ERESTART with its progress saved when told to; the door then calls
 * hypercall_continue() to have the guest repeat the hypercall with the arguments given.
 */
#ifndef DAIS_PREEMPT_H
#define DAIS_PREEMPT_H

#include <stdbool.h>

#define ERESTART 85	/* never reaches a guest */

/* True when other work (a softirq, a pending upcall for this vcpu) should run before going on. */
bool preempt_check(void);

/*
 * Arrange for hypercall `nr` to be issued again by the current vcpu with the first `nargs` arguments replaced.
 * Returns the value that the door must return. Inside a multicall only that entry is repeated.
 */
long hypercall_continue(unsigned int nr, unsigned int nargs, ...);

#endif

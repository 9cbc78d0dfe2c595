/* SPDX-License-Identifier: MIT */
/* Issuing a hypercall on behalf of the current vcpu; what a multicall in progress keeps. */
#ifndef DAIS_HYPERCALL_H
#define DAIS_HYPERCALL_H

#include <stdbool.h>

/*
 * Inside struct vcpu. While active, hypercall_continue() leaves the call to repeat here, and in
 * the entry.
 */
struct multicall_state {
	bool active, again;
	unsigned long op;
	unsigned long *args;	/* of the entry that is being done: six */
};

/* Number, privilege and door, as for a hypercall from the guest. -ENOSYS, -EPERM, or the door's result. */
long hypercall_call(unsigned long nr, const unsigned long args[6]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls that are a family of commands with one argument structure each (event_channel_op,
 * sched_op, physdev_op ...): a const table indexed by command, and one dispatcher that copies the
 * argument in once, calls, and copies it out once. The functions see only their own structure in
 * hypervisor memory, so a guest that changes it meanwhile changes nothing.
 *
 * No locks, no state. Runs on the calling vcpu's CPU with interrupts on.
 */
#ifndef HYPERCALLS_SUBOP_H
#define HYPERCALLS_SUBOP_H

#include <stddef.h>
#include <stdint.h>

#define SUBOP_IN	(1U << 0)	/* copy the argument in before the call */
#define SUBOP_OUT	(1U << 1)	/* copy it out when the result is >= 0 or -ERESTART */
#define SUBOP_INOUT	(SUBOP_IN | SUBOP_OUT)
#define SUBOP_OUT_ERR	(1U << 2)	/* with OUT: also when the call failed */
#define SUBOP_PRIV	(1U << 3)	/* -EPERM unless the caller is privileged */

/* Largest argument; it lies on the stack while the call runs. */
#define SUBOP_ARG_MAX	192

/* One command. fn gets the argument (zeroed when not IN; NULL when size is 0). */
struct subop {
	uint16_t size;
	uint16_t flags;
	long (*fn)(void *arg);
};

/* A table row: [EVTCHNOP_send] = SUBOP(struct evtchn_send, SUBOP_IN, evtchn_op_send), */
#define SUBOP(type, how, func)							\
	{									\
		.size = sizeof(type) + 0 * sizeof(char[sizeof(type) <= SUBOP_ARG_MAX ? 1 : -1]), \
		.flags = (how), .fn = (func),					\
	}

/* A row for a command that ignores its argument. */
#define SUBOP_NOARG(how, func)	{ .size = 0, .flags = (how), .fn = (func) }

/*
 * Run command cmd with the argument at guest address arg_va. -ENOSYS when the table has no such
 * row, -EPERM, -EFAULT when the argument cannot be read, or written where it will be: all before
 * the call. A call that returns -ERESTART is for the door to continue.
 */
long subop_dispatch(const struct subop *table, size_t rows, unsigned int cmd, unsigned long arg_va);

#endif

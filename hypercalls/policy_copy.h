/* SPDX-License-Identifier: MIT */
/* CPU policies on their way to tools, for domctl and sysctl. */
#ifndef HYPERCALLS_POLICY_COPY_H
#define HYPERCALLS_POLICY_COPY_H

#include <stdint.h>

struct cpu_policy;

/*
 * Write p as lists at the guest addresses. nr_*: room in, entries out; with a list at 0 the most there
 * can be is reported. -ENOBUFS: no room, -EFAULT.
 */
int policy_copy_out(const struct cpu_policy *p, unsigned long leaves, uint32_t *nr_leaves,
		    unsigned long msrs, uint32_t *nr_msrs);

#endif

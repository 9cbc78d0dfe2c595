/* SPDX-License-Identifier: MIT */
/*
 * Host stand-in for <dais/barrier.h>: a CPU that waits gives way, since the one it waits for may be
 * a thread that does not run.
 */
#ifndef TESTS_FAKE_BARRIER_H
#define TESTS_FAKE_BARRIER_H

#include <sched.h>
#include_next <dais/barrier.h>

#undef cpu_relax
#define cpu_relax()	((void)sched_yield())

#endif

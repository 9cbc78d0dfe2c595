/* SPDX-License-Identifier: MIT */
/*
 * Time, clock events and event-check interrupts of the pretended machine: what timers and the scheduler need.
 */
#ifndef TESTS_FAKE_TIME_H
#define TESTS_FAKE_TIME_H

#include <stdint.h>
#include "fake.h"

extern uint64_t fake_now;			/* system time, ns */
extern uint64_t fake_event[FAKE_CPUS];		/* what each CPU's clock event is set to */
extern unsigned long fake_event_sets;		/* times it was programmed */
extern unsigned long fake_ipis[FAKE_CPUS];	/* event checks sent to each CPU */

void fake_time_reset(void);

#endif

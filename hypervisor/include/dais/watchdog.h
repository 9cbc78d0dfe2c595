/* SPDX-License-Identifier: MIT */
/*
 * Watchdogs of a domain: it asks to be ended unless it says in time that it is alive.
 * d->watchdog[] is guarded by d->lock; a timer is initialised when first used.
 */
#ifndef DAIS_WATCHDOG_H
#define DAIS_WATCHDOG_H

#include <stdint.h>

struct domain;

/*
 * id 0: start one that ends d in so many seconds; returns its id, from 1 on. Else restart, or with
 * 0 seconds stop, that one; returns 0. -EINVAL: no such one is running, or nothing was asked for;
 * -EEXIST: all are in use.
 */
int watchdog_set(struct domain *d, uint32_t id, uint32_t seconds);
void watchdog_destroy(struct domain *d);	/* d is dying; callable again */

#endif

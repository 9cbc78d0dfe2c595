/* SPDX-License-Identifier: MIT */
/*
 * A domU that must not notice what others do: it sleeps until fixed moments and notes in its console
 * page how late it woke. For guests that play warden as dom0 and make domUs from their own image,
 * told apart by their command lines. One neighbour; no lock.
 */
#ifndef KIT_NEIGHBOUR_H
#define KIT_NEIGHBOUR_H

#include "base.h"

struct domain;

#define MS 1000000UL

/* The number after `name` in the own command line, or `otherwise`. */
u64 neighbour_option(const char *name, u64 otherwise);

/* The own command line begins so. */
bool neighbour_told(const char *word);

void neighbour_sleep_until(u64 when);

/* The console page of this domU. */
void *neighbour_console(void);

/* The neighbour itself; never ends. */
void neighbour_beat(void) NORETURN;

/* For the warden: a domain of the module, with that command line, paused. */
void neighbour_make(struct domain *d, const char *cmdline);

/* Make the neighbour and let it run ("beat" is what it is told); end it. */
void neighbour_start(void);
void neighbour_stop(void);

/* How often it woke, and the worst lateness in ns since the last neighbour_forget(). */
u64 neighbour_beats(void);
u64 neighbour_worst(void);
void neighbour_forget(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The CMOS ports 0x70 and 0x71 are an index and its data: whoever uses the pair holds cmos_lock
 * meanwhile, with interrupts on. Every user writes the index first.
 */
#ifndef DAIS_CMOS_H
#define DAIS_CMOS_H

#include <dais/spinlock.h>

extern spinlock_t cmos_lock;

#endif

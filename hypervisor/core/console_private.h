/* SPDX-License-Identifier: MIT */
/*
 * Shared by console.c and printk.c only.
 */
#ifndef DAIS_CORE_CONSOLE_PRIVATE_H
#define DAIS_CORE_CONSOLE_PRIVATE_H

#include <dais/types.h>

/* console_lock, but after console_start_sync() only interrupts are kept off. */
unsigned long console_output_lock(void);
void console_output_unlock(unsigned long flags);

/*
 * To the ring and all drivers: a message of the hypervisor, each line with the prefix, and not in
 * the middle of somebody's line. console_lock held.
 */
void console_message(const char *s);

#endif /* DAIS_CORE_CONSOLE_PRIVATE_H */

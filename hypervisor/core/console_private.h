/* SPDX-License-Identifier: MIT */
/*
 * Shared by console.c, conring.c and printk.c only.
 */
#ifndef DAIS_CORE_CONSOLE_PRIVATE_H
#define DAIS_CORE_CONSOLE_PRIVATE_H

#include <dais/spinlock.h>
#include <dais/types.h>

struct console_driver;

extern spinlock_t console_lock;

/* Lock for output: after console_start_sync() it is broken rather than waited for. */
unsigned long console_output_lock(bool *locked);
void console_output_unlock(bool locked, unsigned long flags);

/*
 * To the ring and all drivers: a message of the hypervisor, each line with the prefix, and not in the
 * middle of somebody's line. console_lock held.
 */
void console_message(const char *s);

void conring_write(const char *s, size_t n);
void conring_replay(struct console_driver *drv);	/* what was said before there was anybody to hear it */
uint32_t conring_head(void);
void conring_grow(void);

#endif /* DAIS_CORE_CONSOLE_PRIVATE_H */

/* SPDX-License-Identifier: MIT */
/*
 * Shared by console.c, conring.c and printk.c only.
 */
#ifndef DAIS_CORE_CONSOLE_PRIVATE_H
#define DAIS_CORE_CONSOLE_PRIVATE_H

#include <dais/spinlock.h>
#include <dais/types.h>

extern spinlock_t console_lock;

/* Lock for output: after console_start_sync() it is broken rather than waited for. */
unsigned long console_output_lock(bool *locked);
void console_output_unlock(bool locked, unsigned long flags);

/* To the ring and all drivers; console_lock held. */
void console_emit(const char *s, size_t n);
/* Like that, but a hypervisor message begins: not in the middle of somebody's line. */
void console_begin_line(void);
bool console_at_line_start(void);
void console_work_raise(void);		/* there is new text in the ring */

void conring_write(const char *s, size_t n);
size_t conring_peek(uint32_t *pos, const char **s);
uint32_t conring_start(void);
uint32_t conring_head(void);
void conring_grow(void);

#endif /* DAIS_CORE_CONSOLE_PRIVATE_H */

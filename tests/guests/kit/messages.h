/* SPDX-License-Identifier: MIT */
/*
 * What the hypervisor has said: its ring of messages, as dom0 reads it. Works only in the
 * hardware domain, and with 16 KB at a time.
 */
#ifndef KIT_MESSAGES_H
#define KIT_MESSAGES_H

#include "base.h"

/* Everything said so far is old. */
void messages_forget(void);

/* Was this said since then? */
bool messages_have(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What was said right after these words, the rest of the line and more; NULL: they were not. */
const char *messages_after(const char *words);

/* Press debug keys; 0 or -errno. What each says is there when this returns. */
long messages_press(const char *keys);

#endif

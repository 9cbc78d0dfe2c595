/* SPDX-License-Identifier: MIT */
/*
 * Putting a guest to sleep by its own doing, which is when its state can be taken away, and waking
 * it where it is.
 */
#ifndef DOMAIN_SUSPEND_H
#define DOMAIN_SUSPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"

/*
 * Asks the guest's kernel to suspend and waits until it has. One that has suspended already is
 * fine: whoever asked it to has died. On failure it runs on, and the request is withdrawn.
 * `stopped` is asked now and then whether to give up (-EINTR).
 */
int suspend_ask(struct toolstack *t, uint32_t domid, bool (*stopped)(void), struct failure *f);

/* The guest goes on in the same domain, told that nothing came of it. */
int suspend_cancel(struct toolstack *t, uint32_t domid, bool leave_paused, struct failure *f);

/* Has it shut down for this reason, and is it still there? */
bool suspend_done(struct toolstack *t, uint32_t domid);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The store's state as records of the journal: each change as it happens, the whole state when
 * the journal is written anew, and the way back after a restart.
 *
 * Journalled are the tree, the quotas, the introduced domains and, for their rings, watches, open
 * transactions, input taken and output not known to have left. Sockets are not: they end with the
 * process, and their programs connect again.
 *
 * All state_add_*() are no-ops without a journal.
 */
#ifndef STORED_STATE_H
#define STORED_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "stored/stored.h"

struct change;

void state_add_change(struct stored *st, const struct change *c);
void state_add_special(struct stored *st, enum special which);
void state_add_quota(struct stored *st, enum quota_id id);
/* The domain and a fresh connection to it: everything said of it before is void. */
void state_add_domain(struct stored *st, const struct domain *d);
void state_add_target(struct stored *st, const struct domain *d);
void state_add_release(struct stored *st, uint32_t domid);
void state_add_watch(struct stored *st, const struct watch *w);
void state_add_unwatch(struct stored *st, const struct watch *w);
/* RESET_WATCHES: no watch and no transaction left. */
void state_add_unwatch_all(struct stored *st, const struct conn *c);
void state_add_transaction(struct stored *st, const struct conn *c, uint32_t id);
void state_add_transaction_change(struct stored *st, const struct conn *c, uint32_t id,
				  const struct change *change);
void state_add_transaction_end(struct stored *st, const struct conn *c, uint32_t id);
void state_add_output(struct stored *st, const struct conn *c, const void *bytes, size_t len);
/* Input up to c->req_cons is taken: a part of a message, or (len 0) all of it, done with. */
void state_add_input(struct stored *st, const struct conn *c, const void *bytes, size_t len);

/*
 * Opens the journal at `path` and replays it into the fresh store. Returns 1 when there was a
 * state to resume, 0 when the journal is new, -errno when it cannot be used (-EBADMSG: damaged).
 */
int state_open(struct stored *st, const char *path);
/* Writes the journal anew when it has grown far beyond the state it describes. */
void state_rewrite_if_due(struct stored *st);
/* Writes it anew now. 0 or -errno; on failure the old one stays in use. */
int state_rewrite(struct stored *st);

#endif

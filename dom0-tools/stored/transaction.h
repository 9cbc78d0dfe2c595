/* SPDX-License-Identifier: MIT */
/*
 * Transactions: a snapshot of the tree to work on, the set of what was looked at, and the list of
 * changes. Commit succeeds when nothing looked at has changed since; then the changes are made to
 * the live tree as it is at that moment, all or none. Transactions that touch different nodes
 * never disturb each other, not even in the same directory.
 */
#ifndef STORED_TRANSACTION_H
#define STORED_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "stored/view.h"

struct stored;
struct conn;

/*
 * base      the snapshot
 * charged   bytes of view.held charged to the client so far
 * restored  on another snapshot than it began with (after a restart, or because it grew old):
 *           what it looked at before may differ, so commit answers EAGAIN and the client repeats it
 * began     value of the store's clock
 */
struct transaction {
	TAILQ_ENTRY(transaction) link;
	uint32_t id;
	struct node *base;
	struct view view;
	struct deps deps;
	size_t charged;
	size_t journaled; /* changes that have been journalled */
	bool restored;
	uint32_t began;
};

/* Seconds after which an unprivileged client's snapshot is no longer kept for it. */
#define TRANSACTION_AGE 60

/* A new transaction; *id is its number, never 0. -ENOSPC beyond the quota. */
int transaction_start(struct stored *st, struct conn *c, uint32_t *id);
struct transaction *transaction_find(struct conn *c, uint32_t id);
/* After each operation: charges the client for what the transaction has come to hold. */
void transaction_account(struct stored *st, struct conn *c, struct transaction *t);
/* Ends it. With commit: 0, -EAGAIN (a conflict) or -ENOSPC. */
int transaction_end(struct stored *st, struct conn *c, struct transaction *t, bool commit);
void transaction_drop_all(struct stored *st, struct conn *c);

/* Moves transactions older than TRANSACTION_AGE to the present. */
void transaction_refresh_old(struct stored *st);

/* For the journal's replay: opens the transaction with that number. */
struct transaction *transaction_restore(struct stored *st, struct conn *c, uint32_t id);

#endif

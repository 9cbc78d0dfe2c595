/* SPDX-License-Identifier: MIT */
/*
 * Transactions: see transaction.h. They belong to connections; single-threaded, no lock.
 */
#include "stored/transaction.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/xalloc.h"
#include "stored/state.h"
#include "stored/stored.h"

#define TRANSACTION_BYTES (sizeof(struct transaction) + 512)

static struct transaction *transaction_open(struct stored *st, struct conn *c, uint32_t id)
{
	struct transaction *t = xcalloc(1, sizeof(*t));

	t->id = id;
	t->began = st->clock;
	t->base = node_get(st->root);
	t->view = (struct view){
		.root = node_get(st->root),
		.generation = &st->generation,
		.quota = &st->quota,
		.usage = &st->usage,
		.deps = &t->deps,
		.held = TRANSACTION_BYTES,
	};
	TAILQ_INSERT_TAIL(&c->transactions, t, link);
	c->transaction_count++;
	c->last_transaction = id;
	transaction_account(st, c, t);
	return t;
}

struct transaction *transaction_find(struct conn *c, uint32_t id)
{
	struct transaction *t;

	TAILQ_FOREACH(t, &c->transactions, link)
	{
		if (t->id == id) {
			break;
		}
	}
	return t;
}

int transaction_start(struct stored *st, struct conn *c, uint32_t *id)
{
	uint32_t next = c->last_transaction;

	if (!c->cred.privileged && c->transaction_count >= st->quota.limit[QUOTA_TRANSACTIONS]) {
		return -ENOSPC;
	}
	do {
		next++;
	} while (!next || transaction_find(c, next));
	transaction_open(st, c, next);
	if (c->journaled) {
		state_add_transaction(st, c, next);
	}
	*id = next;
	return 0;
}

struct transaction *transaction_restore(struct stored *st, struct conn *c, uint32_t id)
{
	struct transaction *t = transaction_open(st, c, id);

	t->restored = true;
	return t;
}

void transaction_account(struct stored *st, struct conn *c, struct transaction *t)
{
	int64_t grown = (int64_t)t->view.held - (int64_t)t->charged;

	t->charged = t->view.held;
	usage_add(&st->usage, (uint16_t)c->cred.domid, 0, grown);
	for (; c->journaled && t->journaled < t->view.change_count; t->journaled++) {
		state_add_transaction_change(st, c, t->id, &t->view.changes[t->journaled]);
	}
}

static void transaction_free(struct stored *st, struct conn *c, struct transaction *t)
{
	usage_add(&st->usage, (uint16_t)c->cred.domid, 0, -(int64_t)t->charged);
	TAILQ_REMOVE(&c->transactions, t, link);
	c->transaction_count--;
	deps_release(&t->deps);
	view_release(&t->view);
	node_put(t->base);
	free(t);
}

/* Do the owners' totals still fit, now that others may have added to them? */
static int deltas_fit(const struct stored *st, const struct conn *c, const struct view *v)
{
	const struct usage_delta *d;
	const struct usage *u;
	size_t i;

	for (i = 0; !c->cred.privileged && i < v->deltas.count; i++) {
		d = &v->deltas.list[i];
		u = usage_of(&st->usage, d->domid);
		if (d->nodes > 0 && u->nodes + d->nodes > st->quota.limit[QUOTA_NODES]) {
			return -ENOSPC;
		}
		if (d->memory > 0 && u->memory + d->memory > st->quota.limit[QUOTA_MEMORY]) {
			return -ENOSPC;
		}
	}
	return 0;
}

/* The changes of a transaction made again, on a copy of the tree as it is now. */
static int view_rebase(struct view *v, const struct view *from)
{
	const struct change *c;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < from->change_count; i++) {
		c = &from->changes[i];
		rc = c->kind == CHANGE_PUT ? view_force_put(v, c->path, c->perms, c->value)
					   : view_force_remove(v, c->path);
		if (!rc) {
			v->changes[v->change_count - 1].implied = c->implied;
		}
	}
	return rc ? -EAGAIN : 0;
}

static int transaction_commit(struct stored *st, struct conn *c, struct transaction *t)
{
	struct view v;
	int rc;

	if (t->restored || !deps_hold(&t->deps, t->base, st->root)) {
		return -EAGAIN;
	}
	if (!t->view.change_count) {
		return 0;
	}
	if (t->base == st->root) {
		/* Nobody wrote anything: the transaction's tree is the next version. */
		rc = deltas_fit(st, c, &t->view);
		if (!rc) {
			node_put(st->root);
			stored_settle(st, &t->view);
		}
		return rc;
	}
	v = stored_view(st);
	st->root = node_get(v.root);
	rc = view_rebase(&v, &t->view);
	if (!rc) {
		rc = deltas_fit(st, c, &v);
	}
	if (rc) {
		view_release(&v);
		return rc;
	}
	node_put(st->root);
	stored_settle(st, &v);
	return 0;
}

/*
 * A snapshot keeps every node alive that was replaced since. A client that opens transactions and
 * never ends them would make the store hold many versions of everybody's nodes.
 */
static void transaction_refresh(struct stored *st, struct transaction *t)
{
	struct view fresh = t->view;

	fresh.root = node_get(st->root);
	fresh.changes = NULL;
	fresh.change_count = fresh.change_room = 0;
	fresh.deltas = (struct usage_deltas){ 0 };
	/* As far as they still apply. It is what the client sees until it tries to commit. */
	view_rebase(&fresh, &t->view);
	fresh.held = t->view.held;
	view_release(&t->view);
	node_put(t->base);
	t->view = fresh;
	t->base = node_get(st->root);
	t->journaled = fresh.change_count;
	t->restored = true;
	t->began = st->clock;
}

void transaction_refresh_old(struct stored *st)
{
	struct transaction *t;
	struct conn *c;

	TAILQ_FOREACH(c, &st->conns, link)
	{
		if (c->cred.privileged) {
			continue;
		}
		TAILQ_FOREACH(t, &c->transactions, link)
		{
			if (st->clock - t->began > TRANSACTION_AGE) {
				transaction_refresh(st, t);
			}
		}
	}
}

int transaction_end(struct stored *st, struct conn *c, struct transaction *t, bool commit)
{
	int rc = commit ? transaction_commit(st, c, t) : 0;

	if (c->journaled) {
		state_add_transaction_end(st, c, t->id);
	}
	transaction_free(st, c, t);
	return rc;
}

void transaction_drop_all(struct stored *st, struct conn *c)
{
	while (!TAILQ_EMPTY(&c->transactions)) {
		transaction_free(st, c, TAILQ_FIRST(&c->transactions));
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Writing the journal's records: see state.h; state_load.c reads them. The layouts are in
 * record.h. Single-threaded, no lock.
 */
#include "stored/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "stored/domain.h"
#include "stored/record.h"
#include "stored/transaction.h"

#define REWRITE_FLOOR  (4u << 20) /* bytes; a smaller journal is left alone */
#define REWRITE_GROWTH 4          /* times the size it had when new */
#define REWRITE_RETRY  10000      /* publishes to let pass after a failure */

#define PART(x) \
	{ \
		&(x), sizeof(x) \
	}

static void add_node(struct journal *j, uint32_t type, uint32_t conn, uint32_t transaction,
		     const char *path, const struct perms *perms, const struct blob *value)
{
	struct record_node r = {
		.conn = conn,
		.transaction = transaction,
		.path_len = (uint32_t)strlen(path),
		.perm_count = perms ? perms->count : 0,
		.value_len = blob_len(value),
	};
	const struct journal_part parts[] = {
		PART(r),
		{ perms ? perms->list : NULL, r.perm_count * sizeof(struct perm) },
		{ path, r.path_len },
		{ value ? value->bytes : NULL, r.value_len },
	};

	journal_add(j, type, parts, 4);
}

void state_add_change(struct stored *st, const struct change *c)
{
	add_node(st->journal, c->kind == CHANGE_PUT ? RECORD_PUT : RECORD_REMOVE, 0, 0, c->path,
		 c->perms, c->value);
}

void state_add_special(struct stored *st, enum special which)
{
	const struct perms *p = st->special[which];

	add_node(st->journal, RECORD_SPECIAL, 0, 0, special_names[which], p, NULL);
}

void state_add_quota(struct stored *st, enum quota_id id)
{
	struct record_pair r = { id, st->quota.limit[id] };
	const struct journal_part part = PART(r);

	journal_add(st->journal, RECORD_QUOTA, &part, 1);
}

void state_add_target(struct stored *st, const struct domain *d)
{
	struct record_pair r = { d->domid, d->conn->cred.target };
	const struct journal_part part = PART(r);

	journal_add(st->journal, RECORD_TARGET, &part, 1);
}

void state_add_domain(struct stored *st, const struct domain *d)
{
	struct record_domain r = {
		.gfn = d->gfn,
		.sent = d->conn->out.sent,
		.domid = d->domid,
		.remote_port = d->remote_port,
		.req_cons = d->conn->req_cons,
		.last_transaction = d->conn->last_transaction,
	};
	const struct journal_part part = PART(r);

	journal_add(st->journal, RECORD_DOMAIN, &part, 1);
}

static void add_pair(struct stored *st, uint32_t type, uint32_t a, uint32_t b)
{
	struct record_pair r = { a, b };
	const struct journal_part part = PART(r);

	journal_add(st->journal, type, &part, 1);
}

void state_add_release(struct stored *st, uint32_t domid)
{
	add_pair(st, RECORD_RELEASE, domid, 0);
}

static void add_watch(struct stored *st, uint32_t type, const struct watch *w)
{
	struct record_watch r = {
		.conn = w->conn->id,
		.depth = w->depth,
		.strip = (uint32_t)w->strip,
		.path_len = (uint32_t)strlen(w->path),
		.token_len = (uint32_t)strlen(w->token),
	};
	const struct journal_part parts[] = {
		PART(r),
		{ w->path, r.path_len },
		{ w->token, r.token_len },
	};

	journal_add(st->journal, type, parts, 3);
}

void state_add_watch(struct stored *st, const struct watch *w)
{
	add_watch(st, RECORD_WATCH, w);
}

void state_add_unwatch(struct stored *st, const struct watch *w)
{
	add_watch(st, RECORD_UNWATCH, w);
}

void state_add_unwatch_all(struct stored *st, const struct conn *c)
{
	add_pair(st, RECORD_UNWATCH_ALL, c->id, 0);
}

void state_add_transaction(struct stored *st, const struct conn *c, uint32_t id)
{
	add_pair(st, RECORD_TX_START, c->id, id);
}

void state_add_transaction_change(struct stored *st, const struct conn *c, uint32_t id,
				  const struct change *change)
{
	add_node(st->journal, change->kind == CHANGE_PUT ? RECORD_TX_PUT : RECORD_TX_REMOVE, c->id,
		 id, change->path, change->perms, change->value);
}

void state_add_transaction_end(struct stored *st, const struct conn *c, uint32_t id)
{
	add_pair(st, RECORD_TX_END, c->id, id);
}

static void add_bytes(struct stored *st, uint32_t type, const struct conn *c, const void *bytes,
		      size_t len)
{
	struct record_pair r = { c->id, c->req_cons };
	const struct journal_part parts[] = { PART(r), { bytes, len } };

	journal_add(st->journal, type, parts, 2);
}

void state_add_output(struct stored *st, const struct conn *c, const void *bytes, size_t len)
{
	add_bytes(st, RECORD_OUTPUT, c, bytes, len);
}

void state_add_input(struct stored *st, const struct conn *c, const void *bytes, size_t len)
{
	add_bytes(st, RECORD_INPUT, c, bytes, len);
}

static void save_node(const char *path, const struct node *n, void *arg)
{
	struct stored *st = arg;

	add_node(st->journal, RECORD_PUT, 0, 0, path, n->perms, n->value);
}

/* A ring: what it watches, what it has open, and the bytes under way. */
static void save_conn(struct stored *st, const struct conn *c)
{
	const struct transaction *t;
	const struct watch *w;
	size_t i;

	TAILQ_FOREACH(w, &c->watches, at_conn)
	{
		state_add_watch(st, w);
	}
	TAILQ_FOREACH(t, &c->transactions, link)
	{
		state_add_transaction(st, c, t->id);
		for (i = 0; i < t->view.change_count; i++) {
			state_add_transaction_change(st, c, t->id, &t->view.changes[i]);
		}
	}
	if (c->in_len) {
		state_add_input(st, c, c->in, c->in_len);
	}
	if (outq_len(&c->out)) {
		state_add_output(st, c, outq_front(&c->out), outq_len(&c->out));
	}
}

static void state_save(struct stored *st)
{
	const struct domain *d;
	int i;

	for (i = 0; i < QUOTA_COUNT; i++) {
		state_add_quota(st, (enum quota_id)i);
	}
	for (i = 0; i < SPECIAL_COUNT; i++) {
		state_add_special(st, (enum special)i);
	}
	store_walk(st->root, "/", 0, save_node, st);
	LIST_FOREACH(d, &st->domains, link)
	{
		state_add_domain(st, d);
		if (d->conn->cred.target != CRED_NO_TARGET) {
			state_add_target(st, d);
		}
	}
	LIST_FOREACH(d, &st->domains, link)
	{
		save_conn(st, d->conn);
	}
	journal_publish(st->journal);
}

int state_rewrite(struct stored *st)
{
	struct journal *old = st->journal, *fresh;
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s.new", st->journal_path);
	fresh = journal_create(path, &rc);
	if (!fresh) {
		return rc;
	}
	st->journal = fresh;
	state_save(st);
	rc = journal_failed(fresh) ? -ENOSPC : journal_rename(fresh, st->journal_path);
	if (rc) {
		st->journal = old;
		journal_close(fresh);
		return rc;
	}
	st->journal_floor = journal_size(fresh);
	journal_close(old);
	return 0;
}

void state_rewrite_if_due(struct stored *st)
{
	size_t due = st->journal_floor * REWRITE_GROWTH;
	int rc;

	if (!st->journal ||
	    (!journal_failed(st->journal) &&
	     journal_size(st->journal) < (due > REWRITE_FLOOR ? due : REWRITE_FLOOR))) {
		return;
	}
	if (st->journal_wait) {
		st->journal_wait--;
		return;
	}
	rc = state_rewrite(st);
	if (rc) {
		st->journal_wait = REWRITE_RETRY;
		log_error("cannot write %s anew (%s): free some space in its file system; until "
			  "then a crash of the store may lose its latest state",
			  st->journal_path, strerror(-rc));
	}
}

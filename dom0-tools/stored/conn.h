/* SPDX-License-Identifier: MIT */
/*
 * A connection: a domain's ring, or a socket of a program in dom0. Knows on whose behalf requests
 * are made, what it watches, its open transactions and its output; the transport moves the bytes.
 */
#ifndef STORED_CONN_H
#define STORED_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "stored/outq.h"
#include "stored/perms.h"
#include "stored/watch.h"

#define CONN_SOCKET_BASE 0x10000 /* ids below are domain numbers */
#define CONN_HOME_LEN    32

struct stored;
struct transaction;
struct conn;

TAILQ_HEAD(conn_list, conn);

/*
 * flush     output was added and may leave
 * serve     handle at most one request; returns whether more may be waiting
 */
struct conn_io {
	void (*flush)(struct stored *st, struct conn *c);
	bool (*serve)(struct stored *st, struct conn *c);
};

/*
 * home       where relative paths start: "/local/domain/5"; programs in dom0 are domain 0
 * journaled  its state is kept in the journal (rings)
 * read_only  may not change anything (the read-only socket)
 * in         a request of which only the front has arrived, `in_len` bytes
 * req_cons   rings: requests consumed so far, as published in the journal
 */
struct conn {
	TAILQ_ENTRY(conn) link, dirty_link, run_link;
	uint32_t id;
	struct cred cred;
	char home[CONN_HOME_LEN];
	bool journaled, read_only;
	bool dirty, runnable;
	bool events_lost;
	struct outq out;
	uint8_t *in;
	uint32_t in_len;
	uint32_t req_cons;
	TAILQ_HEAD(, watch) watches;
	uint32_t watch_count;
	TAILQ_HEAD(, transaction) transactions;
	uint32_t transaction_count, last_transaction;
	const struct conn_io *io;
	void *io_arg;
};

struct conn *conn_new(struct stored *st, uint32_t id, uint32_t domid, const struct conn_io *io,
		      void *io_arg);
/* Drops watches, transactions and the rest. */
void conn_free(struct stored *st, struct conn *c);

/* Back to a fresh connection: no watches, no transactions, no bytes either way. */
void conn_reset(struct stored *st, struct conn *c);

/* Queues one message. */
void conn_send(struct stored *st, struct conn *c, uint32_t type, uint32_t req_id, uint32_t tx_id,
	       const void *payload, uint32_t len);

/*
 * Queues a watch event, unless the very same one is still waiting or the client has left too many
 * unread. initial: the one a new watch always gets.
 */
void conn_event(struct stored *st, struct watch *w, const char *path, bool initial);

/* 0, -EEXIST, -ENOSPC; -ENOENT when there is no such watch. */
int conn_watch(struct stored *st, struct conn *c, const char *path, const char *token, int depth,
	       size_t strip, struct watch **out);
/* The same without asking quotas or for a double: for replay. */
struct watch *conn_add_watch(struct stored *st, struct conn *c, const char *path, const char *token,
			     int depth, size_t strip);
int conn_unwatch(struct stored *st, struct conn *c, const char *path, const char *token);
void conn_unwatch_all(struct stored *st, struct conn *c);

/* Something to do for it: it will be served in its turn. */
void conn_wake(struct stored *st, struct conn *c);

#endif

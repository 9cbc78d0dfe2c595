/* SPDX-License-Identifier: MIT */
/*
 * Connections: see conn.h. All belong to the one store of the process; single-threaded, no lock.
 */
#include "stored/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/state.h"
#include "stored/stored.h"
#include "stored/transaction.h"

struct conn *conn_new(struct stored *st, uint32_t id, uint32_t domid, const struct conn_io *io,
		      void *io_arg)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	c->id = id;
	c->cred = (struct cred){ domid, CRED_NO_TARGET, domid == 0 };
	snprintf(c->home, sizeof(c->home), "/local/domain/%u", domid);
	c->io = io;
	c->io_arg = io_arg;
	TAILQ_INIT(&c->watches);
	TAILQ_INIT(&c->transactions);
	TAILQ_INSERT_TAIL(&st->conns, c, link);
	return c;
}

void conn_reset(struct stored *st, struct conn *c)
{
	conn_unwatch_all(st, c);
	transaction_drop_all(st, c);
	outq_free(&c->out);
	c->out.sent = 0;
	free(c->in);
	c->in = NULL;
	c->in_len = 0;
	c->req_cons = 0;
	c->events_lost = false;
}

void conn_free(struct stored *st, struct conn *c)
{
	conn_reset(st, c);
	if (c->dirty) {
		TAILQ_REMOVE(&st->dirty, c, dirty_link);
	}
	if (c->runnable) {
		TAILQ_REMOVE(&st->runnable, c, run_link);
	}
	TAILQ_REMOVE(&st->conns, c, link);
	free(c);
}

void conn_wake(struct stored *st, struct conn *c)
{
	if (!c->runnable) {
		c->runnable = true;
		TAILQ_INSERT_TAIL(&st->runnable, c, run_link);
	}
}

void conn_send(struct stored *st, struct conn *c, uint32_t type, uint32_t req_id, uint32_t tx_id,
	       const void *payload, uint32_t len)
{
	struct xsd_sockmsg header = { type, req_id, tx_id, len };
	uint8_t *to = outq_extend(&c->out, sizeof(header) + len);

	memcpy(to, &header, sizeof(header));
	if (len) {
		memcpy(to + sizeof(header), payload, len);
	}
	if (c->journaled) {
		state_add_output(st, c, to, sizeof(header) + len);
	}
	if (!c->dirty) {
		c->dirty = true;
		TAILQ_INSERT_TAIL(&st->dirty, c, dirty_link);
	}
}

/* Is the watch's latest event, with this payload, still wholly in the queue? */
static bool event_pending(const struct watch *w, const char *payload, size_t len)
{
	const struct outq *q = &w->conn->out;
	const uint8_t *at;

	if (w->last == WATCH_NEVER_SENT || w->last < q->sent || w->last_len != len) {
		return false;
	}
	at = outq_front(q) + (w->last - q->sent) + sizeof(struct xsd_sockmsg);
	return !memcmp(at, payload, len);
}

void conn_event(struct stored *st, struct watch *w, const char *path, bool initial)
{
	struct conn *c = w->conn;
	size_t path_len = strlen(path), token_len = strlen(w->token);
	size_t strip = w->strip < path_len ? w->strip : path_len;
	size_t len = path_len - strip + 1 + token_len + 1;
	char payload[XENSTORE_PAYLOAD_MAX];

	if (len > sizeof(payload)) {
		/* Two long strings that came in one request always fit; a longer path does not. */
		return;
	}
	memcpy(payload, path + strip, path_len - strip + 1);
	memcpy(payload + path_len - strip + 1, w->token, token_len + 1);
	if (!initial && event_pending(w, payload, len)) {
		return;
	}
	if (!c->cred.privileged && outq_len(&c->out) > st->quota.limit[QUOTA_EVENTS]) {
		if (!c->events_lost) {
			log_warn("domain %u does not read its watch events: some are lost to it",
				 c->cred.domid);
		}
		c->events_lost = true;
		return;
	}
	w->last = outq_end(&c->out);
	w->last_len = len;
	conn_send(st, c, XS_WATCH_EVENT, 0, 0, payload, (uint32_t)len);
}

struct watch *conn_add_watch(struct stored *st, struct conn *c, const char *path, const char *token,
			     int depth, size_t strip)
{
	struct watch *w = watch_add(&st->watches, c, path, token, depth);

	w->strip = strip;
	TAILQ_INSERT_TAIL(&c->watches, w, at_conn);
	c->watch_count++;
	usage_add(&st->usage, (uint16_t)c->cred.domid, 0, (int64_t)watch_bytes(w));
	if (c->journaled) {
		state_add_watch(st, w);
	}
	return w;
}

int conn_watch(struct stored *st, struct conn *c, const char *path, const char *token, int depth,
	       size_t strip, struct watch **out)
{
	const struct usage *u = usage_of(&st->usage, (uint16_t)c->cred.domid);

	if (watch_find(&st->watches, c, path, token)) {
		return -EEXIST;
	}
	if (!c->cred.privileged && (c->watch_count >= st->quota.limit[QUOTA_WATCHES] ||
				    u->memory > st->quota.limit[QUOTA_MEMORY])) {
		return -ENOSPC;
	}
	*out = conn_add_watch(st, c, path, token, depth, strip);
	return 0;
}

static void conn_drop_watch(struct stored *st, struct conn *c, struct watch *w)
{
	usage_add(&st->usage, (uint16_t)c->cred.domid, 0, -(int64_t)watch_bytes(w));
	TAILQ_REMOVE(&c->watches, w, at_conn);
	c->watch_count--;
	watch_remove(&st->watches, w);
}

int conn_unwatch(struct stored *st, struct conn *c, const char *path, const char *token)
{
	struct watch *w = watch_find(&st->watches, c, path, token);

	if (!w) {
		return -ENOENT;
	}
	if (c->journaled) {
		state_add_unwatch(st, w);
	}
	conn_drop_watch(st, c, w);
	return 0;
}

void conn_unwatch_all(struct stored *st, struct conn *c)
{
	while (!TAILQ_EMPTY(&c->watches)) {
		conn_drop_watch(st, c, TAILQ_FIRST(&c->watches));
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Operations on the connection's own state: watches and transactions. Single-threaded, no lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stored/state.h"
#include "stored/transaction.h"
#include "stored/wire.h"

/* Path and token, and for WATCH optionally a depth. */
static int watch_args(const struct request *r, struct path *path, const char **token,
		      uint64_t *depth, size_t *strip)
{
	const char *arg[3];
	int count = wire_strings(r, arg, 3);

	if (count < 2 || path_parse(path, arg[0], strlen(arg[0]), r->c->home)) {
		return -EINVAL;
	}
	*token = arg[1];
	*depth = UINT64_MAX;
	if (count > 2 && wire_number(arg[2], PATH_LEN_MAX, depth)) {
		return -EINVAL;
	}
	*strip = arg[0][0] == '/' || path_is_special(arg[0]) ? 0 : strlen(r->c->home) + 1;
	return 0;
}

int op_watch(struct request *r)
{
	struct path path;
	const char *token;
	struct watch *w;
	uint64_t depth;
	size_t strip;
	int rc = watch_args(r, &path, &token, &depth, &strip);

	if (!rc) {
		rc = conn_watch(r->st, r->c, path.s, token,
				depth == UINT64_MAX ? WATCH_ANY_DEPTH : (int)depth, strip, &w);
	}
	if (!rc) {
		rc = wire_reply_ok(r);
	}
	if (!rc) {
		/* Every watch fires once at once: clients need not look first. */
		conn_event(r->st, w, w->path, true);
	}
	return rc;
}

int op_unwatch(struct request *r)
{
	struct path path;
	const char *token;
	uint64_t depth;
	size_t strip;
	int rc = watch_args(r, &path, &token, &depth, &strip);

	if (!rc) {
		rc = conn_unwatch(r->st, r->c, path.s, token);
	}
	return rc ? rc : wire_reply_ok(r);
}

int op_reset_watches(struct request *r)
{
	conn_unwatch_all(r->st, r->c);
	transaction_drop_all(r->st, r->c);
	if (r->c->journaled) {
		state_add_unwatch_all(r->st, r->c);
	}
	return wire_reply_ok(r);
}

int op_transaction_start(struct request *r)
{
	char text[16];
	uint32_t id;
	int rc;

	if (r->t) {
		/* They do not nest. */
		return -EBUSY;
	}
	rc = transaction_start(r->st, r->c, &id);
	if (rc) {
		return rc;
	}
	return wire_reply(r, text, (size_t)snprintf(text, sizeof(text), "%" PRIu32, id) + 1);
}

int op_transaction_end(struct request *r)
{
	const char *arg[1];
	int rc;

	if (wire_strings(r, arg, 1) != 1 || (strcmp(arg[0], "T") && strcmp(arg[0], "F"))) {
		return -EINVAL;
	}
	if (!r->t) {
		return -ENOENT;
	}
	rc = transaction_end(r->st, r->c, r->t, arg[0][0] == 'T');
	r->t = NULL;
	return rc ? rc : wire_reply_ok(r);
}

/* SPDX-License-Identifier: MIT */
/*
 * The table of operations and what they have in common: see wire.h. Payload bytes come from
 * guests; nothing here reads beyond header->len. Single-threaded, no lock.
 */
#include "stored/wire.h"

#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "stored/transaction.h"

static const struct op wire_ops[XS_TYPE_COUNT] = {
	[XS_CONTROL] = { "CONTROL", op_control, OP_PRIVILEGED | OP_NO_TX | OP_CHANGES },
	[XS_DIRECTORY] = { "DIRECTORY", op_directory, 0 },
	[XS_READ] = { "READ", op_read, 0 },
	[XS_GET_PERMS] = { "GET_PERMS", op_get_perms, 0 },
	[XS_WATCH] = { "WATCH", op_watch, OP_NO_TX },
	[XS_UNWATCH] = { "UNWATCH", op_unwatch, OP_NO_TX },
	[XS_TRANSACTION_START] = { "TRANSACTION_START", op_transaction_start, 0 },
	[XS_TRANSACTION_END] = { "TRANSACTION_END", op_transaction_end, 0 },
	[XS_INTRODUCE] = { "INTRODUCE", op_introduce, OP_PRIVILEGED | OP_NO_TX | OP_CHANGES },
	[XS_RELEASE] = { "RELEASE", op_release, OP_PRIVILEGED | OP_NO_TX | OP_CHANGES },
	[XS_GET_DOMAIN_PATH] = { "GET_DOMAIN_PATH", op_get_domain_path, OP_NO_TX },
	[XS_WRITE] = { "WRITE", op_write, OP_CHANGES },
	[XS_MKDIR] = { "MKDIR", op_mkdir, OP_CHANGES },
	[XS_RM] = { "RM", op_rm, OP_CHANGES },
	[XS_SET_PERMS] = { "SET_PERMS", op_set_perms, OP_CHANGES },
	[XS_IS_DOMAIN_INTRODUCED] = { "IS_DOMAIN_INTRODUCED", op_is_introduced, OP_NO_TX },
	[XS_RESUME] = { "RESUME", op_resume, OP_PRIVILEGED | OP_NO_TX | OP_CHANGES },
	[XS_SET_TARGET] = { "SET_TARGET", op_set_target, OP_PRIVILEGED | OP_NO_TX | OP_CHANGES },
	[XS_RESET_WATCHES] = { "RESET_WATCHES", op_reset_watches, OP_NO_TX },
	[XS_DIRECTORY_PART] = { "DIRECTORY_PART", op_directory_part, 0 },
};

/* The errors that have a name on the wire; any other is sent as EINVAL. */
static const struct {
	int number;
	const char *name;
} wire_errors[] = {
	{ EINVAL, "EINVAL" }, { EACCES, "EACCES" }, { EEXIST, "EEXIST" }, { ENOENT, "ENOENT" },
	{ ENOMEM, "ENOMEM" }, { ENOSPC, "ENOSPC" }, { EIO, "EIO" },       { ENOSYS, "ENOSYS" },
	{ EROFS, "EROFS" },   { EBUSY, "EBUSY" },   { EAGAIN, "EAGAIN" }, { E2BIG, "E2BIG" },
	{ EPERM, "EPERM" },
};

static const char *error_name(int rc)
{
	size_t i;

	for (i = 0; i < sizeof(wire_errors) / sizeof(wire_errors[0]); i++) {
		if (wire_errors[i].number == -rc) {
			return wire_errors[i].name;
		}
	}
	return wire_errors[0].name;
}

int wire_reply(struct request *r, const void *payload, size_t len)
{
	if (len > XENSTORE_PAYLOAD_MAX) {
		return -E2BIG;
	}
	conn_send(r->st, r->c, r->header->type, r->header->req_id, r->header->tx_id, payload,
		  (uint32_t)len);
	return 0;
}

int wire_reply_ok(struct request *r)
{
	return wire_reply(r, "OK", 3);
}

int wire_strings(const struct request *r, const char **arg, int max)
{
	const char *at = r->payload, *end = at + r->len;
	int count = 0;

	if (!r->len || end[-1]) {
		return -EINVAL;
	}
	for (; at < end; at += strlen(at) + 1) {
		if (count < max) {
			arg[count] = at;
		}
		count++;
	}
	return count;
}

int wire_number(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (!*text) {
		return -EINVAL;
	}
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n) || n > max) {
			return -EINVAL;
		}
	}
	*out = n;
	return 0;
}

int wire_path(const struct request *r, struct path *out)
{
	size_t len = strnlen(r->payload, r->len);

	if (len == r->len || path_is_special(r->payload)) {
		return -EINVAL;
	}
	return path_parse(out, r->payload, len, r->c->home);
}

struct view *wire_view(struct request *r)
{
	if (r->t) {
		return &r->t->view;
	}
	r->live = stored_view(r->st);
	return &r->live;
}

int wire_done(struct request *r, int rc)
{
	if (r->t) {
		transaction_account(r->st, r->c, r->t);
		return rc;
	}
	if (rc) {
		/* Refused before any effect: the root is the one we took. */
		r->st->root = r->live.root;
		r->live.root = NULL;
		view_release(&r->live);
	} else {
		stored_settle(r->st, &r->live);
	}
	return rc;
}

/* One line: who, what, and the beginning of the payload with its zeros as spaces. */
static void trace_message(uint32_t conn, const char *name, uint32_t tx, const char *payload,
			  uint32_t len)
{
	char text[120];
	uint32_t i;

	for (i = 0; i < len && i < sizeof(text) - 1; i++) {
		text[i] = payload[i] > ' ' && payload[i] < 127 ? payload[i] : ' ';
	}
	text[i] = 0;
	log_info("%u %s %u: %s", conn, name, tx, text);
}

static int wire_run(struct request *r)
{
	uint32_t type = r->header->type;
	const struct op *op = type < XS_TYPE_COUNT ? &wire_ops[type] : NULL;

	if (!op || !op->run) {
		return -ENOSYS;
	}
	if (r->st->trace) {
		trace_message(r->c->id, op->name, r->header->tx_id, r->payload, r->len);
	}
	if ((op->flags & OP_PRIVILEGED) && !r->c->cred.privileged) {
		return -EACCES;
	}
	if ((op->flags & OP_CHANGES) && r->c->read_only) {
		return -EROFS;
	}
	if (r->header->tx_id && !(op->flags & OP_NO_TX)) {
		r->t = transaction_find(r->c, r->header->tx_id);
		if (!r->t) {
			return -ENOENT;
		}
	}
	return op->run(r);
}

void wire_request(struct stored *st, struct conn *c, const struct xsd_sockmsg *header,
		  const char *payload)
{
	struct request r = {
		.st = st,
		.c = c,
		.header = header,
		.payload = payload,
		.len = header->len,
	};
	const char *name;
	int rc = wire_run(&r);

	if (rc) {
		name = error_name(rc);
		if (st->trace) {
			trace_message(c->id, name, header->tx_id, NULL, 0);
		}
		conn_send(st, c, XS_ERROR, header->req_id, header->tx_id, name,
			  (uint32_t)strlen(name) + 1);
	}
}

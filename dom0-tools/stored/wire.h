/* SPDX-License-Identifier: MIT */
/*
 * From a message to its effect and its reply. One row per message type says the name, who may
 * send it and the function that does it; every request gets exactly one reply, of its own type or
 * XS_ERROR.
 */
#ifndef STORED_WIRE_H
#define STORED_WIRE_H

#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "stored/stored.h"

#define OP_PRIVILEGED 1 /* dom0 only */
#define OP_NO_TX      2 /* the transaction number means nothing to it */
#define OP_CHANGES    4 /* refused on a read-only connection */

/*
 * One request under way.
 *
 * payload, len   what came after the header; not trusted, not terminated
 * t              its transaction, or NULL
 * live           the view of the live tree while one is open and t is NULL
 */
struct request {
	struct stored *st;
	struct conn *c;
	const struct xsd_sockmsg *header;
	const char *payload;
	uint32_t len;
	struct transaction *t;
	struct view live;
};

/* Returns 0 when it has replied, else -errno for the reply. */
typedef int (*op_fn)(struct request *r);

struct op {
	const char *name;
	op_fn run;
	unsigned int flags;
};

/*
 * Handles one message. `payload` holds header->len bytes, at most XENSTORE_PAYLOAD_MAX. The
 * caller publishes.
 */
void wire_request(struct stored *st, struct conn *c, const struct xsd_sockmsg *header,
		  const char *payload);

/* For the op functions. */
int wire_reply(struct request *r, const void *payload, size_t len);
int wire_reply_ok(struct request *r);
/*
 * Takes the payload apart into zero-terminated strings: fills arg[0..max) and returns how many
 * there are (which may be more than max), or -EINVAL when the last is not terminated.
 */
int wire_strings(const struct request *r, const char **arg, int max);
/* A decimal number with nothing around it, up to `max`. 0 or -EINVAL. */
int wire_number(const char *text, uint64_t max, uint64_t *out);
/* The payload's first string as a canonical path; special names are refused. 0 or -EINVAL. */
int wire_path(const struct request *r, struct path *out);

/* The view a request works on, and its end: rc is handed through. */
struct view *wire_view(struct request *r);
int wire_done(struct request *r, int rc);

/* ops_node.c */
int op_directory(struct request *r);
int op_directory_part(struct request *r);
int op_read(struct request *r);
int op_get_perms(struct request *r);
int op_write(struct request *r);
int op_mkdir(struct request *r);
int op_rm(struct request *r);
int op_set_perms(struct request *r);
/* ops_conn.c */
int op_watch(struct request *r);
int op_unwatch(struct request *r);
int op_reset_watches(struct request *r);
int op_transaction_start(struct request *r);
int op_transaction_end(struct request *r);
/* ops_domain.c */
int op_introduce(struct request *r);
int op_release(struct request *r);
int op_resume(struct request *r);
int op_set_target(struct request *r);
int op_get_domain_path(struct request *r);
int op_is_introduced(struct request *r);
/* control.c */
int op_control(struct request *r);

#endif

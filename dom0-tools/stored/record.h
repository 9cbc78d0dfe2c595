/* SPDX-License-Identifier: MIT */
/*
 * The records of the journal. Each starts with one of these structs; strings and arrays follow it
 * in the order of the length fields. Written and read on the same machine: native byte order.
 */
#ifndef STORED_RECORD_H
#define STORED_RECORD_H

#include <stdint.h>

enum record_type {
	RECORD_PUT = 1,     /* record_node: a node as it now is */
	RECORD_REMOVE,      /* record_node: a subtree went */
	RECORD_SPECIAL,     /* record_node: permissions of a special name */
	RECORD_QUOTA,       /* record_pair: quota number, limit */
	RECORD_DOMAIN,      /* record_domain: introduced, with a fresh connection */
	RECORD_TARGET,      /* record_pair: domid, target */
	RECORD_RELEASE,     /* record_pair: domid, 0 */
	RECORD_WATCH,       /* record_watch */
	RECORD_UNWATCH,     /* record_watch */
	RECORD_UNWATCH_ALL, /* record_pair: conn, 0 */
	RECORD_TX_START,    /* record_pair: conn, transaction */
	RECORD_TX_PUT,      /* record_node */
	RECORD_TX_REMOVE,   /* record_node */
	RECORD_TX_END,      /* record_pair: conn, transaction */
	RECORD_OUTPUT,      /* record_pair: conn, -; then bytes queued */
	RECORD_INPUT,       /* record_pair: conn, req_cons; then bytes of a part, or none */
	RECORD_TYPES,
};

struct record_pair {
	uint32_t a, b;
};

/* Then: perm_count struct perm, the path, the value. */
struct record_node {
	uint32_t conn, transaction; /* RECORD_TX_* only */
	uint32_t path_len, perm_count, value_len;
};

struct record_domain {
	uint64_t gfn;
	uint64_t sent; /* output position; its low half is the ring's rsp_prod */
	uint32_t domid, remote_port;
	uint32_t req_cons;
	uint32_t last_transaction;
};

/* Then: the path, the token. */
struct record_watch {
	uint32_t conn;
	int32_t depth;
	uint32_t strip, path_len, token_len;
};

#endif

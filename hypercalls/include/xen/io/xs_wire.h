/* SPDX-License-Identifier: MIT */
/*
 * The xenstore protocol: messages with a 16-byte header, the same over a guest's ring page and
 * over a socket in dom0. Numbers are little-endian; payloads are zero-terminated strings, one
 * after another. A request is answered by the same type, or by XS_ERROR with the name of an error
 * ("ENOENT"); XS_WATCH_EVENT comes unasked with req_id 0.
 */
#ifndef XEN_IO_XS_WIRE_H
#define XEN_IO_XS_WIRE_H

#include <stdint.h>

enum xsd_sockmsg_type {
	XS_CONTROL = 0,			/* command, arguments -> text */
	XS_DIRECTORY = 1,		/* path -> names of children */
	XS_READ = 2,			/* path -> bytes, not terminated */
	XS_GET_PERMS = 3,		/* path -> permissions, like "n0", "r5" */
	XS_WATCH = 4,			/* path, token */
	XS_UNWATCH = 5,			/* path, token */
	XS_TRANSACTION_START = 6,	/* -> transaction number */
	XS_TRANSACTION_END = 7,		/* "T" commit or "F"; EAGAIN: start over */
	XS_INTRODUCE = 8,		/* domid, mfn, port; privileged */
	XS_RELEASE = 9,			/* domid; privileged */
	XS_GET_DOMAIN_PATH = 10,	/* domid -> "/local/domain/<domid>" */
	XS_WRITE = 11,			/* path, then bytes to the end of the payload */
	XS_MKDIR = 12,			/* path */
	XS_RM = 13,			/* path, with all below it */
	XS_SET_PERMS = 14,		/* path, permissions */
	XS_WATCH_EVENT = 15,		/* <- path, token */
	XS_ERROR = 16,			/* <- error name */
	XS_IS_DOMAIN_INTRODUCED = 17,	/* domid -> "T" or "F" */
	XS_RESUME = 18,			/* domid; privileged */
	XS_SET_TARGET = 19,		/* domid, target domid; privileged */
	XS_RESET_WATCHES = 21,		/* drop all watches and transactions of the caller */
	XS_DIRECTORY_PART = 22,		/* path, offset -> generation, then names from offset on */
	XS_TYPE_COUNT = 23,		/* one more than the last type */
	XS_INVALID = 0xffff,
};

#define XS_DEBUG		XS_CONTROL	/* its older name */

/* Order of the strings in XS_WATCH_EVENT. */
enum xs_watch_type {
	XS_WATCH_PATH = 0,
	XS_WATCH_TOKEN = 1,
};

#define XS_WRITE_NONE		"NONE"
#define XS_WRITE_CREATE		"CREATE"
#define XS_WRITE_CREATE_EXCL	"CREATE|EXCL"

/* Header of every message. len counts the payload's bytes only. */
struct xsd_sockmsg {
	uint32_t type;			/* enum xsd_sockmsg_type */
	uint32_t req_id;		/* chosen by the client, echoed */
	uint32_t tx_id;			/* transaction, 0 for none */
	uint32_t len;
};

#define XENSTORE_RING_SIZE	1024
#define XENSTORE_PAYLOAD_MAX	4096
#define XENSTORE_ABS_PATH_MAX	3072
#define XENSTORE_REL_PATH_MAX	2048

typedef uint32_t XENSTORE_RING_IDX;

#define MASK_XENSTORE_IDX(idx)	((idx) & (XENSTORE_RING_SIZE - 1))

/* server_features: bits. */
#define XENSTORE_SERVER_FEATURE_RECONNECTION	1
#define XENSTORE_SERVER_FEATURE_ERROR		2

/* connection: the guest writes RECONNECT and waits for CONNECTED. */
#define XENSTORE_CONNECTED	0
#define XENSTORE_RECONNECT	1

/* error: why the server stopped serving this ring. */
#define XENSTORE_ERROR_NONE	0
#define XENSTORE_ERROR_COMM	1	/* the peer went away in the middle of a message */
#define XENSTORE_ERROR_RINGIDX	2	/* impossible ring indexes */
#define XENSTORE_ERROR_PROTO	3	/* message too long or malformed */

/* The ring page of a domain: req flows to the server. Indexes as in the console page. */
struct xenstore_domain_interface {
	char req[XENSTORE_RING_SIZE];
	char rsp[XENSTORE_RING_SIZE];
	XENSTORE_RING_IDX req_cons, req_prod;
	XENSTORE_RING_IDX rsp_cons, rsp_prod;
	uint32_t server_features;
	uint32_t connection;
	uint32_t error;
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A client of the store, ours or Xen's: the protocol of <xen/io/xs_wire.h> over the daemon's
 * socket. One thread, no helper thread (unlike libxenstore): a lost connection is an error of the
 * next call and makes the descriptor readable, so that a daemon can connect again.
 *
 * Calls block until their reply. Errors are negative errno: those the store names, or -ENOTCONN
 * once the connection is lost (it stays lost; open another).
 */
#ifndef LIB_XS_CLIENT_H
#define LIB_XS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xs_client;

struct xs_part {
	const void *bytes;
	size_t len;
};

/*
 * A socket or the kernel's device, /dev/xen/xenbus. NULL: the usual path (environment variable
 * XENSTORED_PATH, or /run/xenstored/socket).
 */
struct xs_client *xs_client_open(const char *path, int *error);
void xs_client_close(struct xs_client *c);
/* The connection is gone: every further call fails. */
bool xs_client_lost(const struct xs_client *c);
/* Readable when events may be waiting, or the connection was lost. */
int xs_client_fd(const struct xs_client *c);

/*
 * One request made of parts laid end to end. On success *reply (when not NULL) is the payload,
 * zero-terminated for convenience, valid until the next call; returns its length.
 */
int xs_client_call(struct xs_client *c, uint32_t type, uint32_t tx, const struct xs_part *parts,
		   int count, const char **reply);

/*
 * Pipelining: xs_client_send() queues a request without waiting; each is answered, in order, by
 * one xs_client_take() with the results of xs_client_call(). Nothing else in between. At most
 * XS_IN_FLIGHT may be unanswered, which both sides' socket buffers hold with ease; who has more
 * takes answers until XS_IN_FLIGHT_LOW are left, so that requests go on travelling together.
 */
#define XS_IN_FLIGHT     48
#define XS_IN_FLIGHT_LOW 16

int xs_client_send(struct xs_client *c, uint32_t type, uint32_t tx, const struct xs_part *parts,
		   int count);
int xs_client_take(struct xs_client *c, const char **reply);

/* The value as a string of its own (free() it), or NULL with errno set. */
char *xs_client_read(struct xs_client *c, uint32_t tx, const char *path);
/*
 * Values of many nodes at once; values[i] is to be freed, NULL for one that is not there. 0, or
 * -errno when the connection is gone: then all are NULL.
 */
int xs_client_read_many(struct xs_client *c, uint32_t tx, char *const *paths, size_t count,
			char **values);
int xs_client_write(struct xs_client *c, uint32_t tx, const char *path, const char *value);
int xs_client_remove(struct xs_client *c, uint32_t tx, const char *path);
int xs_client_watch(struct xs_client *c, const char *path, const char *token);
int xs_client_unwatch(struct xs_client *c, const char *path, const char *token);
/* Transactions: begin gives the number; end commits (-EAGAIN: start over) or abandons. */
int xs_client_begin(struct xs_client *c, uint32_t *tx);
int xs_client_end(struct xs_client *c, uint32_t tx, bool commit);

/*
 * The next watch event without blocking: 1 with *path and *token (valid until the next call), 0
 * when there is none, -ENOTCONN.
 */
int xs_client_event(struct xs_client *c, const char **path, const char **token);

#endif

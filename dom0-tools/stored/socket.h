/* SPDX-License-Identifier: MIT */
/*
 * Programs in dom0: libxenstore's sockets, "socket" and the read-only "socket_ro". A client has
 * dom0's rights; the file permissions of the socket decide who may be one.
 */
#ifndef STORED_SOCKET_H
#define STORED_SOCKET_H

#include <stdbool.h>

struct event_base;
struct stored;

/*
 * Listens on `path` for as long as the process lives. wake() is called when a connection has
 * become runnable. 0 or -errno.
 */
int socket_listen(struct stored *st, struct event_base *base, const char *path, bool read_only,
		  void (*wake)(void));

#endif

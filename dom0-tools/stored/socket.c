/* SPDX-License-Identifier: MIT */
/*
 * Sockets as a transport: see socket.h. Owns the listeners and, per client, the descriptor, its
 * two events and the input buffer. Single-threaded, no lock.
 *
 * A client is closed by socket_close() alone, and never from within flush(), which runs while
 * others are being served: there it is only marked.
 */
#include "stored/socket.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/stored.h"
#include "stored/wire.h"

#define INPUT_ROOM   (16 * 1024)        /* at least one whole message */
#define OUTPUT_BATCH (4 * 1024)         /* replies that may wait for those to the next requests */
#define OUTPUT_HIGH  (256 * 1024)       /* unread output beyond which no request is taken */
#define OUTPUT_MAX   (64 * 1024 * 1024) /* and beyond which the client is given up */
#define BACKLOG      64

struct listener {
	struct stored *st;
	struct event_base *base;
	bool read_only;
	void (*wake)(void);
};

/*
 * in[head..tail) has arrived and waits to be handled. paused: there is no room for more, and the
 * readable event is off; turning it off and on for every request would cost two system calls.
 */
struct client {
	const struct listener *from;
	struct conn *conn;
	int fd;
	struct event *readable, *writable;
	size_t head, tail;
	bool broken, paused;
	uint8_t in[INPUT_ROOM];
};

static void socket_close(struct client *k)
{
	conn_free(k->from->st, k->conn);
	event_free(k->readable);
	event_free(k->writable);
	close(k->fd);
	free(k);
}

/* To be closed at its next turn. */
static void socket_break(struct stored *st, struct client *k)
{
	k->broken = true;
	event_del(k->readable);
	event_del(k->writable);
	conn_wake(st, k->conn);
	k->from->wake();
}

static void socket_flush(struct stored *st, struct conn *c)
{
	struct client *k = c->io_arg;
	ssize_t n;

	while (!k->broken && outq_len(&c->out)) {
		n = send(k->fd, outq_front(&c->out), outq_len(&c->out),
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			outq_drop(&c->out, (size_t)n);
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			event_add(k->writable, NULL);
			break;
		} else {
			socket_break(st, k);
		}
	}
	if (!k->broken && outq_len(&c->out) > OUTPUT_MAX) {
		log_warn("a client does not read its replies and events: disconnected");
		socket_break(st, k);
	}
}

/* The next whole message in the buffer. Returns its length with header, 0 when incomplete. */
static size_t socket_message(struct client *k, struct xsd_sockmsg *header)
{
	size_t have = k->tail - k->head;

	if (have < sizeof(*header)) {
		return 0;
	}
	memcpy(header, k->in + k->head, sizeof(*header));
	if (header->len > XENSTORE_PAYLOAD_MAX) {
		log_warn("a client sent a message of %u bytes: disconnected", header->len);
		k->broken = true;
		return 0;
	}
	return have >= sizeof(*header) + header->len ? sizeof(*header) + header->len : 0;
}

static bool socket_has_work(struct client *k)
{
	struct xsd_sockmsg header;

	return k->broken || socket_message(k, &header) || k->broken;
}

static bool socket_serve(struct stored *st, struct conn *c)
{
	struct client *k = c->io_arg;
	struct xsd_sockmsg header;
	size_t len;

	if (!k->broken && outq_len(&c->out) > OUTPUT_HIGH) {
		return false;
	}
	len = k->broken ? 0 : socket_message(k, &header);
	if (k->broken) {
		socket_close(k);
		return false;
	}
	if (!len) {
		if (k->paused) {
			k->paused = false;
			event_add(k->readable, NULL);
		}
		return false;
	}
	wire_request(st, c, &header, (char *)k->in + k->head + sizeof(header));
	k->head += len;
	/* Requests that came together are answered together: its next turn is sure to come. */
	if (outq_len(&c->out) > OUTPUT_BATCH || !socket_message(k, &header)) {
		stored_publish(st);
	}
	return true;
}

/*
 * Clients send header and body one after the other and are seldom ahead of themselves: half a
 * message is nobody's turn, and a whole one is served at once when nobody else waits.
 */
static void socket_turn(struct client *k)
{
	struct stored *st = k->from->st;

	if (!socket_has_work(k)) {
		return;
	}
	if (TAILQ_EMPTY(&st->runnable)) {
		if (!socket_serve(st, k->conn)) {
			return;
		}
		if (!socket_has_work(k)) {
			return;
		}
	}
	conn_wake(st, k->conn);
	k->from->wake();
}

static const struct conn_io socket_io = { .flush = socket_flush, .serve = socket_serve };

static void socket_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *k = arg;
	ssize_t n;

	(void)what;
	if (k->head) {
		memmove(k->in, k->in + k->head, k->tail - k->head);
		k->tail -= k->head;
		k->head = 0;
	}
	if (k->tail == sizeof(k->in)) {
		/* Whole messages are waiting for their turn. */
		k->paused = true;
		event_del(k->readable);
		return;
	}
	n = recv(fd, k->in + k->tail, sizeof(k->in) - k->tail, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (n <= 0) {
		k->broken = true;
		event_del(k->readable);
	} else {
		k->tail += (size_t)n;
	}
	socket_turn(k);
}

static void socket_writable(evutil_socket_t fd, short what, void *arg)
{
	struct client *k = arg;

	(void)fd;
	(void)what;
	socket_flush(k->from->st, k->conn);
	conn_wake(k->from->st, k->conn);
	k->from->wake();
}

static void socket_accept(evutil_socket_t fd, short what, void *arg)
{
	const struct listener *l = arg;
	struct client *k;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (client < 0) {
		return;
	}
	k = xmalloc(sizeof(*k));
	memset(k, 0, offsetof(struct client, in));
	k->from = l;
	k->fd = client;
	k->conn = conn_new(l->st, l->st->next_socket++, 0, &socket_io, k);
	k->conn->read_only = l->read_only;
	if (l->st->next_socket < CONN_SOCKET_BASE) {
		l->st->next_socket = CONN_SOCKET_BASE;
	}
	k->readable = event_new(l->base, client, EV_READ | EV_PERSIST, socket_readable, k);
	k->writable = event_new(l->base, client, EV_WRITE, socket_writable, k);
	event_add(k->readable, NULL);
}

int socket_listen(struct stored *st, struct event_base *base, const char *path, bool read_only,
		  void (*wake)(void))
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct listener *l;
	int fd;

	if (strlen(path) >= sizeof(to.sun_path)) {
		return -ENAMETOOLONG;
	}
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -errno;
	}
	/* The lock says that nobody else serves it: what is there is a leftover. */
	unlink(path);
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)) || chmod(path, read_only ? 0660 : 0600) ||
	    listen(fd, BACKLOG)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	l = xcalloc(1, sizeof(*l));
	*l = (struct listener){ st, base, read_only, wake };
	event_add(event_new(base, fd, EV_READ | EV_PERSIST, socket_accept, l), NULL);
	return 0;
}

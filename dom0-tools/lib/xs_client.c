/* SPDX-License-Identifier: MIT */
/*
 * The store's client: see xs_client.h. Owns a socket, one input buffer and the queue of events
 * that arrived while a reply was awaited. Not thread-safe.
 */
#include "lib/xs_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#include "lib/xalloc.h"

#define DEFAULT_PATH "/run/xenstored/socket"

struct event {
	TAILQ_ENTRY(event) link;
	size_t len;
	char payload[]; /* path, token; zero-terminated */
};

/*
 * body         the payload last taken, and a zero
 * event        the one last handed out
 * outstanding  requests whose replies have not been taken
 * in           head to tail has been read before its turn, and belongs to outstanding replies: so
 *              it is empty whenever the caller may wait for the descriptor
 * out          requests that go with the next ones; empty whenever something is awaited
 */
struct xs_client {
	int fd;
	bool device, lost;
	TAILQ_HEAD(, event) events;
	struct event *event;
	size_t outstanding, head, tail, out_len;
	char in[4096], out[4096];
	struct xsd_sockmsg header;
	char body[XENSTORE_PAYLOAD_MAX + 1];
};

static int client_connect(struct xs_client *c, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct stat st;

	if (!stat(path, &st) && S_ISCHR(st.st_mode)) {
		c->device = true;
		c->fd = open(path, O_RDWR | O_CLOEXEC);
		return c->fd < 0 ? -errno : 0;
	}
	if (strlen(path) >= sizeof(to.sun_path)) {
		return -ENAMETOOLONG;
	}
	strcpy(to.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to))) {
		return -errno;
	}
	return 0;
}

struct xs_client *xs_client_open(const char *path, int *error)
{
	struct xs_client *c = xcalloc(1, sizeof(*c));

	if (!path) {
		path = getenv("XENSTORED_PATH");
	}
	TAILQ_INIT(&c->events);
	c->fd = -1;
	*error = client_connect(c, path ? path : DEFAULT_PATH);
	if (*error) {
		xs_client_close(c);
		return NULL;
	}
	return c;
}

void xs_client_close(struct xs_client *c)
{
	struct event *e;

	if (!c) {
		return;
	}
	while ((e = TAILQ_FIRST(&c->events))) {
		TAILQ_REMOVE(&c->events, e, link);
		free(e);
	}
	free(c->event);
	if (c->fd >= 0) {
		close(c->fd);
	}
	free(c);
}

int xs_client_fd(const struct xs_client *c)
{
	return c->fd;
}

bool xs_client_lost(const struct xs_client *c)
{
	return c->lost;
}

static int client_lost(struct xs_client *c)
{
	c->lost = true;
	return -ENOTCONN;
}

/* len bytes; what is read with them is not more than the headers of `replies` that must follow. */
static int client_receive(struct xs_client *c, void *to, size_t len, size_t replies)
{
	size_t have = c->tail - c->head < len ? c->tail - c->head : len;
	struct iovec v[2] = { { (char *)to + have, len - have }, { c->in, sizeof(c->in) } };
	ssize_t n;

	memcpy(to, c->in + c->head, have);
	c->head += have;
	if (replies < sizeof(c->in) / sizeof(c->header)) {
		v[1].iov_len = replies * sizeof(c->header);
	}
	while (v[0].iov_len) {
		n = readv(c->fd, v, 2);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return client_lost(c);
		}
		if ((size_t)n >= v[0].iov_len) {
			c->head = 0;
			c->tail = (size_t)n - v[0].iov_len;
			return 0;
		}
		v[0].iov_base = (char *)v[0].iov_base + n;
		v[0].iov_len -= (size_t)n;
	}
	return 0;
}

static int client_write(struct xs_client *c, const char *from, size_t len)
{
	ssize_t n;

	while (!c->lost && len) {
		n = c->device ? write(c->fd, from, len) : send(c->fd, from, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR) {
			client_lost(c);
		} else if (n > 0) {
			from += n;
			len -= (size_t)n;
		}
	}
	return c->lost ? -ENOTCONN : 0;
}

static int client_flush(struct xs_client *c)
{
	size_t len = c->out_len;

	c->out_len = 0;
	return client_write(c, c->out, len);
}

int xs_client_send(struct xs_client *c, uint32_t type, uint32_t tx, const struct xs_part *parts,
		   int count)
{
	struct xsd_sockmsg header = { type, 0, tx, 0 };
	char message[sizeof(header) + XENSTORE_PAYLOAD_MAX];
	size_t len = sizeof(header);
	int i, rc = 0;

	for (i = 0; i < count; i++) {
		if (parts[i].len > sizeof(message) - len) {
			return -E2BIG;
		}
		memcpy(message + len, parts[i].bytes, parts[i].len);
		len += parts[i].len;
	}
	header.len = (uint32_t)(len - sizeof(header));
	memcpy(message, &header, sizeof(header));
	if (len > sizeof(c->out) - c->out_len) {
		rc = client_flush(c);
	}
	/* The device takes one message at a time. */
	if (c->device || len > sizeof(c->out)) {
		rc = rc ? rc : client_write(c, message, len);
	} else {
		memcpy(c->out + c->out_len, message, len);
		c->out_len += len;
	}
	if (rc || c->lost) {
		return -ENOTCONN;
	}
	c->outstanding++;
	return 0;
}

/* One message into header and body; an event goes to the queue. 1: reply, 0: event. */
static int client_message(struct xs_client *c)
{
	size_t replies = c->outstanding ? c->outstanding - 1 : 0;
	struct event *e;

	if (client_flush(c) || client_receive(c, &c->header, sizeof(c->header), replies)) {
		return -ENOTCONN;
	}
	if (c->header.len > XENSTORE_PAYLOAD_MAX) {
		return client_lost(c);
	}
	replies = c->header.type == XS_WATCH_EVENT ? c->outstanding : replies;
	if (client_receive(c, c->body, c->header.len, replies)) {
		return -ENOTCONN;
	}
	c->body[c->header.len] = 0;
	if (c->header.type != XS_WATCH_EVENT) {
		c->outstanding = replies;
		return 1;
	}
	e = xmalloc(sizeof(*e) + c->header.len + 2);
	e->len = c->header.len;
	memcpy(e->payload, c->body, e->len + 1);
	e->payload[e->len + 1] = 0;
	TAILQ_INSERT_TAIL(&c->events, e, link);
	return 0;
}

/* The errno whose name the store sent. */
static int error_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
		{ "EINVAL", EINVAL }, { "EACCES", EACCES },   { "EEXIST", EEXIST },
		{ "EISDIR", EISDIR }, { "ENOENT", ENOENT },   { "ENOMEM", ENOMEM },
		{ "ENOSPC", ENOSPC }, { "EIO", EIO },         { "ENOTEMPTY", ENOTEMPTY },
		{ "ENOSYS", ENOSYS }, { "EROFS", EROFS },     { "EBUSY", EBUSY },
		{ "EAGAIN", EAGAIN }, { "EISCONN", EISCONN }, { "E2BIG", E2BIG },
		{ "EPERM", EPERM },
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (!strcmp(name, errors[i].name)) {
			return -errors[i].number;
		}
	}
	return -EIO;
}

int xs_client_take(struct xs_client *c, const char **reply)
{
	int rc;

	do {
		rc = client_message(c);
	} while (!rc);
	if (rc < 0) {
		return rc;
	}
	if (c->header.type == XS_ERROR) {
		return error_number(c->body);
	}
	if (reply) {
		*reply = c->body;
	}
	return (int)c->header.len;
}

int xs_client_call(struct xs_client *c, uint32_t type, uint32_t tx, const struct xs_part *parts,
		   int count, const char **reply)
{
	int rc = xs_client_send(c, type, tx, parts, count);

	return rc ? rc : xs_client_take(c, reply);
}

static struct xs_part string(const char *s)
{
	return (struct xs_part){ s, strlen(s) + 1 };
}

static int done(int rc)
{
	return rc < 0 ? rc : 0;
}

char *xs_client_read(struct xs_client *c, uint32_t tx, const char *path)
{
	struct xs_part part = string(path);
	const char *reply;
	int rc = xs_client_call(c, XS_READ, tx, &part, 1, &reply);

	if (rc < 0) {
		errno = -rc;
		return NULL;
	}
	return xmemdup(reply, (size_t)rc + 1);
}

int xs_client_read_many(struct xs_client *c, uint32_t tx, char *const *paths, size_t count,
			char **values)
{
	size_t sent = 0, taken = 0, most = XS_IN_FLIGHT;
	const char *reply;
	int rc = 0, n;

	memset(values, 0, count * sizeof(*values));
	while (taken < count && !rc) {
		if (sent < count && sent - taken < most) {
			struct xs_part part = string(paths[sent]);

			rc = xs_client_send(c, XS_READ, tx, &part, 1);
			sent++;
			continue;
		}
		most = sent - taken > XS_IN_FLIGHT_LOW ? XS_IN_FLIGHT_LOW : XS_IN_FLIGHT;
		n = xs_client_take(c, &reply);
		if (n >= 0) {
			values[taken] = xmemdup(reply, (size_t)n + 1);
		}
		rc = n == -ENOTCONN ? n : 0;
		taken++;
	}
	for (taken = 0; rc && taken < count; taken++) {
		free(values[taken]);
		values[taken] = NULL;
	}
	return rc;
}

int xs_client_write(struct xs_client *c, uint32_t tx, const char *path, const char *value)
{
	struct xs_part parts[] = { string(path), { value, strlen(value) } };

	return done(xs_client_call(c, XS_WRITE, tx, parts, 2, NULL));
}

int xs_client_remove(struct xs_client *c, uint32_t tx, const char *path)
{
	struct xs_part part = string(path);

	return done(xs_client_call(c, XS_RM, tx, &part, 1, NULL));
}

int xs_client_watch(struct xs_client *c, const char *path, const char *token)
{
	struct xs_part parts[] = { string(path), string(token) };

	return done(xs_client_call(c, XS_WATCH, 0, parts, 2, NULL));
}

int xs_client_unwatch(struct xs_client *c, const char *path, const char *token)
{
	struct xs_part parts[] = { string(path), string(token) };

	return done(xs_client_call(c, XS_UNWATCH, 0, parts, 2, NULL));
}

int xs_client_begin(struct xs_client *c, uint32_t *tx)
{
	struct xs_part part = string("");
	const char *reply;
	int rc = xs_client_call(c, XS_TRANSACTION_START, 0, &part, 1, &reply);

	if (rc >= 0) {
		*tx = (uint32_t)strtoul(reply, NULL, 10);
	}
	return done(rc);
}

int xs_client_end(struct xs_client *c, uint32_t tx, bool commit)
{
	struct xs_part part = string(commit ? "T" : "F");

	return done(xs_client_call(c, XS_TRANSACTION_END, tx, &part, 1, NULL));
}

int xs_client_event(struct xs_client *c, const char **path, const char **token)
{
	struct pollfd p = { c->fd, POLLIN, 0 };
	struct event *e;
	int rc;

	while (TAILQ_EMPTY(&c->events)) {
		if (client_flush(c)) {
			return -ENOTCONN;
		}
		if (poll(&p, 1, 0) <= 0) {
			return 0;
		}
		rc = client_message(c);
		if (rc < 0) {
			return rc;
		}
	}
	e = TAILQ_FIRST(&c->events);
	TAILQ_REMOVE(&c->events, e, link);
	free(c->event);
	c->event = e;
	*path = e->payload;
	*token = e->payload + strlen(e->payload) + (strlen(e->payload) < e->len);
	return 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * The supervisor's socket: see api.h for the protocol. Owns the clients. A client that does not
 * read loses its connection, not the supervisor its memory; those who may change nothing get few
 * connections and short lines, so that they cannot keep those who may from being heard.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "supervise/api.h"
#include "supervise/supervise.h"

#define UNREAD_MAX (8u << 20)
#define GROUPS_MAX 256

/* For all strangers together, and for each user who may look. */
#define FEW_CLIENTS 16
#define SHORT_LINE  (64u << 10)

static const struct timeval stranger_time = { 2, 0 };
static const struct timeval accept_pause = { 0, 100000 };

struct client {
	LIST_ENTRY(client) link;
	struct supervisor *s;
	uint64_t serial;
	struct bufferevent *io;
	struct event *late; /* a stranger's time is over */
	enum role role;
	uid_t uid;
	size_t line_max;
	bool follows;
};

static void client_end(struct client *c)
{
	LIST_REMOVE(c, link);
	if (c->late) {
		event_free(c->late);
	}
	bufferevent_free(c->io);
	free(c);
}

static struct client *client_of(struct supervisor *s, struct request req)
{
	struct client *c;

	LIST_FOREACH(c, &s->clients, link)
	{
		if (c->serial == req.serial) {
			break;
		}
	}
	return c;
}

/* Takes the reference. */
static void client_send(struct client *c, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	struct evbuffer *out = bufferevent_get_output(c->io);

	json_decref(message);
	if (text && evbuffer_get_length(out) < UNREAD_MAX) {
		evbuffer_add(out, text, strlen(text));
		evbuffer_add(out, "\n", 1);
	} else if (text) {
		/* Later, since whoever called goes on with the client. */
		bufferevent_trigger_event(c->io, BEV_EVENT_EOF, BEV_OPT_DEFER_CALLBACKS);
	}
	free(text);
}

void server_result(struct supervisor *s, struct request req, json_t *result)
{
	struct client *c = client_of(s, req);

	if (c) {
		client_send(c, json_pack("{s:I, s:o}", "id", req.id, "result", result));
	} else {
		json_decref(result);
	}
}

static json_t *error_message(struct request req, const struct failure *f)
{
	json_t *message = json_pack("{s:I, s:{s:i, s:s}}", "id", req.id, "error", "errno", -f->code,
				    "message", f->text);

	/* A text that is not UTF-8 cannot be sent. */
	return message ? message
		       : json_pack("{s:I, s:{s:i, s:s}}", "id", req.id, "error", "errno", -f->code,
				   "message", strerror(-f->code));
}

void server_error(struct supervisor *s, struct request req, const struct failure *f)
{
	struct client *c = client_of(s, req);

	if (c) {
		client_send(c, error_message(req, f));
	}
}

/* As much as the client has room for; it is the last it hears. */
static void client_refuse(struct client *c, const struct failure *f)
{
	json_t *message = error_message((struct request){ 0 }, f);
	char *text = json_dumps(message, JSON_COMPACT);

	if (text) {
		text[strlen(text)] = '\n'; /* over the terminating zero */
		send(bufferevent_getfd(c->io), text, strcspn(text, "\n") + 1,
		     MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	json_decref(message);
	free(text);
	client_end(c);
}

void server_progress(struct supervisor *s, struct request req, const char *step)
{
	struct client *c = client_of(s, req);
	json_t *message = c ? json_pack("{s:I, s:s}", "id", req.id, "progress", step) : NULL;

	if (message) {
		client_send(c, message);
	}
}

void server_event(struct supervisor *s, json_t *event)
{
	struct client *c;

	LIST_FOREACH(c, &s->clients, link)
	{
		if (c->follows) {
			client_send(c, json_pack("{s:O}", "event", event));
		}
	}
}

bool server_follow(struct supervisor *s, struct request req)
{
	struct client *c = client_of(s, req);

	if (c) {
		c->follows = true;
	}
	return c;
}

static void client_line(struct client *c, const char *line, size_t len)
{
	struct request req = { c->serial, 0 };
	struct failure f = { 0 };
	json_t *message = json_loadb(line, len, 0, NULL), *params;
	const char *method = json_string_value(json_object_get(message, "method"));

	req.id = json_integer_value(json_object_get(message, "id"));
	params = json_object_get(message, "params");
	if (!method || (params && !json_is_object(params))) {
		failure_set(&f, -EPROTO,
			    "a request is one line of JSON: {\"id\": 1, \"method\": NAME, "
			    "\"params\": {...}}");
		server_error(c->s, req, &f);
	} else {
		methods_call(c->s, req, c->role, method, params);
	}
	json_decref(message);
}

static void client_event(struct bufferevent *io, short what, void *arg)
{
	(void)io;
	(void)what;
	client_end(arg);
}

static void client_written(struct bufferevent *io, void *arg)
{
	(void)io;
	client_end(arg);
}

static void client_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	client_end(arg);
}

static void client_readable(struct bufferevent *io, void *arg)
{
	struct client *c = arg;
	struct evbuffer *in = bufferevent_get_input(io);
	struct failure f = { 0 };
	char *line;
	size_t len;

	while ((line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF))) {
		client_line(c, line, len);
		free(line);
		if (c->role == ROLE_NONE) {
			/* One answer says all there is to say. */
			bufferevent_disable(io, EV_READ);
			bufferevent_setcb(io, NULL, client_written, client_event, c);
			return;
		}
	}
	if (evbuffer_get_length(in) > c->line_max) {
		failure_set(&f, -EMSGSIZE, "a request has at most %zu bytes", c->line_max);
		client_refuse(c, &f);
	}
}

static bool in_group(int fd, gid_t primary, const char *name)
{
	const struct group *g = getgrnam(name);
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);
	size_t i;

	if (!g) {
		return false;
	}
	if (g->gr_gid == primary) {
		return true;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len)) {
		return false;
	}
	for (i = 0; i < len / sizeof(*groups); i++) {
		if (groups[i] == g->gr_gid) {
			return true;
		}
	}
	return false;
}

static enum role peer_role(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	*uid = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)) {
		return ROLE_NONE;
	}
	*uid = peer.uid;
	if (!peer.uid || in_group(fd, peer.gid, API_GROUP_ALL)) {
		return ROLE_ALL;
	}
	return in_group(fd, peer.gid, API_GROUP_VIEW) ? ROLE_VIEW : ROLE_NONE;
}

static bool too_many(struct supervisor *s, enum role role, uid_t uid)
{
	struct client *c;
	size_t n = 0;

	LIST_FOREACH(c, &s->clients, link)
	{
		n += c->role == role && (role == ROLE_NONE || c->uid == uid);
	}
	return role != ROLE_ALL && n >= FEW_CLIENTS;
}

static void client_new(struct supervisor *s, int fd, enum role role, uid_t uid)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->s = s;
	c->serial = ++s->next_client;
	c->role = role;
	c->uid = uid;
	c->line_max = role == ROLE_ALL ? API_LINE_MAX : SHORT_LINE;
	c->io = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(c->io, client_readable, NULL, client_event, c);
	bufferevent_setwatermark(c->io, EV_READ, 0, 2 * c->line_max);
	bufferevent_enable(c->io, EV_READ | EV_WRITE);
	if (role == ROLE_NONE) {
		c->late = event_new(s->base, -1, 0, client_late, c);
		event_add(c->late, &stranger_time);
	}
	LIST_INSERT_HEAD(&s->clients, c, link);
}

static void server_accept(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;
	int io = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	enum role role;
	uid_t uid;

	(void)what;
	if (io < 0) {
		/* Who waits keeps the socket readable: nothing else would be done. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			event_del(s->listener);
			event_add(s->listen_again, &accept_pause);
		}
		return;
	}
	role = peer_role(io, &uid);
	if (too_many(s, role, uid)) {
		close(io);
	} else {
		client_new(s, io, role, uid);
	}
}

static void server_listen_again(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	event_add(s->listener, NULL);
}

int server_listen(struct supervisor *s, const char *path, struct failure *f)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc = 0;

	if (strlen(path) >= sizeof(to.sun_path)) {
		rc = -ENAMETOOLONG;
	} else {
		strcpy(to.sun_path, path);
		unlink(path);
		/* Everybody may connect; what one may do depends on who one is. */
		if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) || chmod(path, 0666) ||
		    listen(fd, 64)) {
			rc = -errno;
		}
	}
	if (rc) {
		if (fd >= 0) {
			close(fd);
		}
		return failure_set(f, rc, "cannot listen on %s: %s", path, strerror(-rc));
	}
	s->listener = event_new(s->base, fd, EV_READ | EV_PERSIST, server_accept, s);
	event_add(s->listener, NULL);
	s->listen_again = event_new(s->base, -1, 0, server_listen_again, s);
	return 0;
}

void server_close(struct supervisor *s)
{
	while (!LIST_EMPTY(&s->clients)) {
		client_end(LIST_FIRST(&s->clients));
	}
	if (s->listener) {
		close(event_get_fd(s->listener));
		event_free(s->listener);
		event_free(s->listen_again);
		s->listener = s->listen_again = NULL;
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The socket for terminals: any number of clients may attach to the same console.
 *
 * A client sends one line and gets one line back:
 *
 *   attach NAME-OR-DOMID        ok DOMID NAME       then the console's bytes, both ways
 *   list                        ok N                then N lines: DOMID TTY NAME; end of file
 *   (anything wrong)            error: TEXT         end of file
 *
 * Single-threaded, no lock.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "consoled/consoled.h"
#include "consoled/guest.h"
#include "lib/xalloc.h"

#define LINE_ROOM     256
#define HELLO_SECONDS 10

/* A client that has not said yet what it wants. */
struct caller {
	struct consoled *d;
	int fd;
	struct event *readable;
	size_t len;
	char line[LINE_ROOM];
};

static void __attribute__((format(printf, 2, 3))) say(int fd, const char *format, ...)
{
	char text[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > (int)sizeof(text) - 1) {
		n = (int)sizeof(text) - 1;
	}
	/* A few bytes into an empty socket: it takes them all, or the client is gone. */
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n) {
		shutdown(fd, SHUT_RDWR);
	}
}

static struct guest *guest_named(struct consoled *d, const char *what)
{
	struct guest *g;
	char number[16];

	LIST_FOREACH(g, &d->guests, link)
	{
		snprintf(number, sizeof(number), "%u", g->domid);
		if (!strcmp(g->name, what) || !strcmp(number, what)) {
			break;
		}
	}
	return g;
}

static void answer_list(struct consoled *d, int fd)
{
	struct guest *g;
	int n = 0;

	LIST_FOREACH(g, &d->guests, link)
	{
		n++;
	}
	say(fd, "ok %d\n", n);
	LIST_FOREACH(g, &d->guests, link)
	{
		say(fd, "%u %s %s\n", g->domid, g->tty ? g->tty : "-", g->name);
	}
}

/* True when the descriptor has found a new owner. */
static bool caller_answer(struct caller *k)
{
	struct guest *g;

	if (!strcmp(k->line, "list")) {
		answer_list(k->d, k->fd);
		return false;
	}
	if (strncmp(k->line, "attach ", 7)) {
		say(k->fd, "error: unknown request\n");
		return false;
	}
	g = guest_named(k->d, k->line + 7);
	if (!g) {
		say(k->fd, "error: no guest '%s' with a console is running\n", k->line + 7);
		return false;
	}
	say(k->fd, "ok %u %s\n", g->domid, g->name);
	guest_attach(g, k->fd);
	return true;
}

static void caller_end(struct caller *k, bool keep)
{
	event_free(k->readable);
	if (!keep) {
		close(k->fd);
	}
	free(k);
}

/* One byte at a time: what follows the line belongs to the console. */
static void caller_readable(evutil_socket_t fd, short what, void *arg)
{
	struct caller *k = arg;
	ssize_t n;

	while (!(what & EV_TIMEOUT)) {
		n = read(fd, k->line + k->len, 1);
		if (n < 0 && errno == EAGAIN) {
			return;
		}
		if (n <= 0) {
			break;
		}
		if (k->line[k->len] == '\n') {
			k->line[k->len] = 0;
			caller_end(k, caller_answer(k));
			return;
		}
		if (++k->len == sizeof(k->line)) {
			break;
		}
	}
	caller_end(k, false);
}

static void attach_accept(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval patience = { HELLO_SECONDS, 0 };
	struct consoled *d = arg;
	struct caller *k;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (client < 0) {
		return;
	}
	k = xcalloc(1, sizeof(*k));
	k->d = d;
	k->fd = client;
	k->readable = event_new(d->base, client, EV_READ | EV_PERSIST, caller_readable, k);
	event_add(k->readable, &patience);
}

int attach_listen(struct consoled *d, const char *folder)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int n = snprintf(to.sun_path, sizeof(to.sun_path), "%s/console", folder);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(to.sun_path)) {
		return -ENAMETOOLONG;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -errno;
	}
	unlink(to.sun_path);
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)) || chmod(to.sun_path, 0660) ||
	    listen(fd, 16)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	event_add(event_new(d->base, fd, EV_READ | EV_PERSIST, attach_accept, d), NULL);
	return 0;
}

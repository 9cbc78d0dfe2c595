/* SPDX-License-Identifier: MIT */
/*
 * The toolstack's use of the store: see store.h. No state of its own.
 */
#include "domain/store.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define TRIES           100
#define PATH_ROOM       512
#define RESTART_MS      5000
#define RESTART_STEP_MS 20

static void path_format(char path[PATH_ROOM], const char *format, va_list args)
{
	vsnprintf(path, PATH_ROOM, format, args);
}

#define PATH_FROM_ARGS(path, format) \
	do { \
		va_list args_; \
		va_start(args_, format); \
		path_format(path, format, args_); \
		va_end(args_); \
	} while (0)

struct xs_client *store_open_now(int *error)
{
	struct xs_client *xs = xs_client_open(NULL, error);
	int ignored;

	if (!xs && *error == -ENOENT) {
		/* No socket: perhaps another domain serves the store, through the kernel. */
		xs = xs_client_open("/dev/xen/xenbus", &ignored);
	}
	return xs;
}

struct xs_client *store_open(struct failure *f)
{
	struct xs_client *xs;
	int rc, waited = 0;

	/* A socket without a listener: the daemon has died, and is on its way back. */
	while (!(xs = store_open_now(&rc)) && rc == -ECONNREFUSED && waited < RESTART_MS) {
		poll(NULL, 0, RESTART_STEP_MS);
		waited += RESTART_STEP_MS;
	}
	if (!xs) {
		failure_set(f, rc,
			    "cannot reach the store: %s; start it with `dais stored --detach` "
			    "and run this as root",
			    strerror(-rc));
	}
	return xs;
}

/* A pipeline in one transaction: the first error is kept, but every answer is taken. */
struct pipe {
	struct xs_client *xs;
	uint32_t tx;
	unsigned int waiting;
	int error, tolerated;
};

static void pipe_take(struct pipe *p)
{
	int rc = xs_client_take(p->xs, NULL);

	p->waiting--;
	if (rc < 0 && rc != p->tolerated && !p->error) {
		p->error = rc;
	}
	if (rc == -ENOTCONN) {
		p->waiting = 0;
	}
}

static void pipe_send(struct pipe *p, uint32_t type, const struct xs_part *parts, int count)
{
	int rc;

	if (p->error == -ENOTCONN) {
		return;
	}
	if (p->waiting >= XS_IN_FLIGHT) {
		while (p->waiting > XS_IN_FLIGHT_LOW) {
			pipe_take(p);
		}
	}
	rc = xs_client_send(p->xs, type, p->tx, parts, count);
	if (rc) {
		p->error = rc;
	} else {
		p->waiting++;
	}
}

static int pipe_end(struct pipe *p)
{
	while (p->waiting) {
		pipe_take(p);
	}
	return p->error;
}

static struct xs_part part_text(const char *s)
{
	return (struct xs_part){ s, strlen(s) + 1 };
}

static void pipe_node(struct pipe *p, const struct node *n)
{
	struct xs_part write[2] = { part_text(n->path),
				    { n->value, n->value ? strlen(n->value) : 0 } };
	char owner[16], reader[16];
	struct xs_part perms[3] = { part_text(n->path) };

	pipe_send(p, n->value ? XS_WRITE : XS_MKDIR, write, n->value ? 2 : 1);
	if (n->owner >= 0) {
		snprintf(owner, sizeof(owner), "n%d", n->owner);
		snprintf(reader, sizeof(reader), "r%d", n->reader);
		perms[1] = part_text(owner);
		perms[2] = part_text(reader);
		pipe_send(p, XS_SET_PERMS, perms, n->reader >= 0 ? 3 : 2);
	}
}

static int transact(struct xs_client *xs, void (*fill)(struct pipe *p, const void *arg),
		    const void *arg, int tolerated)
{
	struct pipe p;
	int rc, tries = 0;

	do {
		p = (struct pipe){ .xs = xs, .tolerated = tolerated };
		rc = xs_client_begin(xs, &p.tx);
		if (rc) {
			return rc;
		}
		fill(&p, arg);
		rc = pipe_end(&p);
		if (rc) {
			xs_client_end(xs, p.tx, false);
		} else {
			rc = xs_client_end(xs, p.tx, true);
		}
	} while (rc == -EAGAIN && ++tries < TRIES);
	return rc;
}

static void fill_nodes(struct pipe *p, const void *arg)
{
	const struct node_list *l = arg;
	size_t i;

	for (i = 0; i < l->count; i++) {
		pipe_node(p, &l->nodes[i]);
	}
}

int store_write_list(struct xs_client *xs, const struct node_list *l, struct failure *f)
{
	int rc = transact(xs, fill_nodes, l, 0);

	return rc ? failure_set(f, rc, "the store refuses the domain's entries: %s%s",
				strerror(-rc), rc == -EACCES ? "; run this as root" : "")
		  : 0;
}

static void fill_removals(struct pipe *p, const void *arg)
{
	const char *const *paths = arg;

	for (; *paths; paths++) {
		struct xs_part part = part_text(*paths);

		pipe_send(p, XS_RM, &part, 1);
	}
}

int store_remove_all(struct xs_client *xs, const char *const *paths)
{
	return transact(xs, fill_removals, paths, -ENOENT);
}

char *store_read(struct xs_client *xs, const char *format, ...)
{
	char path[PATH_ROOM];

	PATH_FROM_ARGS(path, format);
	return xs_client_read(xs, 0, path);
}

long long store_number(struct xs_client *xs, long long otherwise, const char *format, ...)
{
	char path[PATH_ROOM], *text, *end;
	long long n;

	PATH_FROM_ARGS(path, format);
	text = xs_client_read(xs, 0, path);
	if (!text) {
		return otherwise;
	}
	n = strtoll(text, &end, 10);
	if (end == text || *end) {
		n = otherwise;
	}
	free(text);
	return n;
}

int store_write(struct xs_client *xs, const char *value, const char *format, ...)
{
	char path[PATH_ROOM];

	PATH_FROM_ARGS(path, format);
	return xs_client_write(xs, 0, path, value);
}

bool store_exists(struct xs_client *xs, const char *format, ...)
{
	char path[PATH_ROOM], *text;

	PATH_FROM_ARGS(path, format);
	text = xs_client_read(xs, 0, path);
	free(text);
	return text != NULL;
}

char **store_list(struct xs_client *xs, size_t *count, const char *format, ...)
{
	char path[PATH_ROOM], **names, *text;
	struct xs_part part;
	const char *reply;
	size_t i, n = 0, len;
	int rc;

	*count = 0;
	PATH_FROM_ARGS(path, format);
	part = part_text(path);
	rc = xs_client_call(xs, XS_DIRECTORY, 0, &part, 1, &reply);
	if (rc < 0) {
		errno = -rc;
		return NULL;
	}
	len = (size_t)rc;
	for (i = 0; i < len; i++) {
		n += !reply[i];
	}
	/* Pointers first, then the texts they point to. */
	names = xcalloc(1, (n + 1) * sizeof(*names) + len + 1);
	text = memcpy(names + n + 1, reply, len);
	for (i = 0; i < n; i++) {
		names[i] = text;
		text += strlen(text) + 1;
	}
	*count = n;
	return names;
}

int store_wait(struct xs_client *xs, const char *path, unsigned int seconds,
	       int (*done)(struct xs_client *xs, void *arg), void *arg)
{
	struct pollfd fd = { xs_client_fd(xs), POLLIN, 0 };
	long long end = clock_ms() + seconds * 1000ll, left;
	const char *where, *token;
	int rc = xs_client_watch(xs, path, "wait");

	while (!rc) {
		while ((rc = xs_client_event(xs, &where, &token)) > 0) {
		}
		if (!rc) {
			rc = done(xs, arg);
		}
		left = end - clock_ms();
		if (rc || left <= 0) {
			rc = rc ? rc : -ETIMEDOUT;
			break;
		}
		/* done() may have taken events in with its answers: look before sleeping. */
		rc = xs_client_event(xs, &where, &token);
		if (!rc) {
			poll(&fd, 1, (int)left);
		}
		rc = rc < 0 ? rc : 0;
	}
	xs_client_unwatch(xs, path, "wait");
	return rc;
}

int store_introduce(struct xs_client *xs, uint32_t domid, uint64_t frame, uint32_t port)
{
	char numbers[3][24];
	struct xs_part parts[3];
	int rc, i;

	snprintf(numbers[0], sizeof(numbers[0]), "%u", domid);
	snprintf(numbers[1], sizeof(numbers[1]), "%llu", (unsigned long long)frame);
	snprintf(numbers[2], sizeof(numbers[2]), "%u", port);
	for (i = 0; i < 3; i++) {
		parts[i] = part_text(numbers[i]);
	}
	rc = xs_client_call(xs, XS_INTRODUCE, 0, parts, 3, NULL);
	return rc < 0 ? rc : 0;
}

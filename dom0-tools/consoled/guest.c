/* SPDX-License-Identifier: MIT */
/*
 * Guests' consoles: see guest.h. Single-threaded, no lock.
 *
 * Output goes from the ring into the history and the log; sinks take it from the history at their
 * own pace. Input goes straight into the ring: a sink is not read while the guest has no room.
 *
 * What a guest can make this process do is bounded: so many bytes and so many of its events per
 * period. Then its port stays masked, and the next period begins with a look at the ring.
 */
#include "consoled/guest.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <xenevtchn.h>

#include "consoled/logfile.h"
#include "lib/guest_page.h"
#include "lib/log.h"
#include "lib/xalloc.h"

#define CONSOLE_GRANT  0           /* the reference every builder fills in */
#define ALLOWANCE      (16 * 1024) /* bytes of output per period */
#define EVENTS         8           /* looked at as they come, per period */
#define PERIOD_US      10000
#define ATTACH_HISTORY (16 * 1024) /* shown to a client that attaches */
#define INPUT_PIECE    1024

static void sink_close(struct sink *s)
{
	LIST_REMOVE(s, link);
	event_free(s->readable);
	event_free(s->writable);
	close(s->fd);
	free(s);
}

/* Gives the sink what it can take. False when it is gone. */
static bool sink_flush(struct sink *s)
{
	const char *from;
	uint64_t lost;
	size_t len;
	ssize_t n;

	while ((len = history_peek(&s->guest->history, &s->at, &from, &lost))) {
		n = write(s->fd, from, len);
		if (n > 0) {
			s->at += (uint64_t)n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			event_add(s->writable, NULL);
			return true;
		} else if (s->is_pty) {
			/* Nobody can have closed it: our own slave end is open. */
			return true;
		} else {
			sink_close(s);
			return false;
		}
	}
	return true;
}

static void sink_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	sink_flush(arg);
}

static void sink_readable(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;
	struct guest *g = s->guest;
	size_t room = console_ring_room(&g->ring);
	char piece[INPUT_PIECE];
	ssize_t n;

	(void)what;
	if (!room) {
		event_del(s->readable);
		g->starved = true;
		return;
	}
	n = read(fd, piece, room < sizeof(piece) ? room : sizeof(piece));
	if (n > 0) {
		console_ring_write(&g->ring, piece, (size_t)n);
		xenevtchn_notify(g->d->events, (uint32_t)g->port);
	} else if (!s->is_pty && !(n < 0 && (errno == EAGAIN || errno == EINTR))) {
		sink_close(s);
	}
}

static struct sink *sink_open(struct guest *g, int fd, uint64_t at)
{
	struct sink *s = xcalloc(1, sizeof(*s));

	s->guest = g;
	s->fd = fd;
	s->at = at;
	s->readable = event_new(g->d->base, fd, EV_READ | EV_PERSIST, sink_readable, s);
	s->writable = event_new(g->d->base, fd, EV_WRITE, sink_writable, s);
	event_add(s->readable, NULL);
	LIST_INSERT_HEAD(&g->sinks, s, link);
	return s;
}

void guest_attach(struct guest *g, int fd)
{
	sink_flush(sink_open(g, fd, history_back(&g->history, ATTACH_HISTORY)));
}

/* A raw terminal: the guest does its own echo and line editing. */
static int guest_open_pty(struct guest *g)
{
	struct termios raw;
	char name[64];
	int master;

	if (openpty(&master, &g->slave, NULL, NULL, NULL)) {
		return -errno;
	}
	if (tcgetattr(g->slave, &raw) || ttyname_r(g->slave, name, sizeof(name))) {
		close(master);
		close(g->slave);
		return -errno;
	}
	cfmakeraw(&raw);
	tcsetattr(g->slave, TCSANOW, &raw);
	fcntl(master, F_SETFL, O_NONBLOCK);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(g->slave, F_SETFD, FD_CLOEXEC);
	g->tty = xstrdup(name);
	sink_open(g, master, 0)->is_pty = true;
	return 0;
}

/* Room in the ring again: those who had more to say are heard. */
static void guest_feed(struct guest *g)
{
	struct sink *s;

	if (g->starved && console_ring_room(&g->ring)) {
		g->starved = false;
		LIST_FOREACH(s, &g->sinks, link)
		{
			event_add(s->readable, NULL);
		}
	}
}

static void guest_drain(struct guest *g)
{
	char piece[sizeof(g->ring.page->out)];
	size_t len, took = 0;
	uint32_t resyncs = g->ring.resyncs;

	while (g->budget && (len = console_ring_read(&g->ring, piece, sizeof(piece)))) {
		history_add(&g->history, piece, len);
		logfile_write(g->log, piece, len);
		g->budget -= len < g->budget ? len : g->budget;
		took += len;
	}
	if (resyncs == 0 && g->ring.resyncs) {
		log_warn("domain %u (%s): impossible indexes in its console ring", g->domid,
			 g->name);
	}
	if (took) {
		xenevtchn_notify(g->d->events, (uint32_t)g->port);
	}
}

void guest_service(struct guest *g)
{
	static const struct timeval period = { 0, PERIOD_US };
	struct sink *s, *next;

	guest_drain(g);
	if (!g->throttled) {
		/* The allowance is renewed a period after it was first touched. */
		g->throttled = true;
		event_add(g->allowance, &period);
	}
	guest_feed(g);
	for (s = LIST_FIRST(&g->sinks); s; s = next) {
		next = LIST_NEXT(s, link);
		sink_flush(s);
	}
}

void guest_event(struct guest *g)
{
	if (!g->events) {
		g->masked = true;
		return;
	}
	g->events--;
	xenevtchn_unmask(g->d->events, (uint32_t)g->port);
	guest_service(g);
}

static void guest_allow(evutil_socket_t fd, short what, void *arg)
{
	struct guest *g = arg;
	bool waits = !g->budget || g->masked;

	(void)fd;
	(void)what;
	g->budget = ALLOWANCE;
	g->events = EVENTS;
	g->throttled = false;
	if (g->masked) {
		g->masked = false;
		xenevtchn_unmask(g->d->events, (uint32_t)g->port);
	}
	if (waits) {
		guest_service(g);
	}
}

static void ports_set(struct consoled *d, int port, struct guest *g)
{
	size_t more;

	if ((size_t)port >= d->ports) {
		more = (size_t)port + 64;
		d->by_port = xrealloc(d->by_port, more, sizeof(d->by_port[0]));
		memset(d->by_port + d->ports, 0, (more - d->ports) * sizeof(d->by_port[0]));
		d->ports = more;
	}
	d->by_port[port] = g;
}

static int guest_connect(struct guest *g)
{
	void *page = guest_page_map(g->d->pages, g->domid, CONSOLE_GRANT, g->frame, &g->granted);

	if (!page) {
		log_warn("domain %u (%s): its console ring cannot be mapped", g->domid, g->name);
		return -EINVAL;
	}
	console_ring_attach(&g->ring, page);
	g->port = xenevtchn_bind_interdomain(g->d->events, g->domid, g->remote_port);
	if (g->port < 0) {
		log_warn("domain %u (%s): cannot bind to its console's port %u: %s", g->domid,
			 g->name, g->remote_port, strerror(errno));
		return -EINVAL;
	}
	ports_set(g->d, g->port, g);
	return 0;
}

struct guest *guest_open(struct consoled *d, uint32_t domid, const char *name, uint64_t frame,
			 uint32_t remote_port)
{
	struct guest *g = xcalloc(1, sizeof(*g));
	char folder[sizeof(d->log_folder) + 16], note[64];

	g->d = d;
	g->domid = domid;
	g->name = xstrdup(name);
	g->frame = frame;
	g->remote_port = remote_port;
	g->port = -1;
	g->slave = -1;
	g->budget = ALLOWANCE;
	g->events = EVENTS;
	g->allowance = event_new(d->base, -1, 0, guest_allow, g);
	LIST_INIT(&g->sinks);
	LIST_INSERT_HEAD(&d->guests, g, link);
	d->guest[domid] = g;
	if (guest_connect(g)) {
		guest_close(g);
		return NULL;
	}
	snprintf(folder, sizeof(folder), "%s/console", d->log_folder);
	g->log = logfile_open(folder, name);
	snprintf(note, sizeof(note), "console of domain %u opened", domid);
	logfile_note(g->log, note);
	if (g->log && *d->link_folder) {
		logfile_link(g->log, d->link_folder);
	}
	if (guest_open_pty(g)) {
		log_error("domain %u (%s): no terminal (%s); only the log works", domid, name,
			  strerror(errno));
	}
	guest_service(g);
	return g;
}

void guest_close(struct guest *g)
{
	struct consoled *d = g->d;

	if (g->port >= 0) {
		g->budget = sizeof(g->ring.page->out);
		guest_service(g);
		d->by_port[g->port] = NULL;
		xenevtchn_unbind(d->events, (uint32_t)g->port);
		logfile_note(g->log, "console closed");
	}
	while (!LIST_EMPTY(&g->sinks)) {
		sink_close(LIST_FIRST(&g->sinks));
	}
	if (g->slave >= 0) {
		close(g->slave);
	}
	if (g->ring.page) {
		guest_page_unmap(d->pages, g->ring.page, g->granted);
	}
	event_free(g->allowance);
	logfile_close(g->log);
	history_free(&g->history);
	LIST_REMOVE(g, link);
	d->guest[g->domid] = NULL;
	free(g->name);
	free(g->tty);
	free(g);
}

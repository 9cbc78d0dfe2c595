/* SPDX-License-Identifier: MIT */
/*
 * Which guests have a console: the store says so in /local/domain/N/console, the hypervisor says
 * who is alive. Looks at everybody when told that somebody came or went, and at one guest when
 * its own entries change. Writes the terminal's name to console/tty, where `xl console` looks.
 *
 * When the store goes away (it was restarted) guests' consoles run on; scanning resumes with the
 * next connection. Single-threaded, no lock.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consoled/consoled.h"
#include "consoled/guest.h"
#include "lib/hypercall.h"
#include "lib/log.h"
#include "lib/xs_client.h"
#include "lib/xalloc.h"

#define SCAN_BATCH 128
#define PATH_ROOM  96
#define TTY_TRIES  16

/* What the store has of a guest that a console depends on. */
enum entry { RING_REF, PORT, TYPE, TTY, NAME, ENTRIES };

static void scan_read(struct consoled *d, uint32_t domid, char *value[ENTRIES])
{
	static const char *const leaf[ENTRIES] = {
		[RING_REF] = "console/ring-ref", [PORT] = "console/port", [TYPE] = "console/type",
		[TTY] = "console/tty",           [NAME] = "name",
	};
	char text[ENTRIES][PATH_ROOM], *paths[ENTRIES];
	size_t i;

	for (i = 0; i < ENTRIES; i++) {
		paths[i] = text[i];
		snprintf(text[i], PATH_ROOM, "/local/domain/%u/%s", domid, leaf[i]);
	}
	xs_client_read_many(d->store, 0, paths, ENTRIES, value);
}

/* 0 for what is no number. */
static uint64_t scan_number(const char *text)
{
	uint64_t n;
	char *end;

	if (!text) {
		return 0;
	}
	errno = 0;
	n = strtoull(text, &end, 10);
	return errno || end == text || *end ? 0 : n;
}

/* One try: as long as the console is in the store, and not as the first thing in its place. */
static int scan_try_tty(struct consoled *d, const struct guest *g, const char *path)
{
	char port_path[PATH_ROOM], *port;
	uint32_t tx;
	int rc = xs_client_begin(d->store, &tx);

	if (rc) {
		return rc;
	}
	snprintf(port_path, sizeof(port_path), "/local/domain/%u/console/port", g->domid);
	port = xs_client_read(d->store, tx, port_path);
	if (port) {
		xs_client_write(d->store, tx, path, g->tty);
	}
	rc = xs_client_end(d->store, tx, port);
	free(port);
	return rc;
}

/*
 * What brings us here may be that the domain's entries were just removed: a terminal written then
 * would bring them back, for good.
 */
static void scan_write_tty(struct consoled *d, const struct guest *g, const char *now)
{
	char path[PATH_ROOM];
	int tries = TTY_TRIES;

	if (!g->tty || (now && !strcmp(now, g->tty))) {
		return;
	}
	snprintf(path, sizeof(path), "/local/domain/%u/console/tty", g->domid);
	while (scan_try_tty(d, g, path) == -EAGAIN && --tries) {
	}
}

static void scan_one(struct consoled *d, uint32_t domid)
{
	struct guest *g = d->guest[domid];
	char *value[ENTRIES], name[24];
	uint64_t frame, port;
	size_t i;

	scan_read(d, domid, value);
	frame = scan_number(value[RING_REF]);
	port = scan_number(value[PORT]);
	if (g && port && (g->frame != frame || g->remote_port != port)) {
		guest_close(g);
		g = NULL;
	}
	/* It is ours to serve unless the toolstack gave it to somebody else. */
	if (!g && frame && port && port <= INT32_MAX &&
	    (!value[TYPE] || !strcmp(value[TYPE], "xenconsoled"))) {
		snprintf(name, sizeof(name), "domain-%u", domid);
		g = guest_open(d, domid, value[NAME] && *value[NAME] ? value[NAME] : name, frame,
			       (uint32_t)port);
	}
	if (g) {
		scan_write_tty(d, g, value[TTY]);
	}
	for (i = 0; i < ENTRIES; i++) {
		free(value[i]);
	}
}

/* A guest not seen before: its entries are watched, whether or not they are there yet. */
static void scan_meet(struct consoled *d, uint32_t domid)
{
	char path[PATH_ROOM], token[16];

	snprintf(path, sizeof(path), "/local/domain/%u/console", domid);
	snprintf(token, sizeof(token), "%u", domid);
	/* A new watch fires at once, and scan_one() follows. */
	xs_client_watch(d->store, path, token);
}

static void scan_part(struct consoled *d, uint32_t domid)
{
	char path[PATH_ROOM], token[16];

	snprintf(path, sizeof(path), "/local/domain/%u/console", domid);
	snprintf(token, sizeof(token), "%u", domid);
	xs_client_unwatch(d->store, path, token);
}

static void scan_all(struct consoled *d)
{
	static struct xen_domctl_getdomaininfo info[SCAN_BATCH];
	static bool alive[CONSOLED_DOMAINS];
	uint32_t first = 1, domid;
	int i, got;

	memset(alive, 0, d->top + 1);
	do {
		got = hypercall_domain_list(d->calls, first, info, SCAN_BATCH);
		for (i = 0; i < got; i++) {
			domid = info[i].domain;
			while (d->top < domid && d->top < CONSOLED_DOMAINS - 1) {
				alive[++d->top] = false;
			}
			if (domid < CONSOLED_DOMAINS && !(info[i].flags & XEN_DOMINF_dying)) {
				alive[domid] = true;
			}
			first = domid + 1;
		}
	} while (got == SCAN_BATCH);
	if (got < 0) {
		log_error("cannot list domains: %s", strerror(-got));
		return;
	}
	for (domid = 1; domid <= d->top; domid++) {
		if (!alive[domid] && d->guest[domid]) {
			guest_close(d->guest[domid]);
		}
		if (alive[domid] && !d->met[domid]) {
			scan_meet(d, domid);
		} else if (!alive[domid] && d->met[domid]) {
			scan_part(d, domid);
		}
		d->met[domid] = alive[domid];
	}
}

static void scan_lost(struct consoled *d);

static void scan_events(evutil_socket_t fd, short what, void *arg)
{
	struct consoled *d = arg;
	const char *path, *token;
	uint64_t domid;
	int rc;

	(void)fd;
	(void)what;
	while ((rc = xs_client_event(d->store, &path, &token)) > 0) {
		if (path[0] == '@') {
			scan_all(d);
			continue;
		}
		domid = strtoull(token, NULL, 10);
		if (domid && domid < CONSOLED_DOMAINS) {
			scan_one(d, (uint32_t)domid);
		}
	}
	if (rc < 0) {
		scan_lost(d);
	}
}

static void scan_connect(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = { 0, 300000 };
	struct consoled *d = arg;
	int rc;

	(void)fd;
	(void)what;
	d->store = xs_client_open(NULL, &rc);
	if (!d->store || xs_client_watch(d->store, "@introduceDomain", "introduce") ||
	    xs_client_watch(d->store, "@releaseDomain", "release")) {
		xs_client_close(d->store);
		d->store = NULL;
		event_add(d->store_retry, &soon);
		return;
	}
	d->store_ready =
		event_new(d->base, xs_client_fd(d->store), EV_READ | EV_PERSIST, scan_events, d);
	event_add(d->store_ready, NULL);
	/* Both watches have fired already: */
	event_active(d->store_ready, EV_READ, 0);
	log_info("connected to the store");
}

static void scan_lost(struct consoled *d)
{
	log_warn("the store is gone; waiting for it");
	event_free(d->store_ready);
	d->store_ready = NULL;
	xs_client_close(d->store);
	d->store = NULL;
	memset(d->met, 0, sizeof(d->met));
	scan_connect(-1, 0, d);
}

void scan_start(struct consoled *d)
{
	d->store_retry = event_new(d->base, -1, 0, scan_connect, d);
	scan_connect(-1, 0, d);
}

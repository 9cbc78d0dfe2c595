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

/* A number from the store, or `otherwise`. */
static uint64_t scan_number(struct consoled *d, uint32_t domid, const char *leaf,
			    uint64_t otherwise)
{
	char path[PATH_ROOM], *text, *end;
	uint64_t n;

	snprintf(path, sizeof(path), "/local/domain/%u/console/%s", domid, leaf);
	text = xs_client_read(d->store, 0, path);
	if (!text) {
		return otherwise;
	}
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end) {
		n = otherwise;
	}
	free(text);
	return n;
}

/* The console is ours to serve unless the toolstack gave it to somebody else. */
static bool scan_is_ours(struct consoled *d, uint32_t domid)
{
	char path[PATH_ROOM], *type;
	bool ours;

	snprintf(path, sizeof(path), "/local/domain/%u/console/type", domid);
	type = xs_client_read(d->store, 0, path);
	ours = !type || !strcmp(type, "xenconsoled");
	free(type);
	return ours;
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
static void scan_write_tty(struct consoled *d, const struct guest *g)
{
	char path[PATH_ROOM];
	char *now;
	int tries = TTY_TRIES;

	if (!g->tty) {
		return;
	}
	snprintf(path, sizeof(path), "/local/domain/%u/console/tty", g->domid);
	now = xs_client_read(d->store, 0, path);
	if (!now || strcmp(now, g->tty)) {
		while (scan_try_tty(d, g, path) == -EAGAIN && --tries) {
		}
	}
	free(now);
}

static void scan_one(struct consoled *d, uint32_t domid)
{
	struct guest *g = d->guest[domid];
	uint64_t frame = scan_number(d, domid, "ring-ref", 0);
	uint64_t port = scan_number(d, domid, "port", 0);
	char path[PATH_ROOM], *name;

	if (g && port && (g->frame != frame || g->remote_port != port)) {
		guest_close(g);
		g = NULL;
	}
	if (!g && frame && port && port <= INT32_MAX && scan_is_ours(d, domid)) {
		snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
		name = xs_client_read(d->store, 0, path);
		snprintf(path, sizeof(path), "domain-%u", domid);
		g = guest_open(d, domid, name && *name ? name : path, frame, (uint32_t)port);
		free(name);
	}
	if (g) {
		scan_write_tty(d, g);
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

	memset(alive, 0, sizeof(alive));
	do {
		got = hypercall_domain_list(d->calls, first, info, SCAN_BATCH);
		for (i = 0; i < got; i++) {
			domid = info[i].domain;
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
	for (domid = 1; domid < CONSOLED_DOMAINS; domid++) {
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

/* SPDX-License-Identifier: MIT */
/*
 * `dais stored`: puts the store together and runs its event loop. Owns the process: lock, pid
 * file, signals, event loop. Everything runs on one thread.
 *
 * Killed at any moment and started again, it resumes from the journal: guests' rings, watches and
 * transactions go on, and only programs connected by socket have to connect again. With --kernel
 * there are no sockets: programs are sent to the kernel's device, whose ring is as lasting as a
 * guest's, so that they notice nothing either; each request then costs a little more.
 */
#include "stored/main.h"

#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/daemon_main.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "stored/domain.h"
#include "stored/hv_xen.h"
#include "stored/socket.h"
#include "stored/state.h"
#include "stored/stored.h"
#include "stored/transaction.h"

#define TURNS 64 /* requests served before the event loop looks around again */

struct options {
	const char *socket_folder, *state_folder, *user;
	bool kernel;
};

/* The one store of this process, for callbacks that have no argument. */
static struct stored *store;
static struct hv_xen *xen;
static struct event *work;

static void work_wake(void)
{
	event_active(work, EV_TIMEOUT, 0);
}

/* One request for each connection in turn: nobody's flood delays the others by more than that. */
static void work_run(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c;
	int turns = TURNS;

	(void)fd;
	(void)what;
	(void)arg;
	while (turns-- && (c = TAILQ_FIRST(&store->runnable))) {
		TAILQ_REMOVE(&store->runnable, c, run_link);
		c->runnable = false;
		if (c->io->serve(store, c)) {
			conn_wake(store, c);
		}
	}
	if (!TAILQ_EMPTY(&store->runnable)) {
		work_wake();
	}
}

static void events_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	/* What is left makes the descriptor readable again, after a turn of requests. */
	domain_take_events(store);
	if (!TAILQ_EMPTY(&store->runnable)) {
		work_wake();
	}
}

/* Now and then: time goes on, and transactions grow old. */
static void tick(evutil_socket_t fd, short what, void *arg)
{
	struct timespec now;

	(void)fd;
	(void)what;
	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &now);
	store->clock = (uint32_t)now.tv_sec;
	transaction_refresh_old(store);
}

/* Resumes from the journal, or begins: 0 or -errno. */
static int store_begin(const struct options *o)
{
	char path[4096], aside[4096];
	int port = hv_xen_dom0_port(), rc;

	snprintf(path, sizeof(path), "%s/store.journal", o->state_folder);
	rc = state_open(store, path);
	if (rc == -EBADMSG) {
		snprintf(aside, sizeof(aside), "%s/store.journal.bad", o->state_folder);
		log_error("%s is damaged: moved aside to %s; the store starts empty", path, aside);
		rename(path, aside);
		stored_free(store);
		store = stored_new(&hv_xen_ops, xen);
		rc = state_open(store, path);
	}
	if (rc < 0) {
		log_error("cannot use the journal %s (%s): without it a restart would lose the "
			  "store; make room or choose another folder with --state",
			  path, strerror(-rc));
		return rc;
	}
	if (rc) {
		domain_attach_all(store);
		domain_check_all(store);
	}
	if (!domain_find(store, 0)) {
		rc = port < 0 ? port : domain_introduce_dom0(store, (uint32_t)port);
		if (rc) {
			log_error("cannot reach dom0's own ring (%s): is xenfs mounted on "
				  "/proc/xen?",
				  strerror(-rc));
			return rc;
		}
	}
	stored_publish(store);
	return 0;
}

/* What libxenstore finds instead of a socket: a device, which it opens as such. */
static int device_link(const char *path)
{
	if ((unlink(path) && errno != ENOENT) || symlink("/dev/xen/xenbus", path)) {
		return -errno;
	}
	return 0;
}

static int sockets_begin(const struct options *o, struct event_base *base)
{
	static const char *const name[] = { "socket", "socket_ro" };
	char path[4096];
	int i, rc;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", o->socket_folder, name[i]);
		rc = o->kernel ? device_link(path)
			       : socket_listen(store, base, path, i == 1, work_wake);
		if (rc) {
			log_error("cannot listen on %s: %s", path, strerror(-rc));
			return rc;
		}
	}
	return 0;
}

static void loop(const struct daemon *daemon, struct event_base *base)
{
	static const struct timeval period = { 15, 0 };

	event_add(event_new(base, hv_xen_fd(xen), EV_READ | EV_PERSIST, events_ready, NULL), NULL);
	event_add(event_new(base, -1, EV_PERSIST, tick, NULL), &period);
	work_wake();
	daemon_serve(daemon, base);
	log_info("stopped; the journal stays, and the next start resumes from it");
}

static int prepare(const struct daemon *daemon, const struct options *o)
{
	char path[4096];
	int rc = daemon_make_folder(o->state_folder);

	if (!rc) {
		rc = daemon_make_folder(o->socket_folder);
	}
	if (rc) {
		log_error("cannot make %s or %s: %s", o->state_folder, o->socket_folder,
			  strerror(-rc));
		return rc;
	}
	snprintf(path, sizeof(path), "%s/store.lock", o->state_folder);
	return daemon_claim(daemon, path);
}

/*
 * A client sends the header of a request and its body one after the other. The store has its fair
 * share of the CPU, but does not push the sender off it half-way: it is then woken once for each
 * request instead of twice.
 */
static void scheduling_set(void)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_BATCH, &none)) {
		log_warn("cannot be scheduled as a batch process (%s): requests by socket take "
			 "longer",
			 strerror(errno));
	}
}

int stored_main(int argc, char **argv)
{
	struct options o = {
		.socket_folder = "/run/xenstored",
		.state_folder = "/run/dais/stored",
	};
	const struct daemon_option own[] = {
		{ "kernel", 'k', NULL, &o.kernel },
		{ "sockets", 's', &o.socket_folder, NULL },
		{ "state", 'd', &o.state_folder, NULL },
		{ "user", 'u', &o.user, NULL },
		{ 0 },
	};
	struct daemon daemon = { .name = "stored" };
	struct event_base *base;
	int rc = daemon_begin(&daemon, own, argc, argv);

	if (rc) {
		return rc;
	}
	hash_seed();
	xen = prepare(&daemon, &o) ? NULL : hv_xen_open();
	if (!xen) {
		return 1;
	}
	base = event_base_new();
	work = event_new(base, -1, 0, work_run, NULL);
	store = stored_new(&hv_xen_ops, xen);
	store->trace = daemon.verbose;
	tick(-1, 0, NULL);
	if (store_begin(&o) || sockets_begin(&o, base)) {
		return 1;
	}
	if (daemon_note_pid(&daemon)) {
		return 1;
	}
	scheduling_set();
	rc = o.user ? daemon_drop(o.user, o.state_folder) : 0;
	if (rc) {
		log_error("cannot become user %s: %s", o.user, strerror(-rc));
		return 1;
	}
	loop(&daemon, base);
	/* No farewell to the guests: their rings wait, as they would after a crash. */
	return 0;
}

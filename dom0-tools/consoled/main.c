/* SPDX-License-Identifier: MIT */
/*
 * `dais consoled`: puts the console daemon together and runs its event loop. Owns the process:
 * lock, pid file, handles, signals. Everything runs on one thread.
 */
#include "consoled/main.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenevtchn.h>

#include <xen/xen.h>

#include "consoled/consoled.h"
#include "consoled/guest.h"
#include "lib/daemon.h"
#include "lib/daemon_main.h"
#include "lib/guest_page.h"
#include "lib/hypercall.h"
#include "lib/log.h"

struct options {
	const char *socket_folder, *log_folder, *link_folder;
};

static void events_ready(evutil_socket_t fd, short what, void *arg)
{
	struct consoled *d = arg;
	int port;

	(void)fd;
	(void)what;
	while ((port = xenevtchn_pending(d->events)) >= 0) {
		if (port == d->console_virq) {
			xenevtchn_unmask(d->events, (uint32_t)port);
			hvlog_read(d);
		} else if ((size_t)port < d->ports && d->by_port[port]) {
			guest_event(d->by_port[port]);
		}
	}
}

static int handles_open(struct consoled *d)
{
	d->events = xenevtchn_open(NULL, 0);
	d->pages = guest_pages_open();
	d->calls = hypercall_open();
	if (!d->events || !d->pages || !d->calls) {
		log_error("cannot open /dev/xen/%s: %s; this must run in dom0",
			  d->events ? "privcmd" : "evtchn", strerror(errno));
		return -ENODEV;
	}
	fcntl(xenevtchn_fd(d->events), F_SETFL, O_NONBLOCK);
	d->console_virq = xenevtchn_bind_virq(d->events, VIRQ_CON_RING);
	if (d->console_virq < 0) {
		log_warn("cannot bind to the hypervisor's console (%s): its log will not grow; is "
			 "xenconsoled running?",
			 strerror(errno));
	}
	return 0;
}

static int folders_make(const struct daemon *daemon, const struct options *o, struct consoled *d)
{
	char path[4096];
	int rc;

	snprintf(d->log_folder, sizeof(d->log_folder), "%s", o->log_folder);
	snprintf(d->link_folder, sizeof(d->link_folder), "%s", o->link_folder);
	snprintf(path, sizeof(path), "%s/console", d->log_folder);
	rc = daemon_make_folder(path);
	if (!rc) {
		rc = daemon_make_folder(o->socket_folder);
	}
	if (rc) {
		log_error("cannot make %s or %s: %s", path, o->socket_folder, strerror(-rc));
		return rc;
	}
	snprintf(path, sizeof(path), "%s/console.lock", o->socket_folder);
	return daemon_claim(daemon, path);
}

static int serve(const struct daemon *daemon, struct consoled *d)
{
	event_add(event_new(d->base, xenevtchn_fd(d->events), EV_READ | EV_PERSIST, events_ready,
			    d),
		  NULL);
	hvlog_start(d);
	scan_start(d);
	daemon_serve(daemon, d->base);
	while (!LIST_EMPTY(&d->guests)) {
		guest_close(LIST_FIRST(&d->guests));
	}
	return 0;
}

int consoled_main(int argc, char **argv)
{
	struct options o = {
		.socket_folder = "/run/dais",
		.log_folder = "/var/log/dais",
		.link_folder = "",
	};
	const struct daemon_option own[] = {
		{ "link-dir", 'L', &o.link_folder, NULL },
		{ "log-dir", 'l', &o.log_folder, NULL },
		{ "sockets", 's', &o.socket_folder, NULL },
		{ 0 },
	};
	struct daemon daemon = { .name = "consoled" };
	static struct consoled d;
	int rc = daemon_begin(&daemon, own, argc, argv);

	if (rc) {
		return rc;
	}
	if (folders_make(&daemon, &o, &d) || handles_open(&d)) {
		return 1;
	}
	LIST_INIT(&d.guests);
	d.base = event_base_new();
	if (attach_listen(&d, o.socket_folder)) {
		log_error("cannot listen on %s/console: %s", o.socket_folder, strerror(errno));
		return 1;
	}
	return daemon_note_pid(&daemon) ? 1 : serve(&daemon, &d);
}

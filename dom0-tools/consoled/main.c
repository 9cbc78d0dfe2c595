/* SPDX-License-Identifier: MIT */
/*
 * `dais consoled`: puts the console daemon together and runs its event loop. Owns the process:
 * lock, pid file, handles, signals. Everything runs on one thread.
 */
#include "consoled/main.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenevtchn.h>

#include <xen/xen.h>

#include "consoled/consoled.h"
#include "consoled/guest.h"
#include "lib/daemon.h"
#include "lib/guest_page.h"
#include "lib/hypercall.h"
#include "lib/log.h"

struct options {
	const char *socket_folder, *log_folder, *link_folder, *pid_file;
	bool detach, verbose;
};

static void events_ready(evutil_socket_t fd, short what, void *arg)
{
	struct consoled *d = arg;
	int port;

	(void)fd;
	(void)what;
	while ((port = xenevtchn_pending(d->events)) >= 0) {
		xenevtchn_unmask(d->events, (uint32_t)port);
		if (port == d->console_virq) {
			hvlog_read(d);
		} else if ((size_t)port < d->ports && d->by_port[port]) {
			guest_service(d->by_port[port]);
		}
	}
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
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

static int folders_make(const struct options *o, struct consoled *d)
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
	rc = daemon_lock(path);
	if (rc) {
		log_error("%s", rc == -EWOULDBLOCK ? "another `dais consoled` is running"
						   : strerror(-rc));
	}
	return rc;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "detach", no_argument, NULL, 'D' },
		{ "pid-file", required_argument, NULL, 'F' },
		{ "link-dir", required_argument, NULL, 'L' },
		{ "log-dir", required_argument, NULL, 'l' },
		{ "sockets", required_argument, NULL, 's' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "DF:L:l:s:v", longs, NULL)) != -1) {
		switch (c) {
		case 'D':
			o->detach = true;
			break;
		case 'F':
			o->pid_file = optarg;
			break;
		case 'L':
			o->link_folder = optarg;
			break;
		case 'l':
			o->log_folder = optarg;
			break;
		case 's':
			o->socket_folder = optarg;
			break;
		case 'v':
			o->verbose = true;
			break;
		default:
			return -EINVAL;
		}
	}
	if (optind != argc) {
		log_error("unexpected argument '%s'", argv[optind]);
		return -EINVAL;
	}
	return 0;
}

static void loop(struct consoled *d)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	event_add(evsignal_new(d->base, SIGTERM, stop, d->base), NULL);
	event_add(evsignal_new(d->base, SIGINT, stop, d->base), NULL);
	event_add(event_new(d->base, xenevtchn_fd(d->events), EV_READ | EV_PERSIST, events_ready,
			    d),
		  NULL);
	hvlog_start(d);
	scan_start(d);
	daemon_ready();
	log_info("serving");
	event_base_dispatch(d->base);
	while (!LIST_EMPTY(&d->guests)) {
		guest_close(LIST_FIRST(&d->guests));
	}
}

int consoled_main(int argc, char **argv)
{
	struct options o = {
		.socket_folder = "/run/dais",
		.log_folder = "/var/log/dais",
		.link_folder = "",
	};
	static struct consoled d;

	log_open("consoled", false);
	if (parse(&o, argc, argv)) {
		return 2;
	}
	log_set_level(o.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (o.detach && daemon_detach()) {
		log_error("cannot fork: %s", strerror(errno));
		return 1;
	}
	if (folders_make(&o, &d) || handles_open(&d)) {
		return 1;
	}
	LIST_INIT(&d.guests);
	d.base = event_base_new();
	if (attach_listen(&d, o.socket_folder)) {
		log_error("cannot listen on %s/console: %s", o.socket_folder, strerror(errno));
		return 1;
	}
	if (o.pid_file && daemon_write_pid(o.pid_file)) {
		log_error("cannot write %s: %s", o.pid_file, strerror(errno));
		return 1;
	}
	if (o.detach) {
		log_open("dais-consoled", true);
	}
	loop(&d);
	return 0;
}

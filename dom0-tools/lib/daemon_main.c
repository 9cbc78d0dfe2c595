/* SPDX-License-Identifier: MIT */
/* The frame of a daemon's main function. */
#include "lib/daemon_main.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/daemon.h"
#include "lib/log.h"

static const struct daemon_option *option_find(const struct daemon_option *rows, int letter)
{
	while (rows->name && rows->letter != letter) {
		rows++;
	}
	return rows->name ? rows : NULL;
}

/* Appends the rows to what getopt_long() wants; returns how many there are then. */
static size_t options_add(const struct daemon_option *rows, struct option *longs, char *shorts,
			  size_t n)
{
	for (; rows->name; rows++) {
		char word[3] = { rows->letter, rows->text ? ':' : 0 };

		longs[n++] = (struct option){ rows->name,
					      rows->text ? required_argument : no_argument, NULL,
					      rows->letter };
		strcat(shorts, word);
	}
	return n;
}

static int options_read(struct daemon *d, const struct daemon_option *own, int argc, char **argv)
{
	const struct daemon_option common[] = {
		{ "detach", 'D', NULL, &d->detach },
		{ "pid-file", 'F', &d->pid_file, NULL },
		{ "verbose", 'v', NULL, &d->verbose },
		{ 0 },
	};
	struct option longs[DAEMON_OPTIONS_MAX + 4] = { 0 };
	char shorts[2 * (DAEMON_OPTIONS_MAX + 3) + 1] = "";
	int c;

	options_add(own, longs, shorts, options_add(common, longs, shorts, 0));
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct daemon_option *o = option_find(common, c);

		o = o ? o : option_find(own, c);
		if (!o) {
			return -EINVAL;
		}
		if (o->text) {
			*o->text = optarg;
		} else {
			*o->flag = true;
		}
	}
	if (optind != argc) {
		log_error("unexpected argument '%s'", argv[optind]);
		return -EINVAL;
	}
	return 0;
}

int daemon_begin(struct daemon *d, const struct daemon_option *own, int argc, char **argv)
{
	log_open(d->name, false);
	if (options_read(d, own, argc, argv)) {
		return 2;
	}
	log_set_level(d->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (d->detach && daemon_detach()) {
		log_error("cannot fork: %s", strerror(errno));
		return 1;
	}
	return 0;
}

int daemon_claim(const struct daemon *d, const char *path)
{
	int rc = daemon_lock(path);

	if (rc == -EWOULDBLOCK) {
		log_error("another `dais %s` is running", d->name);
	} else if (rc) {
		log_error("cannot lock %s: %s", path, strerror(-rc));
	}
	return rc;
}

int daemon_note_pid(const struct daemon *d)
{
	int rc = d->pid_file ? daemon_write_pid(d->pid_file) : 0;

	if (rc) {
		log_error("cannot write %s: %s", d->pid_file, strerror(-rc));
	}
	return rc;
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

void daemon_serve(const struct daemon *d, struct event_base *base)
{
	char syslog_name[32];

	if (d->detach) {
		snprintf(syslog_name, sizeof(syslog_name), "dais-%s", d->name);
		log_open(syslog_name, true);
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	event_add(evsignal_new(base, SIGTERM, stop, base), NULL);
	event_add(evsignal_new(base, SIGINT, stop, base), NULL);
	daemon_ready();
	log_info("serving");
	event_base_dispatch(base);
}

/* SPDX-License-Identifier: MIT */
/*
 * The frame of a daemon's main function: options, leaving the terminal, and the event loop. Between
 * daemon_begin() and daemon_serve() the daemon opens what it needs.
 */
#ifndef LIB_DAEMON_MAIN_H
#define LIB_DAEMON_MAIN_H

#include <event2/event.h>
#include <stdbool.h>

/* An option of the daemon's own: --name VALUE (-letter) into *text, or --name alone into *flag. */
struct daemon_option {
	const char *name;
	char letter;
	const char **text;
	bool *flag;
};

#define DAEMON_OPTIONS_MAX 8

struct daemon {
	const char *name; /* "stored": how it calls itself in the log */
	bool detach, verbose;
	const char *pid_file;
};

/*
 * Reads the options: --detach, --pid-file, --verbose, and `own`, which ends with a row without a
 * name. Detaches if asked to. 0, or the status to exit with; then it has said why.
 */
int daemon_begin(struct daemon *d, const struct daemon_option *own, int argc, char **argv);

/* Takes the lock file `path`. 0 or -errno, said. */
int daemon_claim(const struct daemon *d, const char *path);

/* Writes the pid file if there is to be one. 0 or -errno, said. */
int daemon_note_pid(const struct daemon *d);

/* Whoever waits in the foreground is let go; then the loop, until SIGTERM or SIGINT. */
void daemon_serve(const struct daemon *d, struct event_base *base);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The save verb: a guest goes into a file, from which `restore` brings it back. Whatever fails, or
 * whoever interrupts it, the guest goes on as if nothing had been asked. Owns the flag by which
 * signals say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/create.h"
#include "cli/save_config.h"
#include "cli/save_file.h"
#include "cli/verb.h"
#include "domain/save.h"
#include "domain/suspend.h"
#include "lib/daemon.h"

#define LOCK_FOLDER "/run/dais/save"

struct save_options {
	bool checkpoint, leave_paused;
	const char *path, *config; /* config: a file, or NULL */
};

static volatile sig_atomic_t save_signalled;

static void save_signal(int number)
{
	save_signalled = number;
}

static bool save_stopped(void)
{
	return save_signalled;
}

/* From here on the guest must not be left asleep. A pipe that nobody reads is an error like any. */
static void save_catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction act = { .sa_handler = save_signal };
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaction(numbers[i], &act, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

/* One at a time: the guest would run on while another reads it. Held until this process ends. */
static int save_lock(uint32_t domid, struct failure *f)
{
	char path[64];
	int fd;

	daemon_make_folder(LOCK_FOLDER);
	snprintf(path, sizeof(path), LOCK_FOLDER "/%u", domid);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		return failure_set(f, -errno, "cannot make '%s': %s", path, strerror(errno));
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return failure_set(f, -EBUSY,
				   "domain %u is being saved already; wait for that to end", domid);
	}
	return 0;
}

static char *save_text(struct toolstack *t, uint32_t domid, const struct save_options *o,
		       struct failure *f)
{
	struct create_request r = { .where = o->config };

	if (!o->config) {
		return save_config(t, domid, f);
	}
	if (!cli_request_load(&r, f)) {
		return r.text;
	}
	free(r.text);
	return NULL;
}

/* For the supervisor, which is in another folder, and takes texts of one encoding only. */
static json_t *save_where(const char *path)
{
	char *whole = realpath(path, NULL);
	json_t *text = json_string(whole ? whole : path);

	free(whole);
	return text ? text : json_string("FILE");
}

/* The supervisor is to know that this end is wanted; see verb_life.c. */
static int save_destroy(struct toolstack *t, uint32_t domid, const char *path)
{
	struct failure f = { 0 };
	json_t *done =
		api_once("destroy",
			 json_pack("{s:i, s:o}", "domid", (int)domid, "saved", save_where(path)),
			 &f);
	int rc = done ? 0 : f.code;

	if (!done && f.code == -ENOTCONN) {
		memset(&f, 0, sizeof(f));
		rc = domain_destroy(t, domid, &f);
	}
	json_decref(done);
	return rc ? cli_error("the guest is in '%s', but could not be destroyed: %s; do that "
			      "before you restore it: dais destroy %u",
			      path, f.text, domid)
		  : 0;
}

/* The guest has suspended: it is written, and then ends or goes on. */
static int save_suspended(struct toolstack *t, uint32_t domid, const struct save_options *o,
			  const char *config, struct save_file *file)
{
	struct failure f = { 0 }, woken = { 0 };
	int rc = domain_save(t, domid, config, file->out, save_stopped, &f);

	if (!rc && !suspend_done(t, domid)) {
		rc = failure_set(&f, -EBUSY,
				 "somebody else woke domain %u or destroyed it before it was whole",
				 domid);
	}
	if (!rc) {
		rc = save_file_keep(file, &f);
	}
	cli_done();
	if (rc && !suspend_done(t, domid)) {
		return cli_fail(&f);
	}
	if (rc) {
		suspend_cancel(t, domid, false, &woken);
		return cli_error("%s%s%s", f.text, woken.code ? ", and " : "; the guest goes on",
				 woken.text);
	}
	if (o->checkpoint || o->leave_paused) {
		return suspend_cancel(t, domid, o->leave_paused, &woken) ? cli_fail(&woken) : 0;
	}
	return save_destroy(t, domid, file->path);
}

static int save_domain(struct toolstack *t, uint32_t domid, const struct save_options *o)
{
	struct save_file file = { 0 };
	struct failure f = { 0 };
	char *config = NULL;
	int rc = 0;

	if (!domid) {
		return cli_error("Domain-0 cannot be saved");
	}
	if (!save_lock(domid, &f) && (config = save_text(t, domid, o, &f)) &&
	    !save_file_open(&file, o->path, &f)) {
		save_catch_signals();
		cli_busy("waiting for the guest to suspend");
		rc = suspend_ask(t, domid, save_stopped, &f);
		cli_done();
	}
	if (!f.code) {
		cli_busy("writing the memory of the guest");
		rc = save_suspended(t, domid, o, config, &file);
	} else {
		rc = cli_fail(&f);
	}
	save_file_drop(&file);
	free(config);
	return rc;
}

int verb_save(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "checkpoint", no_argument, NULL, 'c' },
		{ "leavepaused", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct save_options o = { 0 };
	struct toolstack t;
	uint32_t domid;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "cp", longs, NULL, &status)) >= 0) {
		o.checkpoint |= c == 'c';
		o.leave_paused |= c == 'p';
	}
	if (c == -2 || (status = cli_arguments(argc, 2, 3)) ||
	    (status = cli_open_domain(&t, argv[optind], &domid))) {
		return status;
	}
	o.path = argv[optind + 1];
	o.config = argv[optind + 2];
	status = save_domain(&t, domid, &o);
	toolstack_close(&t);
	return status;
}

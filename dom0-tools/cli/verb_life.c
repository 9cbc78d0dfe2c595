/* SPDX-License-Identifier: MIT */
/*
 * Verbs that end, stop or rename domains: destroy, shutdown, reboot, pause, unpause, rename. No
 * state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"
#include "lib/domctl.h"

#define WAIT_SECONDS 600

/* One that does not run just now: it is between two starts. Its name means something there only. */
static int destroy_waiting(const char *what, const struct failure *not_found)
{
	struct failure f = { 0 };
	json_t *done = api_once("destroy", json_pack("{s:s}", "domain", what), &f);

	json_decref(done);
	return done ? 0 : cli_fail(f.code == -ESRCH || f.code == -ENOTCONN ? not_found : &f);
}

/*
 * The supervisor ends domains, because it has to know that this end is wanted. For guests it does
 * not know, and when it cannot be reached, this is done here.
 */
static int destroy_one(const char *what)
{
	struct failure f = { 0 };
	struct toolstack t;
	uint32_t domid;
	json_t *done;
	int rc = cli_open(&t);

	if (rc) {
		return rc;
	}
	if (toolstack_find(&t, what, &domid, &f)) {
		toolstack_close(&t);
		return f.code == -ESRCH ? destroy_waiting(what, &f) : cli_fail(&f);
	}
	done = api_once("destroy", json_pack("{s:i}", "domid", (int)domid), &f);
	if (!done && f.code == -ENOTCONN) {
		memset(&f, 0, sizeof(f));
		rc = domain_destroy(&t, domid, &f);
	} else {
		rc = done ? 0 : f.code;
	}
	json_decref(done);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : 0;
}

int verb_destroy(int argc, char **argv)
{
	int c, status = 0;

	while ((c = cli_option(argc, argv, "f", NULL, NULL, &status)) >= 0) {
		/* -f is for domain 0, which nobody should destroy. */
	}
	if (c == -2 || (status = cli_arguments(argc, 1, -1))) {
		return status;
	}
	for (; optind < argc; optind++) {
		status |= destroy_one(argv[optind]);
	}
	return status;
}

/* Domains that are to end, and how many of them still run. */
struct waiting {
	struct toolstack *t;
	uint32_t *domids;
	size_t count;
};

static int waiting_done(struct xs_client *xs, void *arg)
{
	struct waiting *w = arg;
	struct xen_domctl_getdomaininfo info;
	size_t i, left = 0;
	int rc;

	(void)xs;
	for (i = 0; i < w->count; i++) {
		if (w->domids[i] == ~0u) {
			continue;
		}
		rc = domctl_info(w->t->h, w->domids[i], &info);
		if (rc || info.flags & XEN_DOMINF_dying) {
			printf("Domain %u has been destroyed\n", w->domids[i]);
			w->domids[i] = ~0u;
		} else if (info.flags & XEN_DOMINF_shutdown) {
			printf("Domain %u has been shut down, reason code %u\n", w->domids[i],
			       info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
			w->domids[i] = ~0u;
		} else {
			left++;
		}
	}
	fflush(stdout);
	return !left;
}

struct ask_options {
	const char *what;  /* "poweroff" or "reboot" */
	const char *title; /* "Shutting down" */
	bool all, wait;
};

/* Names or, with all, every guest. */
static int ask_select(struct roster *r, const struct ask_options *o, char **names, int count,
		      struct failure *f)
{
	size_t i, kept = 0;

	if (!o->all) {
		return roster_pick(r, names, (size_t)count, f);
	}
	for (i = 0; i < r->count; i++) {
		if (r->rows[i].info.domain) {
			r->rows[kept++] = r->rows[i];
		} else {
			free(r->rows[i].name);
		}
	}
	r->count = kept;
	return 0;
}

static int ask_all(struct toolstack *t, const struct ask_options *o, struct roster *r,
		   struct failure *f)
{
	struct waiting w = { t, NULL, r->count };
	size_t i;
	int rc = 0;

	w.domids = calloc(r->count + 1, sizeof(*w.domids));
	for (i = 0; i < r->count; i++) {
		struct failure one = { 0 };

		w.domids[i] = r->rows[i].info.domain;
		printf("%s domain %u\n", o->title, w.domids[i]);
		fflush(stdout);
		if (domain_ask(t, w.domids[i], o->what, &one)) {
			w.domids[i] = ~0u;
			rc = failure_set(f, one.code, "%s", one.text);
		}
	}
	if (o->wait && r->count) {
		printf("Waiting for %zu domains\n", r->count);
		i = (size_t)store_wait(t->xs, "@releaseDomain", WAIT_SECONDS, waiting_done, &w);
		if ((int)i < 0) {
			rc = failure_set(f, (int)i, "gave up waiting for guests to end: %s",
					 strerror(-(int)i));
		}
	}
	free(w.domids);
	return rc;
}

static int ask(int argc, char **argv, struct ask_options *o)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "wait", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "awF", longs, NULL, &status)) >= 0) {
		o->all |= c == 'a';
		o->wait |= c == 'w';
		/* -F asks for an ACPI event where drivers are missing: PV has none. */
	}
	if (c == -2 || (!o->all && (status = cli_arguments(argc, 1, -1))) ||
	    (status = cli_open(&t))) {
		return status;
	}
	rc = roster_read(&r, &t, &f);
	if (!rc) {
		rc = ask_select(&r, o, argv + optind, argc - optind, &f);
	}
	if (!rc) {
		rc = ask_all(&t, o, &r, &f);
	}
	roster_free(&r);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : 0;
}

int verb_shutdown(int argc, char **argv)
{
	struct ask_options o = { .what = "poweroff", .title = "Shutting down" };

	return ask(argc, argv, &o);
}

int verb_reboot(int argc, char **argv)
{
	struct ask_options o = { .what = "reboot", .title = "Rebooting" };

	return ask(argc, argv, &o);
}

static int pause_or_not(int argc, char **argv, int (*op)(struct hypercall *h, uint32_t domid))
{
	struct toolstack t;
	uint32_t domid;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, 1)) ||
	    (status = cli_open_domain(&t, argv[optind], &domid))) {
		return status;
	}
	rc = domid ? op(t.h, domid) : -EPERM;
	toolstack_close(&t);
	return rc ? cli_error("domain %u: %s", domid,
			      domid ? strerror(-rc) : "Domain-0 cannot be paused")
		  : 0;
}

int verb_pause(int argc, char **argv)
{
	return pause_or_not(argc, argv, domctl_pause);
}

int verb_unpause(int argc, char **argv)
{
	return pause_or_not(argc, argv, domctl_unpause);
}

int verb_rename(int argc, char **argv)
{
	struct failure f = { 0 };
	json_t *done;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 2, 2))) {
		return status;
	}
	done = api_once("rename",
			json_pack("{s:s, s:s}", "domain", argv[optind], "name", argv[optind + 1]),
			&f);
	json_decref(done);
	return done ? 0 : cli_fail(&f);
}

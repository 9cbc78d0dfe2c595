/* SPDX-License-Identifier: MIT */
/*
 * The top verb: domains by CPU time, refreshed. Owns the screen while it runs.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"
#include "lib/xalloc.h"

struct top_row {
	const struct roster_row *row;
	double percent;
};

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_percent(const void *a, const void *b)
{
	double x = ((const struct top_row *)a)->percent, y = ((const struct top_row *)b)->percent;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* CPU time used between the two rosters, by domain number and UUID. */
static double percent_of(const struct roster *old, const struct roster_row *row, double elapsed)
{
	size_t i;

	for (i = 0; i < old->count; i++) {
		if (old->rows[i].info.domain == row->info.domain &&
		    row->info.cpu_time >= old->rows[i].info.cpu_time && elapsed > 0) {
			return (double)(row->info.cpu_time - old->rows[i].info.cpu_time) / elapsed /
			       1e7;
		}
	}
	return 0;
}

static void top_print(const struct roster *r, const struct roster *old, double elapsed,
		      const struct xen_sysctl_physinfo *p, bool clear)
{
	struct top_row *rows = xcalloc(r->count, sizeof(*rows));
	char state[7];
	size_t i;

	for (i = 0; i < r->count; i++) {
		rows[i].row = &r->rows[i];
		rows[i].percent = percent_of(old, &r->rows[i], elapsed);
	}
	qsort(rows, r->count, sizeof(*rows), by_percent);
	printf("%s%zu domains; memory: %" PRIu64 " MiB, %" PRIu64 " MiB free; CPUs: %u @ %u MHz\n",
	       clear ? "\033[H\033[2J" : "", r->count, p->total_pages >> 8,
	       (p->free_pages + p->scrub_pages) >> 8, p->nr_cpus, p->cpu_khz / 1000);
	printf("%-24s %5s %6s %10s %6s %9s %9s %5s\n", "NAME", "ID", "STATE", "CPU(sec)", "CPU(%)",
	       "MEM(MiB)", "MAX(MiB)", "VCPUS");
	for (i = 0; i < r->count; i++) {
		const struct xen_domctl_getdomaininfo *info = &rows[i].row->info;

		roster_state(info, state);
		printf("%-24s %5u %s %10.0f %6.1f %9" PRIu64 " %9" PRIu64 " %5u\n",
		       rows[i].row->name, info->domain, state, (double)info->cpu_time / 1e9,
		       rows[i].percent, info->tot_pages >> 8, info->max_pages >> 8,
		       info->nr_online_vcpus);
	}
	fflush(stdout);
	free(rows);
}

static json_t *top_json(const struct roster *r, const struct roster *old, double elapsed)
{
	json_t *out = json_array(), *o;
	size_t i;

	for (i = 0; i < r->count; i++) {
		o = cli_domain_json(&r->rows[i]);
		json_object_set_new(o, "cpu_percent",
				    json_real(percent_of(old, &r->rows[i], elapsed)));
		json_array_append_new(out, o);
	}
	return out;
}

/* True when the user wants to leave. */
static bool top_pause(double delay)
{
	struct pollfd in = { 0, POLLIN, 0 };
	char c;

	if (!isatty(0)) {
		poll(NULL, 0, (int)(delay * 1000));
		return false;
	}
	return poll(&in, 1, (int)(delay * 1000)) > 0 && read(0, &c, 1) == 1 && (c == 'q' || c == 3);
}

static int top_loop(struct toolstack *t, double delay, long rounds, bool json, struct failure *f)
{
	struct roster old = { 0 }, r;
	struct xen_sysctl_physinfo phys;
	double then = 0, now;
	int rc = 0;

	while (!rc) {
		rc = roster_read(&r, t, f);
		now = seconds_now();
		if (rc || (rc = sysctl_physinfo(t->h, &phys))) {
			break;
		}
		if (then > 0 && json) {
			cli_print_json(top_json(&r, &old, now - then));
		} else if (then > 0 || !json) {
			top_print(&r, &old, then > 0 ? now - then : 0, &phys, isatty(1));
		}
		roster_free(&old);
		old = r;
		if ((then > 0 && rounds > 0 && !--rounds) || top_pause(then > 0 ? delay : 0.5)) {
			break;
		}
		then = now;
	}
	roster_free(&old);
	return rc;
}

int verb_top(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "delay", required_argument, NULL, 'd' },
		{ "iterations", required_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	struct termios was, raw;
	struct failure f = { 0 };
	struct toolstack t;
	uint64_t delay = 3, rounds = 0;
	bool json = false, terminal;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "bd:i:", longs, &json, &status)) >= 0) {
		if ((c == 'd' && !cli_number(optarg, 1, 3600, &delay)) ||
		    (c == 'i' && !cli_number(optarg, 1, 1000000, &rounds))) {
			return cli_usage("'%s' is not a number", optarg);
		}
	}
	if (c == -2 || (status = cli_open(&t))) {
		return status;
	}
	terminal = !tcgetattr(0, &was);
	if (terminal) {
		raw = was;
		raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
		tcsetattr(0, TCSANOW, &raw);
	}
	rc = top_loop(&t, (double)delay, json && !rounds ? 1 : (long)rounds, json, &f);
	if (terminal) {
		tcsetattr(0, TCSANOW, &was);
	}
	toolstack_close(&t);
	return rc ? cli_error("%s", f.code ? f.text : strerror(-rc)) : 0;
}

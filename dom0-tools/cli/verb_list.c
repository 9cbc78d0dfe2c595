/* SPDX-License-Identifier: MIT */
/*
 * Verbs that list domains: list, vm-list, claims, domid, domname, uptime. No state of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/uuid.h"

struct list_options {
	bool json, verbose, context, pool, numa, all, longer, claims;
};

static double cpu_seconds(const struct xen_domctl_getdomaininfo *info)
{
	return (double)info->cpu_time / 1e9;
}

static uint64_t row_mib(const struct xen_domctl_getdomaininfo *info)
{
	return (info->tot_pages + info->paged_pages) >> 8;
}

json_t *cli_domain_json(const struct roster_row *row)
{
	const struct xen_domctl_getdomaininfo *i = &row->info;
	bool down = i->flags & XEN_DOMINF_shutdown;
	char state[7], uuid[UUID_TEXT];
	json_t *o;

	roster_state(i, state);
	uuid_format(i->handle, uuid);
	o = json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:i, s:f, s:i}", "name", row->name, "domid",
		      (int)i->domain, "uuid", uuid, "state", state, "memory_kib",
		      (json_int_t)(i->tot_pages * 4), "max_memory_kib",
		      (json_int_t)(i->max_pages * 4), "vcpus", (int)i->nr_online_vcpus,
		      "cpu_seconds", cpu_seconds(i), "cpupool", (int)i->cpupool);
	if (down) {
		json_object_set_new(
			o, "shutdown_reason",
			json_string(guest_end_name(i->flags >> XEN_DOMINF_shutdownshift &
						   XEN_DOMINF_shutdownmask)));
	}
	json_object_set_new(o, "outstanding_kib",
			    json_integer((json_int_t)(i->outstanding_pages * 4)));
	return o;
}

static void list_header(const struct list_options *o)
{
	printf("Name                                        ID   Mem VCPUs\tState\tTime(s)");
	if (o->claims) {
		printf("  Claimed");
	}
	if (o->verbose) {
		printf("   UUID                            Reason-Code\tSecurity Label");
	}
	if (o->context && !o->verbose) {
		printf("   Security Label");
	}
	if (o->pool) {
		printf("         Cpupool");
	}
	if (o->numa) {
		printf(" NODE Affinity");
	}
	putchar('\n');
}

static void list_row_extra(const struct list_options *o, struct toolstack *t,
			   const struct roster_row *row)
{
	const struct xen_domctl_getdomaininfo *i = &row->info;
	char uuid[UUID_TEXT], *pool;

	if (o->claims) {
		printf(" %5" PRIu64, i->outstanding_pages >> 8);
	}
	if (o->verbose) {
		uuid_format(i->handle, uuid);
		printf(" %s ", uuid);
		if (i->flags & XEN_DOMINF_shutdown) {
			printf("%8x",
			       i->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
		} else {
			printf("%8s", "-");
		}
	}
	if (o->verbose || o->context) {
		printf(" %16s", "-");
	}
	if (o->pool) {
		pool = t->xs ? store_read(t->xs, "/local/pool/%u/name", i->cpupool) : NULL;
		printf("%16s", pool ? pool : "Pool-0");
		free(pool);
	}
	if (o->numa) {
		printf(" all");
	}
}

static void list_row(const struct list_options *o, struct toolstack *t,
		     const struct roster_row *row)
{
	char state[7];

	roster_state(&row->info, state);
	printf("%-40s %5u %5" PRIu64 " %5u     %s  %8.1f", cli_row_name(row), row->info.domain,
	       row_mib(&row->info), row->info.nr_online_vcpus, state, cpu_seconds(&row->info));
	list_row_extra(o, t, row);
	putchar('\n');
}

/* Guests that are defined but do not run: the supervisor knows them. */
static void list_stopped(const struct list_options *o, json_t *out, struct failure *f)
{
	json_t *all = api_once("list", json_object(), f), *row;
	const char *name, *state, *uuid;
	size_t i;

	json_array_foreach(all, i, row)
	{
		if (json_is_integer(json_object_get(row, "domid")) ||
		    json_unpack(row, "{s:s, s:s, s:s}", "name", &name, "state", &state, "uuid",
				&uuid)) {
			continue;
		}
		if (out) {
			json_array_append(out, row);
		} else if (o->verbose) {
			printf("%-40s %5s %5s %5s     %-6s  %8s %s\n", name, "-", "-", "-", state,
			       "-", uuid);
		} else {
			printf("%-40s %5s %5s %5s     %-6s  %8s\n", name, "-", "-", "-", state,
			       "-");
		}
	}
	json_decref(all);
}

static int list_long(char **names, int count)
{
	struct failure f = { 0 };
	json_t *params = json_object(), *all;

	if (count) {
		json_object_set_new(params, "domain", json_string(names[0]));
	}
	all = api_once(count ? "get" : "list", params, &f);
	return all ? cli_print_json(all) : cli_fail(&f);
}

static int list_show(const struct list_options *o, char **names, int count)
{
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	json_t *out = o->json ? json_array() : NULL;
	size_t i;
	int rc = cli_open_hypervisor(&t);

	if (rc) {
		return rc;
	}
	/* Without a store there are still numbers to show. */
	t.xs = store_open(NULL);
	rc = roster_read(&r, &t, &f);
	if (!rc && count) {
		rc = roster_pick(&r, names, (size_t)count, &f);
	}
	if (!rc && !o->json) {
		list_header(o);
	}
	for (i = 0; !rc && i < r.count; i++) {
		if (out) {
			json_array_append_new(out, cli_domain_json(&r.rows[i]));
		} else {
			list_row(o, &t, &r.rows[i]);
		}
	}
	if (!rc && o->all) {
		list_stopped(o, out, &f);
		rc = f.code;
	}
	roster_free(&r);
	toolstack_close(&t);
	if (rc) {
		json_decref(out);
		return cli_fail(&f);
	}
	return out ? cli_print_json(out) : 0;
}

int verb_list(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "long", no_argument, NULL, 'l' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "context", no_argument, NULL, 'Z' },
		{ "cpupool", no_argument, NULL, 'c' },
		{ "numa", no_argument, NULL, 'n' },
		{ "all", no_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	struct list_options o = { 0 };
	int c, status = 0;

	while ((c = cli_option(argc, argv, "lvZcna", longs, &o.json, &status)) >= 0) {
		o.longer |= c == 'l';
		o.verbose |= c == 'v';
		o.context |= c == 'Z';
		o.pool |= c == 'c';
		o.numa |= c == 'n';
		o.all |= c == 'a';
	}
	if (c == -2) {
		return status;
	}
	if (o.longer) {
		return list_long(argv + optind, argc - optind);
	}
	return list_show(&o, argv + optind, argc - optind);
}

int verb_claims(int argc, char **argv)
{
	struct list_options o = { .claims = true };
	int status = 0;

	if (cli_option(argc, argv, "", NULL, &o.json, &status) != -1) {
		return status;
	}
	return list_show(&o, NULL, 0);
}

int verb_vm_list(int argc, char **argv)
{
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	char uuid[UUID_TEXT];
	bool json = false;
	json_t *out = json_array();
	size_t i;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, &json, &status) != -1 || (status = cli_open(&t))) {
		json_decref(out);
		return status;
	}
	if (roster_read(&r, &t, &f)) {
		toolstack_close(&t);
		json_decref(out);
		return cli_fail(&f);
	}
	if (!json) {
		printf("UUID                                  ID    name\n");
	}
	for (i = 0; i < r.count; i++) {
		if (!r.rows[i].info.domain) {
			continue;
		}
		uuid_format(r.rows[i].info.handle, uuid);
		if (json) {
			json_array_append_new(out, cli_domain_json(&r.rows[i]));
		} else {
			printf("%s  %d    %-30s\n", uuid, r.rows[i].info.domain,
			       cli_row_name(&r.rows[i]));
		}
	}
	roster_free(&r);
	toolstack_close(&t);
	if (json) {
		return cli_print_json(out);
	}
	json_decref(out);
	return 0;
}

int verb_domid(int argc, char **argv)
{
	struct failure f = { 0 };
	struct toolstack t;
	uint32_t domid;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, 1)) || (status = cli_open(&t))) {
		return status;
	}
	rc = toolstack_find(&t, argv[optind], &domid, &f);
	toolstack_close(&t);
	if (rc) {
		fprintf(stderr,
			"Can't get domid of domain name '%s', maybe this domain does not "
			"exist.\n",
			argv[optind]);
		return EXIT_FAILED;
	}
	printf("%u\n", domid);
	return 0;
}

int verb_domname(int argc, char **argv)
{
	struct toolstack t;
	uint64_t domid;
	char *name;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	if (!cli_number(argv[optind], 0, 0x7ff0, &domid)) {
		return cli_error("invalid domain id '%s'", argv[optind]);
	}
	status = cli_open(&t);
	if (status) {
		return status;
	}
	name = toolstack_name(&t, (uint32_t)domid);
	toolstack_close(&t);
	if (!name) {
		fprintf(stderr,
			"Can't get domain name of domain id '%s', maybe this domain does not "
			"exist.\n",
			argv[optind]);
		return EXIT_FAILED;
	}
	printf("%s\n", name);
	free(name);
	return 0;
}

/* Seconds since a domain was started. */
static uint64_t row_uptime(struct toolstack *t, const struct roster_row *row)
{
	struct timespec up;
	time_t now = time(NULL);
	char uuid[UUID_TEXT];
	long long start;

	if (!row->info.domain) {
		clock_gettime(CLOCK_BOOTTIME, &up);
		return (uint64_t)up.tv_sec;
	}
	uuid_format(row->info.handle, uuid);
	start = store_number(t->xs, now, "/vm/%s/start_time", uuid);
	return now > start ? (uint64_t)(now - start) : 0;
}

static void uptime_row(const struct roster_row *row, uint64_t seconds, bool brief)
{
	char text[64], clock[16];
	time_t now = time(NULL);
	struct tm local;

	cli_uptime_text(text, sizeof(text), seconds, brief);
	if (brief) {
		localtime_r(&now, &local);
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
		printf(" %s up %s, %s (%d)\n", clock, text, cli_row_name(row), row->info.domain);
	} else {
		printf("%-33s %4d %s\n", cli_row_name(row), row->info.domain, text);
	}
}

int verb_uptime(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "short", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	bool brief = false, json = false;
	json_t *out;
	size_t i;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "s", longs, &json, &status)) >= 0) {
		brief |= c == 's';
	}
	if (c == -2 || (status = cli_open(&t))) {
		return status;
	}
	rc = roster_read(&r, &t, &f);
	if (!rc && optind < argc) {
		rc = roster_pick(&r, argv + optind, (size_t)(argc - optind), &f);
	}
	out = json && !rc ? json_array() : NULL;
	if (!rc && !json && !brief) {
		printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
	}
	for (i = 0; !rc && i < r.count; i++) {
		if (json) {
			json_array_append_new(
				out, json_pack("{s:s, s:i, s:I}", "name", r.rows[i].name, "domid",
					       (int)r.rows[i].info.domain, "uptime_seconds",
					       (json_int_t)row_uptime(&t, &r.rows[i])));
		} else {
			uptime_row(&r.rows[i], row_uptime(&t, &r.rows[i]), brief);
		}
	}
	roster_free(&r);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : out ? cli_print_json(out) : 0;
}

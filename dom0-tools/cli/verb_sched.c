/* SPDX-License-Identifier: MIT */
/*
 * Verbs about scheduling: sched-credit, sched-credit2. The two differ in a few words only. No
 * state of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"

struct sched_options {
	uint32_t scheduler;
	const char *domain, *pool;
	bool schedule, json;
	bool set_weight, set_cap, set_tslice, set_ratelimit;
	uint64_t weight, cap, tslice, ratelimit;
};

static char *pool_name(struct toolstack *t, uint32_t pool)
{
	char *name = t->xs ? store_read(t->xs, "/local/pool/%u/name", pool) : NULL;
	char text[24];

	if (!name) {
		snprintf(text, sizeof(text), "Pool-%u", pool);
		name = strdup(text);
	}
	return name;
}

/* Reads, changes what was asked for, writes. */
static int pool_params(struct toolstack *t, const struct sched_options *o, uint32_t pool,
		       struct xen_sysctl_scheduler_op *op)
{
	bool credit = o->scheduler == XEN_SCHEDULER_CREDIT;
	int rc;

	memset(op, 0, sizeof(*op));
	op->cpupool_id = pool;
	op->sched_id = o->scheduler;
	op->cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	rc = sysctl_sched_params(t->h, op);
	if (rc || (!o->set_tslice && !o->set_ratelimit)) {
		return rc;
	}
	if (o->set_tslice && credit) {
		op->u.sched_credit.tslice_ms = (uint32_t)o->tslice;
	}
	if (o->set_ratelimit && credit) {
		op->u.sched_credit.ratelimit_us = (uint32_t)o->ratelimit;
	} else if (o->set_ratelimit) {
		op->u.sched_credit2.ratelimit_us = (uint32_t)o->ratelimit;
	}
	op->cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	return sysctl_sched_params(t->h, op);
}

static int pool_show(struct toolstack *t, const struct sched_options *o, uint32_t pool, json_t *out)
{
	struct xen_sysctl_scheduler_op op;
	char *name = pool_name(t, pool);
	int rc = pool_params(t, o, pool, &op);

	if (!rc && !out && o->scheduler == XEN_SCHEDULER_CREDIT) {
		printf("Cpupool %s: tslice=%dms ratelimit=%dus migration-delay=%dus\n", name,
		       (int)op.u.sched_credit.tslice_ms, (int)op.u.sched_credit.ratelimit_us,
		       (int)op.u.sched_credit.vcpu_migr_delay_us);
	} else if (!rc && !out) {
		printf("Cpupool %s: ratelimit=%dus\n", name, (int)op.u.sched_credit2.ratelimit_us);
	}
	free(name);
	return rc;
}

static int domain_show(struct toolstack *t, const struct sched_options *o,
		       const struct roster_row *row, json_t *out)
{
	uint16_t weight, cap;
	int rc = domctl_get_sched(t->h, row->info.domain, o->scheduler, &weight, &cap);

	if (!rc && out) {
		json_array_append_new(out, json_pack("{s:s, s:i, s:i, s:i}", "name", row->name,
						     "domid", (int)row->info.domain, "weight",
						     (int)weight, "cap", (int)cap));
	} else if (!rc) {
		printf("%-33s %4d %6d %4d\n", cli_row_name(row), row->info.domain, weight, cap);
	}
	return rc;
}

/* All pools with this scheduler, and the domains in each. */
static int sched_show_all(struct toolstack *t, const struct sched_options *o, struct roster *r,
			  json_t *out)
{
	struct cpu_pool pool;
	uint32_t from = 0;
	size_t i;
	int rc = 0;

	for (; !rc && !sysctl_pool(t->h, from, &pool); from = pool.id + 1) {
		char *name = pool_name(t, pool.id);
		bool wanted =
			pool.scheduler == o->scheduler && (!o->pool || !strcmp(o->pool, name));

		free(name);
		if (!wanted) {
			continue;
		}
		rc = pool_show(t, o, pool.id, out);
		if (rc || o->schedule) {
			continue;
		}
		if (!out) {
			printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
		}
		for (i = 0; !rc && i < r->count; i++) {
			if (r->rows[i].info.cpupool == pool.id) {
				rc = domain_show(t, o, &r->rows[i], out);
			}
		}
	}
	return rc;
}

static int sched_domain(struct toolstack *t, const struct sched_options *o, struct roster *r,
			json_t *out)
{
	uint16_t weight, cap;
	uint32_t domid = r->rows[0].info.domain;
	int rc;

	if (!o->set_weight && !o->set_cap) {
		if (!out) {
			printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
		}
		return domain_show(t, o, &r->rows[0], out);
	}
	rc = domctl_get_sched(t->h, domid, o->scheduler, &weight, &cap);
	if (!rc) {
		rc = domctl_set_sched(t->h, domid, o->scheduler,
				      o->set_weight ? (uint16_t)o->weight : weight,
				      o->set_cap ? (uint16_t)o->cap : cap);
	}
	return rc;
}

static int sched_do(struct sched_options *o)
{
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	char *name = (char *)o->domain;
	json_t *out = NULL;
	int rc = cli_open(&t);

	if (rc) {
		return rc;
	}
	rc = roster_read(&r, &t, &f);
	if (!rc && o->domain) {
		rc = roster_pick(&r, &name, 1, &f);
	}
	if (!rc) {
		out = o->json ? json_array() : NULL;
		rc = o->domain ? sched_domain(&t, o, &r, out) : sched_show_all(&t, o, &r, out);
		if (rc) {
			failure_set(&f, rc,
				    rc == -EINVAL && o->domain
					    ? "%s: the domain's pool has "
					      "another scheduler; `dais cpupool-list` shows it"
					    : "%s",
				    strerror(-rc));
		}
	}
	roster_free(&r);
	toolstack_close(&t);
	if (rc) {
		json_decref(out);
		return cli_fail(&f);
	}
	return out ? cli_print_json(out) : 0;
}

static int sched_take(struct sched_options *o, int c)
{
	static const struct {
		char letter;
		uint64_t min, max;
		size_t value, set;
	} numbers[] = {
#define ROW(l, min, max, f) \
	{ l, min, max, offsetof(struct sched_options, f), offsetof(struct sched_options, set_##f) }
		ROW('w', 1, 65535, weight),
		ROW('c', 0, 65534, cap),
		ROW('t', 1, 1000, tslice),
		ROW('r', 0, 500000, ratelimit),
#undef ROW
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].letter != c) {
			continue;
		}
		*((bool *)o + numbers[i].set) = true;
		if (!cli_number(optarg, numbers[i].min, numbers[i].max,
				(uint64_t *)((char *)o + numbers[i].value))) {
			return cli_error("-%c: '%s' is not a number from %" PRIu64 " to %" PRIu64,
					 c, optarg, numbers[i].min, numbers[i].max);
		}
	}
	if (c == 'd') {
		o->domain = optarg;
	}
	if (c == 'p') {
		o->pool = optarg;
	}
	o->schedule |= c == 's';
	return 0;
}

static int sched_verb(int argc, char **argv, uint32_t scheduler)
{
	static const struct option longs[] = {
		{ "domain", required_argument, NULL, 'd' },
		{ "weight", required_argument, NULL, 'w' },
		{ "cap", required_argument, NULL, 'c' },
		{ "schedparam", no_argument, NULL, 's' },
		{ "tslice_ms", required_argument, NULL, 't' },
		{ "ratelimit_us", required_argument, NULL, 'r' },
		{ "cpupool", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct sched_options o = { .scheduler = scheduler };
	int c, status = 0;

	while ((c = cli_option(argc, argv, "d:w:c:st:r:p:", longs, &o.json, &status)) >= 0) {
		status = sched_take(&o, c);
		if (status) {
			return status;
		}
	}
	if (c == -2 || (status = cli_arguments(argc, 0, 0))) {
		return status;
	}
	if ((o.set_weight || o.set_cap) && !o.domain) {
		return cli_error("Must specify a domain (-d) with weight or cap");
	}
	if ((o.set_tslice || o.set_ratelimit) && !o.schedule) {
		return cli_error("Must specify -s with tslice or ratelimit");
	}
	return sched_do(&o);
}

int verb_sched_credit(int argc, char **argv)
{
	return sched_verb(argc, argv, XEN_SCHEDULER_CREDIT);
}

int verb_sched_credit2(int argc, char **argv)
{
	return sched_verb(argc, argv, XEN_SCHEDULER_CREDIT2);
}

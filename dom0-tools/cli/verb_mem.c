/* SPDX-License-Identifier: MIT */
/*
 * Verbs about memory: mem-set, mem-max, sharing. No state of its own.
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

#define SLACK_KIB 1024 /* as when a domain is created */

static int write_kib(struct toolstack *t, uint32_t domid, const char *leaf, uint64_t kib)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, kib);
	return store_write(t->xs, text, "/local/domain/%u/memory/%s", domid, leaf);
}

/* What the guest may grow to, in KiB. */
static uint64_t memory_limit(struct toolstack *t, uint32_t domid,
			     const struct xen_domctl_getdomaininfo *info)
{
	long long limit = store_number(t->xs, 0, "/local/domain/%u/memory/static-max", domid);

	return limit > 0 ? (uint64_t)limit : info->max_pages * 4;
}

static int mem_set(struct toolstack *t, uint32_t domid, uint64_t kib, struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	struct xen_sysctl_physinfo phys;
	uint64_t now, there;
	int rc = domctl_info(t->h, domid, &info);

	rc = rc ? rc : sysctl_physinfo(t->h, &phys);
	if (rc) {
		return failure_set(f, rc, "cannot ask the hypervisor: %s", strerror(-rc));
	}
	if (kib > memory_limit(t, domid, &info)) {
		return failure_set(f, -EINVAL,
				   "%" PRIu64 " MiB are more than its maximum of %" PRIu64
				   " MiB; raise that with `dais mem-max`, or maxmem in its "
				   "configuration",
				   kib >> 10, memory_limit(t, domid, &info) >> 10);
	}
	now = info.tot_pages * 4;
	there = (phys.free_pages + phys.scrub_pages - phys.outstanding_pages) * 4;
	if (kib > now && kib - now > there) {
		return failure_set(f, -ENOMEM,
				   "it would need %" PRIu64 " MiB more, %" PRIu64 " MiB are free",
				   (kib - now) >> 10, there >> 10);
	}
	/* Room first, so that the guest is not refused what it was just offered. */
	rc = domctl_max_memory(t->h, domid,
			       kib + SLACK_KIB > info.max_pages * 4 && domid ? kib + SLACK_KIB
									     : info.max_pages * 4);
	rc = rc ? rc : write_kib(t, domid, "target", kib);
	return rc ? failure_set(f, rc, "cannot set the target: %s", strerror(-rc)) : 0;
}

static int mem_max(struct toolstack *t, uint32_t domid, uint64_t kib, struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	int rc = domctl_info(t->h, domid, &info);

	if (!rc && kib < info.tot_pages * 4) {
		return failure_set(f, -EINVAL,
				   "it has %" PRIu64 " MiB now; shrink it first with `dais "
				   "mem-set`",
				   info.tot_pages >> 8);
	}
	rc = rc ? rc : domctl_max_memory(t->h, domid, kib + SLACK_KIB);
	rc = rc ? rc : write_kib(t, domid, "static-max", kib);
	return rc ? failure_set(f, rc, "cannot set the maximum: %s", strerror(-rc)) : 0;
}

static int memory_verb(int argc, char **argv,
		       int (*set)(struct toolstack *t, uint32_t domid, uint64_t kib,
				  struct failure *f))
{
	struct failure f = { 0 };
	struct toolstack t;
	uint32_t domid;
	uint64_t kib;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 2, 2))) {
		return status;
	}
	if (!cli_size(argv[optind + 1], 1024, &kib) || !kib) {
		return cli_error("'%s' is not a size; write such as 512 (MiB), 2g or 65536k",
				 argv[optind + 1]);
	}
	status = cli_open_domain(&t, argv[optind], &domid);
	if (status) {
		return status;
	}
	rc = set(&t, domid, kib, &f);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : 0;
}

int verb_mem_set(int argc, char **argv)
{
	return memory_verb(argc, argv, mem_set);
}

int verb_mem_max(int argc, char **argv)
{
	return memory_verb(argc, argv, mem_max);
}

int verb_sharing(int argc, char **argv)
{
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	bool json = false;
	json_t *out = NULL;
	size_t i;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, &json, &status) != -1 || (status = cli_open(&t))) {
		return status;
	}
	rc = roster_read(&r, &t, &f);
	if (!rc && optind < argc) {
		rc = roster_pick(&r, argv + optind, (size_t)(argc - optind), &f);
	}
	if (!rc && !json) {
		printf("Name                                        ID   Mem Shared\n");
	}
	out = json && !rc ? json_array() : NULL;
	for (i = 0; !rc && i < r.count; i++) {
		const struct xen_domctl_getdomaininfo *info = &r.rows[i].info;

		if (out) {
			json_array_append_new(
				out, json_pack("{s:s, s:i, s:I, s:I}", "name", r.rows[i].name,
					       "domid", (int)info->domain, "memory_kib",
					       (json_int_t)info->tot_pages * 4, "shared_kib",
					       (json_int_t)info->shr_pages * 4));
		} else {
			printf("%-40s %5d %5" PRIu64 "  %5" PRIu64 "\n", cli_row_name(&r.rows[i]),
			       info->domain, info->tot_pages >> 8, info->shr_pages >> 8);
		}
	}
	roster_free(&r);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : out ? cli_print_json(out) : 0;
}

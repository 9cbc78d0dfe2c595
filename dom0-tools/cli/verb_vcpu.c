/* SPDX-License-Identifier: MIT */
/*
 * Verbs about vCPUs: vcpu-list, vcpu-set, vcpu-pin. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"

struct vcpu_row {
	struct xen_domctl_getvcpuinfo info;
	char *hard, *soft;
};

static int vcpu_read(struct vcpu_row *v, struct hypercall *h, uint32_t domid, uint32_t vcpu,
		     unsigned int cpus)
{
	struct cpu_set hard, soft;
	int rc = domctl_vcpu_info(h, domid, vcpu, &v->info);

	rc = rc ? rc : domctl_get_affinity(h, domid, vcpu, &hard, &soft);
	if (!rc) {
		v->hard = cli_cpu_text(&hard, cpus);
		v->soft = cli_cpu_text(&soft, cpus);
	}
	return rc;
}

static void vcpu_print(const struct roster_row *row, uint32_t number, const struct vcpu_row *v)
{
	printf("%-32s %5u %5u ", cli_row_name(row), row->info.domain, number);
	if (!v->info.online) {
		printf("%5c %3c%cp ", '-', '-', '-');
	} else {
		printf("%5u %3c%c- ", v->info.cpu, v->info.running ? 'r' : '-',
		       v->info.blocked ? 'b' : '-');
	}
	printf(" %9.1f  %s / %s\n", (double)v->info.cpu_time / 1e9, v->hard, v->soft);
}

static json_t *vcpu_json(const struct roster_row *row, uint32_t number, const struct vcpu_row *v)
{
	return json_pack("{s:s, s:i, s:i, s:b, s:b, s:b, s:i, s:f, s:s, s:s}", "name", row->name,
			 "domid", (int)row->info.domain, "vcpu", (int)number, "online",
			 v->info.online, "running", v->info.running, "blocked", v->info.blocked,
			 "cpu", (int)v->info.cpu, "cpu_seconds", (double)v->info.cpu_time / 1e9,
			 "hard_affinity", v->hard, "soft_affinity", v->soft);
}

static void vcpu_list_domain(struct toolstack *t, const struct roster_row *row, unsigned int cpus,
			     json_t *out)
{
	struct vcpu_row v;
	uint32_t i;

	for (i = 0; row->info.max_vcpu_id != XEN_INVALID_MAX_VCPU_ID && i <= row->info.max_vcpu_id;
	     i++) {
		if (vcpu_read(&v, t->h, row->info.domain, i, cpus)) {
			continue; /* it went away meanwhile */
		}
		if (out) {
			json_array_append_new(out, vcpu_json(row, i, &v));
		} else {
			vcpu_print(row, i, &v);
		}
		free(v.hard);
		free(v.soft);
	}
}

int verb_vcpu_list(int argc, char **argv)
{
	struct xen_sysctl_physinfo phys;
	struct failure f = { 0 };
	struct toolstack t;
	struct roster r;
	bool json = false;
	json_t *out;
	size_t i;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, &json, &status) != -1 || (status = cli_open(&t))) {
		return status;
	}
	rc = roster_read(&r, &t, &f);
	if (!rc && optind < argc) {
		rc = roster_pick(&r, argv + optind, (size_t)(argc - optind), &f);
	}
	if (!rc && sysctl_physinfo(t.h, &phys)) {
		rc = failure_set(&f, -EIO, "cannot ask the hypervisor for its CPUs");
	}
	out = json && !rc ? json_array() : NULL;
	if (!json) {
		printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
		       "Time(s)", "Affinity (Hard / Soft)");
	}
	for (i = 0; !rc && i < r.count; i++) {
		vcpu_list_domain(&t, &r.rows[i], phys.max_cpu_id + 1, out);
	}
	roster_free(&r);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : out ? cli_print_json(out) : 0;
}

int verb_vcpu_set(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ignore-host", no_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	struct xen_domctl_getdomaininfo info;
	struct toolstack t;
	uint64_t count, i;
	uint32_t domid;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "i", longs, NULL, &status)) >= 0) {
	}
	if (c == -2 || (status = cli_arguments(argc, 2, 2))) {
		return status;
	}
	if (!cli_number(argv[optind + 1], 1, 8192, &count)) {
		return cli_error("'%s' is not a number of vCPUs", argv[optind + 1]);
	}
	status = cli_open_domain(&t, argv[optind], &domid);
	if (status) {
		return status;
	}
	rc = domctl_info(t.h, domid, &info);
	if (!rc && count > info.max_vcpu_id + 1) {
		toolstack_close(&t);
		return cli_error("%s has %u vCPUs at most; maxvcpus in its configuration sets that",
				 argv[optind], info.max_vcpu_id + 1);
	}
	for (i = 0; !rc && i <= info.max_vcpu_id; i++) {
		rc = store_write(t.xs, i < count ? "online" : "offline",
				 "/local/domain/%u/cpu/%u/availability", domid, (unsigned int)i);
	}
	toolstack_close(&t);
	return rc ? cli_error("cannot tell the guest: %s", strerror(-rc)) : 0;
}

/* "-": leave as it is. */
static int pin_set(const char *text, struct cpu_set *set, const struct cpu_set **wanted,
		   struct failure *f)
{
	int rc;

	*wanted = NULL;
	if (!strcmp(text, "-")) {
		return 0;
	}
	rc = guest_parse_cpus(set, text, f);
	*wanted = set;
	return rc;
}

static int pin_apply(struct toolstack *t, uint32_t domid, const char *which,
		     const struct cpu_set *hard, const struct cpu_set *soft, bool force,
		     struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	uint64_t first, last;
	int rc = domctl_info(t->h, domid, &info);

	if (rc) {
		return failure_set(f, rc, "domain %u: %s", domid, strerror(-rc));
	}
	if (!strcmp(which, "all")) {
		first = 0;
		last = info.max_vcpu_id;
	} else if (cli_number(which, 0, info.max_vcpu_id, &first)) {
		last = first;
	} else {
		return failure_set(f, -EINVAL,
				   "'%s' is not a vCPU of the domain; it is 0 to %u, or all", which,
				   info.max_vcpu_id);
	}
	for (; !rc && first <= last; first++) {
		rc = domctl_set_affinity(t->h, domid, (uint32_t)first, hard, soft, force);
	}
	return rc ? failure_set(f, rc, "the hypervisor refuses these CPUs: %s", strerror(-rc)) : 0;
}

int verb_vcpu_pin(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "force", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	const struct cpu_set *hard, *soft = NULL;
	struct cpu_set hard_set, soft_set;
	struct failure f = { 0 };
	struct toolstack t;
	uint32_t domid;
	bool force = false;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "f", longs, NULL, &status)) >= 0) {
		force |= c == 'f';
	}
	if (c == -2 || (status = cli_arguments(argc, 3, 4))) {
		return status;
	}
	rc = pin_set(argv[optind + 2], &hard_set, &hard, &f);
	if (!rc && argc - optind == 4) {
		rc = pin_set(argv[optind + 3], &soft_set, &soft, &f);
	}
	if (rc) {
		return cli_fail(&f);
	}
	status = cli_open_domain(&t, argv[optind], &domid);
	if (status) {
		return status;
	}
	rc = pin_apply(&t, domid, argv[optind + 1], hard, soft, force, &f);
	toolstack_close(&t);
	return rc ? cli_fail(&f) : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * All domains with their names: see roster.h. No state of its own.
 */
#include "domain/roster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/sched.h>

#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"

static void roster_ask_names(struct roster *r, struct toolstack *t, char **names)
{
	char **paths = xcalloc(r->count, sizeof(*paths));
	size_t i;

	for (i = 0; i < r->count; i++) {
		paths[i] = xmalloc(48);
		snprintf(paths[i], 48, "/local/domain/%u/name", r->rows[i].info.domain);
	}
	xs_client_read_many(t->xs, 0, paths, r->count, names);
	for (i = 0; i < r->count; i++) {
		free(paths[i]);
	}
	free(paths);
}

static void roster_names(struct roster *r, struct toolstack *t)
{
	char **names = xcalloc(r->count, sizeof(*names));
	size_t i;

	if (t->xs) {
		roster_ask_names(r, t, names);
	}
	for (i = 0; i < r->count; i++) {
		if (!names[i]) {
			names[i] = xstrdup(r->rows[i].info.domain ? "" : "Domain-0");
		}
		r->rows[i].name = names[i];
	}
	free(names);
}

int roster_read(struct roster *r, struct toolstack *t, struct failure *f)
{
	struct xen_domctl_getdomaininfo *list;
	int count = domctl_info_all(t->h, &list), i;

	memset(r, 0, sizeof(*r));
	if (count < 0) {
		return failure_set(f, count, "cannot ask the hypervisor about domains: %s%s",
				   strerror(-count),
				   count == -EPERM    ? "; run this as root in dom0"
				   : count == -EACCES ? "; these tools speak another version"
						      : "");
	}
	r->count = (size_t)count;
	r->rows = xcalloc(r->count, sizeof(*r->rows));
	for (i = 0; i < count; i++) {
		r->rows[i].info = list[i];
	}
	free(list);
	roster_names(r, t);
	return 0;
}

void roster_free(struct roster *r)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		free(r->rows[i].name);
	}
	free(r->rows);
	memset(r, 0, sizeof(*r));
}

static bool row_means(const struct roster_row *row, const char *what)
{
	char number[12];
	uint8_t uuid[16];

	snprintf(number, sizeof(number), "%u", row->info.domain);
	return !strcmp(number, what) || !strcmp(row->name, what) ||
	       (uuid_parse(what, uuid) && !memcmp(uuid, row->info.handle, 16));
}

int roster_pick(struct roster *r, char *const *names, size_t count, struct failure *f)
{
	struct roster picked = { 0 };
	size_t i, j;
	int rc = 0;

	picked.rows = xcalloc(count, sizeof(*picked.rows));
	for (i = 0; !rc && i < count; i++) {
		for (j = 0; j < r->count && !row_means(&r->rows[j], names[i]); j++) {
		}
		if (j == r->count) {
			rc = failure_set(f, -ESRCH,
					 "%s is an invalid domain identifier: no such domain "
					 "runs; `dais list` shows those that do",
					 names[i]);
		} else {
			picked.rows[picked.count].info = r->rows[j].info;
			picked.rows[picked.count++].name = xstrdup(r->rows[j].name);
		}
	}
	roster_free(r);
	*r = picked;
	return rc;
}

void roster_state(const struct xen_domctl_getdomaininfo *info, char state[7])
{
	unsigned int reason = info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	bool shutdown = info->flags & XEN_DOMINF_shutdown;

	state[0] = info->flags & XEN_DOMINF_running ? 'r' : '-';
	state[1] = info->flags & XEN_DOMINF_blocked ? 'b' : '-';
	state[2] = info->flags & XEN_DOMINF_paused ? 'p' : '-';
	state[3] = shutdown ? 's' : '-';
	state[4] = shutdown && reason == SHUTDOWN_crash ? 'c' : '-';
	state[5] = info->flags & XEN_DOMINF_dying ? 'd' : '-';
	state[6] = 0;
}

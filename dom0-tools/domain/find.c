/* SPDX-License-Identifier: MIT */
/*
 * Opening the handles, and finding domains: see domain.h. No state of its own.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/types.h>

#include "domain/domain.h"
#include "domain/roster.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/hypercall.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"

int toolstack_open_hypervisor(struct toolstack *t, struct failure *f)
{
	memset(t, 0, sizeof(*t));
	/* Looked for first: the library would complain in words of its own. */
	t->h = access("/dev/xen/privcmd", R_OK | W_OK) ? NULL : hypercall_open();
	if (!t->h) {
		return failure_set(f, -errno,
				   "cannot open /dev/xen/privcmd: %s; this must run in "
				   "dom0, as root",
				   strerror(errno));
	}
	return 0;
}

int toolstack_open(struct toolstack *t, struct failure *f)
{
	int rc = toolstack_open_hypervisor(t, f);

	if (!rc) {
		t->xs = store_open(f);
		if (!t->xs) {
			rc = f->code;
			toolstack_close(t);
		}
	}
	return rc;
}

bool toolstack_renew(struct toolstack *t)
{
	struct xs_client *xs;

	if (!t->xs || !xs_client_lost(t->xs)) {
		return false;
	}
	xs = store_open(NULL);
	if (xs) {
		xs_client_close(t->xs);
		t->xs = xs;
	}
	return xs;
}

void toolstack_close(struct toolstack *t)
{
	xs_client_close(t->xs);
	if (t->h) {
		hypercall_close(t->h);
	}
	memset(t, 0, sizeof(*t));
}

char *toolstack_name(struct toolstack *t, uint32_t domid)
{
	return t->xs ? store_read(t->xs, "/local/domain/%u/name", domid) : NULL;
}

static bool is_number(const char *s)
{
	size_t i;

	for (i = 0; isdigit((unsigned char)s[i]); i++) {
	}
	return i && i < 6 && !s[i];
}

/* By name: those that are alive, asked for all at once. */
static int find_name(struct toolstack *t, const char *what, uint32_t *domid)
{
	struct failure ignored = { 0 };
	struct roster all;
	int rc = roster_read(&all, t, &ignored);
	size_t i;

	if (rc) {
		return rc;
	}
	rc = -ESRCH;
	for (i = 0; i < all.count; i++) {
		if (*what && !strcmp(all.rows[i].name, what)) {
			*domid = all.rows[i].info.domain;
			rc = 0;
		}
	}
	roster_free(&all);
	return rc;
}

static int find_uuid(struct toolstack *t, const uint8_t uuid[16], uint32_t *domid)
{
	struct xen_domctl_getdomaininfo *list;
	int count = domctl_info_all(t->h, &list), i, rc = -ESRCH;

	if (count < 0) {
		return count;
	}
	for (i = 0; i < count; i++) {
		/* One that is dying has left its name and UUID to others. */
		if (!memcmp(list[i].handle, uuid, 16) && !(list[i].flags & XEN_DOMINF_dying)) {
			*domid = list[i].domain;
			rc = 0;
		}
	}
	free(list);
	return rc;
}

int toolstack_find(struct toolstack *t, const char *what, uint32_t *domid, struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	uint8_t uuid[16];
	int rc;

	if (is_number(what)) {
		*domid = (uint32_t)strtoul(what, NULL, 10);
		rc = *domid < DOMID_FIRST_RESERVED ? domctl_info(t->h, *domid, &info) : -ESRCH;
	} else if (uuid_parse(what, uuid)) {
		rc = find_uuid(t, uuid, domid);
	} else {
		rc = find_name(t, what, domid);
	}
	if (rc == -ESRCH) {
		return failure_set(f, rc,
				   "%s is an invalid domain identifier: no such domain runs; "
				   "`dais list` shows those that do",
				   what);
	}
	return rc ? failure_set(f, rc, "cannot ask the hypervisor about domains: %s", strerror(-rc))
		  : 0;
}

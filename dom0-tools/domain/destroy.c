/* SPDX-License-Identifier: MIT */
/*
 * The end of a domain: see domain.h. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/device.h"
#include "domain/domain.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/uuid.h"

#define CLOSE_SECONDS 10
#define TRIES         4 /* while the store comes and goes */

int domain_destroy(struct toolstack *t, uint32_t domid, struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	char base[48], vm[64], pool[64], uuid[UUID_TEXT];
	int rc, tries = 0;

	if (!domid) {
		return failure_set(f, -EPERM, "Domain-0 cannot be destroyed");
	}
	rc = domctl_info(t->h, domid, &info);
	if (rc) {
		return failure_set(f, rc, "there is no domain %u", domid);
	}
	rc = domctl_pause(t->h, domid);
	if (rc) {
		return failure_set(f, rc, "cannot stop domain %u: %s", domid, strerror(-rc));
	}
	uuid_format(info.handle, uuid);
	snprintf(base, sizeof(base), "/local/domain/%u", domid);
	snprintf(vm, sizeof(vm), "/vm/%s", uuid);
	snprintf(pool, sizeof(pool), "/libxl/%u", domid);
	do {
		/* Backends let go first: the memory they hold could not be freed. */
		device_remove_all(t->xs, domid, CLOSE_SECONDS);
		store_remove_all(t->xs, (const char *const[]){ base, vm, pool, NULL });
	} while (toolstack_renew(t) && ++tries < TRIES);
	rc = domctl_destroy(t->h, domid);
	return rc ? failure_set(f, rc, "the hypervisor could not destroy domain %u: %s", domid,
				strerror(-rc))
		  : 0;
}

int domain_ask(struct toolstack *t, uint32_t domid, const char *what, struct failure *f)
{
	int rc;

	if (!store_exists(t->xs, "/local/domain/%u/control/shutdown", domid)) {
		return failure_set(f, -ENOENT,
				   "domain %u has no control entries in the store; it can "
				   "only be destroyed",
				   domid);
	}
	rc = store_write(t->xs, what, "/local/domain/%u/control/shutdown", domid);
	return rc ? failure_set(f, rc, "cannot write to the store: %s", strerror(-rc)) : 0;
}

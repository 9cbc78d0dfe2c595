/* SPDX-License-Identifier: MIT */
/*
 * All domains that are there, with their names: what listings are made from. Two waits in all,
 * one for the hypervisor and one for the store, however many domains there are.
 */
#ifndef DOMAIN_ROSTER_H
#define DOMAIN_ROSTER_H

#include <xen/domctl.h>

#include "domain/domain.h"
#include "lib/failure.h"

struct roster_row {
	struct xen_domctl_getdomaininfo info;
	char *name; /* "" when the store knows none; "Domain-0" for domain 0 */
};

struct roster {
	struct roster_row *rows;
	size_t count;
};

/* Without a store (t->xs NULL) the names are empty. */
int roster_read(struct roster *r, struct toolstack *t, struct failure *f);
void roster_free(struct roster *r);
/* Only those that `names` mean (names, numbers or UUIDs); -ESRCH as toolstack_find(). */
int roster_pick(struct roster *r, char *const *names, size_t count, struct failure *f);

/* "r-----" and so on: running, blocked, paused, shut down, crashed, dying. */
void roster_state(const struct xen_domctl_getdomaininfo *info, char state[7]);

#endif

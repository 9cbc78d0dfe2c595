/* SPDX-License-Identifier: MIT */
/*
 * Doing something anew while the store is restarted under it: see domain.h. No state of its own.
 */
#include "domain/domain.h"

#define TRIES 4

int toolstack_retry(struct toolstack *t, int (*try)(void *arg, struct failure *f),
		    void (*undo)(void *arg), void *arg, struct failure *f)
{
	unsigned int tries;
	bool again = true;
	int rc = 0;

	for (tries = 0; again && tries < TRIES; tries++) {
		struct failure one = { 0 };

		rc = try(arg, &one);
		/* Undoing needs the store, so this comes before it. */
		again = rc && toolstack_renew(t);
		if (rc) {
			undo(arg);
		}
		if (rc && (!again || tries == TRIES - 1)) {
			failure_set(f, one.code ? one.code : rc, "%s", one.text);
		}
	}
	return rc;
}

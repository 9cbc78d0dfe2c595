/* SPDX-License-Identifier: MIT */
/*
 * Steps of creating a domain that goes on from a saved guest's state instead of a kernel. See
 * create.h. No state of its own.
 */
#include <errno.h>
#include <string.h>

#include "domain/create.h"
#include "lib/domctl.h"
#include "lib/restorer.h"

/* Opened before anything exists, and read from its beginning in each try. */
int restore_open(struct creation *c)
{
	return saved_file_open(&c->saved, c->o->restore, c->f);
}

void restore_close(struct creation *c)
{
	saved_file_close(&c->saved);
}

int restore_build(struct creation *c)
{
	struct restorer_in in = {
		.saved = &c->saved.saved,
		.max_vcpus = c->g->maxvcpus,
		.console_port = c->rings.console_port,
		.store_port = c->rings.store_port,
	};
	struct builder_out out = { 0 };
	struct failure why = { 0 };
	int rc = restorer_restore(c->t->h, c->domid, &in, &out, &why);

	if (rc) {
		return failure_set(c->f, rc, "'%s' cannot be restored: %s", c->o->restore,
				   why.code ? why.text : strerror(-rc));
	}
	c->rings.console_frame = out.console_frame;
	c->rings.store_frame = out.store_frame;
	/* A guest that had given some of its memory back does not need all that was set aside. */
	rc = domctl_claim(c->t->h, c->domid, 0);
	return rc && rc != -ENOSYS
		       ? failure_set(c->f, rc, "cannot give back the memory set aside: %s",
				     strerror(-rc))
		       : 0;
}

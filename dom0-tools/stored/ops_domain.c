/* SPDX-License-Identifier: MIT */
/*
 * Operations on domains. Single-threaded, no lock.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xen/types.h>

#include "stored/domain.h"
#include "stored/wire.h"

#define DOMID_LAST (DOMID_FIRST_RESERVED - 1)

/* The first string as a domain number. */
static int domid_arg(const struct request *r, uint32_t *domid)
{
	const char *arg[1];
	uint64_t n;

	if (wire_strings(r, arg, 1) < 1 || wire_number(arg[0], DOMID_LAST, &n)) {
		return -EINVAL;
	}
	*domid = (uint32_t)n;
	return 0;
}

int op_introduce(struct request *r)
{
	uint64_t domid, gfn, port;
	const char *arg[3];
	int rc;

	if (wire_strings(r, arg, 3) < 3 || wire_number(arg[0], DOMID_LAST, &domid) ||
	    wire_number(arg[1], UINT64_MAX, &gfn) || wire_number(arg[2], INT32_MAX, &port) ||
	    !domid || !port) {
		return -EINVAL;
	}
	rc = domain_introduce(r->st, (uint32_t)domid, gfn, (uint32_t)port);
	return rc ? rc : wire_reply_ok(r);
}

int op_release(struct request *r)
{
	uint32_t domid;
	int rc = domid_arg(r, &domid);

	if (!rc) {
		rc = domid ? domain_release(r->st, domid) : -EINVAL;
	}
	return rc ? rc : wire_reply_ok(r);
}

int op_resume(struct request *r)
{
	uint32_t domid;
	int rc = domid_arg(r, &domid);

	if (!rc) {
		rc = domid ? domain_resume(r->st, domid) : -EINVAL;
	}
	return rc ? rc : wire_reply_ok(r);
}

int op_set_target(struct request *r)
{
	const char *arg[2];
	uint64_t domid, target;
	int rc;

	if (wire_strings(r, arg, 2) < 2 || wire_number(arg[0], DOMID_LAST, &domid) ||
	    wire_number(arg[1], DOMID_LAST, &target) || !domid) {
		return -EINVAL;
	}
	rc = domain_set_target(r->st, (uint32_t)domid, (uint32_t)target);
	return rc ? rc : wire_reply_ok(r);
}

int op_get_domain_path(struct request *r)
{
	char text[CONN_HOME_LEN];
	uint32_t domid;
	int rc = domid_arg(r, &domid);

	if (rc) {
		return rc;
	}
	return wire_reply(r, text,
			  (size_t)snprintf(text, sizeof(text), "/local/domain/%u", domid) + 1);
}

int op_is_introduced(struct request *r)
{
	uint32_t domid;
	int rc = domid_arg(r, &domid);

	return rc ? rc : wire_reply(r, domain_find(r->st, domid) ? "T" : "F", 2);
}

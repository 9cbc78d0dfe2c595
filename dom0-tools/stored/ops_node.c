/* SPDX-License-Identifier: MIT */
/*
 * Operations on nodes. Each has the same shape: take the payload apart, work on the request's
 * view, end the view, reply. Single-threaded, no lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stored/state.h"
#include "stored/wire.h"

#define PERMS_MAX 512 /* entries dom0 may give; the payload bounds them too */

/* Collects names of children: those from byte `skip` of the whole list on, while they fit. */
struct listing {
	char *bytes;
	size_t room, len;
	size_t skip, total;
	bool full;
};

static void listing_add(const struct node *kid, void *arg)
{
	struct listing *l = arg;
	size_t len = kid->name_len + 1u;

	if (l->total >= l->skip && !l->full) {
		if (l->len + len <= l->room) {
			memcpy(l->bytes + l->len, kid->name, kid->name_len);
			l->bytes[l->len + kid->name_len] = 0;
			l->len += len;
		} else {
			l->full = true;
		}
	}
	l->total += len;
}

int op_directory(struct request *r)
{
	struct blob *names = NULL;
	const struct node *n;
	struct path path;
	int rc = wire_path(r, &path);

	if (rc) {
		return rc;
	}
	rc = view_get(wire_view(r), &r->c->cred, path.s, PERM_READ, DEP_KIDS, &n);
	rc = rc ? rc : node_names(n, XENSTORE_PAYLOAD_MAX, &names);
	blob_get(names);
	rc = wire_done(r, rc);
	rc = rc ? rc : wire_reply(r, names ? (const char *)names->bytes : "", blob_len(names));
	blob_put(names);
	return rc;
}

/*
 * Reply: the generation of the list as a string, then whole names from the given offset on. An
 * empty string after the last name says that nothing follows.
 */
int op_directory_part(struct request *r)
{
	char reply[XENSTORE_PAYLOAD_MAX], bytes[XENSTORE_PAYLOAD_MAX - 32];
	struct listing l = { .bytes = bytes, .room = sizeof(bytes) };
	const struct node *n;
	const char *arg[2];
	struct path path;
	uint64_t skip;
	size_t head = 0;
	int rc = wire_path(r, &path);

	if (rc || wire_strings(r, arg, 2) != 2 || wire_number(arg[1], UINT32_MAX, &skip)) {
		return -EINVAL;
	}
	l.skip = skip;
	rc = view_get(wire_view(r), &r->c->cred, path.s, PERM_READ, DEP_KIDS, &n);
	if (!rc) {
		node_each_kid(n, listing_add, &l);
		head = (size_t)snprintf(reply, 32, "%" PRIu64, n->kids_changed) + 1;
	}
	rc = wire_done(r, rc);
	if (rc) {
		return rc;
	}
	memcpy(reply + head, l.bytes, l.len);
	head += l.len;
	if (!l.full) {
		reply[head++] = 0;
	}
	return wire_reply(r, reply, head);
}

int op_read(struct request *r)
{
	struct blob *value = NULL;
	const struct node *n;
	struct path path;
	int rc = wire_path(r, &path);

	if (rc) {
		return rc;
	}
	rc = view_get(wire_view(r), &r->c->cred, path.s, PERM_READ, DEP_NODE, &n);
	if (!rc) {
		value = blob_get(n->value);
	}
	rc = wire_done(r, rc);
	if (!rc) {
		rc = wire_reply(r, value ? value->bytes : NULL, blob_len(value));
	}
	blob_put(value);
	return rc;
}

/* The first string when it is a special name. */
static int request_special(const struct request *r)
{
	if (!r->len || strnlen(r->payload, r->len) == r->len || !path_is_special(r->payload)) {
		return -ENOENT;
	}
	return special_find(r->payload);
}

static int reply_perms(struct request *r, const struct perms *p)
{
	char text[XENSTORE_PAYLOAD_MAX];

	return wire_reply(r, text, perms_format(p, text, sizeof(text)));
}

int op_get_perms(struct request *r)
{
	int which = request_special(r);
	struct perms *perms = NULL;
	const struct node *n;
	struct path path;
	int rc;

	if (which >= 0) {
		return perms_rights(r->st->special[which], &r->c->cred) & PERM_READ
			       ? reply_perms(r, r->st->special[which])
			       : -EACCES;
	}
	rc = wire_path(r, &path);
	if (rc) {
		return rc;
	}
	rc = view_get(wire_view(r), &r->c->cred, path.s, PERM_READ, DEP_NODE, &n);
	if (!rc) {
		perms = perms_get(n->perms);
	}
	rc = wire_done(r, rc);
	if (!rc) {
		rc = reply_perms(r, perms);
	}
	perms_put(perms);
	return rc;
}

int op_write(struct request *r)
{
	struct blob *value;
	struct path path;
	uint32_t used;
	int rc = wire_path(r, &path);

	if (rc) {
		return rc;
	}
	used = (uint32_t)strlen(r->payload) + 1;
	value = blob_new(r->payload + used, r->len - used);
	rc = wire_done(r, view_write(wire_view(r), &r->c->cred, path.s, value));
	blob_put(value);
	return rc ? rc : wire_reply_ok(r);
}

int op_mkdir(struct request *r)
{
	struct path path;
	int rc = wire_path(r, &path);

	if (!rc) {
		rc = wire_done(r, view_mkdir(wire_view(r), &r->c->cred, path.s));
	}
	return rc ? rc : wire_reply_ok(r);
}

int op_rm(struct request *r)
{
	struct path path;
	int rc = wire_path(r, &path);

	if (!rc) {
		rc = wire_done(r, view_remove(wire_view(r), &r->c->cred, path.s));
	}
	return rc ? rc : wire_reply_ok(r);
}

static int set_special_perms(struct request *r, int which, struct perms *p)
{
	if (!r->c->cred.privileged) {
		return -EACCES;
	}
	perms_put(r->st->special[which]);
	r->st->special[which] = perms_get(p);
	state_add_special(r->st, (enum special)which);
	return 0;
}

int op_set_perms(struct request *r)
{
	uint32_t max = r->c->cred.privileged ? PERMS_MAX : r->st->quota.limit[QUOTA_PERMISSIONS];
	int which = request_special(r);
	struct perms *p;
	struct path path;
	uint32_t used;
	int rc = which >= 0 ? 0 : wire_path(r, &path);

	if (rc) {
		return rc;
	}
	used = (uint32_t)strlen(r->payload) + 1;
	p = perms_parse(r->payload + used, r->len - used, max, &rc);
	if (!p) {
		return rc;
	}
	rc = which >= 0 ? set_special_perms(r, which, p)
			: wire_done(r, view_set_perms(wire_view(r), &r->c->cred, path.s, p));
	perms_put(p);
	return rc ? rc : wire_reply_ok(r);
}

/* SPDX-License-Identifier: MIT */
/*
 * Checked operations on a tree: see view.h. Pure; a view belongs to one request or transaction,
 * the daemon is single-threaded, there is no lock.
 *
 * The order in every operation: record the dependency, look up, refuse, charge, act.
 */
#include "stored/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES_PER_NODE 4 /* of a transaction's node quota */

static struct change *view_change(struct view *v, enum change_kind kind, const char *path)
{
	struct change *c;

	if (v->change_count == v->change_room) {
		v->change_room = v->change_room ? v->change_room * 2 : 4;
		v->changes = xrealloc(v->changes, v->change_room, sizeof(v->changes[0]));
	}
	c = &v->changes[v->change_count++];
	*c = (struct change){ .kind = kind, .path = xstrdup(path) };
	v->held += sizeof(*c) + strlen(path);
	return c;
}

static void view_charge(struct view *v, const struct node *n, int sign)
{
	struct usage_delta *d = deltas_of(&v->deltas, n->perms->list[0].domid);

	d->nodes += sign;
	d->memory += sign * (int64_t)node_bytes(n->name_len, n->perms, n->value);
}

int view_force_put(struct view *v, const char *path, struct perms *perms, struct blob *value)
{
	const struct node *old = store_find(v->root, path);
	struct perms *old_perms = old ? perms_get(old->perms) : NULL;
	struct change *c;
	int rc;

	if (old) {
		view_charge(v, old, -1);
	}
	rc = store_put(&v->root, path, perms, value, ++*v->generation);
	if (rc) {
		return rc;
	}
	view_charge(v, store_find(v->root, path), 1);
	c = view_change(v, CHANGE_PUT, path);
	c->perms = perms_get(perms);
	c->value = blob_get(value);
	c->old_perms = old_perms;
	v->held += blob_len(value) + perms->count * sizeof(perms->list[0]);
	return 0;
}

static void view_uncharge(const char *path, const struct node *n, void *arg)
{
	(void)path;
	view_charge(arg, n, -1);
}

int view_force_remove(struct view *v, const char *path)
{
	struct node *gone = store_remove(&v->root, path, ++*v->generation);
	struct change *c;

	if (!gone) {
		return -ENOENT;
	}
	store_walk(gone, path, 0, view_uncharge, v);
	c = view_change(v, CHANGE_REMOVE, path);
	c->removed = gone;
	return 0;
}

/* What the domain holds, with the changes of this view. */
static int64_t view_memory(struct view *v, uint16_t domid)
{
	return usage_of(v->usage, domid)->memory + deltas_of(&v->deltas, domid)->memory;
}

/* What was looked at is remembered, so that reading has a price too. */
static int view_depend(struct view *v, const struct cred *who, const char *path,
		       unsigned int aspects)
{
	const struct quota *q = v->quota;

	if (!v->deps) {
		return 0;
	}
	if (!who->privileged && !deps_have(v->deps, path) &&
	    (v->deps->count >= q->limit[QUOTA_TRANSACTION_NODES] ||
	     view_memory(v, (uint16_t)who->domid) > q->limit[QUOTA_MEMORY])) {
		return -ENOSPC;
	}
	v->held += deps_add(v->deps, path, aspects);
	return 0;
}

/*
 * Looks the path up for someone who needs `rights`. 0: *near is the node. -ENOENT: it does not
 * exist, *near is the deepest ancestor, and the client may know it: the ancestor gives the same
 * rights. -EACCES otherwise.
 */
static int view_lookup(struct view *v, const struct cred *who, const char *path,
		       unsigned int rights, unsigned int aspects, const struct node **near,
		       unsigned int *depth)
{
	int rc = view_depend(v, who, path, aspects);
	bool exists;

	if (rc) {
		return rc;
	}
	exists = store_nearest(v->root, path, near, depth);
	if ((perms_rights((*near)->perms, who) & rights) != rights) {
		return -EACCES;
	}
	return exists ? 0 : -ENOENT;
}

int view_get(struct view *v, const struct cred *who, const char *path, unsigned int rights,
	     unsigned int aspects, const struct node **out)
{
	unsigned int depth;

	return view_lookup(v, who, path, rights, aspects, out, &depth);
}

/*
 * May `owner` hold `nodes` more nodes and `bytes` more bytes? Shrinking is always allowed. What
 * the transaction itself remembers is charged by its keeper as it grows.
 */
static int view_may_add(struct view *v, const struct cred *who, uint16_t owner, int64_t nodes,
			int64_t bytes)
{
	const struct quota *q = v->quota;
	const struct usage *u = usage_of(v->usage, owner);
	const struct usage_delta *d = deltas_of(&v->deltas, owner);

	if (who->privileged) {
		return 0;
	}
	if (nodes && u->nodes + d->nodes + nodes > q->limit[QUOTA_NODES]) {
		return -ENOSPC;
	}
	if (bytes > 0 && view_memory(v, owner) + bytes > q->limit[QUOTA_MEMORY]) {
		return -ENOSPC;
	}
	if (v->deps && v->change_count >= CHANGES_PER_NODE * q->limit[QUOTA_TRANSACTION_NODES]) {
		return -ENOSPC;
	}
	return 0;
}

static int view_size_ok(const struct view *v, const struct cred *who, const char *path,
			const struct perms *perms, const struct blob *value)
{
	size_t bytes = strlen(path) + perms->count * sizeof(perms->list[0]) + blob_len(value);

	if (!who->privileged && (bytes > v->quota->limit[QUOTA_NODE_SIZE] ||
				 strlen(path) > v->quota->limit[QUOTA_PATH_MAX])) {
		return -ENOSPC;
	}
	return 0;
}

/* Creates path and its missing ancestors below the existing one at `depth`. */
static int view_create(struct view *v, const struct cred *who, const char *path,
		       const struct node *near, unsigned int depth, struct blob *value)
{
	int64_t missing = path_depth(path) - depth;
	struct perms *perms;
	struct path step;
	const char *at = path, *name;
	size_t len;
	int rc;

	perms = who->privileged ? perms_get(near->perms)
				: perms_owned_by(near->perms, (uint16_t)who->domid);
	rc = view_size_ok(v, who, path, perms, value);
	if (!rc) {
		rc = view_may_add(v, who, perms->list[0].domid, missing,
				  missing * (int64_t)node_bytes(0, perms, NULL) +
					  (int64_t)strlen(path) + blob_len(value));
	}
	while (!rc && path_next(&at, &name, &len)) {
		if (depth) {
			depth--;
			continue;
		}
		step.len = (size_t)(at - path);
		memcpy(step.s, path, step.len);
		step.s[step.len] = 0;
		rc = view_force_put(v, step.s, perms, *at ? NULL : value);
		v->changes[v->change_count - 1].implied = *at;
	}
	perms_put(perms);
	return rc;
}

int view_write(struct view *v, const struct cred *who, const char *path, struct blob *value)
{
	const struct node *n;
	struct perms *perms;
	unsigned int depth;
	int rc = view_lookup(v, who, path, PERM_WRITE, DEP_NODE, &n, &depth);

	if (rc == -ENOENT) {
		return view_create(v, who, path, n, depth, value);
	}
	if (!rc) {
		rc = view_size_ok(v, who, path, n->perms, value);
	}
	if (!rc) {
		rc = view_may_add(v, who, n->perms->list[0].domid, 0,
				  (int64_t)blob_len(value) - blob_len(n->value));
	}
	if (rc) {
		return rc;
	}
	perms = perms_get(n->perms);
	rc = view_force_put(v, path, perms, value);
	perms_put(perms);
	return rc;
}

int view_mkdir(struct view *v, const struct cred *who, const char *path)
{
	const struct node *n;
	unsigned int depth;
	int rc = view_lookup(v, who, path, PERM_WRITE, DEP_NODE, &n, &depth);

	/* An existing node is what the client wanted. */
	return rc == -ENOENT ? view_create(v, who, path, n, depth, NULL) : rc;
}

int view_remove(struct view *v, const struct cred *who, const char *path)
{
	const struct node *n;
	unsigned int depth;
	int rc = view_lookup(v, who, path, PERM_WRITE, DEP_NODE, &n, &depth);

	if (rc == -ENOENT && depth + 1 == path_depth(path)) {
		/* Already gone, and its parent is there: fine. */
		return 0;
	}
	if (!rc && !path[1]) {
		return -EINVAL;
	}
	if (!rc) {
		rc = view_may_add(v, who, n->perms->list[0].domid, 0,
				  v->deps ? (int64_t)strlen(path) : 0);
	}
	return rc ? rc : view_force_remove(v, path);
}

int view_set_perms(struct view *v, const struct cred *who, const char *path, struct perms *perms)
{
	const struct node *n;
	struct blob *value;
	unsigned int depth;
	int rc = view_lookup(v, who, path, PERM_WRITE | PERM_OWNER, DEP_NODE, &n, &depth);

	if (!rc && !who->privileged && perms->list[0].domid != n->perms->list[0].domid) {
		return -EPERM;
	}
	if (!rc) {
		rc = view_size_ok(v, who, path, perms, n->value);
	}
	if (!rc) {
		rc = view_may_add(v, who, perms->list[0].domid, 0,
				  perms->count * sizeof(perms->list[0]));
	}
	if (rc) {
		return rc;
	}
	value = blob_get(n->value);
	rc = view_force_put(v, path, perms, value);
	blob_put(value);
	return rc;
}

void view_release(struct view *v)
{
	size_t i;

	for (i = 0; i < v->change_count; i++) {
		free(v->changes[i].path);
		perms_put(v->changes[i].perms);
		perms_put(v->changes[i].old_perms);
		blob_put(v->changes[i].value);
		node_put(v->changes[i].removed);
	}
	free(v->changes);
	v->changes = NULL;
	v->change_count = v->change_room = 0;
	deltas_free(&v->deltas);
	node_put(v->root);
	v->root = NULL;
}

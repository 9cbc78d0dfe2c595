/* SPDX-License-Identifier: MIT */
/*
 * A view is the tree as one request or one transaction sees it: a root of its own, plus everything
 * that will have to follow if it becomes the truth: the list of changes (for the journal and the
 * watches) and the shift in each owner's usage. Operations on a view check permissions and
 * quotas first and refuse before any effect.
 *
 * Return values: 0 or -EINVAL, -ENOENT, -EACCES, -EPERM, -ENOSPC.
 */
#ifndef STORED_VIEW_H
#define STORED_VIEW_H

#include "stored/deps.h"
#include "stored/quota.h"
#include "stored/store.h"

enum change_kind { CHANGE_PUT, CHANGE_REMOVE };

/*
 * perms, value   the node as it became (PUT)
 * old_perms      its permissions before, or NULL for a new node
 * removed        the subtree that went (REMOVE)
 * implied        an ancestor created on the way to another node, whose own change will be
 *                announced: of interest only to watches that do not reach so deep
 * repeated       the same node changes again later in the list: one announcement is enough
 */
struct change {
	enum change_kind kind;
	char *path;
	struct perms *perms;
	struct blob *value;
	struct perms *old_perms;
	struct node *removed;
	bool implied, repeated;
};

/*
 * deps     what was looked at; NULL outside a transaction
 * held     bytes of deps and changes, charged to the transaction's owner
 */
struct view {
	struct node *root;
	uint64_t *generation; /* the store's counter, shared by all views */
	const struct quota *quota;
	const struct usage_table *usage;
	struct usage_deltas deltas;
	struct change *changes;
	size_t change_count, change_room;
	struct deps *deps;
	size_t held;
};

/* For reading: the node, when `who` has all of `rights`. aspects: DEP_*. */
int view_get(struct view *v, const struct cred *who, const char *path, unsigned int rights,
	     unsigned int aspects, const struct node **out);

/* Creates missing ancestors too. */
int view_write(struct view *v, const struct cred *who, const char *path, struct blob *value);
int view_mkdir(struct view *v, const struct cred *who, const char *path);
int view_remove(struct view *v, const struct cred *who, const char *path);
int view_set_perms(struct view *v, const struct cred *who, const char *path, struct perms *perms);

/*
 * The same effects without any check: for replaying what was checked before. -ENOENT when the
 * parent (PUT) or the node (REMOVE) does not exist.
 */
int view_force_put(struct view *v, const char *path, struct perms *perms, struct blob *value);
int view_force_remove(struct view *v, const char *path);

/* Forgets changes and deltas, and the root. */
void view_release(struct view *v);

#endif

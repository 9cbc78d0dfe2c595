/* SPDX-License-Identifier: MIT */
/*
 * The tree of nodes, as a persistent data structure.
 *
 * A version of the whole tree is one `struct node *`, its root. Taking a snapshot is taking a
 * reference to the root; a change copies the nodes on the way down that somebody else can still
 * see (reference count above one) and changes the others in place. With no snapshot open nothing
 * is ever copied; with one, a change costs the depth of the path times the logarithm of the
 * number of siblings.
 *
 * The children of a node form a treap ordered by name whose priorities are a keyed hash of the
 * name: its shape depends on the names alone, and a guest cannot unbalance it.
 *
 * Nothing here knows about permissions being enforced, quotas, watches or the journal.
 */
#ifndef STORED_STORE_H
#define STORED_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stored/blob.h"
#include "stored/path.h"
#include "stored/perms.h"

struct node {
	uint32_t ref;
	uint32_t rank;             /* treap priority */
	uint64_t changed;          /* generation of creation or last change of value/perms */
	uint64_t kids_changed;     /* generation of the last child added or removed */
	uint64_t domids;           /* superset of perms_mask() of this node, its subtree, */
				   /* and the siblings hanging off it in the treap */
	struct node *left, *right; /* siblings */
	struct node *kids;         /* root of the children's treap */
	struct perms *perms;
	struct blob *value;
	struct blob *names; /* what node_names() last gave, NULL once the children change */
	uint16_t name_len;
	char name[];
};

/* A tree of the root node alone. Takes over one reference to `perms`. */
struct node *store_new(struct perms *perms);

static inline struct node *node_get(struct node *n)
{
	if (n) {
		n->ref++;
	}
	return n;
}
void node_put(struct node *n);

/*
 * The children's names as one string of zero-terminated ones, in order: *names is NULL for none.
 * Kept with the node, whose it stays. -E2BIG: they are longer than `room`.
 */
int node_names(const struct node *parent, size_t room, struct blob **names);

/* The child of that name, or NULL. */
struct node *node_kid(const struct node *parent, const char *name, size_t len);

/* The node at a canonical path, or NULL. */
struct node *store_find(const struct node *root, const char *path);

/*
 * The node at the path, or else its deepest ancestor that exists; *depth is how deep that is
 * (0: the root). Returns whether the path itself exists.
 */
bool store_nearest(const struct node *root, const char *path, const struct node **near,
		   unsigned int *depth);

/*
 * Creates the node, or replaces its value and permissions; keeps its own references to both.
 * -ENOENT without any effect when the parent does not exist.
 */
int store_put(struct node **root, const char *path, struct perms *perms, struct blob *value,
	      uint64_t generation);

/*
 * Takes the node and all below it out of the tree and hands the caller the reference (its
 * siblings' links mean nothing any more). NULL, without effect, when there is none or for "/".
 */
struct node *store_remove(struct node **root, const char *path, uint64_t generation);

/* Makes `domids` exact again for one bit, visiting only nodes that have it. */
void store_remask(struct node **root, uint64_t bit);

/*
 * Calls visit(path, node, arg) for `top` (known as `path`) and everything below, parents before
 * children, siblings by name. With a nonzero mask, only where `domids` meets it.
 */
typedef void (*store_visit)(const char *path, const struct node *n, void *arg);
void store_walk(const struct node *top, const char *path, uint64_t mask, store_visit visit,
		void *arg);

/* In-order walk over one level. */
void node_each_kid(const struct node *parent, void (*visit)(const struct node *kid, void *arg),
		   void *arg);

/* Bytes of memory charged to the owner for one node. */
size_t node_bytes(size_t name_len, const struct perms *perms, const struct blob *value);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The persistent tree: see store.h for the idea. Pure: callers own the roots, there is no global
 * state and no lock. Changes descend once from the root with a `slot`, the pointer through which
 * the current node was reached; node_own() makes what is behind a slot ours alone before it is
 * touched. Recursion is bounded by the depth of a path times that of a balanced treap.
 */
#include "stored/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"

#define RANK_SALT 0x72616e6b

static struct node *node_new(const char *name, size_t len)
{
	struct node *n = xcalloc(1, sizeof(*n) + len);

	n->ref = 1;
	n->rank = (uint32_t)hash_bytes(name, len, RANK_SALT);
	n->name_len = (uint16_t)len;
	memcpy(n->name, name, len);
	return n;
}

void node_put(struct node *n)
{
	while (n && !--n->ref) {
		struct node *next = n->right;

		node_put(n->left);
		node_put(n->kids);
		perms_put(n->perms);
		blob_put(n->value);
		blob_put(n->names);
		free(n);
		n = next;
	}
}

static struct node *node_copy(const struct node *n)
{
	struct node *copy = xmemdup(n, sizeof(*n) + n->name_len);

	copy->ref = 1;
	node_get(copy->left);
	node_get(copy->right);
	node_get(copy->kids);
	perms_get(copy->perms);
	blob_get(copy->value);
	blob_get(copy->names);
	return copy;
}

/* Makes the node behind the slot visible through this slot only. */
static struct node *node_own(struct node **slot)
{
	struct node *n = *slot;

	if (n->ref > 1) {
		*slot = node_copy(n);
		n->ref--;
	}
	return *slot;
}

static int name_compare(const char *a, size_t alen, const char *b, size_t blen)
{
	int diff = memcmp(a, b, alen < blen ? alen : blen);

	return diff ? diff : (alen > blen) - (alen < blen);
}

static bool node_outranks(const struct node *a, const struct node *b)
{
	if (a->rank != b->rank) {
		return a->rank > b->rank;
	}
	return name_compare(a->name, a->name_len, b->name, b->name_len) > 0;
}

struct node *store_new(struct perms *perms)
{
	struct node *n = node_new("", 0);

	n->perms = perms;
	n->domids = perms_mask(perms);
	return n;
}

struct node *node_kid(const struct node *parent, const char *name, size_t len)
{
	struct node *n = parent->kids;
	int diff;

	while (n) {
		diff = name_compare(name, len, n->name, n->name_len);
		if (!diff) {
			break;
		}
		n = diff < 0 ? n->left : n->right;
	}
	return n;
}

struct node *store_find(const struct node *root, const char *path)
{
	const struct node *near;
	unsigned int depth;

	return store_nearest(root, path, &near, &depth) ? (struct node *)near : NULL;
}

bool store_nearest(const struct node *root, const char *path, const struct node **near,
		   unsigned int *depth)
{
	const struct node *kid;
	const char *name;
	size_t len;

	*near = root;
	*depth = 0;
	while (path_next(&path, &name, &len)) {
		kid = node_kid(*near, name, len);
		if (!kid) {
			return false;
		}
		*near = kid;
		++*depth;
	}
	return true;
}

/*
 * Descends among siblings to the slot that holds `name`, or where a search for it ends, owning
 * every node passed and adding `mask` to it. With `above` set, stops at the first node that
 * `above` outranks: the place where it belongs.
 */
static struct node **kids_slot(struct node **slot, const char *name, size_t len, uint64_t mask,
			       const struct node *above)
{
	struct node *n;
	int diff;

	while (*slot && !(above && node_outranks(above, *slot))) {
		diff = name_compare(name, len, (*slot)->name, (*slot)->name_len);
		if (!diff) {
			break;
		}
		n = node_own(slot);
		n->domids |= mask;
		slot = diff < 0 ? &n->left : &n->right;
	}
	return slot;
}

/* Divides a treap into the names below and above n's, as n's children. */
static void kids_split(struct node *tree, struct node *n)
{
	struct node **left = &n->left, **right = &n->right;

	while (tree) {
		n->domids |= tree->domids;
		node_own(&tree);
		if (name_compare(n->name, n->name_len, tree->name, tree->name_len) < 0) {
			*right = tree;
			right = &tree->left;
			tree = tree->left;
		} else {
			*left = tree;
			left = &tree->right;
			tree = tree->right;
		}
	}
	*left = *right = NULL;
}

/* Joins two treaps, all names of `left` being below those of `right`. */
static void kids_join(struct node **slot, struct node *left, struct node *right)
{
	while (left && right) {
		if (node_outranks(left, right)) {
			node_own(&left);
			left->domids |= right->domids;
			*slot = left;
			slot = &left->right;
			left = left->right;
		} else {
			node_own(&right);
			right->domids |= left->domids;
			*slot = right;
			slot = &right->left;
			right = right->left;
		}
	}
	*slot = left ? left : right;
}

/* The slot of an existing node, everything above it owned and marked with `mask`. */
static struct node **store_slot(struct node **root, const char *path, size_t path_len,
				uint64_t mask)
{
	struct node **slot = root;
	const char *end = path + path_len;
	const char *name;
	struct node *n;
	size_t len;

	/* One byte is the root's own name, "/". */
	while (path_len > 1 && path < end && path_next(&path, &name, &len)) {
		n = node_own(slot);
		n->domids |= mask;
		slot = kids_slot(&n->kids, name, len, mask, NULL);
	}
	return slot;
}

static void node_set(struct node *n, struct perms *perms, struct blob *value, uint64_t generation)
{
	struct perms *old_perms = n->perms;
	struct blob *old_value = n->value;

	n->perms = perms_get(perms);
	n->value = blob_get(value);
	n->changed = generation;
	n->domids |= perms_mask(perms);
	perms_put(old_perms);
	blob_put(old_value);
}

/* A child comes or goes. */
static void node_kids_change(struct node *n, uint64_t generation)
{
	n->kids_changed = generation;
	blob_put(n->names);
	n->names = NULL;
}

/* The caller has checked that the parent exists and has no such child. */
static void store_insert(struct node **root, const char *path, struct perms *perms,
			 struct blob *value, uint64_t generation)
{
	size_t up = path_parent_len(path);
	const char *name = path + up + (up > 1);
	struct node *n = node_new(name, strlen(name));
	uint64_t mask = perms_mask(perms);
	struct node *parent, **slot;

	node_set(n, perms, value, generation);
	n->kids_changed = generation;
	parent = node_own(store_slot(root, path, up, mask));
	parent->domids |= mask;
	node_kids_change(parent, generation);
	slot = kids_slot(&parent->kids, n->name, n->name_len, mask, n);
	kids_split(*slot, n);
	*slot = n;
}

int store_put(struct node **root, const char *path, struct perms *perms, struct blob *value,
	      uint64_t generation)
{
	const struct node *near;
	unsigned int depth;

	if (store_nearest(*root, path, &near, &depth)) {
		struct node **slot = store_slot(root, path, strlen(path), perms_mask(perms));

		node_set(node_own(slot), perms, value, generation);
		return 0;
	}
	if (path_depth(path) != depth + 1) {
		return -ENOENT;
	}
	store_insert(root, path, perms, value, generation);
	return 0;
}

struct node *store_remove(struct node **root, const char *path, uint64_t generation)
{
	struct node *parent, *n, *left, *right, **slot;
	size_t up = path_parent_len(path);
	const char *name = path + up + (up > 1);

	if (!up || !store_find(*root, path)) {
		return NULL;
	}
	parent = node_own(store_slot(root, path, up, 0));
	node_kids_change(parent, generation);
	slot = kids_slot(&parent->kids, name, strlen(name), 0, NULL);
	n = *slot;
	left = n->left;
	right = n->right;
	if (n->ref > 1) {
		node_get(left);
		node_get(right);
	} else {
		n->left = n->right = NULL;
	}
	kids_join(slot, left, right);
	return n;
}

void store_remask(struct node **root, uint64_t bit)
{
	struct node *n;

	if (!*root || !((*root)->domids & bit)) {
		return;
	}
	n = node_own(root);
	store_remask(&n->left, bit);
	store_remask(&n->right, bit);
	store_remask(&n->kids, bit);
	n->domids = perms_mask(n->perms) | (n->left ? n->left->domids : 0) |
		    (n->right ? n->right->domids : 0) | (n->kids ? n->kids->domids : 0);
}

/* One walk: the path of the node being visited grows and shrinks in place. */
struct walk {
	struct path path;
	uint64_t mask;
	store_visit visit;
	void *arg;
};

static void walk_kids(struct walk *w, const struct node *n)
{
	size_t len = w->path.len;

	if (!n || (w->mask && !(n->domids & w->mask))) {
		return;
	}
	walk_kids(w, n->left);
	if (len > 1) {
		w->path.s[w->path.len++] = '/';
	}
	memcpy(w->path.s + w->path.len, n->name, n->name_len);
	w->path.len += n->name_len;
	w->path.s[w->path.len] = 0;
	w->visit(w->path.s, n, w->arg);
	walk_kids(w, n->kids);
	w->path.len = len;
	w->path.s[len] = 0;
	walk_kids(w, n->right);
}

void store_walk(const struct node *top, const char *path, uint64_t mask, store_visit visit,
		void *arg)
{
	struct walk w = { .mask = mask, .visit = visit, .arg = arg };

	w.path.len = strlen(path);
	memcpy(w.path.s, path, w.path.len + 1);
	visit(path, top, arg);
	walk_kids(&w, top->kids);
}

static void each_sibling(const struct node *n, void (*visit)(const struct node *kid, void *arg),
			 void *arg)
{
	while (n) {
		each_sibling(n->left, visit, arg);
		visit(n, arg);
		n = n->right;
	}
}

void node_each_kid(const struct node *parent, void (*visit)(const struct node *kid, void *arg),
		   void *arg)
{
	each_sibling(parent->kids, visit, arg);
}

/* Adds a name behind those at `to`, or, without it, only its length. */
struct names {
	char *to;
	size_t len;
};

static void names_add(const struct node *kid, void *arg)
{
	struct names *l = arg;

	if (l->to) {
		memcpy(l->to + l->len, kid->name, kid->name_len);
		l->to[l->len + kid->name_len] = 0;
	}
	l->len += kid->name_len + 1u;
}

int node_names(const struct node *parent, size_t room, struct blob **names)
{
	struct names l = { NULL, 0 };

	*names = parent->names;
	if (*names || !parent->kids) {
		return 0;
	}
	node_each_kid(parent, names_add, &l);
	if (l.len > room) {
		return -E2BIG;
	}
	*names = xmalloc(sizeof(**names) + l.len);
	(*names)->ref = 1;
	(*names)->len = (uint32_t)l.len;
	l = (struct names){ (char *)(*names)->bytes, 0 };
	node_each_kid(parent, names_add, &l);
	/* Not part of what the node says, only how fast: all who share it may have it. */
	((struct node *)parent)->names = *names;
	return 0;
}

size_t node_bytes(size_t name_len, const struct perms *perms, const struct blob *value)
{
	return sizeof(struct node) + name_len + perms->count * sizeof(perms->list[0]) +
	       blob_len(value);
}

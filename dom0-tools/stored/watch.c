/* SPDX-License-Identifier: MIT */
/*
 * The index of watches: a trie of path components whose edges live in one hash table, keyed by
 * (parent point, component). The table grows with the points. Callbacks must not change the index.
 * Single-threaded; no lock.
 */
#include "stored/watch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/xalloc.h"

#define WATCH_BUCKETS 64 /* to start with; a power of two */

void watch_index_init(struct watch_index *index)
{
	index->buckets = WATCH_BUCKETS;
	index->points = 0;
	index->bucket = xcalloc(index->buckets, sizeof(index->bucket[0]));
}

void watch_index_free(struct watch_index *index)
{
	free(index->bucket);
	index->bucket = NULL;
}

static struct watch_point **point_bucket(const struct watch_index *index,
					 const struct watch_point *parent, const char *name,
					 size_t len)
{
	uint64_t h = hash_bytes(name, len, (uintptr_t)parent);

	return &index->bucket[h & (index->buckets - 1)];
}

static struct watch_point *point_find(const struct watch_index *index,
				      const struct watch_point *parent, const char *name,
				      size_t len)
{
	struct watch_point *p = *point_bucket(index, parent, name, len);

	while (p && !(p->parent == parent && p->len == len && !memcmp(p->name, name, len))) {
		p = p->hash_next;
	}
	return p;
}

static void index_grow(struct watch_index *index)
{
	struct watch_index bigger = { .buckets = index->buckets * 2, .points = index->points };
	struct watch_point *p, *next, **to;
	size_t i;

	bigger.bucket = xcalloc(bigger.buckets, sizeof(bigger.bucket[0]));
	for (i = 0; i < index->buckets; i++) {
		for (p = index->bucket[i]; p; p = next) {
			next = p->hash_next;
			to = point_bucket(&bigger, p->parent, p->name, p->len);
			p->hash_next = *to;
			*to = p;
		}
	}
	free(index->bucket);
	*index = bigger;
}

static struct watch_point *point_make(struct watch_index *index, struct watch_point *parent,
				      const char *name, size_t len)
{
	struct watch_point *p = point_find(index, parent, name, len);
	struct watch_point **head;

	if (p) {
		return p;
	}
	if (index->points >= index->buckets) {
		index_grow(index);
	}
	p = xcalloc(1, sizeof(*p) + len);
	p->parent = parent;
	p->len = len;
	memcpy(p->name, name, len);
	TAILQ_INIT(&p->kids);
	TAILQ_INIT(&p->watches);
	head = point_bucket(index, parent, name, len);
	p->hash_next = *head;
	*head = p;
	if (parent) {
		TAILQ_INSERT_TAIL(&parent->kids, p, sibling);
	}
	index->points++;
	return p;
}

/* Frees a point, and then its ancestors, as far as nothing needs them. */
static void point_trim(struct watch_index *index, struct watch_point *p)
{
	struct watch_point *parent, **link;

	while (p && TAILQ_EMPTY(&p->kids) && TAILQ_EMPTY(&p->watches)) {
		parent = p->parent;
		link = point_bucket(index, parent, p->name, p->len);
		while (*link != p) {
			link = &(*link)->hash_next;
		}
		*link = p->hash_next;
		if (parent) {
			TAILQ_REMOVE(&parent->kids, p, sibling);
		}
		free(p);
		index->points--;
		p = parent;
	}
}

/*
 * Points start at two kinds of root: "" for real paths, and one for each special name, which may
 * have a domain number below it ("@releaseDomain/5").
 */
static bool point_step(const char **at, const char **name, size_t *len, bool *first)
{
	if (*first) {
		*first = false;
		*name = *at;
		*len = path_is_special(*at) ? strcspn(*at, "/") : 0;
		*at += *len;
		return true;
	}
	return path_next(at, name, len);
}

struct watch *watch_add(struct watch_index *index, struct conn *conn, const char *path,
			const char *token, int depth)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	struct watch_point *p = NULL;
	const char *at = path, *name;
	bool first = true;
	size_t len;

	while (point_step(&at, &name, &len, &first)) {
		p = point_make(index, p, name, len);
	}
	w->point = p;
	w->conn = conn;
	w->token = xstrdup(token);
	w->path = xstrdup(path);
	w->depth = depth;
	w->last = WATCH_NEVER_SENT;
	TAILQ_INSERT_TAIL(&p->watches, w, at_point);
	return w;
}

/* The point of a path, or NULL when nothing there or below is watched. */
static struct watch_point *point_of(const struct watch_index *index, const char *path)
{
	struct watch_point *p = NULL;
	const char *name;
	bool first = true;
	size_t len;

	while (point_step(&path, &name, &len, &first)) {
		p = point_find(index, p, name, len);
		if (!p) {
			return NULL;
		}
	}
	return p;
}

struct watch *watch_find(const struct watch_index *index, const struct conn *conn, const char *path,
			 const char *token)
{
	const struct watch_point *p = point_of(index, path);
	struct watch *w;

	if (!p) {
		return NULL;
	}
	TAILQ_FOREACH(w, &p->watches, at_point)
	{
		if (w->conn == conn && !strcmp(w->token, token)) {
			break;
		}
	}
	return w;
}

void watch_remove(struct watch_index *index, struct watch *w)
{
	TAILQ_REMOVE(&w->point->watches, w, at_point);
	point_trim(index, w->point);
	free(w->token);
	free(w->path);
	free(w);
}

/* As if all points of its path were there for it alone: they may come to be. */
size_t watch_bytes(const struct watch *w)
{
	size_t points = path_depth(w->path) + 1;

	return sizeof(*w) + points * sizeof(struct watch_point) + 2 * strlen(w->path) +
	       strlen(w->token);
}

static void point_hit(const struct watch_point *p, int below, const char *path, watch_hit hit,
		      void *arg)
{
	struct watch *w;

	TAILQ_FOREACH(w, &p->watches, at_point)
	{
		if (w->depth == WATCH_ANY_DEPTH || below <= w->depth) {
			hit(w, path, arg);
		}
	}
}

void watch_match(const struct watch_index *index, const char *path, watch_hit hit, void *arg)
{
	int below = (int)path_depth(path) - path_is_special(path);
	const struct watch_point *p = NULL;
	const char *at = path, *name;
	bool first = true;
	size_t len;

	while (point_step(&at, &name, &len, &first)) {
		p = point_find(index, p, name, len);
		if (!p) {
			return;
		}
		point_hit(p, below--, path, hit, arg);
	}
}

/* State of one walk over the watched part of a removed subtree. */
struct below {
	struct path path;
	watch_hit_below hit;
	void *arg;
};

static void below_visit(struct below *b, const struct watch_point *p, const struct node *n)
{
	const struct watch_point *kid;
	const struct node *gone;
	size_t len = b->path.len;
	struct watch *w;

	TAILQ_FOREACH(kid, &p->kids, sibling)
	{
		gone = node_kid(n, kid->name, kid->len);
		if (!gone) {
			continue;
		}
		b->path.s[b->path.len++] = '/';
		memcpy(b->path.s + b->path.len, kid->name, kid->len);
		b->path.len += kid->len;
		b->path.s[b->path.len] = 0;
		TAILQ_FOREACH(w, &kid->watches, at_point)
		{
			b->hit(w, b->path.s, gone, b->arg);
		}
		below_visit(b, kid, gone);
		b->path.len = len;
		b->path.s[len] = 0;
	}
}

void watch_match_below(const struct watch_index *index, const char *path,
		       const struct node *removed, watch_hit_below hit, void *arg)
{
	const struct watch_point *p = point_of(index, path);
	struct below b = { .hit = hit, .arg = arg };

	if (p) {
		b.path.len = strlen(path);
		memcpy(b.path.s, path, b.path.len + 1);
		below_visit(&b, p, removed);
	}
}

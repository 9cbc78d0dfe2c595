/* SPDX-License-Identifier: MIT */
/*
 * Watches, indexed by path: a change of a node costs its depth plus the watches that match, never
 * the number of watches there are.
 */
#ifndef STORED_WATCH_H
#define STORED_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "stored/store.h"

#define WATCH_ANY_DEPTH  (-1)
#define WATCH_NEVER_SENT UINT64_MAX

struct conn;

/* One component of a watched path. Exists while it, or something below it, is watched. */
struct watch_point {
	struct watch_point *parent;
	TAILQ_ENTRY(watch_point) sibling;
	TAILQ_HEAD(watch_points, watch_point) kids;
	TAILQ_HEAD(watch_list, watch) watches;
	struct watch_point *hash_next;
	size_t len;
	char name[];
};

/*
 * strip     bytes to take off the front of an event's path: the watch was set by a relative path
 * depth     how many levels below the watched node still count, or WATCH_ANY_DEPTH
 * last      where in the connection's output the latest event of this watch starts
 */
struct watch {
	TAILQ_ENTRY(watch) at_point;
	TAILQ_ENTRY(watch) at_conn;
	struct watch_point *point;
	struct conn *conn;
	char *token;
	char *path; /* canonical */
	size_t strip;
	int depth;
	uint64_t last;
	size_t last_len;
};

struct watch_index {
	struct watch_point **bucket; /* by (parent, name) */
	size_t buckets, points;
};

void watch_index_init(struct watch_index *index);
void watch_index_free(struct watch_index *index);

/*
 * Adds a watch, allocated here, freed by watch_remove(). The caller links at_conn.
 * path: canonical, or a special name.
 */
struct watch *watch_add(struct watch_index *index, struct conn *conn, const char *path,
			const char *token, int depth);
/* The connection's watch on exactly that path with that token, or NULL. */
struct watch *watch_find(const struct watch_index *index, const struct conn *conn, const char *path,
			 const char *token);
void watch_remove(struct watch_index *index, struct watch *w);
size_t watch_bytes(const struct watch *w);

/* Calls hit(watch, path, arg) for each watch that a change of `path` concerns. */
typedef void (*watch_hit)(struct watch *w, const char *path, void *arg);
void watch_match(const struct watch_index *index, const char *path, watch_hit hit, void *arg);

/*
 * Calls hit(watch, path, node, arg) for watches strictly below `path` on nodes that existed in
 * the removed subtree; the path is that of the watched node.
 */
typedef void (*watch_hit_below)(struct watch *w, const char *path, const struct node *gone,
				void *arg);
void watch_match_below(const struct watch_index *index, const char *path,
		       const struct node *removed, watch_hit_below hit, void *arg);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Names of nodes. Everything behind the wire uses canonical paths: absolute, no empty component,
 * no trailing slash, at most PATH_LEN_MAX bytes, characters from [A-Za-z0-9_/@-] only.
 * Two special names, which start with '@', are not paths but can be watched.
 */
#ifndef STORED_PATH_H
#define STORED_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define PATH_LEN_MAX 3072 /* bytes, without the terminating zero */
#define PATH_REL_MAX 2048 /* the same, for a path as sent, not starting with '/' */

/* A canonical path in storage of its own. */
struct path {
	size_t len;
	char s[PATH_LEN_MAX + 1];
};

/*
 * Turns a name as a client sent it (zero-terminated, `len` bytes without the zero) into a
 * canonical path; a relative one is taken below `home` ("" is the root). 0 or -EINVAL.
 */
int path_parse(struct path *out, const char *name, size_t len, const char *home);

/*
 * Steps through the components: *at starts at the path and moves on; returns false at the end,
 * else a component of *len bytes (not terminated).
 */
bool path_next(const char **at, const char **name, size_t *len);

/* Bytes of `path` that name its parent: "/a/b" -> 2, "/a" -> 1. For "/" it is 0. */
size_t path_parent_len(const char *path);
unsigned int path_depth(const char *path);

static inline bool path_is_special(const char *name)
{
	return name[0] == '@';
}

#endif

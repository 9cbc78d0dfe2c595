/* SPDX-License-Identifier: MIT */
/*
 * What a transaction has looked at: a set of paths, each with which of its aspects mattered. At
 * commit, every one must look the same in the tree the transaction started from and in the tree
 * as it is now.
 */
#ifndef STORED_DEPS_H
#define STORED_DEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stored/store.h"

#define DEP_NODE 1 /* existence, value, permissions */
#define DEP_KIDS 2 /* existence, permissions, list of children */

struct dep {
	char *path;
	unsigned int aspects;
};

struct deps {
	struct dep *slot; /* open addressing; room is a power of two or 0 */
	size_t room, count;
};

bool deps_have(const struct deps *d, const char *path);
/* Returns the bytes of memory the set grew by. */
size_t deps_add(struct deps *d, const char *path, unsigned int aspects);
/* Whether nothing that was looked at differs between the two trees. */
bool deps_hold(const struct deps *d, const struct node *before, const struct node *now);
void deps_release(struct deps *d);

#endif

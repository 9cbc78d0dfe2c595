/* SPDX-License-Identifier: MIT */
/*
 * The toolstack's use of the store: whole lists of nodes in one transaction, numbers, lists of
 * children, and waiting for what other parties write. Requests are pipelined: a list costs one
 * wait, not one for each node.
 */
#ifndef DOMAIN_STORE_H
#define DOMAIN_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/nodes.h"
#include "lib/failure.h"
#include "lib/xs_client.h"

/* Connects, or says what to do about it. Waits a little for a store that is being restarted. */
struct xs_client *store_open(struct failure *f);
/* Does not wait. */
struct xs_client *store_open_now(int *error);

/* Writes all nodes or none; tries again while others change the same ones. */
int store_write_list(struct xs_client *xs, const struct node_list *l, struct failure *f);
/* Removes all of them, in one transaction; what is not there is fine. Paths end with NULL. */
int store_remove_all(struct xs_client *xs, const char *const *paths);

/* Formatted paths. The text is to be freed; NULL when there is none. */
char *store_read(struct xs_client *xs, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* The number a node holds, or `otherwise`. */
long long store_number(struct xs_client *xs, long long otherwise, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
int store_write(struct xs_client *xs, const char *value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
bool store_exists(struct xs_client *xs, const char *path, ...)
	__attribute__((format(printf, 2, 3)));

/* Names of the children, sorted by the store: an array of `*count` texts, one block to free(). */
char **store_list(struct xs_client *xs, size_t *count, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Calls `done` now and after each change below `path`, until it returns non-zero (which is
 * returned) or `seconds` have passed (-ETIMEDOUT).
 */
int store_wait(struct xs_client *xs, const char *path, unsigned int seconds,
	       int (*done)(struct xs_client *xs, void *arg), void *arg);

int store_introduce(struct xs_client *xs, uint32_t domid, uint64_t frame, uint32_t port);

#endif

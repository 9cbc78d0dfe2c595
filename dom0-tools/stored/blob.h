/* SPDX-License-Identifier: MIT */
/*
 * An immutable byte string with a reference count: the value of a node, shared by every version
 * of the tree that holds it. NULL stands for the empty value.
 */
#ifndef STORED_BLOB_H
#define STORED_BLOB_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

struct blob {
	uint32_t ref;
	uint32_t len;
	uint8_t bytes[];
};

static inline struct blob *blob_new(const void *bytes, uint32_t len)
{
	struct blob *b;

	if (!len) {
		return NULL;
	}
	b = xmalloc(sizeof(*b) + len);
	b->ref = 1;
	b->len = len;
	memcpy(b->bytes, bytes, len);
	return b;
}

static inline struct blob *blob_get(struct blob *b)
{
	if (b) {
		b->ref++;
	}
	return b;
}

static inline void blob_put(struct blob *b)
{
	if (b && !--b->ref) {
		free(b);
	}
}

static inline uint32_t blob_len(const struct blob *b)
{
	return b ? b->len : 0;
}

#endif

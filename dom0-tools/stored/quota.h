/* SPDX-License-Identifier: MIT */
/*
 * What one domain may make the store hold, and what each domain holds now. Limits apply to
 * unprivileged connections only. Usage is counted per owner, in a table indexed by domain number,
 * so that asking costs the same with one guest or a thousand.
 */
#ifndef STORED_QUOTA_H
#define STORED_QUOTA_H

#include <stddef.h>
#include <stdint.h>

enum quota_id {
	QUOTA_NODES,             /* nodes owned */
	QUOTA_WATCHES,           /* watches set */
	QUOTA_TRANSACTIONS,      /* transactions open at once */
	QUOTA_TRANSACTION_NODES, /* distinct nodes touched in one transaction */
	QUOTA_NODE_SIZE,         /* bytes of name, value and permissions of a node */
	QUOTA_PATH_MAX,          /* bytes of an absolute path */
	QUOTA_PERMISSIONS,       /* entries of a permission list */
	QUOTA_MEMORY,            /* bytes held: nodes, watches, transactions */
	QUOTA_EVENTS,            /* bytes of watch events waiting to be read */
	QUOTA_COUNT,
};

struct quota {
	uint32_t limit[QUOTA_COUNT];
};

extern const char *const quota_names[QUOTA_COUNT];
void quota_defaults(struct quota *q);
/* The number of a quota's name, or -ENOENT. */
int quota_find(const char *name);

#define USAGE_DOMAINS 0x8000

struct usage {
	int64_t nodes;
	int64_t memory; /* bytes */
};

/* Rows exist for domains that ever held something; NULL elsewhere. */
struct usage_table {
	struct usage *row[USAGE_DOMAINS];
	uint32_t top; /* rows from here on have never been used */
};

const struct usage *usage_of(const struct usage_table *t, uint16_t domid);
void usage_add(struct usage_table *t, uint16_t domid, int64_t nodes, int64_t memory);
/* Forgets a domain that holds nothing any more. */
void usage_drop(struct usage_table *t, uint16_t domid);
void usage_free(struct usage_table *t);

/* Changes not yet decided upon: those of one request, or of one transaction. */
struct usage_delta {
	uint16_t domid;
	int64_t nodes;
	int64_t memory;
};

struct usage_deltas {
	struct usage_delta *list;
	size_t count, room;
};

struct usage_delta *deltas_of(struct usage_deltas *d, uint16_t domid);
void deltas_apply(const struct usage_deltas *d, struct usage_table *t);
void deltas_free(struct usage_deltas *d);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Quotas and usage: see quota.h. The tables belong to the caller; no lock. The defaults are those
 * administrators know from other store daemons.
 */
#include "stored/quota.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

const char *const quota_names[QUOTA_COUNT] = {
	[QUOTA_NODES] = "nodes",
	[QUOTA_WATCHES] = "watches",
	[QUOTA_TRANSACTIONS] = "transactions",
	[QUOTA_TRANSACTION_NODES] = "transaction-nodes",
	[QUOTA_NODE_SIZE] = "node-size",
	[QUOTA_PATH_MAX] = "path-max",
	[QUOTA_PERMISSIONS] = "node-permissions",
	[QUOTA_MEMORY] = "memory",
	[QUOTA_EVENTS] = "events",
};

static const struct quota quota_default = {
	.limit = {
		[QUOTA_NODES] = 1000,
		[QUOTA_WATCHES] = 128,
		[QUOTA_TRANSACTIONS] = 10,
		[QUOTA_TRANSACTION_NODES] = 1024,
		[QUOTA_NODE_SIZE] = 2048,
		[QUOTA_PATH_MAX] = 3072,
		[QUOTA_PERMISSIONS] = 5,
		[QUOTA_MEMORY] = 2560 * 1024,
		[QUOTA_EVENTS] = 256 * 1024,
	},
};

void quota_defaults(struct quota *q)
{
	*q = quota_default;
}

int quota_find(const char *name)
{
	int i;

	for (i = 0; i < QUOTA_COUNT; i++) {
		if (!strcmp(name, quota_names[i])) {
			return i;
		}
	}
	return -ENOENT;
}

const struct usage *usage_of(const struct usage_table *t, uint16_t domid)
{
	static const struct usage none;
	const struct usage *u = t->row[domid % USAGE_DOMAINS];

	return u ? u : &none;
}

void usage_add(struct usage_table *t, uint16_t domid, int64_t nodes, int64_t memory)
{
	struct usage **u = &t->row[domid % USAGE_DOMAINS];

	if (!*u) {
		*u = xcalloc(1, sizeof(**u));
		t->top = domid >= t->top ? domid + 1u : t->top;
	}
	(*u)->nodes += nodes;
	(*u)->memory += memory;
}

void usage_drop(struct usage_table *t, uint16_t domid)
{
	struct usage **u = &t->row[domid % USAGE_DOMAINS];

	if (*u && !(*u)->nodes && !(*u)->memory) {
		free(*u);
		*u = NULL;
	}
}

void usage_free(struct usage_table *t)
{
	size_t i;

	for (i = 0; i < t->top; i++) {
		free(t->row[i]);
		t->row[i] = NULL;
	}
}

struct usage_delta *deltas_of(struct usage_deltas *d, uint16_t domid)
{
	size_t i;

	/* A change touches one owner or two; only a toolstack's transaction may touch more. */
	for (i = d->count; i-- > 0;) {
		if (d->list[i].domid == domid) {
			return &d->list[i];
		}
	}
	if (d->count == d->room) {
		d->room = d->room ? d->room * 2 : 4;
		d->list = xrealloc(d->list, d->room, sizeof(d->list[0]));
	}
	d->list[d->count] = (struct usage_delta){ .domid = domid };
	return &d->list[d->count++];
}

void deltas_apply(const struct usage_deltas *d, struct usage_table *t)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		usage_add(t, d->list[i].domid, d->list[i].nodes, d->list[i].memory);
	}
}

void deltas_free(struct usage_deltas *d)
{
	free(d->list);
	*d = (struct usage_deltas){ 0 };
}

/* SPDX-License-Identifier: MIT */
/*
 * Dependency sets of transactions: see deps.h. Pure; no lock.
 *
 * An absent node is described by the depth and permissions of its nearest ancestor: those decide
 * whether the client was told ENOENT or EACCES and what a new node would inherit.
 */
#include "stored/deps.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"

#define DEPS_SALT 0x64657073

static struct dep *deps_slot(const struct deps *d, const char *path)
{
	size_t i = hash_bytes(path, strlen(path), DEPS_SALT) & (d->room - 1);

	while (d->slot[i].path && strcmp(d->slot[i].path, path)) {
		i = (i + 1) & (d->room - 1);
	}
	return &d->slot[i];
}

bool deps_have(const struct deps *d, const char *path)
{
	return d->room && deps_slot(d, path)->path;
}

static void deps_grow(struct deps *d)
{
	struct deps bigger = { .room = d->room ? d->room * 2 : 16, .count = d->count };
	size_t i;

	bigger.slot = xcalloc(bigger.room, sizeof(bigger.slot[0]));
	for (i = 0; i < d->room; i++) {
		if (d->slot[i].path) {
			*deps_slot(&bigger, d->slot[i].path) = d->slot[i];
		}
	}
	free(d->slot);
	*d = bigger;
}

size_t deps_add(struct deps *d, const char *path, unsigned int aspects)
{
	struct dep *s;

	if (d->count * 4 >= d->room * 3) {
		deps_grow(d);
	}
	s = deps_slot(d, path);
	s->aspects |= aspects;
	if (s->path) {
		return 0;
	}
	s->path = xstrdup(path);
	d->count++;
	return strlen(path) + 2 * sizeof(*s);
}

static bool dep_holds(const struct dep *dep, const struct node *before, const struct node *now)
{
	const struct node *a, *b;
	unsigned int adepth, bdepth;
	bool was = store_nearest(before, dep->path, &a, &adepth);
	bool is = store_nearest(now, dep->path, &b, &bdepth);

	if (was != is || adepth != bdepth) {
		return false;
	}
	if (a == b) {
		return true;
	}
	if (was && (dep->aspects & DEP_NODE) && a->changed != b->changed) {
		return false;
	}
	if (was && (dep->aspects & DEP_KIDS) && a->kids_changed != b->kids_changed) {
		return false;
	}
	return perms_equal(a->perms, b->perms);
}

bool deps_hold(const struct deps *d, const struct node *before, const struct node *now)
{
	size_t i;

	if (before == now) {
		return true;
	}
	for (i = 0; i < d->room; i++) {
		if (d->slot[i].path && !dep_holds(&d->slot[i], before, now)) {
			return false;
		}
	}
	return true;
}

void deps_release(struct deps *d)
{
	size_t i;

	for (i = 0; i < d->room; i++) {
		free(d->slot[i].path);
	}
	free(d->slot);
	*d = (struct deps){ 0 };
}

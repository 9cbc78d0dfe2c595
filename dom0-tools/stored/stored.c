/* SPDX-License-Identifier: MIT */
/*
 * The store as a whole: see stored.h. Owns the live root; every change of it ends in
 * stored_settle(). Single-threaded, no lock.
 */
#include "stored/stored.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/domain.h"
#include "stored/state.h"
#include "stored/transaction.h"

const char *const special_names[SPECIAL_COUNT] = {
	[SPECIAL_INTRODUCE] = "@introduceDomain",
	[SPECIAL_RELEASE] = "@releaseDomain",
};

int special_find(const char *name)
{
	int i;
	size_t len;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		len = strlen(special_names[i]);
		if (!strncmp(name, special_names[i], len) && (!name[len] || name[len] == '/')) {
			return i;
		}
	}
	return -ENOENT;
}

/* A list that gives nothing to anybody but dom0. */
static struct perms *perms_dom0_only(void)
{
	struct perms *p = perms_new(1);

	p->list[0] = (struct perm){ 0, PERM_NONE };
	return p;
}

static uint64_t generation_start(void)
{
	struct timespec now;

	/* Larger than any an earlier process gave out: clients compare them across a restart. */
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void stored_clear(struct stored *st)
{
	node_put(st->root);
	usage_free(&st->usage);
	st->root = store_new(perms_dom0_only());
	usage_add(&st->usage, 0, 1, (int64_t)node_bytes(0, st->root->perms, NULL));
}

struct stored *stored_new(const struct hv *hv, void *hv_arg)
{
	struct stored *st = xcalloc(1, sizeof(*st));
	static const char *const first[] = { "/tool", "/tool/xenstored" };
	struct view v;
	size_t i;

	st->hv = hv;
	st->hv_arg = hv_arg;
	st->generation = generation_start();
	st->next_socket = CONN_SOCKET_BASE;
	quota_defaults(&st->quota);
	watch_index_init(&st->watches);
	TAILQ_INIT(&st->conns);
	TAILQ_INIT(&st->dirty);
	TAILQ_INIT(&st->runnable);
	LIST_INIT(&st->domains);
	for (i = 0; i < SPECIAL_COUNT; i++) {
		st->special[i] = perms_dom0_only();
	}
	stored_clear(st);
	v = stored_view(st);
	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		view_force_put(&v, first[i], v.root->perms, NULL);
	}
	stored_settle(st, &v);
	return st;
}

void stored_free(struct stored *st)
{
	struct conn *c, *next;
	size_t i;

	domain_free_all(st);
	for (c = TAILQ_FIRST(&st->conns); c; c = next) {
		next = TAILQ_NEXT(c, link);
		conn_free(st, c);
	}
	for (i = 0; i < SPECIAL_COUNT; i++) {
		perms_put(st->special[i]);
	}
	node_put(st->root);
	usage_free(&st->usage);
	watch_index_free(&st->watches);
	journal_close(st->journal);
	free(st->journal_path);
	free(st);
}

struct view stored_view(struct stored *st)
{
	struct view v = {
		.root = st->root,
		.generation = &st->generation,
		.quota = &st->quota,
		.usage = &st->usage,
	};

	/* Moved, not shared: with no snapshot about, the view changes nodes in place. */
	st->root = NULL;
	return v;
}

/* One change being announced. */
struct firing {
	struct stored *st;
	const struct change *change;
};

static bool perms_readable(const struct perms *p, const struct cred *who)
{
	return p && (perms_rights(p, who) & PERM_READ);
}

/* May this client know that the node changed: could it read it before or after, or its parent? */
static bool fire_permitted(const struct firing *f, const struct watch *w)
{
	const struct cred *who = &w->conn->cred;
	const struct change *c = f->change;
	size_t up = path_parent_len(c->path);
	const struct node *parent;
	struct path path;

	if (who->privileged || perms_readable(c->perms, who) || perms_readable(c->old_perms, who) ||
	    (c->removed && perms_readable(c->removed->perms, who))) {
		return true;
	}
	memcpy(path.s, c->path, up);
	path.s[up] = 0;
	parent = up ? store_find(f->st->root, path.s) : NULL;
	return parent && perms_readable(parent->perms, who);
}

static void fire_hit(struct watch *w, const char *path, void *arg)
{
	struct firing *f = arg;

	if (!(f->change->implied && w->depth == WATCH_ANY_DEPTH) && fire_permitted(f, w)) {
		conn_event(f->st, w, path, false);
	}
}

static void fire_hit_below(struct watch *w, const char *path, const struct node *gone, void *arg)
{
	struct firing *f = arg;

	if (fire_permitted(f, w) || perms_readable(gone->perms, &w->conn->cred)) {
		conn_event(f->st, w, path, false);
	}
}

static void stored_fire(struct stored *st, const struct change *c)
{
	struct firing f = { st, c };

	watch_match(&st->watches, c->path, fire_hit, &f);
	if (c->kind == CHANGE_REMOVE) {
		watch_match_below(&st->watches, c->path, c->removed, fire_hit_below, &f);
	}
}

/* A transaction often changes one node several times: written, then given permissions. */
static void mark_repeated(struct view *v)
{
	struct deps seen = { 0 };
	struct change *c;
	size_t i;

	for (i = v->change_count; v->change_count > 1 && i-- > 0;) {
		c = &v->changes[i];
		if (c->kind == CHANGE_PUT && !c->implied) {
			c->repeated = deps_have(&seen, c->path);
			deps_add(&seen, c->path, DEP_NODE);
		}
	}
	deps_release(&seen);
}

void stored_settle(struct stored *st, struct view *v)
{
	size_t i;

	mark_repeated(v);
	st->root = v->root;
	v->root = NULL;
	deltas_apply(&v->deltas, &st->usage);
	for (i = 0; i < v->change_count; i++) {
		state_add_change(st, &v->changes[i]);
		if (!v->changes[i].repeated) {
			stored_fire(st, &v->changes[i]);
		}
	}
	view_release(v);
}

/* Watchers that asked for a depth are told which domain it was. */
static void announce_hit(struct watch *w, const char *path, void *arg)
{
	struct stored *st = arg;
	int which = special_find(path);

	if (!perms_readable(st->special[which], &w->conn->cred)) {
		return;
	}
	if (w->depth == WATCH_ANY_DEPTH && !strchr(w->path, '/')) {
		path = special_names[which];
	}
	conn_event(st, w, path, false);
}

void stored_announce(struct stored *st, enum special which, uint32_t domid)
{
	char path[CONN_HOME_LEN];

	snprintf(path, sizeof(path), "%s/%u", special_names[which], domid);
	watch_match(&st->watches, path, announce_hit, st);
}

void stored_publish(struct stored *st)
{
	struct conn *c;

	journal_publish(st->journal);
	while ((c = TAILQ_FIRST(&st->dirty))) {
		TAILQ_REMOVE(&st->dirty, c, dirty_link);
		c->dirty = false;
		c->io->flush(st, c);
	}
	state_rewrite_if_due(st);
}

/* SPDX-License-Identifier: MIT */
/*
 * The table of introduced domains: see domain.h. Owns their pages and ports; single-threaded, no
 * lock. A domain that dies takes along the nodes it owns and its place in others' permission
 * lists, so that a later domain of the same number inherits nothing.
 */
#include "stored/domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/hv.h"
#include "stored/ring.h"
#include "stored/state.h"
#include "stored/stored.h"

#define CHECK_BATCH 128
#define EVENTS_MAX  64 /* taken before requests are served */

struct domain *domain_find(const struct stored *st, uint32_t domid)
{
	return domid < USAGE_DOMAINS ? st->domain[domid] : NULL;
}

static struct domain *domain_by_port(const struct stored *st, int port)
{
	return port >= 0 && (size_t)port < st->ports ? st->by_port[port] : NULL;
}

static void domain_set_port(struct stored *st, struct domain *d, int port)
{
	size_t more;

	if ((size_t)port >= st->ports) {
		more = (size_t)port + 64;
		st->by_port = xrealloc(st->by_port, more, sizeof(st->by_port[0]));
		memset(st->by_port + st->ports, 0, (more - st->ports) * sizeof(st->by_port[0]));
		st->ports = more;
	}
	st->by_port[port] = d;
	d->port = port;
}

static void domain_unbind(struct stored *st, struct domain *d)
{
	if (d->port != DOMAIN_NO_PORT) {
		st->by_port[d->port] = NULL;
		st->hv->unbind(st->hv_arg, (uint32_t)d->port);
		d->port = DOMAIN_NO_PORT;
		d->masked = false;
	}
}

static struct domain *domain_new(struct stored *st, uint32_t domid)
{
	struct domain *d = xcalloc(1, sizeof(*d));

	d->domid = domid;
	d->port = DOMAIN_NO_PORT;
	d->conn = conn_new(st, domid, domid, &ring_io, d);
	d->conn->journaled = true;
	st->domain[domid] = d;
	LIST_INSERT_HEAD(&st->domains, d, link);
	return d;
}

static void domain_detach(struct stored *st, struct domain *d)
{
	domain_unbind(st, d);
	if (d->page) {
		st->hv->unmap(st->hv_arg, d->domid, d->page);
		d->page = NULL;
	}
}

static void domain_free(struct stored *st, struct domain *d)
{
	domain_detach(st, d);
	conn_free(st, d->conn);
	LIST_REMOVE(d, link);
	st->domain[d->domid] = NULL;
	free(d);
}

void domain_free_all(struct stored *st)
{
	while (!LIST_EMPTY(&st->domains)) {
		domain_free(st, LIST_FIRST(&st->domains));
	}
	free(st->by_port);
	st->by_port = NULL;
	st->ports = 0;
}

static int domain_connect(struct stored *st, struct domain *d, uint64_t gfn, uint32_t remote_port)
{
	int port;

	if (!d->page) {
		d->page = st->hv->map(st->hv_arg, d->domid, gfn);
	}
	if (!d->page) {
		return -EINVAL;
	}
	domain_unbind(st, d);
	port = st->hv->bind(st->hv_arg, d->domid, remote_port);
	if (port < 0) {
		return -EINVAL;
	}
	domain_set_port(st, d, port);
	d->gfn = gfn;
	d->remote_port = remote_port;
	return 0;
}

int domain_introduce(struct stored *st, uint32_t domid, uint64_t gfn, uint32_t remote_port)
{
	struct domain *d = domain_find(st, domid);
	bool known = d;
	int rc;

	if (!known) {
		d = domain_new(st, domid);
	}
	rc = domain_connect(st, d, gfn, remote_port);
	if (rc) {
		if (!known) {
			domain_free(st, d);
		}
		return rc;
	}
	d->broken = false;
	d->shutdown = false;
	conn_reset(st, d->conn);
	ring_start(d->page);
	state_add_domain(st, d);
	if (!known) {
		stored_announce(st, SPECIAL_INTRODUCE, domid);
	}
	return 0;
}

int domain_introduce_dom0(struct stored *st, uint32_t remote_port)
{
	struct domain *d = domain_new(st, 0);
	int rc = domain_connect(st, d, 0, remote_port);

	if (rc) {
		domain_free(st, d);
		return rc;
	}
	ring_adopt(d->page, d->conn);
	state_add_domain(st, d);
	st->hv->notify(st->hv_arg, (uint32_t)d->port);
	conn_wake(st, d->conn);
	return 0;
}

/* What a domain leaves behind, collected before anything is changed. */
struct legacy {
	uint16_t domid;
	char **path;
	size_t count, room;
};

static void legacy_visit(const char *path, const struct node *n, void *arg)
{
	struct legacy *l = arg;

	if (!perms_names(n->perms, l->domid)) {
		return;
	}
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 16;
		l->path = xrealloc(l->path, l->room, sizeof(l->path[0]));
	}
	l->path[l->count++] = xstrdup(path);
}

/* Its own nodes go; others' nodes no longer mention it. */
static void legacy_clear(struct stored *st, uint16_t domid)
{
	struct legacy l = { .domid = domid };
	struct perms *without;
	struct node *n;
	struct view v;
	size_t i;

	store_walk(st->root, "/", perms_domid_bit(domid), legacy_visit, &l);
	v = stored_view(st);
	for (i = 0; i < l.count; i++) {
		n = store_find(v.root, l.path[i]);
		if (n && n->perms->list[0].domid == domid) {
			view_force_remove(&v, l.path[i]);
		} else if (n) {
			struct blob *value = blob_get(n->value);

			without = perms_without(n->perms, domid);
			view_force_put(&v, l.path[i], without, value);
			perms_put(without);
			blob_put(value);
		}
		free(l.path[i]);
	}
	free(l.path);
	store_remask(&v.root, perms_domid_bit(domid));
	stored_settle(st, &v);
}

/* Nor do the special names give a later domain of that number what was given to this one. */
static void legacy_clear_specials(struct stored *st, uint16_t domid)
{
	struct perms *owned, *p;
	int i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		p = st->special[i];
		if (perms_names(p, domid)) {
			owned = p->list[0].domid == domid ? perms_owned_by(p, 0) : perms_get(p);
			st->special[i] = perms_without(owned, domid);
			state_add_special(st, (enum special)i);
			perms_put(owned);
			perms_put(p);
		}
	}
}

int domain_release(struct stored *st, uint32_t domid)
{
	struct domain *d = domain_find(st, domid), *other;

	if (!d) {
		return -ENOENT;
	}
	LIST_FOREACH(other, &st->domains, link)
	{
		if (other->conn->cred.target == domid) {
			other->conn->cred.target = CRED_NO_TARGET;
		}
	}
	domain_free(st, d);
	state_add_release(st, domid);
	legacy_clear(st, (uint16_t)domid);
	legacy_clear_specials(st, (uint16_t)domid);
	usage_drop(&st->usage, (uint16_t)domid);
	stored_announce(st, SPECIAL_RELEASE, domid);
	return 0;
}

int domain_set_target(struct stored *st, uint32_t domid, uint32_t target)
{
	struct domain *d = domain_find(st, domid);

	if (!d || !domain_find(st, target)) {
		return -ENOENT;
	}
	d->conn->cred.target = target;
	state_add_target(st, d);
	return 0;
}

int domain_resume(struct stored *st, uint32_t domid)
{
	struct domain *d = domain_find(st, domid);

	if (!d) {
		return -ENOENT;
	}
	d->shutdown = false;
	return 0;
}

/* What the hypervisor says about one introduced domain. */
static void domain_judge(struct stored *st, struct domain *d, const uint8_t *seen)
{
	uint8_t flags = seen[d->domid];

	if (d->domid == 0) {
		return;
	}
	if (!flags || (flags & HV_DYING)) {
		domain_release(st, d->domid);
	} else if ((flags & HV_SHUTDOWN) && !d->shutdown) {
		d->shutdown = true;
		stored_announce(st, SPECIAL_RELEASE, d->domid);
	}
}

#define SEEN 0x80 /* with HV_* beside it */

void domain_check_all(struct stored *st)
{
	uint8_t *seen = xcalloc(USAGE_DOMAINS, 1);
	struct hv_domain batch[CHECK_BATCH];
	struct domain *d, *next;
	uint32_t first = 0;
	int i, got;

	do {
		got = st->hv->list(st->hv_arg, first, batch, CHECK_BATCH);
		if (got < 0) {
			log_error("cannot list domains (%s): deaths are noticed late",
				  strerror(-got));
			free(seen);
			return;
		}
		for (i = 0; i < got; i++) {
			seen[batch[i].domid % USAGE_DOMAINS] = (uint8_t)(SEEN | batch[i].flags);
			first = batch[i].domid + 1u;
		}
	} while (got == CHECK_BATCH);
	for (d = LIST_FIRST(&st->domains); d; d = next) {
		next = LIST_NEXT(d, link);
		domain_judge(st, d, seen);
	}
	free(seen);
}

void domain_take_events(struct stored *st)
{
	int port, left = EVENTS_MAX;
	struct domain *d;

	while (left-- && (port = st->hv->pending(st->hv_arg)) != HV_NO_EVENT) {
		if (port == HV_DOMAIN_EVENT) {
			domain_check_all(st);
			stored_publish(st);
			continue;
		}
		d = domain_by_port(st, port);
		if (d) {
			d->masked = true;
			conn_wake(st, d->conn);
		}
	}
}

struct domain *domain_restore(struct stored *st, uint32_t domid, uint64_t gfn, uint32_t remote_port)
{
	struct domain *d = domain_find(st, domid);

	if (!d) {
		d = domain_new(st, domid);
	}
	d->gfn = gfn;
	d->remote_port = remote_port;
	return d;
}

void domain_restore_release(struct stored *st, uint32_t domid)
{
	struct domain *d = domain_find(st, domid);

	if (d) {
		domain_free(st, d);
	}
}

static void domain_attach(struct stored *st, struct domain *d)
{
	if (domain_connect(st, d, d->gfn, d->remote_port)) {
		/*
		 * Most likely it is being destroyed. It is not released here: whoever is told of an
		 * end looks for himself, and would find it alive until the hypervisor is done.
		 */
		log_warn("domain %u: its store ring cannot be mapped any more", d->domid);
		domain_detach(st, d);
		return;
	}
	if (journal_stale(st->journal)) {
		/* The page is ahead of what was written down: it is the better witness. */
		conn_reset(st, d->conn);
		ring_adopt(d->page, d->conn);
	} else {
		ring_resume(st, d);
	}
	/* The event for what came while nobody listened went nowhere: look, and say hello. */
	conn_wake(st, d->conn);
	st->hv->notify(st->hv_arg, (uint32_t)d->port);
}

void domain_attach_all(struct stored *st)
{
	struct domain *d, *next;

	for (d = LIST_FIRST(&st->domains); d; d = next) {
		next = LIST_NEXT(d, link);
		domain_attach(st, d);
	}
	if (journal_stale(st->journal)) {
		state_rewrite(st);
	}
}

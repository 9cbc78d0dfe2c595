/* SPDX-License-Identifier: MIT */
/*
 * Comparing what should be with what is: at the start, whenever the store says that a domain came
 * or ended, after each job, and now and then. This is how a new supervisor takes over from one
 * that died: it looks, and does what the old one would have done next. See supervise.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/kernel_cache.h"
#include "lib/log.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

#define TICK_SECONDS 15
/* An unpacked kernel is tens of megabytes; who starts guests one by one takes minutes. */
#define KERNEL_KEEP_SECONDS 600

static const struct timeval recheck_delay = { 0, 200000 };

static bool row_is(const struct roster_row *row, const struct record *r)
{
	return !memcmp(row->info.handle, r->uuid, sizeof(r->uuid)) &&
	       !(row->info.flags & XEN_DOMINF_dying);
}

static int row_order(const void *domid, const void *row)
{
	int a = *(const int *)domid, b = ((const struct roster_row *)row)->info.domain;

	return a < b ? -1 : a > b;
}

/* Most have the number they had: only the others cost a look at everybody. */
static const struct xen_domctl_getdomaininfo *info_of(const struct roster *all,
						      const struct record *r)
{
	const struct roster_row *row = NULL;
	size_t i;

	if (r->domid >= 0) {
		row = bsearch(&r->domid, all->rows, all->count, sizeof(*all->rows), row_order);
	}
	if (row && row_is(row, r)) {
		return &row->info;
	}
	for (i = 0; i < all->count; i++) {
		if (row_is(&all->rows[i], r)) {
			return &all->rows[i].info;
		}
	}
	return NULL;
}

/* Its creation was begun by a supervisor that died, and the process that did it is gone too. */
static bool half_made(struct supervisor *s, const struct record *r)
{
	char uuid[UUID_TEXT];

	if (!r->building || !s->t.xs) {
		return false;
	}
	uuid_format(r->uuid, uuid);
	return !store_exists(s->t.xs, "/vm/%s/complete", uuid);
}

static bool at_work_elsewhere(struct record *r)
{
	char uuid[UUID_TEXT];

	if (r->inherited) {
		uuid_format(r->uuid, uuid);
		r->inherited = job_elsewhere(uuid);
	}
	return r->inherited;
}

static void gone(struct supervisor *s, struct record *r)
{
	bool was_restoring = r->restoring, was_building = r->building && !was_restoring;
	int64_t left = r->due - time(NULL);

	r->domid = -1;
	r->building = r->restoring = false;
	claim_release(r);
	if (was_building) {
		/*
		 * Nothing came of it, or its next start was due; the wish still stands. Of a delay
		 * it waits for what is left; no longer than there are delays, since clocks are set.
		 */
		if (left > 0) {
			life_start_later(s, r, left < POLICY_DELAY_MAX ? left : POLICY_DELAY_MAX);
		} else {
			life_start(s, r, (struct request){ 0 }, NULL);
		}
		return;
	}
	event_tell(s, r, NULL, "gone", "%s",
		   was_restoring ? "its restore was interrupted; restore it again"
				 : "destroyed by somebody else");
	r->wanted = false;
	r->state = RECORD_STOPPED;
	if (r->defined) {
		record_save(s, r);
	} else {
		record_drop(s, r);
	}
}

static void there(struct supervisor *s, struct record *r,
		  const struct xen_domctl_getdomaininfo *info)
{
	struct failure f = { 0 };
	unsigned int reason;

	r->domid = info->domain;
	if (r->state == RECORD_PRESERVED) {
		return;
	}
	if (half_made(s, r)) {
		event_tell(s, r, NULL, "half-made", "its creation was interrupted; %s",
			   r->restoring ? "restore it again" : "beginning anew");
		domctl_pause(s->t.h, info->domain);
		life_ended(s, r, LIFE_HALF_MADE);
		return;
	}
	if (r->building || r->saved) {
		r->building = r->restoring = false;
		record_set_saved(r, NULL); /* whoever restored it */
		record_save(s, r);
	}
	if (r->state != RECORD_RUNNING) {
		r->state = RECORD_RUNNING;
		if (!r->claim_count && r->g_valid &&
		    (s->t.xs ? claim_take_live(s, r, &f) : claim_take(s, r, &f))) {
			log_warn("%s: %s", r->name, f.text);
		}
	}
	reason = info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	/* Who suspends does not end: whoever saves it will destroy it, or wake it. */
	if (info->flags & XEN_DOMINF_shutdown && reason != END_SUSPEND) {
		life_ended(s, r, reason);
	}
}

static void reconcile_one(struct supervisor *s, struct record *r, const struct roster *all)
{
	const struct xen_domctl_getdomaininfo *info = info_of(all, r);

	if (r->job || r->state == RECORD_WAITING || r->boot_pending) {
		return;
	}
	if (at_work_elsewhere(r)) {
		/* Nobody tells this supervisor when that ends. */
		event_add(s->recheck, &recheck_delay);
		return;
	}
	if (r->building && !s->t.xs) {
		return; /* how far it came only the store knows */
	}
	if (info && (r->wanted || r->state == RECORD_STOPPED)) {
		r->wanted = true;
		there(s, r, info);
	} else if (info && r->state == RECORD_ENDING) {
		life_destroy(s, r, (struct request){ 0 }, NULL);
	} else if (!info && r->wanted) {
		gone(s, r);
	} else if (!info) {
		r->domid = -1;
		r->state = RECORD_STOPPED;
	}
}

void watch_look(struct supervisor *s)
{
	if (s->store_ready) {
		event_active(s->store_ready, EV_READ, 0);
	}
}

static void watch_recheck(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	watch_reconcile(arg);
}

void watch_reconcile(struct supervisor *s)
{
	static bool busy;
	struct failure f = { 0 };
	struct record *r, *next;
	struct roster all;

	/* What is done here may come back here. */
	if (busy) {
		return;
	}
	busy = true;
	if (roster_read(&all, &(struct toolstack){ .h = s->t.h }, &f)) {
		log_error("%s", f.text);
	} else {
		for (r = LIST_FIRST(&s->records); r; r = next) {
			next = LIST_NEXT(r, link);
			reconcile_one(s, r, &all);
		}
	}
	roster_free(&all);
	busy = false;
	watch_look(s);
}

static void watch_connect(evutil_socket_t fd, short what, void *arg);

static void watch_lost(struct supervisor *s)
{
	log_warn("the store is gone; waiting for it");
	event_free(s->store_ready);
	s->store_ready = NULL;
	xs_client_close(s->t.xs);
	s->t.xs = NULL;
	watch_connect(-1, 0, s);
}

static void watch_events(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;
	const char *path, *token;
	bool any = false;
	int rc;

	(void)fd;
	(void)what;
	while ((rc = xs_client_event(s->t.xs, &path, &token)) > 0) {
		any = true;
	}
	if (rc < 0) {
		watch_lost(s);
	} else if (any) {
		watch_reconcile(s);
	}
}

/* What other tools look dom0 up by; a store that began empty does not have it. */
static void watch_name_dom0(struct supervisor *s)
{
	if (!store_exists(s->t.xs, "/local/domain/0/name")) {
		store_write(s->t.xs, "0", "/local/domain/0/domid");
		store_write(s->t.xs, "Domain-0", "/local/domain/0/name");
	}
}

static void watch_connect(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = { 0, 300000 };
	struct supervisor *s = arg;
	int rc;

	(void)fd;
	(void)what;
	s->t.xs = store_open_now(&rc);
	if (!s->t.xs || xs_client_watch(s->t.xs, "@releaseDomain", "release") ||
	    xs_client_watch(s->t.xs, "@introduceDomain", "introduce")) {
		xs_client_close(s->t.xs);
		s->t.xs = NULL;
		event_add(s->store_retry, &soon);
		return;
	}
	watch_name_dom0(s);
	s->store_ready =
		event_new(s->base, xs_client_fd(s->t.xs), EV_READ | EV_PERSIST, watch_events, s);
	event_add(s->store_ready, NULL);
	/* Both watches have fired already, and their events were read with the answers. */
	event_active(s->store_ready, EV_READ, 0);
}

static void watch_tick(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	watch_reconcile(s);
	metrics_write(s);
	kernel_cache_expire(time(NULL) - KERNEL_KEEP_SECONDS);
}

void watch_start(struct supervisor *s)
{
	static const struct timeval period = { TICK_SECONDS, 0 };

	s->store_retry = event_new(s->base, -1, 0, watch_connect, s);
	s->recheck = event_new(s->base, -1, 0, watch_recheck, s);
	s->tick = event_new(s->base, -1, EV_PERSIST, watch_tick, s);
	event_add(s->tick, &period);
	watch_connect(-1, 0, s);
	if (s->fresh_boot) {
		life_boot_next(s);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Suspending guests: see suspend.h. The guest's kernel empties control/shutdown to say that it has
 * seen the request, and later shuts down with a reason of its own. No state of its own.
 */
#include "domain/suspend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/domctl_state.h"

#define ANSWER_SECONDS  60 /* as xl */
#define SUSPEND_SECONDS 60
#define TRIES           100
#define REQUEST         "suspend"
#define CANCELLED       1 /* what the guest's hypercall returns then */

struct asking {
	struct toolstack *t;
	uint32_t domid;
	bool (*stopped)(void);
};

/* -1 while it runs, -ESRCH when it is gone, else why it shut down. */
static int end_reason(struct toolstack *t, uint32_t domid)
{
	struct xen_domctl_getdomaininfo info;

	if (domctl_info(t->h, domid, &info) || info.flags & XEN_DOMINF_dying) {
		return -ESRCH;
	}
	if (!(info.flags & XEN_DOMINF_shutdown)) {
		return -1;
	}
	return (int)(info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
}

bool suspend_done(struct toolstack *t, uint32_t domid)
{
	return end_reason(t, domid) == END_SUSPEND;
}

static int request_path(uint32_t domid, char path[64])
{
	return snprintf(path, 64, "/local/domain/%u/control/shutdown", domid);
}

static int request_seen(struct xs_client *xs, void *arg)
{
	struct asking *a = arg;
	char path[64], *text;
	int seen;

	if (a->stopped()) {
		return -EINTR;
	}
	request_path(a->domid, path);
	text = xs_client_read(xs, 0, path);
	seen = text ? !*text : errno == ENOENT ? -ESRCH : -errno;
	free(text);
	return seen;
}

/* By now it cannot be taken back: who wants to give up does so when the guest sleeps. */
static int request_done(struct xs_client *xs, void *arg)
{
	struct asking *a = arg;
	int reason = end_reason(a->t, a->domid);

	(void)xs;
	return reason == -1 ? 0 : reason < 0 ? reason : reason + 1;
}

/* Takes the request back, unless the guest has seen it by now: then false. */
static bool request_withdrawn(struct toolstack *t, uint32_t domid)
{
	char path[64], *text;
	int tries, rc = -EAGAIN;
	bool pending = true;
	uint32_t tx;

	request_path(domid, path);
	for (tries = 0; rc == -EAGAIN && tries < TRIES; tries++) {
		if (xs_client_begin(t->xs, &tx)) {
			return true;
		}
		text = xs_client_read(t->xs, tx, path);
		pending = text && !strcmp(text, REQUEST);
		free(text);
		rc = pending ? xs_client_write(t->xs, tx, path, "") : 0;
		if (rc) {
			xs_client_end(t->xs, tx, false);
		} else {
			rc = xs_client_end(t->xs, tx, true);
		}
	}
	return pending;
}

/* Again, if the store was restarted meanwhile: what it was told it still knows. */
static int asking_wait(struct asking *a, const char *path, unsigned int seconds,
		       int (*done)(struct xs_client *xs, void *arg))
{
	int rc;

	do {
		rc = store_wait(a->t->xs, path, seconds, done, a);
	} while (rc < 0 && toolstack_renew(a->t));
	return rc;
}

static int refuse_state(uint32_t domid, const struct xen_domctl_getdomaininfo *info,
			struct failure *f)
{
	unsigned int reason = info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

	if (info->flags & XEN_DOMINF_dying) {
		return failure_set(f, -ESRCH, "domain %u is being destroyed", domid);
	}
	if (info->flags & XEN_DOMINF_shutdown) {
		return failure_set(f, -ESRCH, "domain %u has ended (%s); there is nothing to save",
				   domid, guest_end_name(reason));
	}
	if (info->flags & XEN_DOMINF_paused) {
		return failure_set(f, -EBUSY,
				   "domain %u is paused, and so cannot prepare for being saved; "
				   "first let it run: dais unpause %u",
				   domid, domid);
	}
	return 0;
}

static int suspend_await(struct asking *a, struct failure *f)
{
	uint32_t domid = a->domid;
	int rc = asking_wait(a, "@releaseDomain", SUSPEND_SECONDS, request_done);

	if (rc == END_SUSPEND + 1) {
		return 0;
	}
	if (rc > 0) {
		return failure_set(f, -ESRCH, "domain %u ended (%s) instead of suspending", domid,
				   guest_end_name((unsigned int)rc - 1));
	}
	if (rc == -ESRCH) {
		return failure_set(f, rc, "domain %u was destroyed meanwhile", domid);
	}
	return failure_set(
		f, rc,
		"gave up waiting for domain %u to suspend, which it was about to; "
		"should it do so later (dais why %u), this wakes it: dais save -c %u FILE",
		domid, domid, domid);
}

/* Why there was no answer. The request has been taken back. */
static int refuse_answer(uint32_t domid, int rc, struct failure *f)
{
	if (rc == -ESRCH) {
		return failure_set(f, rc, "domain %u was destroyed meanwhile", domid);
	}
	if (rc == -EINTR) {
		return failure_set(f, rc, "interrupted before domain %u had suspended; it runs on",
				   domid);
	}
	if (rc != -ETIMEDOUT) {
		return failure_set(f, rc,
				   "the store was lost (%s) before domain %u had suspended; see "
				   "whether it runs, and try again",
				   strerror(-rc), domid);
	}
	return failure_set(f, rc,
			   "domain %u did not answer the request to suspend, and runs on; perhaps "
			   "its kernel has not come that far, or cannot suspend",
			   domid);
}

int suspend_ask(struct toolstack *t, uint32_t domid, bool (*stopped)(void), struct failure *f)
{
	struct asking a = { t, domid, stopped };
	struct xen_domctl_getdomaininfo info;
	char path[64];
	int rc = domctl_info(t->h, domid, &info);

	if (rc) {
		return failure_set(f, rc, "there is no domain %u", domid);
	}
	if (suspend_done(t, domid)) {
		return 0;
	}
	rc = refuse_state(domid, &info, f);
	if (rc || (rc = domain_ask(t, domid, REQUEST, f))) {
		return rc;
	}
	request_path(domid, path);
	rc = asking_wait(&a, path, ANSWER_SECONDS, request_seen);
	if (rc < 0 && (rc == -ESRCH || request_withdrawn(t, domid))) {
		return refuse_answer(domid, rc, f);
	}
	return suspend_await(&a, f);
}

/* The store is to tell of this domain's end once more. */
static int store_resume(struct toolstack *t, uint32_t domid)
{
	char number[16];
	struct xs_part part = { number, (size_t)snprintf(number, sizeof(number), "%u", domid) + 1 };
	int rc;

	do {
		rc = xs_client_call(t->xs, XS_RESUME, 0, &part, 1, NULL);
	} while (rc < 0 && toolstack_renew(t));
	return rc < 0 ? rc : 0;
}

int suspend_cancel(struct toolstack *t, uint32_t domid, bool leave_paused, struct failure *f)
{
	struct vcpu_guest_context c;
	int rc = domctl_get_context(t->h, domid, 0, &c);

	c.user_regs.rax = CANCELLED;
	rc = rc ? rc : domctl_set_context(t->h, domid, 0, &c);
	if (!rc && leave_paused) {
		rc = domctl_pause(t->h, domid);
	}
	rc = rc ? rc : domctl_resume(t->h, domid);
	rc = rc ? rc : store_resume(t, domid);
	return rc ? failure_set(f, rc, "domain %u cannot be woken: %s", domid, strerror(-rc)) : 0;
}

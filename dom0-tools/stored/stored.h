/* SPDX-License-Identifier: MIT */
/*
 * The store as a whole: the current tree, who is connected, what is watched, which domains are
 * introduced, and the journal that makes it outlive its process. One value, passed to everything;
 * nothing in it touches a socket or the hypervisor except through struct hv and struct conn_io,
 * so tests run it without either.
 *
 * The life of a request: transport (ring.c, socket.c) -> wire_request() -> view, transaction,
 * watch, domain -> stored_settle() journals the changes and queues watch events -> the reply is
 * queued -> stored_publish() makes the journal's batch valid and only then lets bytes leave.
 */
#ifndef STORED_STORED_H
#define STORED_STORED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "stored/conn.h"
#include "stored/journal.h"
#include "stored/quota.h"
#include "stored/store.h"
#include "stored/view.h"
#include "stored/watch.h"

struct hv;
struct domain;

/* Names that are not paths; each has permissions of its own. */
enum special { SPECIAL_INTRODUCE, SPECIAL_RELEASE, SPECIAL_COUNT };
extern const char *const special_names[SPECIAL_COUNT];
/* The special a name denotes (a "/<domid>" tail is allowed), or -ENOENT. */
int special_find(const char *name);

/*
 * conns        everyone connected
 * dirty        connections with output added since the last publish
 * runnable     connections that may have a request to be served, in turn
 * domain       introduced domains by number; domains lists the same
 * by_port      the same by our end of their event channel
 * trace        log every request (control command "log")
 */
struct stored {
	struct node *root;
	uint64_t generation;
	struct perms *special[SPECIAL_COUNT];
	struct quota quota;
	struct usage_table usage;
	struct watch_index watches;
	struct conn_list conns, dirty, runnable;
	struct domain *domain[USAGE_DOMAINS];
	LIST_HEAD(, domain) domains;
	struct domain **by_port;
	size_t ports;
	struct journal *journal;
	char *journal_path;
	size_t journal_floor;  /* size of the journal when it was last written anew */
	uint32_t journal_wait; /* publishes until a failed rewrite is tried again */
	const struct hv *hv;
	void *hv_arg;
	uint32_t next_socket;
	uint32_t clock; /* seconds, as the event loop last saw it */
	bool trace;
};

/* An empty store ("/", "/tool", "/tool/xenstored") without a journal. */
struct stored *stored_new(const struct hv *hv, void *hv_arg);
void stored_free(struct stored *st);
/* Back to "/" alone: a journal is about to say what there is. */
void stored_clear(struct stored *st);

/* A view of the live tree, and its end: what changed is journalled, announced and kept. */
struct view stored_view(struct stored *st);
void stored_settle(struct stored *st, struct view *v);

/* Fires a special watch for a domain. */
void stored_announce(struct stored *st, enum special which, uint32_t domid);

/* Ends a unit of work: publishes the journal, lets output go, rewrites the journal when due. */
void stored_publish(struct stored *st);

#endif

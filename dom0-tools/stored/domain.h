/* SPDX-License-Identifier: MIT */
/*
 * Introduced domains: each has a ring page, an event channel and a connection.
 */
#ifndef STORED_DOMAIN_H
#define STORED_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct stored;
struct conn;
struct xenstore_domain_interface;

#define DOMAIN_NO_PORT (-1)

/*
 * page, port   NULL and DOMAIN_NO_PORT between replay of the journal and domain_attach_all(), and
 *              when that failed, until domain_check_all() finds it dead or it is introduced anew
 * shutdown     its shutdown has been announced
 * broken       an impossible ring: ignored until introduced again
 * masked       its port is, until its ring has been served
 */
struct domain {
	LIST_ENTRY(domain) link;
	uint32_t domid;
	uint64_t gfn;
	uint32_t remote_port;
	int port;
	struct xenstore_domain_interface *page;
	struct conn *conn;
	bool shutdown;
	bool broken;
	bool masked;
};

/*
 * INTRODUCE: maps and binds, starts the ring afresh, announces a domain not known before. For one
 * already introduced: binds anew and starts over. 0, -EINVAL (cannot be mapped or bound).
 */
int domain_introduce(struct stored *st, uint32_t domid, uint64_t gfn, uint32_t remote_port);
/* dom0's own ring, already in use by its kernel: taken over as it stands. */
int domain_introduce_dom0(struct stored *st, uint32_t remote_port);
/* Forgets the domain and all it owns, and announces that. -ENOENT when not introduced. */
int domain_release(struct stored *st, uint32_t domid);
int domain_set_target(struct stored *st, uint32_t domid, uint32_t target);
/* It was resumed: its next shutdown is news again. */
int domain_resume(struct stored *st, uint32_t domid);
struct domain *domain_find(const struct stored *st, uint32_t domid);

/*
 * Wakes those whose ports have events: some of them, so that others get their turns. A port stays
 * masked until its ring has been served: however many events a guest sends, it is one a turn.
 */
void domain_take_events(struct stored *st);

/* Asks the hypervisor who has died or shut down, and acts on it. */
void domain_check_all(struct stored *st);

/* After replay of the journal: maps and binds what can be; domain_check_all() is to follow. */
void domain_attach_all(struct stored *st);
/* For replay: the bare record, without page and port. */
struct domain *domain_restore(struct stored *st, uint32_t domid, uint64_t gfn,
			      uint32_t remote_port);
void domain_restore_release(struct stored *st, uint32_t domid);

void domain_free_all(struct stored *st);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A store without a hypervisor: ring pages are memory of the test, clients are structs with a
 * mailbox. One world at a time.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "stored/domain.h"
#include "stored/state.h"
#include "stored/stored.h"

#define WORLD_DOMAINS 8

/* What a client has been sent and has not looked at. */
struct mailbox {
	struct conn *conn;
	uint8_t *bytes;
	size_t len;
};

struct message {
	struct xsd_sockmsg header;
	char payload[XENSTORE_PAYLOAD_MAX + 1]; /* zero-terminated for convenience */
};

/*
 * alive: what hv.list says; flags as HV_*. ending: the domain is listed as ever, but its ports are
 * closed for good. mapped: pages that the store holds. pages survive world_crash(). event, masked:
 * of the store's port to that domain. storm: a domain that sends events without end, or 0. news: of
 * domains that die, without end. heard: how many of a domain's events the store has taken.
 */
struct world {
	struct stored *st;
	struct xenstore_domain_interface page[WORLD_DOMAINS];
	bool alive[WORLD_DOMAINS];
	uint16_t flags[WORLD_DOMAINS];
	bool ending[WORLD_DOMAINS];
	int mapped[WORLD_DOMAINS];
	bool map_fails;
	unsigned int notified[WORLD_DOMAINS];
	bool event[WORLD_DOMAINS], masked[WORLD_DOMAINS];
	uint32_t storm;
	bool news;
	unsigned int heard[WORLD_DOMAINS];
	unsigned int sends;
};

extern struct world world;

void world_begin(void);
void world_end(void);
/* The process dies: the store is gone, pages and journal stay. */
void world_crash(void);
/* And begins again from the journal. Returns what state_open() returned. */
int world_resume(const char *journal);

/* A client with dom0's rights, as by socket; or one with a domain's rights. */
void client_open(struct mailbox *m, uint32_t domid);
void client_close(struct mailbox *m);
/* The next message sent to it; false when there is none. */
bool client_next(struct mailbox *m, struct message *out);
/* Skips to the reply, leaving no event behind. */
struct message *ask(struct mailbox *m, uint32_t type, uint32_t tx, const void *payload, size_t len);
/* The same with zero-terminated strings, up to a NULL. */
struct message *ask_strings(struct mailbox *m, uint32_t type, uint32_t tx, ...);
/* 0, or the errno whose name the reply carried. */
int reply_error(const struct message *reply);
/* Asks and returns reply_error(). */
#define do_op(m, type, tx, ...) reply_error(ask_strings(m, type, tx, __VA_ARGS__, NULL))
int do_write(struct mailbox *m, uint32_t tx, const char *path, const char *value);
uint32_t begin(struct mailbox *m);

/* The state as text, to compare two stores: nodes, values, permissions, rings' watches. */
char *world_dump(void);

/* The guest's end of a ring. */
void guest_send(uint32_t domid, uint32_t type, uint32_t tx, const void *payload, size_t len);
/* Reads one message if the response ring has a whole one (copying what is there). */
bool guest_receive(uint32_t domid, struct message *out);
/* Serves everybody until nobody has anything to do. */
void world_settle(void);
/* One turn of the daemon's loop: events, and then a request of each who may have one. */
void world_turn(void);

#endif

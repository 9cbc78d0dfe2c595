/* SPDX-License-Identifier: MIT */
/*
 * One guest's console: its ring, its log, its pseudo-terminal and whoever is attached.
 */
#ifndef CONSOLED_GUEST_H
#define CONSOLED_GUEST_H

#include <sys/queue.h>
#include <sys/time.h>

#include "consoled/consoled.h"
#include "consoled/history.h"
#include "consoled/ring.h"

struct guest;

/*
 * Someone who sees the console and may type: the master side of the pseudo-terminal, or the
 * socket of an attached client. at: how much of the history it has been given.
 */
struct sink {
	LIST_ENTRY(sink) link;
	struct guest *guest;
	int fd;
	struct event *readable, *writable;
	uint64_t at;
	bool is_pty;
};

/*
 * frame, remote_port   what the store said; a change means a new ring
 * budget, events       bytes it may still print, and events it is heard for, in this period
 * throttled            a period has begun
 * masked               its port is, until the period ends
 * starved              some sink has input the guest has no room for
 */
struct guest {
	LIST_ENTRY(guest) link;
	struct consoled *d;
	uint32_t domid;
	char *name;
	uint64_t frame;
	uint32_t remote_port;
	int port;
	bool granted;
	struct console_ring ring;
	struct history history;
	struct logfile *log;
	char *tty; /* name of the slave side */
	int slave;
	LIST_HEAD(, sink) sinks;
	size_t budget;
	unsigned int events;
	struct event *allowance;
	bool throttled, masked, starved;
};

/* Maps, binds, opens terminal and log. NULL when the ring cannot be reached. */
struct guest *guest_open(struct consoled *d, uint32_t domid, const char *name, uint64_t frame,
			 uint32_t remote_port);
/* Takes what is left in the ring, closes everything but the log's file. */
void guest_close(struct guest *g);
/* Its event channel fired, and is masked. */
void guest_event(struct guest *g);
/* Output goes on its way, and input as far as there is room. */
void guest_service(struct guest *g);
/* Takes over `fd`, a non-blocking stream that gets recent output and then what follows. */
void guest_attach(struct guest *g, int fd);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The console daemon as a whole: the handles it works with and the guests it serves. One thread,
 * one event loop; whatever a guest does to its ring costs at most its own share of that loop.
 */
#ifndef CONSOLED_CONSOLED_H
#define CONSOLED_CONSOLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct event;
struct event_base;
struct guest;
struct guest_pages;
struct hypercall;
struct logfile;
struct xs_client;

#define CONSOLED_DOMAINS 0x7ff0

/*
 * store         NULL while there is no store to talk to
 * met           domains whose console entries are watched on this connection
 * top           the highest number of a domain that was ever there
 * guest         by domain number; guests lists the same, by_port by our end of the event channel
 * log_folder    hypervisor.log and console/NAME.log
 * link_folder   where to leave a link guest-NAME.log to each log, as xenconsoled names them; or ""
 */
struct consoled {
	struct event_base *base;
	struct xenevtchn_handle *events;
	struct guest_pages *pages;
	struct hypercall *calls;
	struct xs_client *store;
	struct event *store_ready, *store_retry;
	uint32_t top;
	bool met[CONSOLED_DOMAINS];
	struct guest *guest[CONSOLED_DOMAINS];
	LIST_HEAD(, guest) guests;
	struct guest **by_port;
	size_t ports;
	int console_virq;
	uint32_t console_index;
	struct logfile *hypervisor_log;
	char log_folder[3072], link_folder[3072];
};

/* scan.c: finding guests through the store. Keeps trying until there is a store. */
void scan_start(struct consoled *d);
/* attach.c: the socket for terminals. 0 or -errno. */
int attach_listen(struct consoled *d, const char *folder);
/* hvlog.c: copies what is new on the hypervisor's console into its log. */
void hvlog_start(struct consoled *d);
void hvlog_read(struct consoled *d);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What the toolstack writes into the store for a domain and its devices, as Linux's frontends and
 * backends, the console daemon and other people's tools expect it. Pure: makes lists of nodes;
 * domain/store.h writes them.
 */
#ifndef DOMAIN_NODES_H
#define DOMAIN_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "config/guest.h"

/*
 * One node. value NULL: made if absent, with no contents. owner and reader: permissions to set
 * ("n" for owner, "r" for reader), or -1: those inherited from the parent, which is what a new
 * node has anyway.
 */
struct node {
	char *path, *value;
	int owner, reader;
};

struct node_list {
	struct node *nodes;
	size_t count, room;
};

void node_add(struct node_list *l, const char *value, int owner, int reader, const char *path, ...)
	__attribute__((format(printf, 5, 6)));
void node_list_free(struct node_list *l);

/* Ring frames and ports, from the domain builder. */
struct node_rings {
	uint64_t console_frame, store_frame;
	uint32_t console_port, store_port;
};

/* Everything about the domain but its devices. */
void nodes_domain(struct node_list *l, uint32_t domid, const struct guest_config *g,
		  const struct node_rings *rings);

/*
 * A disk: `physical` is MAJOR:MINOR in hexadecimal of the block device behind it ("" for an empty
 * drive), `params` what to show as its origin, `path` the device's own path.
 */
void nodes_disk(struct node_list *l, uint32_t domid, const struct guest_disk *d,
		const char *physical, const char *path);
/* An interface numbered `devid`; its mac is set. */
void nodes_nic(struct node_list *l, uint32_t domid, const struct guest_nic *n, unsigned int devid);

#endif

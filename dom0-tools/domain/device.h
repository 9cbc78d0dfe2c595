/* SPDX-License-Identifier: MIT */
/*
 * Disks and network interfaces of a running or starting domain, from dom0's side: what is behind
 * them, and the moment at which the kernel's backend has taken hold of it.
 *
 * Adding a device: open or check what is behind it, write its nodes (domain/nodes.h), then settle.
 * Removing: device_remove().
 */
#ifndef DOMAIN_DEVICE_H
#define DOMAIN_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/guest.h"
#include "domain/loop.h"
#include "lib/failure.h"
#include "lib/xs_client.h"

/* The block device behind a disk. */
struct disk_backing {
	char physical[24]; /* "fd:3" in hexadecimal; "" for an empty drive */
	char path[256];
	struct loop loop; /* loop.fd -1: none was needed */
};

/* Looks at the target: a block device is used as it is, an image file gets a loop device. */
int disk_open(struct disk_backing *b, const struct guest_disk *d, struct failure *f);
/* Waits until the backend has opened the device, after which our hold on it can go. */
int disk_settle(struct xs_client *xs, uint32_t domid, const struct guest_disk *d,
		struct failure *f);
void disk_close(struct disk_backing *b);

/* The bridge exists, and the mac is set (at random when nobody did). */
int nic_check(struct guest_nic *n, struct failure *f);
/*
 * Waits for the backend's interface, attaches it to the bridge and tells the backend. `socket`:
 * link_listen() from before the nodes were written.
 */
int nic_settle(struct xs_client *xs, int socket, uint32_t domid, const char *name,
	       const struct guest_nic *n, unsigned int devid, struct failure *f);

/* Are the kernel's backends there? kind: "vbd" or "vif". */
int device_driver_check(const char *kind, struct failure *f);

/*
 * Takes one device away. A guest that runs is asked for it first; force: it is not. The guest has
 * `seconds` to let go.
 */
int device_remove(struct xs_client *xs, uint32_t domid, const char *kind, uint32_t number,
		  bool force, unsigned int seconds, struct failure *f);
/* All devices of a domain that runs no more, by force. */
int device_remove_all(struct xs_client *xs, uint32_t domid, unsigned int seconds);

#endif

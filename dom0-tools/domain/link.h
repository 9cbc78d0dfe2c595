/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces by rtnetlink: waiting for one to appear, and putting it on a bridge.
 */
#ifndef DOMAIN_LINK_H
#define DOMAIN_LINK_H

#include <stdbool.h>
#include <stdint.h>

/* A socket that hears of new interfaces from now on; -errno. close() it. */
int link_listen(void);
/* Waits until the interface exists; its index, -ETIMEDOUT or -errno. */
int link_wait(int socket, const char *name, unsigned int seconds);

/*
 * Renames (new_name may be NULL), labels (alias may be NULL), sets the MTU (0: the bridge's own),
 * enslaves to the bridge and brings up. 0 or -errno.
 */
int link_setup(int index, const char *new_name, const char *alias, uint32_t mtu, int bridge);

/* The index of a bridge; -ENOENT: no such interface, -EINVAL: it is no bridge. */
int link_bridge(const char *name);
/* MTU of an interface, 0 when unknown. */
uint32_t link_mtu(const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One creation in progress, shared by the files that hold its steps. Not for others: domain.h.
 */
#ifndef DOMAIN_CREATE_H
#define DOMAIN_CREATE_H

#include "domain/device.h"
#include "domain/domain.h"
#include "domain/nodes.h"
#include "lib/builder.h"
#include "lib/saved_file.h"

/* link, ramdisk: descriptors, -1 when there is none. done: steps to be undone after a failure. */
struct creation {
	struct toolstack *t;
	struct guest_config *g;
	const struct domain_options *o;
	struct failure *f;
	struct builder_kernel kernel;
	struct saved_file saved; /* instead of a kernel, when restoring */
	int ramdisk, link;
	uint64_t ramdisk_len;
	struct disk_backing *backing;
	uint32_t domid, pool, grant_version;
	struct node_rings rings;
	size_t done;
};

/* create_limits.c: what the hypervisor is told about the new domain before it has memory. */
int create_limits(struct creation *c);
int create_scheduling(struct creation *c);
int create_permissions(struct creation *c);
int create_ports(struct creation *c);

/* restore.c: the state of a saved guest. */
int restore_open(struct creation *c);
void restore_close(struct creation *c);
int restore_build(struct creation *c);

#endif

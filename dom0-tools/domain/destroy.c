/* SPDX-License-Identifier: MIT */
/*
 * The end of a domain: see domain.h. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/device.h"
#include "domain/domain.h"
#include "domain/link.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/uuid.h"

#include <unistd.h>

#define CLOSE_SECONDS 10

int domain_destroy(struct toolstack *t, uint32_t domid, struct failure *f)
{
	struct xen_domctl_getdomaininfo info;
	char base[48], vm[64], pool[64], uuid[UUID_TEXT];
	int rc;

	if (!domid) {
		return failure_set(f, -EPERM, "Domain-0 cannot be destroyed");
	}
	rc = domctl_info(t->h, domid, &info);
	if (rc) {
		return failure_set(f, rc, "there is no domain %u", domid);
	}
	rc = domctl_pause(t->h, domid);
	if (rc) {
		return failure_set(f, rc, "cannot stop domain %u: %s", domid, strerror(-rc));
	}
	/* Backends let go first: what they hold of the guest's memory could not be freed. */
	device_remove_all(t->xs, domid, CLOSE_SECONDS);
	uuid_format(info.handle, uuid);
	snprintf(base, sizeof(base), "/local/domain/%u", domid);
	snprintf(vm, sizeof(vm), "/vm/%s", uuid);
	snprintf(pool, sizeof(pool), "/libxl/%u", domid);
	store_remove_all(t->xs, (const char *const[]){ base, vm, pool, NULL });
	rc = domctl_destroy(t->h, domid);
	return rc ? failure_set(f, rc, "the hypervisor could not destroy domain %u: %s", domid,
				strerror(-rc))
		  : 0;
}

int domain_ask(struct toolstack *t, uint32_t domid, const char *what, struct failure *f)
{
	int rc;

	if (!store_exists(t->xs, "/local/domain/%u/control/shutdown", domid)) {
		return failure_set(f, -ENOENT,
				   "domain %u has no control entries in the store; it can "
				   "only be destroyed",
				   domid);
	}
	rc = store_write(t->xs, what, "/local/domain/%u/control/shutdown", domid);
	return rc ? failure_set(f, rc, "cannot write to the store: %s", strerror(-rc)) : 0;
}

static int attach(struct toolstack *t, struct node_list *l, struct failure *f)
{
	int rc = store_write_list(t->xs, l, f);

	node_list_free(l);
	return rc;
}

int domain_attach_disk(struct toolstack *t, uint32_t domid, struct guest_disk *d, struct failure *f)
{
	struct node_list l = { 0 };
	struct disk_backing b;
	int rc;

	if (store_exists(t->xs, "/local/domain/%u/device/vbd/%u/state", domid, d->device)) {
		return failure_set(f, -EEXIST,
				   "the guest has a disk %s already; choose another name", d->vdev);
	}
	rc = disk_open(&b, d, f);
	if (rc) {
		return rc;
	}
	nodes_disk(&l, domid, d, b.physical, b.path);
	rc = attach(t, &l, f);
	if (!rc) {
		rc = disk_settle(t->xs, domid, d, f);
		if (rc) {
			device_remove(t->xs, domid, "vbd", d->device, true, CLOSE_SECONDS, NULL);
		}
	}
	disk_close(&b);
	return rc;
}

int domain_attach_nic(struct toolstack *t, uint32_t domid, struct guest_nic *n, unsigned int *devid,
		      struct failure *f)
{
	struct node_list l = { 0 };
	char *name;
	int socket, rc = nic_check(n, f);

	if (rc) {
		return rc;
	}
	*devid = n->devid >= 0 ? (unsigned int)n->devid : 0;
	while (store_exists(t->xs, "/local/domain/%u/device/vif/%u/state", domid, *devid)) {
		if (n->devid >= 0) {
			return failure_set(f, -EEXIST, "the guest has an interface %u already",
					   *devid);
		}
		++*devid;
	}
	socket = link_listen();
	if (socket < 0) {
		return failure_set(f, socket, "cannot listen for network interfaces: %s",
				   strerror(-socket));
	}
	name = toolstack_name(t, domid);
	nodes_nic(&l, domid, n, *devid);
	rc = attach(t, &l, f);
	if (!rc) {
		rc = nic_settle(t->xs, socket, domid, name ? name : "guest", n, *devid, f);
		if (rc) {
			device_remove(t->xs, domid, "vif", *devid, true, CLOSE_SECONDS, NULL);
		}
	}
	free(name);
	close(socket);
	return rc;
}

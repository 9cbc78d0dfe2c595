/* SPDX-License-Identifier: MIT */
/*
 * Devices added to a domain that runs: see domain.h. No state of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/device.h"
#include "domain/domain.h"
#include "domain/link.h"
#include "domain/store.h"

#define CLOSE_SECONDS 10

/* A device on its way into a domain. `begun`: the store may know of it. */
struct attachment {
	struct toolstack *t;
	uint32_t domid;
	struct guest_disk *disk;
	struct guest_nic *nic;
	unsigned int devid;
	bool begun;
};

static int attach_nodes(struct attachment *a, struct node_list *l, struct failure *f)
{
	int rc;

	a->begun = true;
	rc = store_write_list(a->t->xs, l, f);
	node_list_free(l);
	return rc;
}

static void attach_undo(void *arg)
{
	struct attachment *a = arg;

	if (a->begun) {
		device_remove(a->t->xs, a->domid, a->disk ? "vbd" : "vif",
			      a->disk ? a->disk->device : a->devid, true, CLOSE_SECONDS, NULL);
		a->begun = false;
	}
}

static int attach_disk_try(void *arg, struct failure *f)
{
	struct attachment *a = arg;
	struct guest_disk *d = a->disk;
	struct node_list l = { 0 };
	struct disk_backing b;
	int rc;

	if (store_exists(a->t->xs, "/local/domain/%u/device/vbd/%u/state", a->domid, d->device)) {
		return failure_set(f, -EEXIST,
				   "the guest has a disk %s already; choose another name", d->vdev);
	}
	rc = disk_open(&b, d, f);
	if (rc) {
		return rc;
	}
	nodes_disk(&l, a->domid, d, b.physical, b.path);
	rc = attach_nodes(a, &l, f);
	rc = rc ? rc : disk_settle(a->t->xs, a->domid, d, f);
	disk_close(&b);
	return rc;
}

int domain_attach_disk(struct toolstack *t, uint32_t domid, struct guest_disk *d, struct failure *f)
{
	struct attachment a = { .t = t, .domid = domid, .disk = d };

	return toolstack_retry(t, attach_disk_try, attach_undo, &a, f);
}

/* The number asked for, or the lowest that is free. */
static int attach_nic_number(struct attachment *a, struct failure *f)
{
	a->devid = a->nic->devid >= 0 ? (unsigned int)a->nic->devid : 0;
	while (store_exists(a->t->xs, "/local/domain/%u/device/vif/%u/state", a->domid, a->devid)) {
		if (a->nic->devid >= 0) {
			return failure_set(f, -EEXIST, "the guest has an interface %u already",
					   a->devid);
		}
		a->devid++;
	}
	return 0;
}

static int attach_nic_try(void *arg, struct failure *f)
{
	struct attachment *a = arg;
	struct node_list l = { 0 };
	char *name;
	int socket, rc = attach_nic_number(a, f);

	if (rc) {
		return rc;
	}
	socket = link_listen();
	if (socket < 0) {
		return failure_set(f, socket, "cannot listen for network interfaces: %s",
				   strerror(-socket));
	}
	name = toolstack_name(a->t, a->domid);
	nodes_nic(&l, a->domid, a->nic, a->devid);
	rc = attach_nodes(a, &l, f);
	rc = rc ? rc
		: nic_settle(a->t->xs, socket, a->domid, name ? name : "guest", a->nic, a->devid,
			     f);
	free(name);
	close(socket);
	return rc;
}

int domain_attach_nic(struct toolstack *t, uint32_t domid, struct guest_nic *n, unsigned int *devid,
		      struct failure *f)
{
	struct attachment a = { .t = t, .domid = domid, .nic = n };
	int rc = nic_check(n, f);

	if (!rc) {
		rc = toolstack_retry(t, attach_nic_try, attach_undo, &a, f);
		*devid = a.devid;
	}
	return rc;
}

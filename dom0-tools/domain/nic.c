/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces of guests, and taking devices of any kind away: see device.h. No state of
 * its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "domain/device.h"
#include "domain/link.h"
#include "domain/store.h"
#include "lib/xalloc.h"

#define SETTLE_SECONDS 10
#define STATE_CLOSING  "5"
#define CLOSED         6
#define KINDS          2

static const char *const device_kinds[KINDS] = { "vbd", "vif" };

static int nic_bridge(const struct guest_nic *n, struct failure *f)
{
	int bridge = link_bridge(n->bridge);

	if (bridge == -ENOENT) {
		return failure_set(f, bridge,
				   "there is no bridge '%s'; make it with: ip link add %s "
				   "type bridge; ip link set %s up - or name another with bridge=",
				   n->bridge, n->bridge, n->bridge);
	}
	if (bridge < 0) {
		return failure_set(f, bridge, "'%s' is not a bridge of dom0; name one with bridge=",
				   n->bridge);
	}
	return bridge;
}

int nic_check(struct guest_nic *n, struct failure *f)
{
	int rc = device_driver_check("vif", f);

	if (!rc) {
		rc = nic_bridge(n, f);
	}
	if (rc >= 0 && !n->mac_set) {
		/* The prefix is the one registered for Xen guests. */
		n->mac[0] = 0x00;
		n->mac[1] = 0x16;
		n->mac[2] = 0x3e;
		if (getrandom(n->mac + 3, 3, 0) != 3) {
			return failure_set(f, -EIO, "there is no random number for the mac");
		}
		n->mac[3] &= 0x7f;
		n->mac_set = true;
	}
	return rc < 0 ? rc : 0;
}

int nic_settle(struct xs_client *xs, int socket, uint32_t domid, const char *name,
	       const struct guest_nic *n, unsigned int devid, struct failure *f)
{
	char ifname[32], alias[128], *error;
	int index, rc, bridge = nic_bridge(n, f);

	if (bridge < 0) {
		return bridge;
	}
	snprintf(ifname, sizeof(ifname), "vif%u.%u", domid, devid);
	snprintf(alias, sizeof(alias), "%s net%u", name, devid);
	index = link_wait(socket, ifname, SETTLE_SECONDS);
	if (index < 0) {
		error = store_read(xs, "/local/domain/0/error/backend/vif/%u/%u/error", domid,
				   devid);
		failure_set(f, index, "dom0's network backend made no interface %s: %s", ifname,
			    error ? error : "see dom0's kernel log");
		free(error);
		return index;
	}
	rc = link_setup(index, n->ifname, alias, n->mtu ? n->mtu : link_mtu(n->bridge), bridge);
	if (rc) {
		return failure_set(f, rc, "cannot attach %s to bridge '%s': %s%s", ifname,
				   n->bridge, strerror(-rc),
				   rc == -EEXIST ? "; vifname is taken"
				   : rc == -ETIMEDOUT
					   ? "; see dom0's kernel log for what holds it up"
					   : "");
	}
	rc = store_write(xs, "connected", "/local/domain/0/backend/vif/%u/%u/hotplug-status", domid,
			 devid);
	return rc ? failure_set(f, rc, "cannot write to the store: %s", strerror(-rc)) : 0;
}

/* Backends that are to close; those that have are struck off (path NULL). */
struct closing {
	char **path;
	size_t count;
};

static int closing_done(struct xs_client *xs, void *arg)
{
	struct closing *c = arg;
	size_t i, left = 0;

	for (i = 0; i < c->count; i++) {
		if (!c->path[i]) {
			continue;
		}
		if (store_number(xs, CLOSED, "%s/state", c->path[i]) == CLOSED) {
			free(c->path[i]);
			c->path[i] = NULL;
		} else {
			left++;
		}
	}
	return !left;
}

/* Tells the backend that the device is not wanted any more. */
static int closing_ask(struct xs_client *xs, const char *back)
{
	int rc;

	if (!store_exists(xs, "%s/state", back)) {
		return -ENOENT;
	}
	rc = store_write(xs, "0", "%s/online", back);
	/* A backend that is closed says so only once: it must not be made to look otherwise. */
	if (!rc && store_number(xs, CLOSED, "%s/state", back) != CLOSED) {
		rc = store_write(xs, STATE_CLOSING, "%s/state", back);
	}
	return rc;
}

int device_remove(struct xs_client *xs, uint32_t domid, const char *kind, uint32_t number,
		  bool force, unsigned int seconds, struct failure *f)
{
	char front[96], back[96], error[96], *path[1];
	struct closing c = { path, 1 };
	int rc;

	snprintf(front, sizeof(front), "/local/domain/%u/device/%s/%u", domid, kind, number);
	snprintf(back, sizeof(back), "/local/domain/0/backend/%s/%u/%u", kind, domid, number);
	/* What the backend said of this device is not to be read as said of the next. */
	snprintf(error, sizeof(error), "/local/domain/0/error/backend/%s/%u/%u", kind, domid,
		 number);
	rc = closing_ask(xs, back);
	if (rc) {
		if (rc == -ENOENT) {
			store_remove_all(xs, (const char *const[]){ error, NULL });
		}
		return failure_set(f, rc,
				   rc == -ENOENT ? "the guest has no such device"
						 : "cannot write to the store: %s",
				   strerror(-rc));
	}
	if (force) {
		xs_client_remove(xs, 0, front);
	}
	path[0] = xstrdup(back);
	rc = store_wait(xs, back, seconds, closing_done, &c);
	free(path[0]);
	if (rc < 0) {
		return failure_set(f, rc,
				   "the guest did not let go of the device within %u seconds; "
				   "it may be mounted there - or use --force",
				   seconds);
	}
	return store_remove_all(xs, (const char *const[]){ front, back, error, NULL });
}

static void closing_collect(struct xs_client *xs, uint32_t domid, struct closing *c)
{
	char **numbers, path[96];
	size_t count, i, kind;

	for (kind = 0; kind < KINDS; kind++) {
		numbers = store_list(xs, &count, "/local/domain/0/backend/%s/%u",
				     device_kinds[kind], domid);
		c->path = xrealloc(c->path, c->count + count + 1, sizeof(*c->path));
		for (i = 0; i < count; i++) {
			snprintf(path, sizeof(path), "/local/domain/0/backend/%s/%u/%s",
				 device_kinds[kind], domid, numbers[i]);
			if (!closing_ask(xs, path)) {
				c->path[c->count++] = xstrdup(path);
			}
		}
		free(numbers);
	}
}

int device_remove_all(struct xs_client *xs, uint32_t domid, unsigned int seconds)
{
	char front[64], back[KINDS][64], error[KINDS + 1][64];
	struct closing c = { 0 };
	size_t i;
	int rc = 0;

	closing_collect(xs, domid, &c);
	snprintf(front, sizeof(front), "/local/domain/%u/device", domid);
	xs_client_remove(xs, 0, front);
	if (c.count) {
		rc = store_wait(xs, "/local/domain/0/backend", seconds, closing_done, &c);
	}
	for (i = 0; i < c.count; i++) {
		free(c.path[i]);
	}
	free(c.path);
	for (i = 0; i < KINDS; i++) {
		snprintf(back[i], sizeof(back[i]), "/local/domain/0/backend/%s/%u", device_kinds[i],
			 domid);
		snprintf(error[i], sizeof(error[i]), "/local/domain/0/error/backend/%s/%u",
			 device_kinds[i], domid);
		store_remove_all(xs, (const char *const[]){ back[i], error[i], NULL });
	}
	return rc < 0 ? rc : 0;
}

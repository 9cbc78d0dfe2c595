/* SPDX-License-Identifier: MIT */
/*
 * Lists of store nodes: see nodes.h. Pure.
 */
#include "domain/nodes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/uuid.h"
#include "lib/xalloc.h"

#define CONSOLE_LIMIT "1048576" /* bytes a console daemon keeps for later readers */
#define INHERIT       -1, -1

static char *node_format(const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	return xstrdup(text);
}

void node_add(struct node_list *l, const char *value, int owner, int reader, const char *path, ...)
{
	va_list args;
	struct node *n;

	if (l->count == l->room) {
		l->room = l->room * 2 + 64;
		l->nodes = xrealloc(l->nodes, l->room, sizeof(*l->nodes));
	}
	n = &l->nodes[l->count++];
	va_start(args, path);
	n->path = node_format(path, args);
	va_end(args);
	n->value = value ? xstrdup(value) : NULL;
	n->owner = owner;
	n->reader = reader;
}

void node_list_free(struct node_list *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		free(l->nodes[i].path);
		free(l->nodes[i].value);
	}
	free(l->nodes);
	memset(l, 0, sizeof(*l));
}

/* A number as the value of a node below `base`. */
static void add_number(struct node_list *l, uint64_t value, const char *base, const char *leaf)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	node_add(l, text, INHERIT, "%s/%s", base, leaf);
}

static void add_text(struct node_list *l, const char *value, const char *base, const char *leaf)
{
	node_add(l, value, INHERIT, "%s/%s", base, leaf);
}

/* Places below the domain's own folder that the guest may write to. */
static void add_writable(struct node_list *l, int domid, const char *base)
{
	static const char *const leaves[] = {
		"control/shutdown",
		"control/feature-poweroff",
		"control/feature-reboot",
		"control/feature-suspend",
		"control/sysrq",
		"device/suspend/event-channel",
		"data",
		"drivers",
		"feature",
		"attr",
		"error",
	};
	size_t i;

	for (i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		node_add(l, "", domid, -1, "%s/%s", base, leaves[i]);
	}
}

static void add_rings(struct node_list *l, const char *base, const struct node_rings *r)
{
	add_number(l, r->store_frame, base, "store/ring-ref");
	add_number(l, r->store_port, base, "store/port");
	add_text(l, "xenconsoled", base, "console/type");
	add_text(l, "pty", base, "console/output");
	add_text(l, "", base, "console/tty");
	add_text(l, CONSOLE_LIMIT, base, "console/limit");
	add_text(l, "0", base, "console/backend-id");
	add_number(l, r->console_frame, base, "console/ring-ref");
	add_number(l, r->console_port, base, "console/port");
}

void nodes_domain(struct node_list *l, uint32_t domid, const struct guest_config *g,
		  const struct node_rings *rings)
{
	char base[64], vm[80], uuid[UUID_TEXT], leaf[64];
	uint32_t i;

	uuid_format(g->uuid, uuid);
	snprintf(base, sizeof(base), "/local/domain/%u", domid);
	snprintf(vm, sizeof(vm), "/vm/%s", uuid);

	node_add(l, "", 0, (int)domid, "%s", vm);
	add_text(l, uuid, vm, "uuid");
	add_text(l, g->name, vm, "name");

	node_add(l, "", 0, (int)domid, "%s", base);
	add_text(l, vm, base, "vm");
	add_text(l, g->name, base, "name");
	add_number(l, domid, base, "domid");
	for (i = 0; i < g->maxvcpus; i++) {
		snprintf(leaf, sizeof(leaf), "cpu/%u/availability", i);
		add_text(l, i < g->vcpus ? "online" : "offline", base, leaf);
	}
	add_number(l, g->maxmem_kib, base, "memory/static-max");
	add_number(l, g->memory_kib, base, "memory/target");
	add_text(l, "-1", base, "memory/videoram");
	add_text(l, "", base, "device");
	add_text(l, "", base, "control");
	add_text(l, "1", base, "control/platform-feature-multiprocessor-suspend");
	add_text(l, "1", base, "control/platform-feature-xs_reset_watches");
	add_writable(l, (int)domid, base);
	add_rings(l, base, rings);
}

/* The two folders of a device and the nodes that tie them together. */
struct device_paths {
	char front[96], back[96];
};

static void add_device(struct node_list *l, struct device_paths *p, uint32_t domid,
		       const char *kind, uint32_t number)
{
	snprintf(p->front, sizeof(p->front), "/local/domain/%u/device/%s/%u", domid, kind, number);
	snprintf(p->back, sizeof(p->back), "/local/domain/0/backend/%s/%u/%u", kind, domid, number);

	node_add(l, "", (int)domid, 0, "%s", p->front);
	add_text(l, p->back, p->front, "backend");
	add_text(l, "0", p->front, "backend-id");
	add_text(l, "1", p->front, "state");

	node_add(l, "", 0, (int)domid, "%s", p->back);
	add_text(l, p->front, p->back, "frontend");
	add_number(l, domid, p->back, "frontend-id");
	add_text(l, "1", p->back, "online");
	add_text(l, "1", p->back, "state");
}

void nodes_disk(struct node_list *l, uint32_t domid, const struct guest_disk *d,
		const char *physical, const char *path)
{
	struct device_paths p;

	add_device(l, &p, domid, "vbd", d->device);
	add_number(l, d->device, p.front, "virtual-device");
	add_text(l, d->cdrom ? "cdrom" : "disk", p.front, "device-type");

	add_text(l, d->removable ? "1" : "0", p.back, "removable");
	add_text(l, "1", p.back, "bootable");
	add_text(l, d->vdev, p.back, "dev");
	add_text(l, "phy", p.back, "type");
	add_text(l, d->writable ? "w" : "r", p.back, "mode");
	add_text(l, d->cdrom ? "cdrom" : "disk", p.back, "device-type");
	add_text(l, d->discard ? "1" : "0", p.back, "discard-enable");
	if (d->direct_io_safe) {
		add_text(l, "1", p.back, "direct-io-safe");
	}
	add_text(l, d->target ? d->target : "", p.back, "params");
	if (*physical) {
		add_text(l, path, p.back, "physical-device-path");
		add_text(l, physical, p.back, "physical-device");
		add_text(l, "connected", p.back, "hotplug-status");
	}
}

void nodes_nic(struct node_list *l, uint32_t domid, const struct guest_nic *n, unsigned int devid)
{
	struct device_paths p;
	char mac[18], text[64];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", n->mac[0], n->mac[1], n->mac[2],
		 n->mac[3], n->mac[4], n->mac[5]);
	add_device(l, &p, domid, "vif", devid);
	add_number(l, devid, p.front, "handle");
	add_text(l, mac, p.front, "mac");
	add_number(l, n->mtu ? n->mtu : 1500, p.front, "mtu");
	if (n->untrusted) {
		add_text(l, "0", p.front, "trusted");
	}

	add_number(l, devid, p.back, "handle");
	add_text(l, mac, p.back, "mac");
	add_text(l, "vif", p.back, "type");
	add_text(l, n->bridge, p.back, "bridge");
	/* netback insists on this node, although it only hands it on. */
	add_text(l, "/etc/xen/scripts/vif-bridge", p.back, "script");
	if (n->ip) {
		add_text(l, n->ip, p.back, "ip");
	}
	if (n->ifname) {
		add_text(l, n->ifname, p.back, "vifname");
	}
	if (n->mtu) {
		add_number(l, n->mtu, p.back, "mtu");
	}
	if (n->rate_bytes) {
		snprintf(text, sizeof(text), "%" PRIu64 ",%u", n->rate_bytes, n->rate_us);
		add_text(l, text, p.back, "rate");
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * What is written into the store: that frontends, backends and daemons find what they look for,
 * where the guest may write, and that nothing is left for a guest to read that it should not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "domain/nodes.h"

#define DOMID	7

static struct node_list list;

static const struct node *find(const char *path)
{
	size_t i;

	for (i = 0; i < list.count; i++) {
		if (!strcmp(list.nodes[i].path, path)) {
			return &list.nodes[i];
		}
	}
	return NULL;
}

static void has(const char *path, const char *value)
{
	const struct node *n = find(path);

	if (!n) {
		print_error("there is no %s\n", path);
	}
	assert_non_null(n);
	assert_string_equal(n->value, value);
}

/* Who owns a node, as the store will see it: its own setting, or the nearest parent's. */
static int owner(const char *path)
{
	char up[256];
	const struct node *n;
	char *slash;

	strcpy(up, path);
	for (;;) {
		n = find(up);
		if (n && n->owner >= 0) {
			return n->owner;
		}
		slash = strrchr(up, '/');
		if (!slash || slash == up) {
			return 0;
		}
		*slash = 0;
	}
}

static int setup(void **state)
{
	static struct guest_disk disk = {
		.target = "/dev/vg/a", .vdev = "xvda", .device = 51712, .writable = true, .discard = true,
	};
	static struct guest_nic nic = {
		.mac = { 0, 0x16, 0x3e, 1, 2, 3 }, .bridge = "br0", .rate_bytes = 25000,
		.rate_us = 20000, .mtu = 9000,
	};
	static struct guest_config g = {
		.name = "web", .uuid = { 0x4f }, .memory_kib = 1024, .maxmem_kib = 2048, .vcpus = 1,
		.maxvcpus = 2,
	};
	static const struct node_rings rings = { 0x123, 0x124, 2, 1 };

	(void)state;
	nodes_domain(&list, DOMID, &g, &rings);
	nodes_disk(&list, DOMID, &disk, "fd:3", "/dev/dm-3");
	nodes_nic(&list, DOMID, &nic, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	node_list_free(&list);
	return 0;
}

static void test_domain(void **state)
{
	(void)state;
	has("/local/domain/7/name", "web");
	has("/local/domain/7/vm", "/vm/4f000000-0000-0000-0000-000000000000");
	has("/vm/4f000000-0000-0000-0000-000000000000/uuid", "4f000000-0000-0000-0000-000000000000");
	has("/local/domain/7/cpu/0/availability", "online");
	has("/local/domain/7/cpu/1/availability", "offline");
	assert_null(find("/local/domain/7/cpu/2/availability"));
	has("/local/domain/7/memory/target", "1024");
	has("/local/domain/7/memory/static-max", "2048");
	has("/local/domain/7/store/ring-ref", "292");
	has("/local/domain/7/store/port", "1");
	has("/local/domain/7/console/ring-ref", "291");
	has("/local/domain/7/console/port", "2");
	has("/local/domain/7/console/type", "xenconsoled");
	has("/local/domain/7/control/platform-feature-xs_reset_watches", "1");
}

static void test_disk(void **state)
{
	(void)state;
	has("/local/domain/7/device/vbd/51712/backend", "/local/domain/0/backend/vbd/7/51712");
	has("/local/domain/7/device/vbd/51712/backend-id", "0");
	has("/local/domain/7/device/vbd/51712/state", "1");
	has("/local/domain/7/device/vbd/51712/virtual-device", "51712");
	has("/local/domain/7/device/vbd/51712/device-type", "disk");
	has("/local/domain/0/backend/vbd/7/51712/frontend", "/local/domain/7/device/vbd/51712");
	has("/local/domain/0/backend/vbd/7/51712/frontend-id", "7");
	has("/local/domain/0/backend/vbd/7/51712/physical-device", "fd:3");
	has("/local/domain/0/backend/vbd/7/51712/mode", "w");
	has("/local/domain/0/backend/vbd/7/51712/online", "1");
	has("/local/domain/0/backend/vbd/7/51712/state", "1");
	has("/local/domain/0/backend/vbd/7/51712/params", "/dev/vg/a");
}

static void test_nic(void **state)
{
	(void)state;
	has("/local/domain/7/device/vif/0/mac", "00:16:3e:01:02:03");
	has("/local/domain/7/device/vif/0/handle", "0");
	has("/local/domain/7/device/vif/0/mtu", "9000");
	has("/local/domain/0/backend/vif/7/0/mac", "00:16:3e:01:02:03");
	has("/local/domain/0/backend/vif/7/0/rate", "25000,20000");
	has("/local/domain/0/backend/vif/7/0/bridge", "br0");
	assert_non_null(find("/local/domain/0/backend/vif/7/0/script"));
	/* Written once the interface is on its bridge, not before. */
	assert_null(find("/local/domain/0/backend/vif/7/0/hotplug-status"));
}

static void test_owners(void **state)
{
	static const char *const guest[] = {
		"/local/domain/7/device/vbd/51712/state", "/local/domain/7/device/vif/0/mac",
		"/local/domain/7/control/shutdown", "/local/domain/7/control/sysrq",
		"/local/domain/7/control/feature-poweroff", "/local/domain/7/data",
		"/local/domain/7/error", "/local/domain/7/device/suspend/event-channel",
	};
	static const char *const dom0[] = {
		"/local/domain/7/name", "/local/domain/7/memory/target", "/local/domain/7/cpu/0/availability",
		"/local/domain/7/store/port", "/local/domain/7/console/ring-ref", "/local/domain/7/control",
		"/local/domain/7/console/tty", "/local/domain/7/device",
		"/local/domain/0/backend/vbd/7/51712/physical-device",
		"/local/domain/0/backend/vbd/7/51712/params", "/local/domain/0/backend/vif/7/0/mac",
		"/vm/4f000000-0000-0000-0000-000000000000/uuid",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(guest) / sizeof(guest[0]); i++) {
		assert_non_null(find(guest[i]));
		assert_int_equal(owner(guest[i]), DOMID);
	}
	for (i = 0; i < sizeof(dom0) / sizeof(dom0[0]); i++) {
		assert_non_null(find(dom0[i]));
		assert_int_equal(owner(dom0[i]), 0);
	}
}

/* A folder's permissions must be set before its first child is made, which inherits them. */
static void test_parents_first(void **state)
{
	size_t i, j, len;

	(void)state;
	for (i = 0; i < list.count; i++) {
		len = strlen(list.nodes[i].path);
		if (list.nodes[i].owner < 0) {
			continue;
		}
		for (j = 0; j < i; j++) {
			assert_false(!strncmp(list.nodes[j].path, list.nodes[i].path, len) &&
				     list.nodes[j].path[len] == '/');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_domain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owners, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parents_first, setup, teardown),
	};

	return cmocka_run_group_tests_name("nodes", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Taking devices away, with a store that is a list of nodes and a backend that closes when asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/device.h"
#include "domain/link.h"
#include "domain/store.h"
#include "lib/xalloc.h"

#define NODES 16
#define BACK  "/local/domain/0/backend/vbd/5/51712"
#define FRONT "/local/domain/5/device/vbd/51712"
#define ERROR "/local/domain/0/error/backend/vbd/5/51712/error"
#define OTHER "/local/domain/0/error/backend/vbd/5/517/error"

static struct {
	char path[128], value[32];
} node[NODES];
static bool stubborn; /* the backend does not close */

static int node_find(const char *path)
{
	int i;

	for (i = 0; i < NODES && strcmp(node[i].path, path); i++) {
	}
	return i;
}

static void node_write(const char *path, const char *value)
{
	int i = node_find(path);

	i = i < NODES ? i : node_find("");
	assert_true(i < NODES);
	snprintf(node[i].path, sizeof(node[i].path), "%s", path);
	snprintf(node[i].value, sizeof(node[i].value), "%s", value);
}

static bool node_is(const char *path)
{
	return node_find(path) < NODES;
}

static void node_remove(const char *path)
{
	size_t len = strlen(path);
	int i;

	for (i = 0; i < NODES; i++) {
		if (!strncmp(node[i].path, path, len) && strchr("/", node[i].path[len])) {
			node[i].path[0] = 0;
		}
	}
}

#define FORMATTED(text, format) \
	do { \
		va_list args_; \
		va_start(args_, format); \
		vsnprintf(text, sizeof(text), format, args_); \
		va_end(args_); \
	} while (0)

bool store_exists(struct xs_client *xs, const char *path, ...)
{
	char text[128];

	(void)xs;
	FORMATTED(text, path);
	return node_is(text);
}

long long store_number(struct xs_client *xs, long long otherwise, const char *path, ...)
{
	char text[128];
	int i;

	(void)xs;
	FORMATTED(text, path);
	i = node_find(text);
	return i < NODES ? atoll(node[i].value) : otherwise;
}

int store_write(struct xs_client *xs, const char *value, const char *path, ...)
{
	char text[128];

	(void)xs;
	FORMATTED(text, path);
	node_write(text, value);
	return 0;
}

char *store_read(struct xs_client *xs, const char *path, ...)
{
	(void)xs;
	(void)path;
	return NULL;
}

/* One directory: the vbds of domain 5. */
char **store_list(struct xs_client *xs, size_t *count, const char *path, ...)
{
	char text[128], **names;

	(void)xs;
	FORMATTED(text, path);
	*count = !strcmp(text, "/local/domain/0/backend/vbd/5") && node_is(BACK "/state");
	names = xcalloc(1, sizeof(*names));
	names[0] = "51712";
	return names;
}

int store_remove_all(struct xs_client *xs, const char *const *paths)
{
	(void)xs;
	while (*paths) {
		node_remove(*paths++);
	}
	return 0;
}

int xs_client_remove(struct xs_client *xs, uint32_t tx, const char *path)
{
	(void)xs;
	(void)tx;
	node_remove(path);
	return 0;
}

int store_wait(struct xs_client *xs, const char *path, unsigned int seconds,
	       int (*done)(struct xs_client *xs, void *arg), void *arg)
{
	(void)path;
	(void)seconds;
	if (!stubborn && node_is(BACK "/state")) {
		assert_int_equal(store_number(xs, 0, BACK "/online"), 0);
		node_write(BACK "/state", "6");
	}
	return done(xs, arg) ? 1 : -ETIMEDOUT;
}

int device_driver_check(const char *kind, struct failure *f)
{
	(void)kind;
	(void)f;
	return 0;
}

int link_wait(int socket, const char *name, unsigned int seconds)
{
	(void)socket;
	(void)name;
	(void)seconds;
	return -ETIMEDOUT;
}

int link_setup(int index, const char *new_name, const char *alias, uint32_t mtu, int bridge)
{
	(void)index;
	(void)new_name;
	(void)alias;
	(void)mtu;
	(void)bridge;
	return 0;
}

int link_bridge(const char *name)
{
	(void)name;
	return 1;
}

uint32_t link_mtu(const char *name)
{
	(void)name;
	return 0;
}

/* A disk whose backend has complained, beside another that has. */
static int setup(void **state)
{
	(void)state;
	memset(node, 0, sizeof(node));
	stubborn = false;
	node_write(FRONT "/state", "1");
	node_write(BACK "/state", "2");
	node_write(BACK "/online", "1");
	node_write(ERROR, "2 reading physical-device");
	node_write(OTHER, "2 another's");
	return 0;
}

static void nothing_is_left_of_a_failed_device(void **state)
{
	struct failure f = { 0 };

	(void)state;
	assert_int_equal(device_remove(NULL, 5, "vbd", 51712, true, 1, &f), 0);
	assert_false(node_is(FRONT "/state"));
	assert_false(node_is(BACK "/state"));
	assert_false(node_is(ERROR));
	assert_true(node_is(OTHER));
}

static void nor_of_one_whose_backend_is_gone(void **state)
{
	struct failure f = { 0 };

	(void)state;
	node_remove(BACK);
	assert_int_equal(device_remove(NULL, 5, "vbd", 51712, true, 1, &f), -ENOENT);
	assert_string_equal(f.text, "the guest has no such device");
	assert_false(node_is(ERROR));
	assert_true(node_is(OTHER));
}

static void a_device_in_use_stays(void **state)
{
	struct failure f = { 0 };

	(void)state;
	stubborn = true;
	assert_int_equal(device_remove(NULL, 5, "vbd", 51712, false, 1, &f), -ETIMEDOUT);
	assert_true(node_is(FRONT "/state"));
	assert_true(node_is(BACK "/state"));
}

static void all_devices_go(void **state)
{
	(void)state;
	assert_int_equal(device_remove_all(NULL, 5, 1), 0);
	assert_false(node_is(FRONT "/state"));
	assert_false(node_is(BACK "/state"));
	assert_false(node_is(ERROR));
	assert_false(node_is(OTHER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_is_left_of_a_failed_device, setup),
		cmocka_unit_test_setup(nor_of_one_whose_backend_is_gone, setup),
		cmocka_unit_test_setup(a_device_in_use_stays, setup),
		cmocka_unit_test_setup(all_devices_go, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

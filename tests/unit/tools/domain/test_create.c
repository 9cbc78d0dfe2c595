/* SPDX-License-Identifier: MIT */
/*
 * Creating a domain, with everything it calls pretended: whichever call fails, and at whichever
 * step it is given up, nothing stays behind; when a call fails because the store was restarted, all
 * of it is done anew; and when nothing fails, what is to stay does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/create.h"
#include "domain/link.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"
#include "lib/xalloc.h"

/* What exists in the pretended world. */
static struct {
	int kernels, saved, disks, domains, nodes, introduced, running, backends;
	int calls, fail_at;
	int restarts; /* of the store, each the reason of a failure */
} world;

/* Each call that can fail counts; the one chosen fails. */
static int may_fail(struct failure *f)
{
	if (++world.calls == world.fail_at) {
		return failure_set(f, -EIO, "call %d fails", world.calls);
	}
	return 0;
}

int builder_kernel_load(struct builder_kernel *k, const char *path, struct failure *f)
{
	int rc = may_fail(f);

	(void)path;
	memset(k, 0, sizeof(*k));
	if (!rc) {
		k->image = xmalloc(16);
		world.kernels++;
	}
	return rc;
}

void builder_kernel_free(struct builder_kernel *k)
{
	world.kernels -= k->image != NULL;
	free(k->image);
	memset(k, 0, sizeof(*k));
}

int restore_open(struct creation *c)
{
	int rc = may_fail(c->f);

	assert_string_equal(c->o->restore, "/saved");
	world.saved += !rc;
	c->saved.in = rc ? NULL : stdin;
	return rc;
}

void restore_close(struct creation *c)
{
	world.saved -= c->saved.in != NULL;
	c->saved.in = NULL;
}

int restore_build(struct creation *c)
{
	assert_true(c->saved.in && c->domid == 5 && c->rings.console_port == 2);
	c->rings.console_frame = 100;
	c->rings.store_frame = 101;
	return may_fail(c->f);
}

int nic_check(struct guest_nic *n, struct failure *f)
{
	n->mac_set = true;
	return may_fail(f);
}

int link_listen(void)
{
	return may_fail(NULL) ? -EIO : open("/dev/null", O_RDONLY);
}

int disk_open(struct disk_backing *b, const struct guest_disk *d, struct failure *f)
{
	int rc = may_fail(f);

	(void)d;
	memset(b, 0, sizeof(*b));
	b->loop.fd = -1;
	if (!rc) {
		b->loop.fd = open("/dev/null", O_RDONLY);
		world.disks++;
	}
	return rc;
}

void disk_close(struct disk_backing *b)
{
	if (b->loop.fd >= 0) {
		close(b->loop.fd);
		b->loop.fd = -1;
		world.disks--;
	}
}

int disk_settle(struct xs_client *xs, uint32_t domid, const struct guest_disk *d,
		struct failure *f)
{
	(void)xs;
	(void)domid;
	(void)d;
	return may_fail(f);
}

int nic_settle(struct xs_client *xs, int socket, uint32_t domid, const char *name,
	       const struct guest_nic *n, unsigned int devid, struct failure *f)
{
	(void)xs;
	(void)domid;
	(void)name;
	(void)n;
	(void)devid;
	assert_true(fcntl(socket, F_GETFD) >= 0);
	return may_fail(f);
}

int sysctl_physinfo(struct hypercall *h, struct xen_sysctl_physinfo *info)
{
	(void)h;
	memset(info, 0, sizeof(*info));
	info->free_pages = 1 << 20;
	return may_fail(NULL);
}

int domctl_create(struct hypercall *h, const struct xen_domctl_createdomain *config,
		  uint32_t *domid)
{
	(void)h;
	(void)config;
	if (may_fail(NULL)) {
		return -EIO;
	}
	world.domains++;
	*domid = 5;
	return 0;
}

int domctl_destroy(struct hypercall *h, uint32_t domid)
{
	(void)h;
	assert_int_equal(domid, 5);
	/* Backends first: they hold the domain's memory. */
	assert_int_equal(world.backends, 0);
	world.domains--;
	world.running = 0;
	return 0;
}

int domctl_unpause(struct hypercall *h, uint32_t domid)
{
	(void)h;
	(void)domid;
	if (may_fail(NULL)) {
		return -EIO;
	}
	world.running++;
	return 0;
}

int builder_build(struct hypercall *h, uint32_t domid, const struct builder_in *in,
		  struct builder_out *out, struct failure *f)
{
	(void)h;
	(void)domid;
	assert_true(in->nr_pages == 8192 && in->console_port == 2);
	*out = (struct builder_out){ 100, 101 };
	return may_fail(f);
}

int create_limits(struct creation *c)
{
	return may_fail(c->f);
}

int create_scheduling(struct creation *c)
{
	return may_fail(c->f);
}

int create_permissions(struct creation *c)
{
	return may_fail(c->f);
}

int create_ports(struct creation *c)
{
	c->rings.store_port = 1;
	c->rings.console_port = 2;
	return may_fail(c->f);
}

int store_write_list(struct xs_client *xs, const struct node_list *l, struct failure *f)
{
	(void)xs;
	if (may_fail(f)) {
		return -EIO;
	}
	world.nodes = (int)l->count;
	world.backends = 2;
	return 0;
}

int store_remove_all(struct xs_client *xs, const char *const *paths)
{
	(void)xs;
	assert_string_equal(paths[0], "/local/domain/5");
	assert_int_equal(strncmp(paths[1], "/vm/", 4), 0);
	world.nodes = world.introduced = 0;
	return 0;
}

int device_remove_all(struct xs_client *xs, uint32_t domid, unsigned int seconds)
{
	(void)xs;
	(void)domid;
	(void)seconds;
	world.backends = 0;
	return 0;
}

int store_write(struct xs_client *xs, const char *value, const char *path, ...)
{
	(void)xs;
	(void)value;
	(void)path;
	return may_fail(NULL);
}

int store_introduce(struct xs_client *xs, uint32_t domid, uint64_t frame, uint32_t port)
{
	(void)xs;
	(void)domid;
	assert_true(frame == 101 && port == 1);
	if (may_fail(NULL)) {
		return -EIO;
	}
	world.introduced++;
	return 0;
}

char **store_list(struct xs_client *xs, size_t *count, const char *path, ...)
{
	(void)xs;
	(void)path;
	*count = 0;
	return NULL;
}

char *store_read(struct xs_client *xs, const char *path, ...)
{
	(void)xs;
	(void)path;
	return NULL;
}

bool toolstack_renew(struct toolstack *t)
{
	(void)t;
	if (!world.restarts) {
		return false;
	}
	/* The next failure comes as late in the next try. */
	world.fail_at = --world.restarts ? world.calls + world.fail_at : 0;
	return true;
}

static int descriptors(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++) {
		n += fcntl(fd, F_GETFD) >= 0;
	}
	return n;
}

/* 1: only look, as outside of dom0; 2: with handles open. */
static int look;
static int restarts;
static bool restoring; /* a saved guest, instead of booting a kernel */

static int create(int fail_at, const char *fail_after, bool paused, struct failure *f)
{
	static struct guest_disk disks[2] = {
		{ .target = "a", .vdev = "xvda", .device = 51712 },
		{ .target = "b", .vdev = "xvdb", .device = 51728 },
	};
	static struct guest_nic nics[2] = {
		{ .bridge = "br0", .devid = -1 }, { .bridge = "br0", .devid = 0 },
	};
	struct guest_config g = {
		.name = "g", .kernel = "/k", .ramdisk = "/proc/self/exe", .cmdline = "",
		.memory_kib = 32 << 10, .maxmem_kib = 32 << 10, .vcpus = 1, .maxvcpus = 1,
		.disks = disks, .disk_count = 2, .nics = nics, .nic_count = 2,
	};
	struct domain_options o = { .paused = paused, .fail_after = fail_after,
				    .restore = restoring ? "/saved" : NULL };
	struct toolstack t = { 0 };
	uint32_t domid = 0;
	int rc;

	memset(&world, 0, sizeof(world));
	memset(f, 0, sizeof(*f));
	nics[0].devid = -1;
	world.fail_at = fail_at;
	world.restarts = restarts;
	if (look) {
		t.h = look > 1 ? (struct hypercall *)&world : NULL;
		rc = domain_check(&t, &g, f);
	} else {
		g.kernel = restoring ? "/none" : "/k";
		g.ramdisk = restoring ? "/none" : g.ramdisk;
		rc = domain_create(&t, &g, &o, &domid, f);
		assert_true(rc || domid == 5);
	}
	assert_int_equal(nics[0].devid, 1);	/* 0 is taken */
	return rc;
}

static void check_nothing_left(int before)
{
	assert_int_equal(world.kernels, 0);
	assert_int_equal(world.saved, 0);
	assert_int_equal(world.disks, 0);
	assert_int_equal(world.domains, 0);
	assert_int_equal(world.nodes, 0);
	assert_int_equal(world.introduced, 0);
	assert_int_equal(world.running, 0);
	assert_int_equal(world.backends, 0);
	assert_int_equal(descriptors(), before);
}

static void test_success(void **state)
{
	int before = descriptors();
	struct failure f;

	(void)state;
	assert_int_equal(create(0, NULL, false, &f), 0);
	assert_true(world.domains == 1 && world.running == 1 && world.introduced == 1);
	assert_true(world.nodes > 40 && world.backends);
	assert_true(world.kernels == 0 && world.saved == 0 && world.disks == 0);
	assert_int_equal(descriptors(), before);
	assert_int_equal(create(0, NULL, true, &f), 0);
	assert_int_equal(world.running, 0);
}

static void test_each_call_fails(void **state)
{
	int before = descriptors(), at, calls;
	struct failure f;

	(void)state;
	assert_int_equal(create(0, NULL, false, &f), 0);
	calls = world.calls;
	assert_true(calls > 15);
	for (at = 1; at <= calls; at++) {
		if (!create(at, NULL, false, &f)) {
			print_error("call %d may fail unnoticed\n", at);
			fail();
		}
		assert_true(f.code && *f.text);
		check_nothing_left(before);
	}
}

static void test_given_up_after_each_step(void **state)
{
	int before = descriptors();
	struct failure f;
	unsigned int i;

	(void)state;
	for (i = 0; domain_create_step(restoring, i); i++) {
		assert_int_equal(create(0, domain_create_step(restoring, i), false, &f), -ECANCELED);
		check_nothing_left(before);
	}
	assert_true(i > 10);
}

static void test_check_only_looks(void **state)
{
	int before = descriptors(), at, calls;
	struct failure f;

	(void)state;
	for (look = 1; look <= 2; look++) {
		assert_int_equal(create(0, NULL, false, &f), 0);
		calls = world.calls;
		assert_true(look == 1 ? calls == 1 : calls > 5);
		check_nothing_left(before);
		for (at = 1; at <= calls; at++) {
			assert_true(create(at, NULL, false, &f) < 0);
			assert_true(f.code && *f.text);
			check_nothing_left(before);
		}
	}
	look = 0;
}

static void test_store_restarted(void **state)
{
	int before = descriptors(), at, calls;
	struct failure f;

	(void)state;
	assert_int_equal(create(0, NULL, false, &f), 0);
	calls = world.calls;
	for (at = 1; at <= calls; at++) {
		restarts = 1;
		assert_int_equal(create(at, NULL, false, &f), 0);
		assert_int_equal(f.code, 0);
		assert_true(world.domains == 1 && world.running == 1 && world.introduced == 1);
		assert_true(world.kernels == 0 && world.saved == 0 && world.disks == 0 && world.nodes > 40);
		assert_int_equal(descriptors(), before);
	}
	/* It ends, with a reason, when the store never stays. */
	restarts = 1000;
	assert_true(create(1, NULL, false, &f) < 0);
	restarts = 0;
	assert_true(f.code && *f.text);
	check_nothing_left(before);
}

static int restore_instead(void **state)
{
	(void)state;
	restoring = true;
	return 0;
}

static int boot_again(void **state)
{
	(void)state;
	restoring = false;
	return 0;
}

#define RESTORE(name) cmocka_unit_test_setup_teardown(name, restore_instead, boot_again)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_success), cmocka_unit_test(test_each_call_fails),
		cmocka_unit_test(test_given_up_after_each_step),
		cmocka_unit_test(test_check_only_looks),
		cmocka_unit_test(test_store_restarted),
		RESTORE(test_success), RESTORE(test_each_call_fails),
		RESTORE(test_given_up_after_each_step), RESTORE(test_store_restarted),
	};

	return cmocka_run_group_tests_name("create", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Every operation through the wire: results, refusals, permissions, quotas, watches.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct mailbox dom0, guest, other;

static int setup(void **state)
{
	(void)state;
	world_begin();
	client_open(&dom0, 0);
	client_open(&guest, 3);
	client_open(&other, 4);
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/local/domain/3"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "/local/domain/3", "n3", "r0"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	client_close(&dom0);
	client_close(&guest);
	client_close(&other);
	world_end();
	return 0;
}

static void expect_read(struct mailbox *m, const char *path, const char *value)
{
	struct message *r = ask_strings(m, XS_READ, 0, path, NULL);

	assert_int_equal(reply_error(r), 0);
	assert_int_equal(r->header.len, strlen(value));
	assert_string_equal(r->payload, value);
}

static void nodes(void **state)
{
	struct message *r;

	(void)state;
	assert_int_equal(do_write(&dom0, 0, "/a/b/c", "hello"), 0);
	expect_read(&dom0, "/a/b/c", "hello");
	assert_int_equal(do_write(&dom0, 0, "domid", "0"), 0);
	expect_read(&dom0, "/local/domain/0/domid", "0");
	expect_read(&dom0, "/a/b", "");
	assert_int_equal(do_write(&dom0, 0, "/a/b/c", ""), 0);
	expect_read(&dom0, "/a/b/c", "");
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/a/x"), 0);
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/a/x"), 0);
	r = ask_strings(&dom0, XS_DIRECTORY, 0, "/a", NULL);
	assert_int_equal(r->header.len, 4);
	assert_memory_equal(r->payload, "b\0x", 4);
	assert_int_equal(do_op(&dom0, XS_READ, 0, "/nope"), ENOENT);
	assert_int_equal(do_op(&dom0, XS_RM, 0, "/a/nope"), 0);
	assert_int_equal(do_op(&dom0, XS_RM, 0, "/nope/nope"), ENOENT);
	assert_int_equal(do_op(&dom0, XS_RM, 0, "/"), EINVAL);
	assert_int_equal(do_op(&dom0, XS_RM, 0, "/a"), 0);
	assert_int_equal(do_op(&dom0, XS_READ, 0, "/a/b/c"), ENOENT);
	assert_int_equal(do_op(&dom0, XS_WRITE, 0, "@introduceDomain"), EINVAL);
}

static void malformed(void **state)
{
	uint32_t type, len;
	char junk[64];

	(void)state;
	memset(junk, 'x', sizeof(junk));
	for (type = 0; type < 40; type++) {
		for (len = 0; len < 20; len++) {
			/* Unterminated, and empty: never anything but one reply. */
			ask(&dom0, type, 0, junk, len);
			ask(&guest, type, 0, junk, len);
			ask(&guest, type, 99, junk, len);
		}
	}
	assert_int_equal(do_op(&dom0, 1000, 0, "/"), ENOSYS);
	assert_int_equal(do_op(&dom0, XS_READ, 5, "/"), ENOENT);
	assert_int_equal(do_op(&dom0, XS_TRANSACTION_END, 0, "T"), ENOENT);
}

static void permissions(void **state)
{
	struct message *r;

	(void)state;
	/* Its own home, and nothing else. */
	assert_int_equal(do_write(&guest, 0, "data/x", "1"), 0);
	expect_read(&guest, "/local/domain/3/data/x", "1");
	assert_int_equal(do_op(&guest, XS_READ, 0, "/tool"), EACCES);
	assert_int_equal(do_op(&guest, XS_READ, 0, "/nope"), EACCES);
	assert_int_equal(do_op(&guest, XS_READ, 0, "data/nope"), ENOENT);
	assert_int_equal(do_write(&guest, 0, "/local/domain/4/x", "1"), EACCES);
	assert_int_equal(do_op(&other, XS_READ, 0, "/local/domain/3/data/x"), EACCES);
	assert_int_equal(do_op(&other, XS_RM, 0, "/local/domain/3"), EACCES);
	/* What a guest creates is the guest's; dom0 still reads it. */
	r = ask_strings(&dom0, XS_GET_PERMS, 0, "/local/domain/3/data/x", NULL);
	assert_int_equal(r->header.len, 6);
	assert_memory_equal(r->payload, "n3\0r0", 6);
	/* Opened for the other. */
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "data/x", "n3", "r4"), 0);
	expect_read(&other, "/local/domain/3/data/x", "1");
	assert_int_equal(do_write(&other, 0, "/local/domain/3/data/x", "2"), EACCES);
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "data/x", "n3", "b4"), 0);
	assert_int_equal(do_write(&other, 0, "/local/domain/3/data/x", "2"), 0);
	expect_read(&guest, "data/x", "2");
	/* Not given away, and not by those who do not own it. */
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "data/x", "n4"), EPERM);
	assert_int_equal(do_op(&other, XS_SET_PERMS, 0, "/local/domain/3/data/x", "b4"), EACCES);
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "data/x", "x3"), EINVAL);
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "data/x", "n99999"), EINVAL);
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "data/x", "n3", "r1", "r2", "r5", "r6",
			       "r7"),
			 ENOSPC);
	/* dom0's business. */
	assert_int_equal(do_op(&guest, XS_INTRODUCE, 0, "5", "1", "1"), EACCES);
	assert_int_equal(do_op(&guest, XS_CONTROL, 0, "check"), EACCES);
	assert_int_equal(do_op(&guest, XS_GET_PERMS, 0, "@releaseDomain"), EACCES);
	assert_int_equal(do_op(&guest, XS_SET_PERMS, 0, "@releaseDomain", "r3"), EACCES);
	dom0.conn->read_only = true;
	assert_int_equal(do_write(&dom0, 0, "/x", "1"), EROFS);
	expect_read(&dom0, "/local/domain/3/data/x", "2");
	dom0.conn->read_only = false;
}

static void quotas(void **state)
{
	char path[64];
	static char big[3000];
	int i, rc = 0;

	(void)state;
	for (i = 0; !rc && i < 5000; i++) {
		snprintf(path, sizeof(path), "many/n%d", i);
		rc = do_write(&guest, 0, path, "v");
	}
	assert_int_equal(rc, ENOSPC);
	/* One node is its home. */
	assert_int_equal(usage_of(&world.st->usage, 3)->nodes, 1000);
	assert_int_equal(do_write(&guest, 0, "many/n5", "still"), 0);
	assert_int_equal(do_write(&dom0, 0, "/local/domain/3/extra", "dom0 may"), 0);
	assert_int_equal(do_op(&guest, XS_RM, 0, "many"), 0);
	/* Its home, and what dom0 put there. */
	assert_int_equal(usage_of(&world.st->usage, 3)->nodes, 2);
	assert_int_equal(do_write(&guest, 0, "again", "v"), 0);
	memset(big, 'b', sizeof(big) - 1);
	assert_int_equal(do_write(&guest, 0, "big", big), ENOSPC);
	assert_int_equal(do_write(&dom0, 0, "/big", big), 0);
	for (i = 0, rc = 0; !rc && i < 1000; i++) {
		snprintf(path, sizeof(path), "%d", i);
		rc = do_op(&guest, XS_WATCH, 0, "w", path);
	}
	assert_int_equal(rc, ENOSPC);
	assert_int_equal(guest.conn->watch_count, 128);
	assert_int_equal(do_op(&guest, XS_RESET_WATCHES, 0, ""), 0);
	assert_int_equal(guest.conn->watch_count, 0);
	for (i = 0; begin(&guest); i++) {
	}
	assert_int_equal(i, 10);
	assert_int_equal(do_op(&guest, XS_RESET_WATCHES, 0, ""), 0);
	assert_int_equal(guest.conn->transaction_count, 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "quota", "set", "nodes", "5"), 0);
	for (i = 0, rc = 0; !rc; i++) {
		snprintf(path, sizeof(path), "few/n%d", i);
		rc = do_write(&guest, 0, path, "v");
	}
	assert_int_equal(usage_of(&world.st->usage, 3)->nodes, 5);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "check"), 0);
}

/* Long paths read in transactions, and deep ones watched, are memory like any other. */
static void memory_is_bounded(void **state)
{
	const int64_t limit = world.st->quota.limit[QUOTA_MEMORY];
	static char path[2000];
	int64_t before = usage_of(&world.st->usage, 3)->memory;
	uint32_t t[10];
	int i, n, rc = 0;

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	for (n = 0; n < 10; n++) {
		t[n] = begin(&guest);
		for (i = 0; i < 1000 && (!rc || rc == ENOENT); i++) {
			snprintf(path + 1900, 16, "%d", i);
			rc = do_op(&guest, XS_READ, t[n], path);
		}
	}
	assert_int_equal(rc, ENOSPC);
	assert_in_range(usage_of(&world.st->usage, 3)->memory, limit - 8192, limit + 8192);
	/* What it has read already it may read again. */
	snprintf(path + 1900, 16, "%d", 0);
	assert_int_equal(do_op(&guest, XS_READ, t[0], path), ENOENT);
	while (n--) {
		assert_int_equal(do_op(&guest, XS_TRANSACTION_END, t[n], "F"), 0);
	}
	assert_int_equal(usage_of(&world.st->usage, 3)->memory, before);
	for (i = 0; i < 1996; i += 2) {
		memcpy(path + i, "d/", 2);
	}
	for (i = 0, rc = 0; !rc && i < 128; i++) {
		/* Each on a branch of its own. */
		path[0] = (char)('a' + i % 26);
		path[2] = (char)('a' + i / 26);
		path[1997] = 0;
		rc = do_op(&guest, XS_WATCH, 0, path, "token");
	}
	assert_int_equal(rc, ENOSPC);
	assert_true(usage_of(&world.st->usage, 3)->memory >
		    (int64_t)(world.st->watches.points * sizeof(struct watch_point)));
	assert_true(usage_of(&world.st->usage, 3)->memory < limit + 128 * 1024);
	assert_int_equal(do_op(&guest, XS_RESET_WATCHES, 0, ""), 0);
	assert_int_equal(usage_of(&world.st->usage, 3)->memory, before);
}

/* The next event of a client, as "path token". */
static const char *event(struct mailbox *m)
{
	static char text[2 * XENSTORE_PAYLOAD_MAX];
	struct message msg;

	if (!client_next(m, &msg)) {
		return "none";
	}
	assert_int_equal(msg.header.type, XS_WATCH_EVENT);
	assert_int_equal(msg.header.req_id, 0);
	snprintf(text, sizeof(text), "%s %s", msg.payload, msg.payload + strlen(msg.payload) + 1);
	return text;
}

static void watches(void **state)
{
	struct message *r;

	(void)state;
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "/w", "tok"), 0);
	assert_string_equal(event(&dom0), "/w tok");
	assert_string_equal(event(&dom0), "none");
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "/w", "tok"), EEXIST);
	assert_int_equal(do_write(&guest, 0, "unrelated", "1"), 0);
	assert_string_equal(event(&dom0), "none");
	/* Events come before the reply to the writer itself: ask() swallowed it here. */
	client_close(&other);
	client_open(&other, 0);
	assert_int_equal(do_write(&other, 0, "/w/sub/x", "1"), 0);
	assert_string_equal(event(&dom0), "/w/sub/x tok");
	assert_string_equal(event(&dom0), "none");
	assert_int_equal(do_op(&other, XS_SET_PERMS, 0, "/w/sub", "n3"), 0);
	assert_string_equal(event(&dom0), "/w/sub tok");
	/* Removing a parent fires for watched nodes below, by their own names. */
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "/w/sub/x", "deep"), 0);
	assert_string_equal(event(&dom0), "/w/sub/x deep");
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "/w/sub/gone", "never"), 0);
	event(&dom0);
	assert_int_equal(do_op(&other, XS_RM, 0, "/w"), 0);
	assert_string_equal(event(&dom0), "/w tok");
	assert_string_equal(event(&dom0), "/w/sub/x deep");
	assert_string_equal(event(&dom0), "none");
	assert_int_equal(do_op(&dom0, XS_UNWATCH, 0, "/w", "tok"), 0);
	assert_int_equal(do_op(&dom0, XS_UNWATCH, 0, "/w", "tok"), ENOENT);
	assert_int_equal(do_write(&other, 0, "/w", "1"), 0);
	assert_string_equal(event(&dom0), "none");
	/* Relative paths come back relative. */
	assert_int_equal(do_op(&guest, XS_WATCH, 0, "device", "g"), 0);
	assert_string_equal(event(&guest), "device g");
	assert_int_equal(do_write(&other, 0, "/local/domain/3/device/vbd", "1"), 0);
	assert_string_equal(event(&guest), "device/vbd g");
	/* No news of what it may not read. */
	assert_int_equal(do_op(&guest, XS_WATCH, 0, "/", "root"), 0);
	event(&guest);
	assert_int_equal(do_write(&other, 0, "/secret", "1"), 0);
	assert_string_equal(event(&guest), "none");
	/* Depth. */
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "/d", "t", "1"), 0);
	event(&dom0);
	assert_int_equal(do_write(&other, 0, "/d/1/2", "x"), 0);
	assert_string_equal(event(&dom0), "/d t");
	assert_string_equal(event(&dom0), "/d/1 t");
	assert_string_equal(event(&dom0), "none");
	/* The reply of WATCH comes first, then its first event. */
	r = ask_strings(&dom0, XS_WATCH, 0, "/late", "t", NULL);
	assert_int_equal(r->header.type, XS_WATCH);
	assert_string_equal(event(&dom0), "/late t");
}

static void directory_in_parts(void **state)
{
	struct message *r;
	static char all[65536];
	char path[300], pad[200], offset[16];
	size_t len = 0, got, n;
	int i;

	(void)state;
	memset(pad, 'p', sizeof(pad));
	pad[199] = 0;
	for (i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/big/%s%03d", pad, i);
		assert_int_equal(do_write(&dom0, 0, path, ""), 0);
	}
	assert_int_equal(do_op(&dom0, XS_DIRECTORY, 0, "/big"), E2BIG);
	for (;;) {
		snprintf(offset, sizeof(offset), "%zu", len);
		r = ask_strings(&dom0, XS_DIRECTORY_PART, 0, "/big", offset, NULL);
		assert_int_equal(reply_error(r), 0);
		n = strlen(r->payload) + 1;
		got = r->header.len - n;
		memcpy(all + len, r->payload + n, got);
		len += got;
		assert_true(got > 0);
		if (!all[len - 1] && (len < 2 || !all[len - 2])) {
			break;
		}
	}
	assert_int_equal(len, 100 * 203 + 1);
	for (i = 0, n = 0; n < len - 1; n += strlen(all + n) + 1, i++) {
		assert_int_equal(atoi(all + n + 199), i);
	}
	assert_int_equal(i, 100);
	r = ask_strings(&dom0, XS_DIRECTORY_PART, 0, "/big", "99999", NULL);
	n = strlen(r->payload) + 1;
	assert_int_equal(r->header.len, n + 1);
	assert_int_equal(do_op(&dom0, XS_DIRECTORY_PART, 0, "/big", "-1"), EINVAL);
	assert_int_equal(do_op(&dom0, XS_DIRECTORY_PART, 0, "/big"), EINVAL);
}

static void domains(void **state)
{
	struct message *r;

	(void)state;
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "@introduceDomain", "i"), 0);
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "@releaseDomain", "r"), 0);
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "@releaseDomain", "rd", "1"), 0);
	while (strcmp(event(&dom0), "none")) {
	}
	client_close(&other);
	client_open(&other, 0);
	assert_int_equal(do_op(&other, XS_INTRODUCE, 0, "5", "123", "7"), 0);
	assert_string_equal(event(&dom0), "@introduceDomain i");
	assert_int_equal(do_op(&other, XS_INTRODUCE, 0, "5", "123", "7"), 0);
	assert_string_equal(event(&dom0), "none");
	assert_int_equal(do_op(&other, XS_INTRODUCE, 0, "6", "123", "666"), EINVAL);
	assert_int_equal(do_op(&other, XS_INTRODUCE, 0, "0", "1", "1"), EINVAL);
	assert_int_equal(do_op(&other, XS_INTRODUCE, 0, "32752", "1", "1"), EINVAL);
	assert_int_equal(do_op(&other, XS_INTRODUCE, 0, "7", "1"), EINVAL);
	r = ask_strings(&guest, XS_IS_DOMAIN_INTRODUCED, 0, "5", NULL);
	assert_string_equal(r->payload, "T");
	r = ask_strings(&guest, XS_IS_DOMAIN_INTRODUCED, 0, "6", NULL);
	assert_string_equal(r->payload, "F");
	r = ask_strings(&guest, XS_GET_DOMAIN_PATH, 0, "6", NULL);
	assert_string_equal(r->payload, "/local/domain/6");
	/* Shut down: announced once; resumed: announced again. */
	world.flags[5] = 2;
	domain_check_all(world.st);
	domain_check_all(world.st);
	stored_publish(world.st);
	assert_string_equal(event(&dom0), "@releaseDomain r");
	assert_string_equal(event(&dom0), "@releaseDomain/5 rd");
	assert_string_equal(event(&dom0), "none");
	assert_int_equal(do_op(&other, XS_RESUME, 0, "5"), 0);
	domain_check_all(world.st);
	stored_publish(world.st);
	assert_string_equal(event(&dom0), "@releaseDomain r");
	event(&dom0);
	/* Gone: with its nodes and its name in others' lists. */
	assert_int_equal(do_write(&other, 0, "/x/of5", "1"), 0);
	assert_int_equal(do_op(&other, XS_SET_PERMS, 0, "/x/of5", "n5"), 0);
	assert_int_equal(do_write(&other, 0, "/x/of0", "1"), 0);
	assert_int_equal(do_op(&other, XS_SET_PERMS, 0, "/x/of0", "n0", "r5", "w69"), 0);
	world.alive[5] = false;
	domain_check_all(world.st);
	stored_publish(world.st);
	assert_string_equal(event(&dom0), "@releaseDomain r");
	assert_int_equal(do_op(&other, XS_READ, 0, "/x/of5"), ENOENT);
	r = ask_strings(&other, XS_GET_PERMS, 0, "/x/of0", NULL);
	assert_memory_equal(r->payload, "n0\0w69", 7);
	assert_int_equal(usage_of(&world.st->usage, 5)->nodes, 0);
	assert_int_equal(usage_of(&world.st->usage, 5)->memory, 0);
	assert_int_equal(do_op(&other, XS_RELEASE, 0, "5"), ENOENT);
	assert_int_equal(do_op(&other, XS_RELEASE, 0, "0"), EINVAL);
}

/* A later domain of the same number is not told of others' ends because the dead one was. */
static void special_names_forget_the_dead(void **state)
{
	struct message *r;

	(void)state;
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "5", "123", "7"), 0);
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "6", "123", "7"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "@releaseDomain", "n0", "r5", "r6"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "@introduceDomain", "r5", "b6", "w5"), 0);
	assert_int_equal(do_op(&dom0, XS_RELEASE, 0, "5"), 0);
	r = ask_strings(&dom0, XS_GET_PERMS, 0, "@releaseDomain", NULL);
	assert_int_equal(r->header.len, 6);
	assert_memory_equal(r->payload, "n0\0r6", 6);
	r = ask_strings(&dom0, XS_GET_PERMS, 0, "@introduceDomain", NULL);
	assert_int_equal(r->header.len, 6);
	assert_memory_equal(r->payload, "r0\0b6", 6);
}

static void stub_domain_has_its_targets_rights(void **state)
{
	struct domain *d;

	(void)state;
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "6", "1", "1"), 0);
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "3", "1", "1"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_TARGET, 0, "6", "3"), 0);
	d = domain_find(world.st, 6);
	assert_int_equal(d->conn->cred.target, 3);
	guest.conn->cred = d->conn->cred;
	assert_int_equal(do_write(&guest, 0, "/local/domain/3/by-stub", "1"), 0);
	assert_int_equal(do_op(&dom0, XS_RELEASE, 0, "3"), 0);
	assert_int_equal(d->conn->cred.target, CRED_NO_TARGET);
}

static void control(void **state)
{
	struct message *r;

	(void)state;
	r = ask_strings(&dom0, XS_CONTROL, 0, "quota", NULL);
	assert_non_null(strstr(r->payload, "nodes"));
	r = ask_strings(&dom0, XS_CONTROL, 0, "check", NULL);
	assert_non_null(strstr(r->payload, "consistent"));
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "quota", "3"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "log", "on"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "log", "off"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "memreport"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "help"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "nonsense"), EINVAL);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "quota", "set", "nodes", "x"), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(quotas, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(watches, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_in_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(domains, setup, teardown),
		cmocka_unit_test_setup_teardown(special_names_forget_the_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(stub_domain_has_its_targets_rights, setup,
						teardown),
		cmocka_unit_test_setup_teardown(control, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Dying and coming back. The journal file is cut at every publication there was (and between
 * them, which must make no difference), and what a new process makes of it is compared with what
 * the old one was at that moment. For rings, the guest must see every reply exactly once.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "stored/hv.h"

#include "world.h"

#define COMMITTED_AT 16 /* offset of the header's committed field */

static char journal[64], copy[64];
static struct mailbox dom0;
static uint32_t random_state = 1;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static int setup(void **state)
{
	(void)state;
	snprintf(journal, sizeof(journal), "/tmp/dais-test-journal.%d", (int)getpid());
	snprintf(copy, sizeof(copy), "/tmp/dais-test-copy.%d", (int)getpid());
	unlink(journal);
	world_begin();
	assert_int_equal(state_open(world.st, journal), 0);
	client_open(&dom0, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (world.st) {
		world_end();
	}
	unlink(journal);
	unlink(copy);
	return 0;
}

static uint64_t committed(const char *path)
{
	int fd = open(path, O_RDONLY);
	uint64_t end = 0;

	assert_int_equal(pread(fd, &end, sizeof(end), COMMITTED_AT), sizeof(end));
	close(fd);
	return end;
}

/* The journal as it would be found, had the process died when it ended at `end`. */
static void cut(uint64_t end)
{
	char command[256];
	int fd;

	snprintf(command, sizeof(command), "cp %s %s", journal, copy);
	assert_int_equal(system(command), 0);
	fd = open(copy, O_RDWR);
	assert_int_equal(pwrite(fd, &end, sizeof(end), COMMITTED_AT), sizeof(end));
	close(fd);
}

static void introduce(uint32_t domid)
{
	char home[32], id[8], owner[8];

	snprintf(home, sizeof(home), "/local/domain/%u", domid);
	snprintf(id, sizeof(id), "%u", domid);
	snprintf(owner, sizeof(owner), "n%u", domid);
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, home), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, home, owner, "r0"), 0);
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, id, "77", "9"), 0);
}

/* One random operation by dom0 or by a guest's ring. */
static void random_op(void)
{
	char path[64], value[128], payload[256];
	uint32_t domid = 1 + draw(3), n;
	struct message m;

	snprintf(path, sizeof(path), "/local/domain/%u/d%u/k%u", domid, draw(4), draw(6));
	snprintf(value, sizeof(value), "value %u", draw(1000000));
	switch (draw(8)) {
	case 0:
		do_op(&dom0, XS_RM, 0, path);
		break;
	case 1:
		do_op(&dom0, XS_SET_PERMS, 0, path, "n0", "r1", "b2");
		break;
	case 2:
		n = begin(&dom0);
		do_write(&dom0, n, path, value);
		do_op(&dom0, XS_RM, n, "/local/domain/1/d0");
		do_op(&dom0, XS_TRANSACTION_END, n, draw(3) ? "T" : "F");
		break;
	case 3:
	case 4:
		n = (uint32_t)snprintf(payload, sizeof(payload), "d%u%ct%u", draw(9), 0, draw(3));
		guest_send(domid, draw(3) ? XS_WATCH : XS_UNWATCH, 0, payload, n + 1);
		break;
	case 5:
		guest_send(domid, XS_READ, 0, path, strlen(path) + 1);
		break;
	default:
		do_write(&dom0, 0, path, value);
	}
	world_settle();
	while (guest_receive(domid, &m)) {
	}
}

static void replay_gives_the_same_store(void **state)
{
	static uint64_t end[300];
	static char *dump[300];
	char *now;
	int i, n = 300;

	(void)state;
	introduce(1);
	introduce(2);
	introduce(3);
	assert_int_equal(do_op(&dom0, XS_SET_TARGET, 0, "2", "3"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "quota", "set", "nodes", "77"), 0);
	for (i = 0; i < n; i++) {
		if (i == 150) {
			assert_int_equal(do_op(&dom0, XS_RELEASE, 0, "3"), 0);
			introduce(3);
		}
		random_op();
		end[i] = committed(journal);
		dump[i] = world_dump();
	}
	client_close(&dom0);
	world_crash();
	for (i = 0; i < n; i++) {
		cut(end[i]);
		assert_int_equal(world_resume(copy), 1);
		assert_int_equal(world.st->quota.limit[QUOTA_NODES], 77);
		now = world_dump();
		assert_string_equal(now, dump[i]);
		free(now);
		world_crash();
		free(dump[i]);
	}
	world.st = NULL;
}

static void rewriting_changes_nothing(void **state)
{
	char *before, *after;
	struct stat st;
	uint32_t t;
	int i;

	(void)state;
	introduce(1);
	introduce(2);
	introduce(3);
	for (i = 0; i < 300; i++) {
		random_op();
	}
	t = begin(&dom0);
	do_write(&dom0, t, "/open", "transaction");
	before = world_dump();
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "journal"), 0);
	client_close(&dom0);
	world_crash();
	assert_int_equal(world_resume(journal), 1);
	after = world_dump();
	assert_string_equal(before, after);
	free(before);
	free(after);
	/* It does not grow without bound. */
	client_open(&dom0, 0);
	for (i = 0; i < 200000; i++) {
		do_write(&dom0, 0, "/churn", "0123456789012345678901234567890123456789");
	}
	assert_int_equal(stat(journal, &st), 0);
	assert_true(st.st_size < 16 * 1024 * 1024);
	client_close(&dom0);
}

/*
 * A guest writes one counter after another; the process dies at every publication in between,
 * with the page as it was at some moment before the journal caught up or after.
 */
static void guests_do_not_notice(void **state)
{
	struct xenstore_domain_interface page_at_death;
	char payload[64], path[16];
	struct message m;
	uint32_t sent = 0, got = 0, round;
	size_t len;

	(void)state;
	introduce(1);
	guest_send(1, XS_WATCH, 0, "count\0token", 12);
	world_settle();
	assert_true(guest_receive(1, &m));
	assert_true(guest_receive(1, &m));
	for (round = 0; round < 400; round++) {
		len = (size_t)snprintf(payload, sizeof(payload), "count%c%u", 0, sent);
		guest_send(1, XS_WRITE, 0, payload, len);
		sent++;
		page_at_death = world.page[1];
		world_settle();
		if (round % 3 == 1) {
			/*
			 * Died after the publication, before either index moved in the page.
			 * Nothing of the journal's news is in the page.
			 */
			world.page[1].req_cons = page_at_death.req_cons;
			world.page[1].rsp_prod = page_at_death.rsp_prod;
		} else if (round % 3 == 2) {
			/* Between the two: the request consumed, the reply not written. */
			world.page[1].rsp_prod = page_at_death.rsp_prod;
		}
		if (dom0.conn) {
			client_close(&dom0);
		}
		world_crash();
		assert_int_equal(world_resume(journal), 1);
		world_settle();
		while (guest_receive(1, &m)) {
			if (m.header.type == XS_WATCH_EVENT) {
				assert_string_equal(m.payload, "count");
				continue;
			}
			assert_int_equal(m.header.type, XS_WRITE);
			assert_string_equal(m.payload, "OK");
			got++;
		}
		assert_int_equal(got, sent);
	}
	snprintf(path, sizeof(path), "%u", sent - 1);
	assert_memory_equal(store_find(world.st->root, "/local/domain/1/count")->value->bytes, path,
			    strlen(path));
	client_open(&dom0, 0);
	client_close(&dom0);
}

static void open_transactions_come_back_and_must_be_repeated(void **state)
{
	struct message m;
	uint32_t t;

	(void)state;
	introduce(1);
	guest_send(1, XS_TRANSACTION_START, 0, "", 1);
	world_settle();
	assert_true(guest_receive(1, &m));
	t = (uint32_t)atoi(m.payload);
	guest_send(1, XS_WRITE, t, "a/b\0one", 7);
	world_settle();
	assert_true(guest_receive(1, &m));
	client_close(&dom0);
	world_crash();
	assert_int_equal(world_resume(journal), 1);
	guest_send(1, XS_READ, t, "a/b", 4);
	world_settle();
	assert_true(guest_receive(1, &m));
	assert_string_equal(m.payload, "one");
	assert_int_equal(state_rewrite(world.st), 0);
	world_crash();
	assert_int_equal(world_resume(journal), 1);
	guest_send(1, XS_READ, t, "a/b", 4);
	guest_send(1, XS_TRANSACTION_END, t, "T", 2);
	world_settle();
	assert_true(guest_receive(1, &m));
	assert_string_equal(m.payload, "one");
	assert_true(guest_receive(1, &m));
	assert_string_equal(m.payload, "EAGAIN");
	assert_null(store_find(world.st->root, "/local/domain/1/a"));
}

static void half_a_large_message_is_kept(void **state)
{
	struct xenstore_domain_interface *p = &world.page[1];
	struct xsd_sockmsg header = { XS_WRITE, 3, 0, 1500 };
	struct message m;
	uint32_t i;

	(void)state;
	introduce(1);
	memcpy(p->req, &header, sizeof(header));
	memset(p->req + sizeof(header), 'v', sizeof(p->req) - sizeof(header));
	memcpy(p->req + sizeof(header), "large", 6);
	p->req_prod = XENSTORE_RING_SIZE;
	conn_wake(world.st, domain_find(world.st, 1)->conn);
	world_settle();
	assert_int_equal(p->req_cons, XENSTORE_RING_SIZE);
	client_close(&dom0);
	world_crash();
	assert_int_equal(world_resume(journal), 1);
	for (i = 0; i < sizeof(header) + 1500 - XENSTORE_RING_SIZE; i++) {
		p->req[MASK_XENSTORE_IDX(p->req_prod)] = 'w';
		p->req_prod++;
	}
	conn_wake(world.st, domain_find(world.st, 1)->conn);
	world_settle();
	assert_true(guest_receive(1, &m));
	assert_string_equal(m.payload, "OK");
	assert_int_equal(store_find(world.st->root, "/local/domain/1/large")->value->len, 1494);
}

static void the_dead_are_released_on_return(void **state)
{
	(void)state;
	introduce(1);
	introduce(2);
	do_write(&dom0, 0, "/local/domain/1/x", "1");
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "@releaseDomain", "n0", "r1", "r2"), 0);
	assert_int_equal(do_op(&dom0, XS_RELEASE, 0, "2"), 0);
	introduce(2);
	client_close(&dom0);
	world_crash();
	world.alive[1] = false;
	assert_int_equal(world_resume(journal), 1);
	assert_null(domain_find(world.st, 1));
	assert_non_null(domain_find(world.st, 2));
	assert_null(store_find(world.st->root, "/local/domain/1"));
	assert_int_equal(world.st->special[SPECIAL_RELEASE]->count, 1);
}

/*
 * The hypervisor closes a domain's ports first and says that it is dead last. Who is told in
 * between would look, find it alive, and hold its pages for ever.
 */
static void the_dying_are_released_when_they_are_dead(void **state)
{
	struct message m;
	int round;

	(void)state;
	introduce(1);
	client_close(&dom0);
	world.ending[1] = true;
	for (round = 0; round < 2; round++) {
		world_crash();
		world.map_fails = round;
		assert_int_equal(world_resume(journal), 1);
		assert_non_null(domain_find(world.st, 1));
		assert_int_equal(world.mapped[1], 0);
	}
	client_open(&dom0, 0);
	assert_int_equal(do_op(&dom0, XS_WATCH, 0, "@releaseDomain", "r"), 0);
	assert_true(client_next(&dom0, &m));
	/* What is written meanwhile has nowhere to go, and must not be sent anywhere. */
	do_write(&dom0, 0, "/local/domain/1/x", "1");
	domain_check_all(world.st);
	stored_publish(world.st);
	assert_false(client_next(&dom0, &m));
	world.flags[1] = HV_DYING;
	domain_check_all(world.st);
	stored_publish(world.st);
	assert_true(client_next(&dom0, &m));
	assert_string_equal(m.payload, "@releaseDomain");
	assert_null(domain_find(world.st, 1));
	client_close(&dom0);
}

static void damage_is_refused(void **state)
{
	uint64_t end, at;
	uint32_t flips;
	char byte;
	int fd, i;

	(void)state;
	introduce(1);
	introduce(2);
	introduce(3);
	for (i = 0; i < 50; i++) {
		random_op();
	}
	end = committed(journal);
	client_close(&dom0);
	world_crash();
	for (flips = 0; flips < 400; flips++) {
		cut(end);
		at = 64 + draw((uint32_t)end - 64);
		fd = open(copy, O_RDWR);
		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		byte = (char)(byte ^ (1 << draw(8)));
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		close(fd);
		/* Any answer will do, short of a crash. */
		world_resume(copy);
		world_crash();
	}
	for (at = 64; at < end; at += 1 + draw(200)) {
		cut(at);
		world_resume(copy);
		world_crash();
	}
	world.st = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replay_gives_the_same_store, setup, teardown),
		cmocka_unit_test_setup_teardown(rewriting_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(guests_do_not_notice, setup, teardown),
		cmocka_unit_test_setup_teardown(open_transactions_come_back_and_must_be_repeated,
						setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_large_message_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(the_dead_are_released_on_return, setup, teardown),
		cmocka_unit_test_setup_teardown(the_dying_are_released_when_they_are_dead, setup,
						teardown),
		cmocka_unit_test_setup_teardown(damage_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

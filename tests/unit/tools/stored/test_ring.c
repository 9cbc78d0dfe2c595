/* SPDX-License-Identifier: MIT */
/*
 * The ring page: ordinary traffic, large messages, and guests that lie about their indexes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct mailbox dom0;

static int setup(void **state)
{
	(void)state;
	world_begin();
	client_open(&dom0, 0);
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/local/domain/1"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "/local/domain/1", "n1"), 0);
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "1", "42", "9"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	client_close(&dom0);
	world_end();
	return 0;
}

static void requests_and_replies(void **state)
{
	struct message m;
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		guest_send(1, XS_WRITE, 0, "k\0value", 7);
		guest_send(1, XS_READ, 0, "k", 2);
		world_settle();
		assert_true(guest_receive(1, &m));
		assert_int_equal(m.header.type, XS_WRITE);
		assert_int_equal(m.header.req_id, 55);
		assert_true(guest_receive(1, &m));
		assert_int_equal(m.header.type, XS_READ);
		assert_string_equal(m.payload, "value");
		assert_false(guest_receive(1, &m));
	}
	assert_true(world.notified[1] >= 200);
}

static void messages_larger_than_the_ring(void **state)
{
	static char payload[4096];
	struct message m;
	int i;

	(void)state;
	memset(payload, 'v', sizeof(payload));
	memcpy(payload, "big", 4);
	for (i = 0; i < 5; i++) {
		guest_send(1, XS_WRITE, 0, payload, 1900);
		world_settle();
		assert_true(guest_receive(1, &m));
		assert_int_equal(m.header.type, XS_WRITE);
		guest_send(1, XS_READ, 0, "big", 4);
		world_settle();
		assert_true(guest_receive(1, &m));
		assert_int_equal(m.header.type, XS_READ);
		assert_int_equal(m.header.len, 1896);
	}
	guest_send(1, XS_WRITE, 0, payload, 4096);
	world_settle();
	assert_true(guest_receive(1, &m));
	assert_string_equal(m.payload, "ENOSPC");
}

static void replies_wait_for_room(void **state)
{
	struct message m;
	int i, got = 0;

	(void)state;
	for (i = 0; i < 300; i++) {
		guest_send(1, XS_GET_DOMAIN_PATH, 0, "1", 2);
		world_settle();
	}
	while (guest_receive(1, &m)) {
		assert_string_equal(m.payload, "/local/domain/1");
		got++;
		world_settle();
	}
	assert_int_equal(got, 300);
}

static void lies_hurt_the_liar(void **state)
{
	struct xenstore_domain_interface *p = &world.page[1];
	struct conn *c = domain_find(world.st, 1)->conn;
	struct xsd_sockmsg huge = { XS_READ, 1, 0, 1u << 30 };

	(void)state;
	p->req_prod = p->req_cons + 5000;
	conn_wake(world.st, c);
	world_settle();
	assert_int_equal(p->error, XENSTORE_ERROR_RINGIDX);
	assert_true(domain_find(world.st, 1)->broken);
	/* Others go on, and it comes back by reconnecting. */
	assert_int_equal(do_write(&dom0, 0, "/x", "1"), 0);
	p->connection = XENSTORE_RECONNECT;
	conn_wake(world.st, c);
	world_settle();
	assert_int_equal(p->connection, XENSTORE_CONNECTED);
	assert_int_equal(p->error, XENSTORE_ERROR_NONE);
	assert_int_equal(p->req_prod, 0);
	requests_and_replies(NULL);
	/* A message that claims a gigabyte. */
	memcpy(&p->req[MASK_XENSTORE_IDX(p->req_prod)], &huge, sizeof(huge));
	p->req_prod += sizeof(huge);
	conn_wake(world.st, c);
	world_settle();
	assert_int_equal(p->error, XENSTORE_ERROR_PROTO);
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "1", "42", "9"), 0);
	requests_and_replies(NULL);
	/* Our own indexes overwritten: ours are kept elsewhere. */
	p->req_cons = 12345;
	p->rsp_prod = 54321;
	guest_send(1, XS_GET_DOMAIN_PATH, 0, "1", 2);
	world_settle();
	p->rsp_cons = p->rsp_prod + 7;
	assert_int_equal(do_write(&dom0, 0, "/x", "2"), 0);
	world_settle();
}

/* Fills the ring, and has it looked at. */
static void fill_ring(struct xenstore_domain_interface *p, const void *front, size_t len)
{
	memset(p->req, 'v', sizeof(p->req));
	memcpy(p->req, front, len);
	p->req_prod = p->req_cons + XENSTORE_RING_SIZE;
	conn_wake(world.st, domain_find(world.st, 1)->conn);
	world_settle();
}

/*
 * Another vCPU of the guest rewrites the header of a message whose front is being taken. What that
 * once led to: a front longer than its message, to which all that came later was added.
 */
static void a_front_longer_than_its_message(void **state)
{
	struct xenstore_domain_interface *p = &world.page[1];
	struct conn *c = domain_find(world.st, 1)->conn;
	struct xsd_sockmsg header = { XS_WRITE, 3, 0, 4000 };
	int i;

	(void)state;
	fill_ring(p, &header, sizeof(header));
	assert_int_equal(p->req_cons, XENSTORE_RING_SIZE);
	assert_int_equal(c->in_len, XENSTORE_RING_SIZE);
	header.len = 0;
	memcpy(c->in, &header, sizeof(header));
	for (i = 0; i < 4; i++) {
		fill_ring(p, "", 0);
	}
	assert_true(domain_find(world.st, 1)->broken);
	assert_int_equal(p->error, XENSTORE_ERROR_PROTO);
	assert_int_equal(c->in_len, XENSTORE_RING_SIZE);
	p->connection = XENSTORE_RECONNECT;
	conn_wake(world.st, c);
	world_settle();
	requests_and_replies(NULL);
}

static void noise(void **state)
{
	uint32_t random_state = 99, i, k, *word;
	struct xenstore_domain_interface *p = &world.page[1];

	(void)state;
	for (i = 0; i < 3000; i++) {
		word = (uint32_t *)(void *)p;
		for (k = 0; k < 40; k++) {
			random_state = random_state * 1664525u + 1013904223u;
			word[(random_state >> 8) % (sizeof(*p) / 4)] =
				random_state >> (random_state & 31);
		}
		p->req_prod = p->req_cons + (random_state >> 20) % 1100;
		conn_wake(world.st, domain_find(world.st, 1)->conn);
		world_settle();
		if (domain_find(world.st, 1)->broken && i % 3 == 0) {
			p->connection = XENSTORE_RECONNECT;
		}
	}
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "check"), 0);
}

/* A guest that does nothing but send events has one turn, as everybody has. */
static void a_storm_of_events_is_one_turn(void **state)
{
	struct xsd_sockmsg header = { XS_GET_DOMAIN_PATH, 55, 0, 2 };
	struct xenstore_domain_interface *p = &world.page[2];
	struct message m;
	unsigned int turns;

	(void)state;
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "2", "42", "9"), 0);
	world.storm = 1;
	domain_take_events(world.st);
	domain_take_events(world.st);
	assert_int_equal(world.heard[1], 1);
	/* It is heard again when it was served, and another's request does not wait for its end. */
	memcpy(p->req, &header, sizeof(header));
	memcpy(p->req + sizeof(header), "2", 2);
	p->req_prod = sizeof(header) + 2;
	world.event[2] = true;
	for (turns = 0; turns < 3; turns++) {
		world_turn();
	}
	assert_in_range(world.heard[1], 2, 4);
	assert_true(guest_receive(2, &m));
	assert_int_equal(m.header.type, XS_GET_DOMAIN_PATH);
	/* The news of domains, which are never masked, do not keep the store from its work either. */
	world.news = true;
	domain_take_events(world.st);
	world.news = false;
	/* Nothing is left masked. */
	world.storm = 0;
	world_settle();
	assert_false(world.masked[1]);
	assert_false(world.masked[2]);
	guest_send(1, XS_GET_DOMAIN_PATH, 0, "1", 2);
	world_settle();
	assert_true(guest_receive(1, &m));
}

/* While requests are waiting, those of a guest that may also send events, none is needed. */
static void a_port_is_unmasked_when_its_ring_is_empty(void **state)
{
	struct xsd_sockmsg header = { XS_GET_DOMAIN_PATH, 55, 0, 2 };
	struct xenstore_domain_interface *p = &world.page[1];
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		memcpy(p->req + i * (sizeof(header) + 2), &header, sizeof(header));
		memcpy(p->req + i * (sizeof(header) + 2) + sizeof(header), "1", 2);
	}
	p->req_prod = 5 * (sizeof(header) + 2);
	world.event[1] = true;
	while (p->req_cons != p->req_prod) {
		world_turn();
		assert_true(world.masked[1]);
	}
	world_settle();
	assert_false(world.masked[1]);
	assert_int_equal(world.heard[1], 1);
}

static void unread_events_are_bounded(void **state)
{
	struct message m;
	char value[32];
	int i;

	(void)state;
	guest_send(1, XS_WATCH, 0, "w\0token", 8);
	world_settle();
	for (i = 0; i < 50000; i++) {
		snprintf(value, sizeof(value), "/local/domain/1/w/%d", i % 10000);
		assert_int_equal(do_write(&dom0, 0, value, "x"), 0);
	}
	assert_true(outq_len(&domain_find(world.st, 1)->conn->out) < 300 * 1024);
	/* The same event is not queued twice. */
	assert_int_equal(do_op(&dom0, XS_INTRODUCE, 0, "1", "42", "9"), 0);
	guest_send(1, XS_WATCH, 0, "w\0token", 8);
	world_settle();
	for (i = 0; i < 10000; i++) {
		assert_int_equal(do_write(&dom0, 0, "/local/domain/1/w/same", "x"), 0);
	}
	assert_true(outq_len(&domain_find(world.st, 1)->conn->out) < 1024);
	for (i = 0; guest_receive(1, &m); i++) {
		world_settle();
	}
	assert_true(i > 5 && i < 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_and_replies, setup, teardown),
		cmocka_unit_test_setup_teardown(messages_larger_than_the_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(replies_wait_for_room, setup, teardown),
		cmocka_unit_test_setup_teardown(lies_hurt_the_liar, setup, teardown),
		cmocka_unit_test_setup_teardown(a_front_longer_than_its_message, setup, teardown),
		cmocka_unit_test_setup_teardown(noise, setup, teardown),
		cmocka_unit_test_setup_teardown(a_storm_of_events_is_one_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(a_port_is_unmasked_when_its_ring_is_empty, setup,
						teardown),
		cmocka_unit_test_setup_teardown(unread_events_are_bounded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

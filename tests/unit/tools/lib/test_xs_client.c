/* SPDX-License-Identifier: MIT */
/*
 * The store's client against a store that is this test: replies come in one piece or byte by byte,
 * with events between them, and what belongs to nobody's reply stays where a poll sees it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#include "lib/xs_client.h"

#define MANY 300

static char folder[] = "/tmp/xs_client.XXXXXX";
static struct xs_client *client;
static int store;

static void open_both(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), error;

	assert_non_null(mkdtemp(folder));
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/socket", folder);
	assert_int_equal(bind(listener, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(listen(listener, 1), 0);
	client = xs_client_open(to.sun_path, &error);
	assert_non_null(client);
	store = accept(listener, NULL, NULL);
	assert_true(store >= 0);
	close(listener);
	unlink(to.sun_path);
	rmdir(folder);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
}

static int setup(void **state)
{
	(void)state;
	open_both();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xs_client_close(client);
	close(store);
	return 0;
}

static void ask(unsigned int times)
{
	struct xs_part part = { "name", 5 };
	char request[sizeof(struct xsd_sockmsg) + 5];
	const char *path, *token;
	unsigned int i;

	for (i = 0; i < times; i++) {
		assert_int_equal(xs_client_send(client, XS_READ, 0, &part, 1), 0);
	}
	/* They are on their way at the latest when something is awaited. */
	assert_int_equal(xs_client_event(client, &path, &token), 0);
	for (i = 0; i < times; i++) {
		assert_int_equal(recv(store, request, sizeof(request), MSG_WAITALL),
				 sizeof(request));
	}
}

/* A message into `to`; returns its length. */
static size_t message(char *to, uint32_t type, const char *body, size_t len)
{
	struct xsd_sockmsg header = { type, 0, 0, (uint32_t)len };

	memcpy(to, &header, sizeof(header));
	memcpy(to + sizeof(header), body, len);
	return sizeof(header) + len;
}

static void expect_reply(const char *text)
{
	const char *reply;

	assert_int_equal(xs_client_take(client, &reply), strlen(text));
	assert_string_equal(reply, text);
}

static void expect_event(const char *path)
{
	const char *got, *token;

	assert_int_equal(xs_client_event(client, &got, &token), 1);
	assert_string_equal(got, path);
	assert_string_equal(token, "t");
}

static void replies_and_events_mix(void **state)
{
	struct pollfd p = { xs_client_fd(client), POLLIN, 0 };
	const char *path, *token;
	char text[512];
	size_t n = 0;

	(void)state;
	ask(3);
	n += message(text + n, XS_READ, "one", 3);
	n += message(text + n, XS_WATCH_EVENT, "/a\0t", 5);
	n += message(text + n, XS_READ, "", 0);
	n += message(text + n, XS_ERROR, "ENOENT", 7);
	n += message(text + n, XS_WATCH_EVENT, "/b\0t", 5);
	assert_int_equal(write(store, text, n), n);
	expect_reply("one");
	expect_reply("");
	assert_int_equal(xs_client_take(client, NULL), -ENOENT);
	/* Nothing of the last event was taken with the replies: who waits for the descriptor wakes. */
	assert_int_equal(poll(&p, 1, 0), 1);
	expect_event("/a");
	expect_event("/b");
	assert_int_equal(xs_client_event(client, &path, &token), 0);
}

/* So many, and so small, that a buffer of the client's is filled with them. */
static void many_small_replies(void **state)
{
	static char text[MANY * (sizeof(struct xsd_sockmsg) + 8)];
	char body[8];
	size_t n = 0;
	unsigned int i;

	(void)state;
	ask(MANY);
	for (i = 0; i < MANY; i++) {
		n += message(text + n, XS_READ, body, (size_t)sprintf(body, "%u", i % 3 ? i : 7));
	}
	n += message(text + n, XS_WATCH_EVENT, "/end\0t", 7);
	assert_int_equal(write(store, text, n), n);
	for (i = 0; i < MANY; i++) {
		sprintf(body, "%u", i % 3 ? i : 7);
		expect_reply(body);
	}
	expect_event("/end");
}

static void byte_by_byte(void **state)
{
	char text[128];
	size_t n = 0, i;
	pid_t child;
	int status;

	(void)state;
	ask(2);
	n += message(text + n, XS_READ, "first", 5);
	n += message(text + n, XS_READ, "second", 6);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (i = 0; i < n; i++) {
			if (write(store, text + i, 1) != 1) {
				_exit(1);
			}
		}
		_exit(0);
	}
	expect_reply("first");
	expect_reply("second");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_store_that_ends(void **state)
{
	char text[64];
	size_t n = message(text, XS_READ, "whole", 5);

	(void)state;
	ask(2);
	n += message(text + n, XS_READ, "half", 4) - 2;
	assert_int_equal(write(store, text, n), n);
	shutdown(store, SHUT_WR);
	expect_reply("whole");
	assert_int_equal(xs_client_take(client, NULL), -ENOTCONN);
	assert_true(xs_client_lost(client));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replies_and_events_mix, setup, teardown),
		cmocka_unit_test_setup_teardown(many_small_replies, setup, teardown),
		cmocka_unit_test_setup_teardown(byte_by_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(a_store_that_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

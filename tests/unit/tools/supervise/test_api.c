/* SPDX-License-Identifier: MIT */
/*
 * The supervisor's socket: who may do what, requests of every wrong shape, events, and what it says
 * of itself. Each mistake gets one answer and changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "session.h"
#include "supervise/api.h"

/* ---- roles ---- */

/* The schema, as root sees it. */
static json_t *schema(void)
{
	json_t *answer, *all;

	be_root();
	answer = talker_call(&t, "schema", NULL);
	all = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	talker_close(&t);
	assert_true(json_array_size(all) > 15);
	return all;
}

static void check_role(unsigned int uid, unsigned int gid, unsigned int group, bool may_view,
		       bool may_all)
{
	json_t *all = schema(), *m;
	size_t i;

	be(uid, gid, group);
	json_array_foreach(all, i, m)
	{
		const char *name = json_string_value(json_object_get(m, "name"));
		bool view = !strcmp(json_string_value(json_object_get(m, "role")), "view");
		bool may = view ? may_view : may_all;
		int error = talker_errno(&t, name, NULL);

		if ((error == EPERM) == may) {
			print_error("%s: %d for uid %u gid %u group %u\n", name, error, uid, gid,
				    group);
			fail();
		}
		talker_close(&t); /* a stranger's ends anyway */
		talker_open(&t);
	}
	json_decref(all);
	assert_int_equal(record_count(), 0);
	assert_int_equal(world.jobs, 0);
}

static void test_root_may_everything(void **state)
{
	(void)state;
	check_role(0, 0, 0, true, true);
}

static void test_strangers_may_nothing(void **state)
{
	(void)state;
	check_role(1000, 1000, 0, false, false);
	talker_close(&t);
	check_role(1000, 1000, 7, false, false);
}

static void test_operators_by_group(void **state)
{
	(void)state;
	check_role(1000, 1000, WORLD_GROUP_ALL, true, true);
	talker_close(&t);
	check_role(1000, WORLD_GROUP_ALL, 0, true, true);
}

static void test_viewers_only_look(void **state)
{
	(void)state;
	check_role(1000, 1000, WORLD_GROUP_VIEW, true, false);
	talker_close(&t);
	check_role(1000, WORLD_GROUP_VIEW, 0, true, false);
}

/* Group 0 is not user 0. */
static void test_group_root_is_nobody(void **state)
{
	(void)state;
	check_role(1000, 0, 0, false, false);
}

/* ---- how many may be heard ---- */

static void test_a_crowd_of_strangers(void **state)
{
	struct talker crowd[100];
	size_t i, served = 0;
	char byte;

	(void)state;
	world.uid = 1000;
	for (i = 0; i < 100; i++) {
		talker_open(&crowd[i]);
	}
	be_root();
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
	for (i = 0; i < 100; i++) {
		served += recv(crowd[i].fd, &byte, 1, MSG_DONTWAIT) < 0;
	}
	assert_int_equal(served, 16);
	assert_int_equal(talker_errno(&crowd[0], "ping", NULL), EPERM);
	assert_null(talker_next(&crowd[0])); /* it is over after one answer */
	assert_null(talker_next(&crowd[1])); /* and after a while */
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
	for (i = 0; i < 100; i++) {
		talker_close(&crowd[i]);
	}
}

static void test_a_crowd_of_viewers(void **state)
{
	struct talker crowd[20];
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		be(1000, WORLD_GROUP_VIEW, 0);
		crowd[i] = t;
	}
	assert_int_equal(talker_errno(&crowd[15], "ping", NULL), 0);
	assert_int_equal(talker_errno(&crowd[15], "ping", NULL), 0);
	assert_null(talker_next(&crowd[16]));
	be(1001, WORLD_GROUP_VIEW, 0); /* another one */
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
	for (i = 0; i < 20; i++) {
		talker_close(&crowd[i]);
	}
}

/* Megabytes are for those who may bring configurations. */
static void test_a_stranger_s_line(void **state)
{
	static char piece[80000];
	json_t *answer;

	(void)state;
	be(1000, 1000, 0);
	memset(piece, 'x', sizeof(piece));
	talker_send(&t, piece, sizeof(piece));
	answer = talker_next(&t);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(answer, "error"), "errno")),
		EMSGSIZE);
	json_decref(answer);
	assert_null(talker_next(&t));
}

static void test_no_descriptor_left(void **state)
{
	int i;

	(void)state;
	world.accept_error = EMFILE;
	be_root();
	for (i = 0; i < 50; i++) {
		event_base_loop(world.s.base, EVLOOP_NONBLOCK);
	}
	assert_in_range(world.accepts, 1, 5);
	world.accept_error = 0;
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
}

/* ---- requests of every wrong shape ---- */

static void test_malformed(void **state)
{
	static const char *const lines[] = {
		"x",
		"",
		"{",
		"[]",
		"{}",
		"1",
		"null",
		"\"ping\"",
		"{\"id\": 1}",
		"{\"method\": 5}",
		"{\"method\": null}",
		"{\"method\": [\"ping\"]}",
		"{\"method\": \"ping\", \"params\": []}",
		"{\"method\": \"ping\", \"params\": 1}",
		"{\"method\": \"ping\", \"params\": null}",
		"{\"method\": \"ping\"} trailing",
		"{\"method\": \"\xff\xfe\"}",
		"{\"method\": \"pi\\u0000ng\"}",
		"{\"method\": \"ping\", \"id\": 99999999999999999999999}",
		"{\"method\": \"ping\"",
		"GET / HTTP/1.1",
		"\xe2\x80\xa8",
		"\\",
		"{\"a\": }",
	};
	json_t *answer, *error;
	size_t i;

	(void)state;
	be_root();
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		talker_send(&t, lines[i], strlen(lines[i]));
		talker_send(&t, "\n", 1);
		answer = talker_next(&t);
		error = json_object_get(answer, "error");
		assert_int_equal(json_integer_value(json_object_get(error, "errno")), EPROTO);
		assert_non_null(strstr(json_string_value(json_object_get(error, "message")),
				       "one line of JSON"));
		json_decref(answer);
		assert_true(talker_quiet(&t));
	}
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
}

static void test_zero_bytes_and_depth(void **state)
{
	static char deep[100000];
	json_t *answer;

	(void)state;
	be_root();
	talker_send(&t, "{\"method\":\0\"ping\"}\n", 19);
	answer = talker_next(&t);
	assert_non_null(json_object_get(answer, "error"));
	json_decref(answer);
	memset(deep, '[', sizeof(deep));
	deep[sizeof(deep) - 1] = '\n';
	talker_send(&t, deep, sizeof(deep));
	answer = talker_next(&t);
	assert_non_null(json_object_get(answer, "error"));
	json_decref(answer);
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
}

static void test_unknown_method(void **state)
{
	(void)state;
	be_root();
	assert_int_equal(talker_errno(&t, "reboot_the_moon", NULL), ENOSYS);
	assert_int_equal(talker_errno(&t, "", NULL), ENOSYS);
	assert_int_equal(talker_errno(&t, "Ping", NULL), ENOSYS);
}

static void test_a_line_too_long(void **state)
{
	static char piece[65536];
	json_t *answer;
	size_t sent;

	(void)state;
	be_root();
	memset(piece, 'x', sizeof(piece));
	for (sent = 0; sent <= API_LINE_MAX + sizeof(piece); sent += sizeof(piece)) {
		talker_send(&t, piece, sizeof(piece));
	}
	answer = talker_next(&t);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(answer, "error"), "errno")),
		EMSGSIZE);
	json_decref(answer);
	assert_null(talker_next(&t));
	assert_true(t.ended);
	assert_true(LIST_EMPTY(&world.s.clients));
}

/* Many at once, in pieces of every size; each is answered with its own number. */
static void test_pieces(void **state)
{
	static const char text[] = "{\"id\": 1, \"method\": \"ping\"}\n"
				   "{\"id\": -5, \"method\": \"ping\", \"params\": {}}\n"
				   "{\"id\": 9007199254740993, \"method\": \"ping\"}\n";
	static const json_int_t ids[] = { 1, -5, 9007199254740993 };
	size_t piece, at, i;
	json_t *answer;

	(void)state;
	be_root();
	for (piece = 1; piece < sizeof(text); piece++) {
		for (at = 0; at < sizeof(text) - 1; at += piece) {
			size_t rest = sizeof(text) - 1 - at;

			talker_send(&t, text + at, rest < piece ? rest : piece);
		}
		for (i = 0; i < 3; i++) {
			answer = talker_next(&t);
			assert_int_equal(json_integer_value(json_object_get(answer, "id")), ids[i]);
			assert_non_null(json_object_get(answer, "result"));
			json_decref(answer);
		}
	}
}

/* A client that leaves in the middle of a line or of a job is forgotten. */
static void test_hang_up(void **state)
{
	(void)state;
	be_root();
	talker_send(&t, "{\"id\": 1, \"meth", 15);
	talker_close(&t);
	assert_true(LIST_EMPTY(&world.s.clients));
	be_root();
	say("{\"id\":1,\"method\":\"create\",\"params\":{\"config\":"
	    "\"name='a'\\nkernel='/k'\"}}\n");
	assert_true(talker_quiet(&t));
	assert_non_null(world.job);
	talker_close(&t);
	world_job_progress("build");
	world_job_ends(json_pack("{s:i}", "domid", 3), 0, NULL);
	be_root();
	assert_int_equal(talker_errno(&t, "get", json_pack("{s:s}", "domain", "a")), 0);
}

/* One that never reads loses its connection; the supervisor keeps its memory. */
static void test_never_reads(void **state)
{
	static const char ask[] = "{\"id\": 1, \"method\": \"schema\"}\n";
	int i;

	(void)state;
	be_root();
	for (i = 0; i < 20000 && !LIST_EMPTY(&world.s.clients); i++) {
		talker_send(&t, ask, sizeof(ask) - 1);
	}
	assert_true(LIST_EMPTY(&world.s.clients));
	assert_true(i > 1000);
}

/* ---- parameters of every wrong kind ---- */

static json_t *strange(int which)
{
	switch (which) {
	case 0:
		return json_null();
	case 1:
		return json_integer(-1);
	case 2:
		return json_integer(1ll << 40);
	case 3:
		return json_string("");
	case 4:
		return json_string("no-such-thing");
	case 5:
		return json_array();
	case 6:
		return json_object();
	case 7:
		return json_real(1.5);
	default:
		return json_string("/../../%s%n\n\t\\\"");
	}
}

static void test_strange_parameters(void **state)
{
	static const char *const names[] = {
		"domain", "domid",  "config",     "where", "cwd",    "overrides",
		"paused", "order",  "on",         "name",  "disk",   "vif",
		"force",  "device", "fail_after", "since", "follow",
	};
	json_t *all = schema(), *m, *params;
	size_t i, k;
	int which;

	(void)state;
	be_root();
	json_array_foreach(all, i, m)
	{
		const char *method = json_string_value(json_object_get(m, "name"));

		for (which = 0; which < 9; which++) {
			params = json_object();
			for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
				json_object_set_new(params, names[k], strange(which));
			}
			talker_errno(&t, method, params);
			for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
				talker_errno(&t, method,
					     json_pack("{s:o}", names[k], strange(which)));
			}
		}
	}
	json_decref(all);
	assert_int_equal(record_count(), 0);
	assert_int_equal(world.jobs, 0);
	assert_int_equal(talker_errno(&t, "ping", NULL), 0);
}

/* ---- events, schema ---- */

static void test_events_follow(void **state)
{
	json_t *answer, *event;

	(void)state;
	be_root();
	define(CONFIG);
	assert_int_equal(talker_errno(&t, "events", json_pack("{s:b}", "follow", 1)), 0);
	answer = talker_call(&t, "undefine", json_pack("{s:s}", "domain", "web"));
	/* The event came first; ask again for the next one. */
	json_decref(answer);
	define(CONFIG);
	answer = talker_call(&t, "events", json_pack("{s:i, s:s}", "since", 1, "domain", "web"));
	assert_int_equal(json_array_size(json_object_get(answer, "result")), 2);
	event = json_array_get(json_object_get(answer, "result"), 0);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "undefined");
	json_decref(answer);
	say("{\"id\":4,\"method\":\"undefine\",\"params\":{\"domain\":\"web\"}}\n");
	answer = talker_next(&t);
	event = json_object_get(answer, "event");
	assert_string_equal(json_string_value(json_object_get(event, "event")), "undefined");
	assert_string_equal(json_string_value(json_object_get(event, "name")), "web");
	json_decref(answer);
	json_decref(talker_next(&t));
}

/* What `schema` says of a method is a sentence for people and a list for programs. */
static void test_schema_is_complete(void **state)
{
	json_t *all = schema(), *m;
	const char *role;
	size_t i;

	(void)state;
	be_root();
	json_array_foreach(all, i, m)
	{
		role = json_string_value(json_object_get(m, "role"));
		assert_true(!strcmp(role, "view") || !strcmp(role, "all"));
		assert_true(*json_string_value(json_object_get(m, "help")));
		assert_true(*json_string_value(json_object_get(m, "result")));
		assert_non_null(json_object_get(m, "params"));
	}
	json_decref(all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_root_may_everything),
		TEST(test_strangers_may_nothing),
		TEST(test_operators_by_group),
		TEST(test_viewers_only_look),
		TEST(test_group_root_is_nobody),
		TEST(test_a_crowd_of_strangers),
		TEST(test_a_crowd_of_viewers),
		TEST(test_a_stranger_s_line),
		TEST(test_no_descriptor_left),
		TEST(test_malformed),
		TEST(test_zero_bytes_and_depth),
		TEST(test_unknown_method),
		TEST(test_a_line_too_long),
		TEST(test_pieces),
		TEST(test_hang_up),
		TEST(test_never_reads),
		TEST(test_strange_parameters),
		TEST(test_events_follow),
		TEST(test_schema_is_complete),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}

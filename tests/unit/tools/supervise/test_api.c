/* SPDX-License-Identifier: MIT */
/*
 * The supervisor's socket: who may do what, requests of every wrong shape, and what the methods
 * that change the inventory refuse. Each mistake gets one answer and changes nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "supervise/api.h"
#include "world.h"

#define CONFIG "name = 'web'\nkernel = '/boot/vmlinuz'\nmemory = 256\n"

static struct talker t;

static int setup(void **state)
{
	(void)state;
	world_begin();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (world.job) {
		world_job_ends(NULL, -EINTR, "the test is over");
	}
	talker_close(&t);
	world_end();
	return 0;
}

static void be(unsigned int uid, unsigned int gid, unsigned int group)
{
	world.uid = uid;
	world.gid = gid;
	world.groups[0] = group;
	world.group_count = !!group;
	talker_open(&t);
}

static void say(const char *text)
{
	talker_send(&t, text, strlen(text));
}

static void be_root(void)
{
	be(0, 0, 0);
}

static size_t record_count(void)
{
	struct record *r;
	size_t n = 0;

	LIST_FOREACH(r, &world.s.records, link)
	{
		n++;
	}
	return n;
}

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

/* ---- what the inventory's methods refuse ---- */

static void define(const char *config)
{
	assert_int_equal(talker_errno(&t, "define", json_pack("{s:s}", "config", config)), 0);
}

static void test_bad_configs_leave_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"name='x'",
		"name='x'\nkernel='/k'\ntype='hvm'",
		"name='a b'\nkernel='/k'",
		"name='x'\nkernel='/k'\nmemory='lots'",
		"\x01\x02",
		"name='0'\nkernel='/k'",
	};
	size_t i;

	(void)state;
	be_root();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(talker_errno(&t, "define", json_pack("{s:s}", "config", bad[i])),
				 EINVAL);
		assert_int_equal(talker_errno(&t, "create", json_pack("{s:s}", "config", bad[i])),
				 EINVAL);
	}
	assert_int_equal(record_count(), 0);
	define(CONFIG);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			talker_errno(&t, "config_update",
				     json_pack("{s:s, s:s}", "domain", "web", "config", bad[i])),
			EINVAL);
	}
	assert_string_equal(LIST_FIRST(&world.s.records)->config, CONFIG);
	assert_int_equal(LIST_FIRST(&world.s.records)->g.memory_kib, 256 << 10);
}

static void test_name_clashes(void **state)
{
	(void)state;
	be_root();
	define(CONFIG);
	define("name='db'\nkernel='/k'\nuuid='4f192fc4-89b9-4d71-8669-a900cb7461a4'\n");
	assert_int_equal(talker_errno(&t, "rename",
				      json_pack("{s:s, s:s}", "domain", "web", "name", "db")),
			 EEXIST);
	assert_int_equal(talker_errno(&t, "rename",
				      json_pack("{s:s, s:s}", "domain", "web", "name", "a/b")),
			 EINVAL);
	assert_int_equal(talker_errno(&t, "rename", json_pack("{s:s}", "domain", "web")), EINVAL);
	assert_int_equal(talker_errno(&t, "define",
				      json_pack("{s:s}", "config",
						"name='x'\nkernel='/k'\n"
						"uuid='4f192fc4-89b9-4d71-8669-a900cb7461a4'\n")),
			 EEXIST);
	world_domain(9, "foreign");
	assert_int_equal(talker_errno(&t, "rename",
				      json_pack("{s:s, s:s}", "domain", "web", "name", "foreign")),
			 EEXIST);
	assert_int_equal(record_count(), 2);
}

static void test_create_and_again(void **state)
{
	json_t *answer;

	(void)state;
	be_root();
	say("{\"id\":3,\"method\":\"create\",\"params\":{\"config\":"
	    "\"name='a'\\nkernel='/k'\"}}\n");
	assert_true(talker_quiet(&t));
	assert_int_equal(world.jobs, 1);
	/* While it is made, and once it runs, its name is taken. */
	assert_int_equal(talker_errno(&t, "create",
				      json_pack("{s:s}", "config", "name='a'\nkernel='/k'")),
			 EEXIST);
	assert_int_equal(talker_errno(&t, "destroy", json_pack("{s:s}", "domain", "a")), EBUSY);
	assert_int_equal(talker_errno(&t, "start", json_pack("{s:s}", "domain", "a")), EALREADY);
	world_job_progress("build");
	answer = talker_next(&t);
	assert_string_equal(json_string_value(json_object_get(answer, "progress")), "build");
	json_decref(answer);
	world_job_ends(json_pack("{s:i, s:s}", "domid", 5, "name", "a"), 0, NULL);
	answer = talker_next(&t);
	assert_int_equal(json_integer_value(json_object_get(answer, "id")), 3);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(answer, "result"), "domid")), 5);
	json_decref(answer);
	assert_int_equal(talker_errno(&t, "create",
				      json_pack("{s:s}", "config", "name='a'\nkernel='/k'")),
			 EEXIST);
	assert_int_equal(world.jobs, 1);
}

/* What is defined and stopped is started or defined anew; create leaves it as it is. */
static void test_create_over_a_definition(void **state)
{
	json_t *answer, *error;
	struct record *r;

	(void)state;
	be_root();
	define(CONFIG);
	r = LIST_FIRST(&world.s.records);
	answer = talker_call(&t, "create",
			     json_pack("{s:s}", "config", "name='web'\nkernel='/other'\n"));
	error = json_object_get(answer, "error");
	assert_int_equal(json_integer_value(json_object_get(error, "errno")), EEXIST);
	assert_non_null(
		strstr(json_string_value(json_object_get(error, "message")), "dais start web"));
	json_decref(answer);
	assert_int_equal(world.jobs, 0);
	assert_ptr_equal(LIST_FIRST(&world.s.records), r);
	assert_string_equal(r->config, CONFIG);
	assert_true(r->defined && !r->wanted);
	/* Nor may one be taken over that an earlier supervisor is still making. */
	r->defined = false;
	r->wanted = r->building = true;
	assert_int_equal(talker_errno(&t, "create", json_pack("{s:s}", "config", CONFIG)), EEXIST);
	assert_int_equal(world.jobs, 0);
}

/* A creation that fails is forgotten with all that it had. */
static void test_create_fails(void **state)
{
	json_t *answer, *error;

	(void)state;
	be_root();
	say("{\"id\":3,\"method\":\"create\",\"params\":{\"config\":"
	    "\"name='a'\\nkernel='/k'\"}}\n");
	assert_true(talker_quiet(&t));
	world_job_ends(NULL, -ENOMEM, "the guest needs 99999 MiB");
	answer = talker_next(&t);
	error = json_object_get(answer, "error");
	assert_int_equal(json_integer_value(json_object_get(error, "errno")), ENOMEM);
	assert_string_equal(json_string_value(json_object_get(error, "message")),
			    "the guest needs 99999 MiB");
	json_decref(answer);
	assert_int_equal(record_count(), 0);
}

static void test_destroy_by_number(void **state)
{
	static const json_int_t bad[] = { 0, -1, 0x7ff0, 0x7fff, 65536 + 9, 1ll << 32 | 9 };
	size_t i;

	(void)state;
	be_root();
	world_domain(9, "foreign");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(talker_errno(&t, "destroy", json_pack("{s:I}", "domid", bad[i])),
				 EINVAL);
	}
	assert_int_equal(world.jobs, 0);
	say("{\"id\":4,\"method\":\"destroy\",\"params\":{\"domid\":9}}\n");
	assert_true(talker_quiet(&t));
	assert_int_equal(world.jobs, 1);
	world_job_ends(json_object(), 0, NULL);
	json_decref(talker_next(&t));
}

static void test_autostart(void **state)
{
	(void)state;
	be_root();
	define(CONFIG);
	assert_int_equal(talker_errno(&t, "autostart",
				      json_pack("{s:s, s:i}", "domain", "web", "order", -1)),
			 EINVAL);
	assert_int_equal(talker_errno(&t, "autostart",
				      json_pack("{s:s, s:s}", "domain", "web", "order", "first")),
			 EINVAL);
	assert_false(LIST_FIRST(&world.s.records)->autostart);
	assert_int_equal(talker_errno(&t, "autostart",
				      json_pack("{s:s, s:i}", "domain", "web", "order", 7)),
			 0);
	assert_true(LIST_FIRST(&world.s.records)->autostart);
	assert_int_equal(LIST_FIRST(&world.s.records)->order, 7);
	assert_int_equal(talker_errno(&t, "autostart",
				      json_pack("{s:s, s:b}", "domain", "web", "on", 0)),
			 0);
	assert_false(LIST_FIRST(&world.s.records)->autostart);
}

/* What cannot be written down is refused, and nothing has changed. */
static void test_full_disk(void **state)
{
	static const char *const calls[][3] = {
		{ "define", "config", "name='more'\nkernel='/k'" },
		{ "define", "config", "name='web'\nkernel='/other'" },
		{ "create", "config", "name='more'\nkernel='/k'" },
		{ "start", NULL, NULL },
		{ "autostart", NULL, NULL },
		{ "rename", "name", "www" },
		{ "config_update", "config", "name='web'\nkernel='/other'" },
		{ "config_update", "overrides", "memory=64" },
	};
	struct rlimit old, small = { 0 };
	struct record *r;
	json_t *answer, *error;
	size_t i;

	(void)state;
	be_root();
	define(CONFIG);
	r = LIST_FIRST(&world.s.records);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		answer = talker_call(&t, calls[i][0],
				     json_pack("{s:s, s:s*}", "domain", "web",
					       calls[i][1] ? calls[i][1] : "none", calls[i][2]));
		error = json_object_get(answer, "error");
		assert_int_equal(json_integer_value(json_object_get(error, "errno")), ENOSPC);
		assert_non_null(strstr(json_string_value(json_object_get(error, "message")),
				       "the inventory cannot be written; free some space"));
		json_decref(answer);
		assert_int_equal(record_count(), 1);
		assert_ptr_equal(LIST_FIRST(&world.s.records), r);
		assert_string_equal(r->name, "web");
		assert_string_equal(r->config, CONFIG);
		assert_null(r->overrides);
		assert_true(r->defined && !r->autostart && r->state == RECORD_STOPPED);
	}
	assert_int_equal(world.jobs, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(talker_errno(&t, "rename",
				      json_pack("{s:s, s:s}", "domain", "web", "name", "www")),
			 0);
}

/* A disk that did not get there takes nothing from the one whose place it was to have. */
static void test_a_failed_attach_keeps_claims(void **state)
{
	char path[128], text[512];
	struct record *r;

	(void)state;
	be_root();
	world.s.t.xs = (struct xs_client *)&world; /* there is a store; its content is pretended */
	snprintf(path, sizeof(path), "%s/inventory", world.folder); /* any file will do */
	world_domain(5, "a");
	snprintf(text, sizeof(text), "name='a'\nkernel='/k'\ndisk=['%s,raw,xvda,w']", path);
	define(text);
	say("{\"id\":3,\"method\":\"start\",\"params\":{\"domain\":\"a\"}}\n");
	assert_true(talker_quiet(&t));
	world_job_ends(json_pack("{s:i}", "domid", 5), 0, NULL);
	json_decref(talker_next(&t));
	r = LIST_FIRST(&world.s.records);
	assert_int_equal(r->claim_count, 1);
	say("{\"id\":4,\"method\":\"block_attach\",\"params\":{\"domain\":\"a\",\"disk\":"
	    "\"/no/such/file,raw,xvda,w\"}}\n");
	assert_true(talker_quiet(&t));
	world_job_ends(NULL, -EEXIST, "the guest has a disk xvda already");
	json_decref(talker_next(&t));
	assert_int_equal(r->claim_count, 1);
	memcpy(strchr(text, '\''), "'b'", 3);
	assert_int_equal(talker_errno(&t, "create", json_pack("{s:s}", "config", text)), EBUSY);
}

/* A guest that starts with dom0, and whose turn has yet to come. */
static struct record *boot_pending(const char *config, uint32_t order)
{
	struct record *r;

	define(config);
	r = LIST_FIRST(&world.s.records);
	r->autostart = r->boot_pending = r->wanted = r->building = true;
	r->order = order;
	return r;
}

/* While one starts, two more wait: who asks for them not to, or forgets them, is heard. */
static void test_a_turn_can_be_taken_back(void **state)
{
	struct record *first, *second;

	(void)state;
	be_root();
	first = boot_pending("name='a'\nkernel='/k'", 1);
	second = boot_pending("name='b'\nkernel='/k'", 2);
	boot_pending("name='c'\nkernel='/k'", 3);
	life_boot_next(&world.s);
	assert_int_equal(world.jobs, 1);
	assert_int_equal(talker_errno(&t, "destroy", json_pack("{s:s}", "domain", "b")), 0);
	assert_int_equal(talker_errno(&t, "undefine", json_pack("{s:s}", "domain", "c")), 0);
	assert_int_equal(record_count(), 2);
	world_job_ends(json_pack("{s:i}", "domid", 5), 0, NULL);
	assert_int_equal(world.jobs, 1);
	assert_true(first->state == RECORD_RUNNING && second->state == RECORD_STOPPED);
	assert_true(second->autostart && !second->wanted); /* it is to start at the next boot */
}

/* ---- what one supervisor leaves to the next ---- */

/* A guest that runs as domain 5 and is to be started again whenever it ends. */
static struct record *runs(void)
{
	struct xen_domctl_getdomaininfo *d = world_domain(5, "again");
	struct record *r;

	world.s.t.xs = (struct xs_client *)&world; /* there is a store; its content is pretended */
	say("{\"id\":3,\"method\":\"create\",\"params\":{\"config\":"
	    "\"name='again'\\nkernel='/k'\\non_crash='restart'\"}}\n");
	assert_true(talker_quiet(&t));
	world_job_ends(json_pack("{s:i}", "domid", 5), 0, NULL);
	json_decref(talker_next(&t));
	r = LIST_FIRST(&world.s.records);
	memcpy(d->handle, r->uuid, sizeof(r->uuid));
	return r;
}

static void crash(void)
{
	world.domains[1].flags = XEN_DOMINF_shutdown | END_CRASH << XEN_DOMINF_shutdownshift;
	watch_reconcile(&world.s);
}

/* The next supervisor finds no domain, and starts the guest, once. */
static void check_starts_again(uint32_t soon)
{
	struct record *r;
	size_t jobs;

	world.count = 1;
	world_next_supervisor();
	jobs = world.jobs;
	watch_reconcile(&world.s);
	watch_reconcile(&world.s);
	assert_int_equal(record_count(), 1);
	r = LIST_FIRST(&world.s.records);
	assert_int_equal(world.jobs, jobs + 1);
	assert_true(r->wanted && r->building && r->state == RECORD_STARTING);
	assert_int_equal(r->soon, soon);
	world_job_ends(json_pack("{s:i}", "domid", 6), 0, NULL);
	assert_false(r->building);
	assert_int_equal(r->domid, 6);
}

static void test_an_end_outlives_the_supervisor(void **state)
{
	struct record *r;

	(void)state;
	be_root();
	r = runs();
	crash();
	assert_int_equal(r->state, RECORD_ENDING);
	check_starts_again(1);
}

static void test_waiting_outlives_the_supervisor(void **state)
{
	struct record *r;

	(void)state;
	be_root();
	r = runs();
	r->soon = 5;
	crash();
	world_job_ends(json_object(), 0, NULL);
	assert_int_equal(r->state, RECORD_WAITING);
	check_starts_again(6);
}

/* Neither an end that fails nor one asked for leaves a start behind. */
static void test_no_start_is_due(void **state)
{
	struct record *r;

	(void)state;
	be_root();
	r = runs();
	crash();
	world_job_ends(NULL, -EIO, "no");
	assert_true(r->state == RECORD_PRESERVED && !r->building);
	world_next_supervisor();
	world.count = 1;
	watch_reconcile(&world.s);
	assert_int_equal(record_count(), 0);
	r = runs();
	r->defined = true;
	r->soon = 5;
	crash();
	world_job_ends(json_object(), 0, NULL);
	assert_int_equal(r->state, RECORD_WAITING);
	assert_int_equal(talker_errno(&t, "destroy", json_pack("{s:s}", "domain", "again")), 0);
	world_next_supervisor();
	r = LIST_FIRST(&world.s.records);
	assert_true(r->defined && !r->wanted && !r->building);
}

/* Who asks for the end of a domain that is gone already has what he wants. */
static void test_destroy_of_what_is_gone(void **state)
{
	static const int errors[] = { 0, -ESRCH, -EIO };
	json_t *answer;
	size_t i;

	(void)state;
	be_root();
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		world.count = 1;
		runs();
		world.destroy_error = errors[i];
		say("{\"id\":4,\"method\":\"destroy\",\"params\":{\"domain\":\"again\"}}\n");
		assert_true(talker_quiet(&t));
		world_job_works();
		answer = talker_next(&t);
		assert_int_equal(!json_object_get(answer, "result"), errors[i] == -EIO);
		json_decref(answer);
		assert_int_equal(record_count(), errors[i] == -EIO);
	}
}

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
		TEST(test_bad_configs_leave_nothing),
		TEST(test_name_clashes),
		TEST(test_create_and_again),
		TEST(test_create_over_a_definition),
		TEST(test_create_fails),
		TEST(test_destroy_by_number),
		TEST(test_full_disk),
		TEST(test_autostart),
		TEST(test_a_failed_attach_keeps_claims),
		TEST(test_a_turn_can_be_taken_back),
		TEST(test_an_end_outlives_the_supervisor),
		TEST(test_waiting_outlives_the_supervisor),
		TEST(test_no_start_is_due),
		TEST(test_destroy_of_what_is_gone),
		TEST(test_events_follow),
		TEST(test_schema_is_complete),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * The lives of guests as the supervisor keeps them: what the methods that change the inventory
 * refuse, starts and ends, and what one supervisor leaves to the next.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "session.h"

/* ---- what the inventory's methods refuse ---- */

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
	/* Its own is no clash, but a definition does not change it. */
	define("name='db'\nkernel='/k2'\nuuid='4f192fc4-89b9-4d71-8669-a900cb7461a4'\n");
	assert_int_equal(talker_errno(&t, "define",
				      json_pack("{s:s}", "config",
						"name='db'\nkernel='/k3'\n"
						"uuid='5f192fc4-89b9-4d71-8669-a900cb7461a4'\n")),
			 EEXIST);
	assert_string_equal(record_by_name(&world.s, "db")->g.kernel, "/k2");
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

static const char *last_event(void)
{
	size_t n = json_array_size(world.s.events);

	return json_string_value(
		json_object_get(json_array_get(world.s.events, n - 1), "event"));
}

/*
 * After a boot: what is only run is forgotten; of what starts with dom0, the saved one does not, for
 * its disks are not as it left them once another has run; a restore that was cut off says nothing.
 */
static void test_after_boot(void **state)
{
	struct record *plain, *saved, *cut;

	(void)state;
	be_root();
	define("name='plain'\nkernel='/k'");
	plain = LIST_FIRST(&world.s.records);
	define("name='saved'\nkernel='/k'");
	saved = LIST_FIRST(&world.s.records);
	record_set_saved(saved, "/srv/saved.save");
	define("name='cut'\nkernel='/k'");
	cut = LIST_FIRST(&world.s.records);
	plain->autostart = saved->autostart = cut->autostart = true;
	plain->wanted = true;
	cut->wanted = cut->building = cut->restoring = true;
	cut->due = 77;
	define("name='rest'\nkernel='/k'");
	define("name='once'\nkernel='/k'");
	LIST_FIRST(&world.s.records)->defined = false;
	life_after_boot(&world.s);
	assert_int_equal(record_count(), 4);
	assert_true(plain->boot_pending && plain->wanted && plain->building);
	assert_true(cut->boot_pending && cut->building && !cut->restoring && !cut->due);
	assert_false(saved->boot_pending || saved->wanted || saved->building);
	assert_string_equal(last_event(), "not-started");
	assert_false(LIST_FIRST(&world.s.records)->boot_pending);
}

/* ---- saved guests go on ---- */

static void ask_restore(const char *config)
{
	json_t *call = json_pack("{s:i, s:s, s:{s:s, s:s, s:s}}", "id", 3, "method", "restore",
				 "params", "file", "/saved", "config", config, "cwd", "/tmp");
	char *text = json_dumps(call, JSON_COMPACT);

	say(text);
	say("\n");
	assert_true(talker_quiet(&t));
	free(text);
	json_decref(call);
}

static void test_restore_of_a_new_guest(void **state)
{
	struct record *r;

	(void)state;
	be_root();
	ask_restore(CONFIG);
	r = LIST_FIRST(&world.s.records);
	assert_true(r->state == RECORD_STARTING && r->restoring && !r->defined);
	world_job_ends(json_pack("{s:i}", "domid", 5), 0, NULL);
	json_decref(talker_next(&t));
	assert_true(r->state == RECORD_RUNNING && r->domid == 5 && !r->restoring && !r->building);
	assert_string_equal(r->config, CONFIG);
	assert_string_equal(last_event(), "restored");
	assert_int_equal(talker_errno(&t, "restore", json_pack("{s:s, s:s}", "config", CONFIG,
							       "file", "/saved")), EEXIST);
}

/* Made from what it was when it was saved; its definition is not touched. */
static void test_restore_of_a_defined_guest(void **state)
{
	struct record *r;

	(void)state;
	be_root();
	define(CONFIG);
	r = LIST_FIRST(&world.s.records);
	ask_restore("name='web'\nkernel='/k'\nmemory=64\n"
		    "uuid='4f192fc4-89b9-4d71-8669-a900cb7461a4'\n");
	assert_int_equal(record_count(), 1);
	assert_true(r->state == RECORD_STARTING && r->restoring);
	assert_int_equal(r->g.memory_kib, 256 << 10);
	assert_string_equal(r->config, CONFIG);
	world_job_ends(NULL, -EINVAL, "the file is cut short");
	json_decref(talker_next(&t));
	assert_true(r->state == RECORD_STOPPED && r->defined && !r->wanted && !r->restoring);
	assert_string_equal(r->last_error, "the file is cut short");
	ask_restore("name='web'\nkernel='/k'\nmemory=64\n");
	world_job_ends(json_pack("{s:i}", "domid", 5), 0, NULL);
	json_decref(talker_next(&t));
	assert_true(r->state == RECORD_RUNNING && r->defined && r->wanted && !r->restoring);
}

static void test_restore_refused(void **state)
{
	(void)state;
	be_root();
	assert_int_equal(talker_errno(&t, "restore", json_pack("{s:s}", "config", CONFIG)), EINVAL);
	assert_int_equal(talker_errno(&t, "restore", json_pack("{s:s, s:s}", "config", CONFIG,
							       "file", "saved")), EINVAL);
	assert_int_equal(talker_errno(&t, "restore", json_pack("{s:s}", "file", "/saved")), EINVAL);
	assert_int_equal(talker_errno(&t, "restore", json_pack("{s:s, s:s}", "config", "name=",
							       "file", "/saved")), EINVAL);
	assert_int_equal(record_count(), 0);
	/* Its record goes with the failure. */
	ask_restore(CONFIG);
	world_job_ends(NULL, -EINVAL, "the file is cut short");
	json_decref(talker_next(&t));
	assert_int_equal(record_count(), 0);
}

/* Who asked for it has got no answer and asks again; until then nothing boots in its place. */
static void check_restore_is_not_begun_anew(bool defined)
{
	size_t jobs;

	be_root();
	if (defined) {
		define(CONFIG);
	}
	ask_restore(CONFIG);
	world_next_supervisor();
	jobs = world.jobs;
	world.s.t.xs = (struct xs_client *)&world; /* there is a store */
	assert_true(LIST_FIRST(&world.s.records)->restoring);
	watch_reconcile(&world.s);
	watch_reconcile(&world.s);
	assert_int_equal(world.jobs, jobs);
	assert_int_equal(record_count(), defined);
}

static void test_a_restore_is_not_begun_anew(void **state)
{
	(void)state;
	check_restore_is_not_begun_anew(false);
}

static void test_nor_that_of_a_defined_guest(void **state)
{
	(void)state;
	check_restore_is_not_begun_anew(true);
	assert_int_equal(LIST_FIRST(&world.s.records)->state, RECORD_STOPPED);
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

/* Such a guest, which has ended so a few times before, crashes. */
static struct record *crashes(uint32_t soon)
{
	struct record *r = runs();

	r->soon = soon;
	world.domains[1].flags = XEN_DOMINF_shutdown | END_CRASH << XEN_DOMINF_shutdownshift;
	watch_reconcile(&world.s);
	return r;
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
	r = crashes(0);
	assert_int_equal(r->state, RECORD_ENDING);
	check_starts_again(1);
}

/* Its start is due in so many seconds: the next supervisor has it wait so long, but for a busy host. */
static void check_waits(int64_t due_in, int seconds)
{
	struct record *r = LIST_FIRST(&world.s.records);
	struct timeval now, at;
	size_t jobs = world.jobs;

	r->due = time(NULL) + due_in;
	record_save(&world.s, r);
	world.count = 1;
	world_next_supervisor();
	watch_reconcile(&world.s);
	watch_reconcile(&world.s);
	r = LIST_FIRST(&world.s.records);
	assert_true(r->wanted && r->building && r->state == RECORD_WAITING);
	assert_int_equal(world.jobs, jobs);
	event_base_gettimeofday_cached(world.s.base, &now);
	assert_true(event_pending(r->timer, EV_TIMEOUT, &at));
	assert_in_range(at.tv_sec - now.tv_sec, seconds - 5, seconds + 1);
}

static void test_waiting_outlives_the_supervisor(void **state)
{
	int64_t now = time(NULL);
	struct record *r;

	(void)state;
	be_root();
	r = crashes(5);
	world_job_ends(json_object(), 0, NULL);
	assert_int_equal(r->state, RECORD_WAITING);
	assert_true(r->due >= now + 32 && r->due <= time(NULL) + 32);
	check_waits(32, 32);
	check_waits(20, 20);
	check_waits(1000000, POLICY_DELAY_MAX); /* the clock was set back */
	r = LIST_FIRST(&world.s.records);
	r->due = now;
	record_save(&world.s, r);
	check_starts_again(6);
	assert_int_equal(LIST_FIRST(&world.s.records)->due, 0);
}

/* Such as earlier versions wrote. */
static void test_a_record_without_a_time(void **state)
{
	json_t *value;
	struct record *r;

	(void)state;
	be_root();
	r = crashes(5);
	world_job_ends(json_object(), 0, NULL);
	value = record_json(r, true);
	assert_int_equal(json_object_del(value, "due"), 0);
	record_drop(&world.s, r);
	r = record_load(&world.s, value);
	json_decref(value);
	assert_non_null(r);
	assert_int_equal(r->due, 0);
	assert_true(r->wanted && r->building);
	assert_int_equal(r->soon, 6);
	record_save(&world.s, r);
	check_starts_again(6);
}

/* Neither an end that fails nor one asked for leaves a start behind. */
static void test_no_start_is_due(void **state)
{
	struct record *r;

	(void)state;
	be_root();
	r = crashes(0);
	world_job_ends(NULL, -EIO, "no");
	assert_true(r->state == RECORD_PRESERVED && !r->building);
	world_next_supervisor();
	world.count = 1;
	watch_reconcile(&world.s);
	assert_int_equal(record_count(), 0);
	r = crashes(5);
	r->defined = true;
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

/* Whoever suspends is being saved: neither an end, nor something to start again. */
static void test_a_suspended_guest_has_not_ended(void **state)
{
	struct record *r;
	size_t jobs;

	(void)state;
	be_root();
	r = runs();
	jobs = world.jobs;
	world.domains[1].flags = XEN_DOMINF_shutdown | END_SUSPEND << XEN_DOMINF_shutdownshift;
	watch_reconcile(&world.s);
	assert_true(r->state == RECORD_RUNNING && r->wanted && !r->job);
	world.domains[1].flags = 0; /* and goes on, until it crashes */
	watch_reconcile(&world.s);
	assert_int_equal(world.jobs, jobs);
	world.domains[1].flags = XEN_DOMINF_shutdown | END_CRASH << XEN_DOMINF_shutdownshift;
	watch_reconcile(&world.s);
	assert_int_equal(world.jobs, jobs + 1);
}

/* What is in a file stays there until somebody asks for the guest, whoever supervises meanwhile. */
static void test_a_saved_guest_stays_where_it_is(void **state)
{
	struct record *r;
	size_t jobs;

	(void)state;
	be_root();
	r = runs();
	r->defined = true;
	say("{\"id\":4,\"method\":\"destroy\",\"params\":{\"domid\":5,\"saved\":\"/srv/f\"}}\n");
	assert_true(talker_quiet(&t));
	world_job_works();
	json_decref(talker_next(&t));
	world.count = 1;
	jobs = world.jobs;
	world_next_supervisor();
	watch_reconcile(&world.s);
	r = LIST_FIRST(&world.s.records);
	assert_string_equal(r->saved, "/srv/f");
	assert_int_equal(r->last_reason, END_SUSPEND);
	assert_true(r->state == RECORD_STOPPED && !r->wanted && !r->building);
	assert_int_equal(world.jobs, jobs);
	say("{\"id\":5,\"method\":\"start\",\"params\":{\"domain\":\"again\"}}\n");
	assert_true(talker_quiet(&t));
	assert_non_null(r->saved); /* it has not begun anew yet */
	world_job_ends(json_pack("{s:i}", "domid", 6), 0, NULL);
	json_decref(talker_next(&t));
	assert_null(r->saved);
	world_next_supervisor();
	assert_null(LIST_FIRST(&world.s.records)->saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad_configs_leave_nothing),
		TEST(test_name_clashes),
		TEST(test_create_and_again),
		TEST(test_create_over_a_definition),
		TEST(test_create_fails),
		TEST(test_destroy_by_number),
		TEST(test_full_disk),
		TEST(test_autostart),
		TEST(test_a_failed_attach_keeps_claims),
		TEST(test_restore_of_a_new_guest),
		TEST(test_restore_of_a_defined_guest),
		TEST(test_restore_refused),
		TEST(test_a_restore_is_not_begun_anew),
		TEST(test_nor_that_of_a_defined_guest),
		TEST(test_a_turn_can_be_taken_back),
		TEST(test_after_boot),
		TEST(test_an_end_outlives_the_supervisor),
		TEST(test_waiting_outlives_the_supervisor),
		TEST(test_a_record_without_a_time),
		TEST(test_no_start_is_due),
		TEST(test_destroy_of_what_is_gone),
		TEST(test_a_suspended_guest_has_not_ended),
		TEST(test_a_saved_guest_stays_where_it_is),
	};

	return cmocka_run_group_tests_name("lives", tests, NULL, NULL);
}

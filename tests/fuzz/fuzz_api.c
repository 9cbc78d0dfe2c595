/* SPDX-License-Identifier: MIT */
/*
 * The supervisor behind its socket: the input is a program of requests, well-formed and not, by
 * callers of every role, of jobs that end well or badly, of domains that come, end and go, and of
 * time that passes. Afterwards no two guests share a name or a UUID, and each is in a state that
 * what it has allows.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "world.h"

struct input {
	const uint8_t *at, *end;
};

static uint8_t take(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

#define PICK(in, table) ((table)[take(in) % (sizeof(table) / sizeof((table)[0]))])

static const char *const methods[] = {
	"ping",         "schema",         "list",           "get",
	"why",          "events",         "metrics",        "create",
	"define",       "undefine",       "start",          "autostart",
	"destroy",      "rename",         "config_update",  "block_attach",
	"block_detach", "network_attach", "network_detach", "no_such",
	"create",       "define",         "start",          "destroy",
	"create",
};

static const char *const names[] = {
	"domain", "domid", "config", "where", "cwd",    "overrides",  "paused", "order",  "on",
	"name",   "disk",  "vif",    "force", "device", "fail_after", "since",  "follow",
};

static const char *const texts[] = {
	"a",
	"b",
	"c",
	"d",
	"7",
	"0",
	"9",
	"",
	"/",
	"xvda",
	"00:16:3e:01:02:03",
	"name='a'\nkernel='/k'",
	"name='b'\nkernel='/k'\non_crash='restart'",
	"name='c'\nkernel='/k'\non_poweroff='preserve'\non_reboot='rename-restart'",
	"name='d'\nkernel='/k'\nuuid='4f192fc4-89b9-4d71-8669-a900cb7461a4'",
	"4f192fc4-89b9-4d71-8669-a900cb7461a4",
	"name='e'\nkernel='/k'\ndisk=['/dev/null,raw,xvda,w']",
	"name='f'\nkernel='/k'\ndisk=['/dev/null,raw,xvdb,w']",
	"name='a'",
	"type='hvm'",
	"memory=64",
	"/dev/null,raw,xvdc,w",
	"bridge=br0",
	"on_crash='coredump-restart'",
	"\n",
};

static json_t *value_make(struct input *in)
{
	switch (take(in) % 8) {
	case 0:
		return json_integer((int8_t)take(in));
	case 1:
		return json_true();
	case 2:
		return json_integer((json_int_t)take(in) << 28);
	case 3:
		return json_array();
	case 4:
		return json_null();
	default:
		return json_string(PICK(in, texts));
	}
}

static void send_json(struct talker *t, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	talker_send(t, text, strlen(text));
	talker_send(t, "\n", 1);
	free(text);
	json_decref(o);
}

/* The parameters a method is likely to want, and others. */
static void step_request(struct input *in, struct talker *t)
{
	json_t *params = json_object(), *o;
	unsigned int n = take(in) % 4;

	json_object_set_new(params, "domain", json_string(texts[take(in) % 7]));
	json_object_set_new(params, "config", json_string(texts[11 + take(in) % 8]));
	while (n--) {
		const char *name = PICK(in, names);

		json_object_set_new(params, name, value_make(in));
	}
	o = json_pack("{s:i, s:s, s:o}", "id", 1, "method", PICK(in, methods), "params", params);
	send_json(t, o);
}

static void step_raw(struct input *in, struct talker *t)
{
	size_t n = take(in), rest = (size_t)(in->end - in->at);

	n = n < rest ? n : rest;
	talker_send(t, (const char *)in->at, n);
	in->at += n;
}

/* A domain appears for one of the guests that is being made, ends, or goes. */
static void step_domain(struct input *in)
{
	unsigned int at = take(in) % 6 + 1, what = take(in);
	struct record *r = LIST_FIRST(&world.s.records);

	if (world.count < WORLD_DOMAINS && at >= world.count) {
		world_domain(world.count + what % 3, NULL);
		if (r && what & 1) {
			memcpy(world.domains[world.count - 1].handle, r->uuid, 16);
		}
	} else if (at < world.count && what < 128) {
		world.domains[at].flags ^= what & 1 ? XEN_DOMINF_shutdown : XEN_DOMINF_paused;
		world.domains[at].flags ^= (what >> 1 & 7u) << XEN_DOMINF_shutdownshift;
	} else if (at < world.count) {
		world.domains[at] = world.domains[--world.count];
	}
	watch_reconcile(&world.s);
}

static void step_job(struct input *in)
{
	uint8_t what = take(in);

	if (!world.job) {
		return;
	}
	if (what < 40) {
		world_job_progress("build");
	} else if (what < 180) {
		world_job_ends(json_pack("{s:i}", "domid", 1 + what % 8), 0, NULL);
		watch_reconcile(&world.s);
	} else {
		world_job_ends(NULL, -(int)what, "it was not to be");
		watch_reconcile(&world.s);
	}
}

static void step_time(void)
{
	struct record *r;

	LIST_FOREACH(r, &world.s.records, link)
	{
		if (r->timer && event_pending(r->timer, EV_TIMEOUT, NULL)) {
			event_del(r->timer);
			event_active(r->timer, EV_TIMEOUT, 0);
		}
	}
	event_base_loop(world.s.base, EVLOOP_NONBLOCK);
}

static void judge(void)
{
	struct record *r, *other;

	LIST_FOREACH(r, &world.s.records, link)
	{
		if (!r->name || !r->config || (r->job && !world.job) ||
		    (r->job && r->state != RECORD_STARTING && r->state != RECORD_ENDING)) {
			abort();
		}
		LIST_FOREACH(other, &world.s.records, link)
		{
			if (other != r &&
			    (!strcmp(other->name, r->name) || !memcmp(other->uuid, r->uuid, 16))) {
				abort();
			}
		}
	}
}

static void be_someone(struct input *in, struct talker *t)
{
	uint8_t who = take(in);

	world.uid = who < 160 ? 0 : 1000;
	world.gid = 1000;
	world.groups[0] = who < 210 ? WORLD_GROUP_VIEW : WORLD_GROUP_ALL;
	world.group_count = who < 240;
	talker_open(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in = { bytes, bytes + len };
	struct talker t;
	uint8_t what;

	world_begin();
	log_set_level(LOG_LEVEL_NONE);
	be_someone(&in, &t);
	while (in.at < in.end) {
		what = take(&in);
		if (what < 110) {
			step_request(&in, &t);
		} else if (what < 130) {
			step_raw(&in, &t);
		} else if (what < 180) {
			step_job(&in);
		} else if (what < 230) {
			step_domain(&in);
		} else if (what < 240) {
			step_time();
		} else {
			talker_close(&t);
			be_someone(&in, &t);
		}
		judge();
	}
	while (world.job) {
		world_job_ends(NULL, -EINTR, "the end");
	}
	talker_close(&t);
	world_end();
	return 0;
}

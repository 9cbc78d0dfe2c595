/* SPDX-License-Identifier: MIT */
/*
 * Methods that only look: list, get, why, events, metrics. See supervise.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/guest.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

static void add_live(json_t *o, const struct roster_row *row)
{
	const struct xen_domctl_getdomaininfo *i = &row->info;
	char state[7];

	roster_state(i, state);
	json_object_set_new(o, "domid", json_integer(i->domain));
	json_object_set_new(o, "flags", json_string(state));
	json_object_set_new(o, "memory_kib", json_integer((json_int_t)i->tot_pages * 4));
	json_object_set_new(o, "max_memory_kib", json_integer((json_int_t)i->max_pages * 4));
	json_object_set_new(o, "vcpus", json_integer(i->nr_online_vcpus));
	json_object_set_new(o, "cpu_seconds", json_real((double)i->cpu_time / 1e9));
}

static const struct roster_row *row_of(const struct roster *all, const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		if (!memcmp(all->rows[i].info.handle, uuid, 16)) {
			return &all->rows[i];
		}
	}
	return NULL;
}

static json_t *look_record(const struct record *r, const struct roster *all, bool with_config)
{
	const struct roster_row *row = row_of(all, r->uuid);
	json_t *o = record_json(r, with_config);

	json_object_set_new(o, "state", json_string(record_state_name(r->state)));
	json_object_set_new(o, "managed", json_true());
	if (row) {
		add_live(o, row);
	}
	return o;
}

/* A domain that the supervisor did not make. */
static json_t *look_other(const struct roster_row *row)
{
	char uuid[UUID_TEXT];
	json_t *o;

	uuid_format(row->info.handle, uuid);
	o = json_pack("{s:s, s:s, s:s, s:b}", "uuid", uuid, "name", row->name, "state", "running",
		      "managed", 0);
	add_live(o, row);
	return o;
}

void method_list(struct supervisor *s, struct request req, json_t *p)
{
	struct failure f = { 0 };
	json_t *out = json_array();
	struct roster all;
	struct record *r;
	size_t i;

	(void)p;
	if (roster_read(&all, &s->t, &f)) {
		server_error(s, req, &f);
		json_decref(out);
		return;
	}
	for (i = 0; i < all.count; i++) {
		if (!record_by_uuid(s, all.rows[i].info.handle)) {
			json_array_append_new(out, look_other(&all.rows[i]));
		}
	}
	LIST_FOREACH(r, &s->records, link)
	{
		json_array_append_new(out, look_record(r, &all, false));
	}
	roster_free(&all);
	server_result(s, req, out);
}

void method_get(struct supervisor *s, struct request req, json_t *p)
{
	const char *domain = json_string_value(json_object_get(p, "domain"));
	struct failure f = { 0 };
	char *what = (char *)domain;
	struct record *r = domain ? record_find(s, domain) : NULL;
	struct roster all;

	if (!domain) {
		failure_set(&f, -EINVAL, "the parameter 'domain' is missing");
		server_error(s, req, &f);
	} else if (roster_read(&all, &s->t, &f) || (!r && roster_pick(&all, &what, 1, &f))) {
		server_error(s, req, &f);
		roster_free(&all);
	} else {
		server_result(s, req, r ? look_record(r, &all, true) : look_other(&all.rows[0]));
		roster_free(&all);
	}
}

static void __attribute__((format(printf, 2, 3))) reason(json_t *list, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(list, json_string(text));
}

static void why_record(json_t *list, const struct record *r)
{
	char when[32];
	time_t at = (time_t)r->last_end;
	struct tm local;

	if (r->last_error) {
		reason(list, "Its last start failed: %s.", r->last_error);
	}
	if (r->last_reason >= 0) {
		localtime_r(&at, &local);
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &local);
		reason(list, "It ended %s because of: %s.", when,
		       guest_end_name((unsigned int)r->last_reason));
	}
	if (r->saved) {
		reason(list,
		       "It was saved: `dais restore %s` goes on with it, `dais start %s` begins "
		       "anew, without what it was then.",
		       r->saved, r->name);
	}
	if (r->state == RECORD_WAITING) {
		reason(list,
		       "It ended soon after its start %u times in a row; the supervisor waits "
		       "before the next start. `dais start %s` does not wait.",
		       r->soon, r->name);
	}
	if (r->state == RECORD_PRESERVED) {
		reason(list,
		       "It has ended and is kept to be looked at; `dais destroy %s` frees it.",
		       r->name);
	}
	if (r->state == RECORD_STARTING || r->state == RECORD_ENDING) {
		reason(list, "The supervisor is %s it.",
		       r->state == RECORD_STARTING ? "creating" : "destroying");
	}
}

static void why_device(json_t *list, struct toolstack *t, uint32_t domid, const char *kind,
		       const char *number)
{
	static const char *const states[] = {
		"unknown",   "being set up", "waiting", "initialised",
		"connected", "closing",      "closed",
	};
	long long front =
		store_number(t->xs, 0, "/local/domain/%u/device/%s/%s/state", domid, kind, number);
	long long back = store_number(t->xs, 0, "/local/domain/0/backend/%s/%u/%s/state", kind,
				      domid, number);
	char *error = store_read(t->xs, "/local/domain/0/error/backend/%s/%u/%s/error", kind, domid,
				 number);
	char what[64], name[24];

	if (strcmp(kind, "vbd") == 0) {
		guest_vdev_name((uint32_t)strtoul(number, NULL, 10), name);
		snprintf(what, sizeof(what), "disk %s", name);
	} else {
		snprintf(what, sizeof(what), "network interface %s", number);
	}
	if (front != 4 || back != 4) {
		reason(list, "Its %s is not connected: the guest's half is %s, dom0's is %s.", what,
		       states[front >= 0 && front < 7 ? front : 0],
		       states[back >= 0 && back < 7 ? back : 0]);
	}
	if (error) {
		reason(list, "dom0's kernel says about %s: %s.", what, error);
	}
	free(error);
}

/* Devices whose two halves have not met. */
static void why_devices(json_t *list, struct toolstack *t, uint32_t domid)
{
	static const char *const kinds[] = { "vbd", "vif" };
	char **numbers;
	size_t count, i, k;

	for (k = 0; k < 2; k++) {
		numbers = store_list(t->xs, &count, "/local/domain/%u/device/%s", domid, kinds[k]);
		for (i = 0; i < count; i++) {
			why_device(list, t, domid, kinds[k], numbers[i]);
		}
		free(numbers);
	}
}

static void why_live(json_t *list, struct supervisor *s, uint32_t domid)
{
	struct xen_domctl_getdomaininfo info;
	long long target;
	unsigned int reason_code;

	if (domctl_info(s->t.h, domid, &info)) {
		return;
	}
	reason_code = info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	if (info.flags & XEN_DOMINF_shutdown && reason_code == END_SUSPEND) {
		reason(list,
		       "It has suspended, to be saved. If nobody is at that any more, `dais save "
		       "-c %u FILE` saves and wakes it.",
		       domid);
	} else if (info.flags & XEN_DOMINF_shutdown) {
		reason(list, "It has ended (%s) and was not destroyed yet.",
		       guest_end_name(reason_code));
	}
	if (info.flags & XEN_DOMINF_paused) {
		reason(list, "It is paused; `dais unpause %u` lets it run on.", domid);
	} else if (info.flags & XEN_DOMINF_blocked) {
		reason(list, "It runs; just now all its vCPUs wait for something to do.");
	} else if (info.flags & XEN_DOMINF_running) {
		reason(list, "It runs, and is on a CPU just now.");
	} else if (!(info.flags & XEN_DOMINF_shutdown)) {
		reason(list, "It is ready to run, and waits for a CPU.");
	}
	if (!s->t.xs) {
		reason(list, "The store is away; devices cannot be looked at.");
		return;
	}
	target = store_number(s->t.xs, -1, "/local/domain/%u/memory/target", domid);
	if (target > 0 && (uint64_t)target > info.tot_pages * 4 + 4096) {
		reason(list,
		       "It has %llu MiB of the %lld MiB it may use; its balloon driver has not "
		       "taken the rest.",
		       (unsigned long long)info.tot_pages >> 8, target >> 10);
	}
	why_devices(list, &s->t, domid);
}

void method_why(struct supervisor *s, struct request req, json_t *p)
{
	const char *domain = json_string_value(json_object_get(p, "domain"));
	struct record *r = domain ? record_find(s, domain) : NULL;
	struct failure f = { 0 };
	json_t *list = json_array();
	uint32_t domid;
	bool live;

	live = domain && !toolstack_find(&s->t, domain, &domid, NULL);
	if (!live && r && r->domid >= 0) {
		domid = (uint32_t)r->domid;
		live = true;
	}
	if (!r && !live) {
		failure_set(&f, -ESRCH,
			    "%s is neither running nor known to the supervisor; `dais list "
			    "--all` shows what is",
			    domain ? domain : "(no domain)");
		server_error(s, req, &f);
		json_decref(list);
		return;
	}
	if (r) {
		why_record(list, r);
	}
	if (live) {
		why_live(list, s, domid);
	} else if (r->state == RECORD_STOPPED && !json_array_size(list)) {
		reason(list, "It is defined and was not started; `dais start %s` does that.",
		       r->name);
	}
	server_result(s, req, json_pack("{s:o}", "reasons", list));
}

void method_events(struct supervisor *s, struct request req, json_t *p)
{
	const char *domain = json_string_value(json_object_get(p, "domain"));
	json_int_t since = json_integer_value(json_object_get(p, "since"));
	json_t *out = json_array(), *e;
	size_t i;

	json_array_foreach(s->events, i, e)
	{
		const char *name = json_string_value(json_object_get(e, "name"));

		if (json_integer_value(json_object_get(e, "number")) > since &&
		    (!domain || (name && !strcmp(name, domain)))) {
			json_array_append(out, e);
		}
	}
	server_result(s, req, out);
	if (json_is_true(json_object_get(p, "follow"))) {
		server_follow(s, req);
	}
}

void method_metrics(struct supervisor *s, struct request req, json_t *p)
{
	struct failure f = { 0 };
	char *text = metrics_text(s, METRICS_OPEN, &f);

	(void)p;
	if (text) {
		server_result(s, req, json_pack("{s:s}", "text", text));
		free(text);
	} else {
		server_error(s, req, &f);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The methods of the API: a table, the role each asks for, and those that change the inventory.
 * The table is also the schema that clients can ask for. See api.h, supervise.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/types.h>

#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

#define ORDER_MAX   9999
#define NOT_WRITTEN "the inventory cannot be written; free some space in /var/lib/dais"

static const char *text_of(json_t *params, const char *name)
{
	return json_string_value(json_object_get(params, name));
}

static void __attribute__((format(printf, 4, 5)))
refuse(struct supervisor *s, struct request req, int code, const char *format, ...)
{
	struct failure f = { .code = code };
	va_list args;

	va_start(args, format);
	vsnprintf(f.text, sizeof(f.text), format, args);
	va_end(args);
	server_error(s, req, &f);
}

/* The record that params.domain means, or NULL after answering. */
static struct record *wanted_record(struct supervisor *s, struct request req, json_t *params)
{
	const char *domain = text_of(params, "domain");
	struct record *r = domain ? record_find(s, domain) : NULL;

	if (!r) {
		refuse(s, req, -ESRCH,
		       "%s is not a guest that the supervisor knows; `dais list --all` "
		       "shows those",
		       domain ? domain : "(no parameter 'domain')");
	}
	return r;
}

static void method_ping(struct supervisor *s, struct request req, json_t *params)
{
	(void)params;
	server_result(s, req, json_pack("{s:s, s:i}", "program", "dais supervise", "protocol", 1));
}

/* The name and UUID a configuration asks for. */
static int config_identity(json_t *params, char name[GUEST_NAME_MAX + 1], uint8_t uuid[16],
			   bool *uuid_set, struct failure *f)
{
	const char *config = text_of(params, "config"), *where = text_of(params, "where");
	struct guest_config g;
	int rc;

	if (!config) {
		return failure_set(f, -EINVAL, "the parameter 'config' is missing");
	}
	rc = guest_parse(&g, where ? where : "config", config, strlen(config),
			 text_of(params, "overrides"), NULL, f);
	if (!rc) {
		snprintf(name, GUEST_NAME_MAX + 1, "%s", g.name);
		memcpy(uuid, g.uuid, 16);
		*uuid_set = g.uuid_set;
		guest_free(&g);
	}
	return rc;
}

/* What a record was, for when its change cannot be written down. All NULL: it was not there. */
struct former {
	char *config, *where, *overrides, *cwd;
	bool defined;
};

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static struct former former_take(const struct record *r)
{
	return (struct former){ copy_of(r->config), copy_of(r->where), copy_of(r->overrides),
				copy_of(r->cwd), r->defined };
}

static void former_free(struct former *o)
{
	free(o->config);
	free(o->where);
	free(o->overrides);
	free(o->cwd);
}

static void former_restore(struct record *r, const struct former *o)
{
	struct failure ignored = { 0 };

	r->defined = o->defined;
	record_configure(r, o->config, o->where, o->overrides, o->cwd, &ignored);
}

static bool record_stopped(const struct record *r)
{
	return r->defined && !r->wanted && !r->job && r->domid < 0;
}

/* A stopped guest's definition is not create's to replace, least of all by what does not start. */
static void config_taken(const struct record *r, struct failure *f)
{
	if (record_stopped(r)) {
		failure_set(f, -EEXIST,
			    "there is a guest '%s' already, defined and stopped; start it: dais "
			    "start %s, or change its definition: dais define FILE",
			    r->name, r->name);
	} else {
		failure_set(f, -EEXIST,
			    "there is a guest '%s' already, %s; choose another name, or end "
			    "that one: dais destroy %s",
			    r->name, record_state_name(r->state), r->name);
	}
}

/* The UUID a configuration asks for is another guest's, or r (NULL: a new guest) has one. */
static bool uuid_clashes(struct supervisor *s, const struct record *r,
			 const uint8_t uuid[16], struct failure *f)
{
	const struct record *owner = record_by_uuid(s, uuid);

	if (owner && owner != r) {
		failure_set(f, -EEXIST,
			    "the guest '%s' has the same UUID; take the line uuid out to get "
			    "a new one",
			    owner->name);
		return true;
	}
	if (r && !owner) {
		failure_set(f, -EEXIST,
			    "the guest '%s' has another UUID, which a definition cannot change; "
			    "take the line uuid out to keep it, or first: dais undefine %s",
			    r->name, r->name);
		return true;
	}
	return false;
}

/*
 * The record for a configuration: the one of that name, unless only a new one will do, or a new
 * one. NULL with the failure set. *made: it is new; else *former, if asked for, is what it was.
 */
static struct record *config_record(struct supervisor *s, json_t *params, bool only_new, bool *made,
				    struct former *former, struct failure *f)
{
	char name[GUEST_NAME_MAX + 1];
	const char *where = text_of(params, "where"), *cwd = text_of(params, "cwd");
	uint8_t uuid[16];
	bool uuid_set = false;
	struct record *r;

	if (config_identity(params, name, uuid, &uuid_set, f)) {
		return NULL;
	}
	r = record_by_name(s, name);
	*made = !r;
	if (r && only_new) {
		config_taken(r, f);
		return NULL;
	}
	if (uuid_set && uuid_clashes(s, r, uuid, f)) {
		return NULL;
	}
	if (r && former) {
		*former = former_take(r);
	}
	if (!r) {
		if (!uuid_set) {
			uuid_make(uuid);
		}
		r = record_new(s, uuid, name);
	}
	if (record_configure(r, text_of(params, "config"), where ? where : "config",
			     text_of(params, "overrides"), cwd ? cwd : "/", f)) {
		if (*made) {
			record_drop(s, r);
		}
		return NULL;
	}
	return r;
}

static void method_create(struct supervisor *s, struct request req, json_t *params)
{
	struct start_options o = { 0 };
	struct failure f = { 0 };
	bool made;
	struct record *r = config_record(s, params, true, &made, NULL, &f);

	if (!r) {
		server_error(s, req, &f);
		return;
	}
	o.paused = json_is_true(json_object_get(params, "paused"));
	o.fail_after = text_of(params, "fail_after");
	life_start(s, r, req, &o);
}

/*
 * A guest that is defined and stopped goes on, made from what it had when it was saved; its
 * definition stays what it is, for its next start.
 */
static void method_restore(struct supervisor *s, struct request req, json_t *params)
{
	struct start_options o = {
		.paused = json_is_true(json_object_get(params, "paused")),
		.fail_after = text_of(params, "fail_after"),
		.restore = text_of(params, "file"),
	};
	const char *where = text_of(params, "where"), *cwd = text_of(params, "cwd");
	char name[GUEST_NAME_MAX + 1];
	struct failure f = { 0 };
	struct record *r;
	uint8_t uuid[16];
	bool set, made;

	if (!o.restore || *o.restore != '/') {
		refuse(s, req, -EINVAL, "the parameter 'file' is the whole path of a saved guest");
		return;
	}
	if (config_identity(params, name, uuid, &set, &f)) {
		server_error(s, req, &f);
		return;
	}
	r = record_by_name(s, name);
	if (r && record_stopped(r)) {
		o.config = text_of(params, "config");
		o.where = where ? where : "config";
		o.overrides = text_of(params, "overrides");
		o.cwd = cwd ? cwd : "/";
	} else {
		r = config_record(s, params, true, &made, NULL, &f);
	}
	if (!r) {
		server_error(s, req, &f);
		return;
	}
	r->soon = 0;
	life_start(s, r, req, &o);
}

static void method_define(struct supervisor *s, struct request req, json_t *params)
{
	struct failure f = { 0 };
	bool made;
	struct former former = { 0 };
	struct record *r = config_record(s, params, false, &made, &former, &f);
	char uuid[UUID_TEXT];

	if (!r) {
		server_error(s, req, &f);
		former_free(&former);
		return;
	}
	r->defined = true;
	if (record_save(s, r)) {
		refuse(s, req, -ENOSPC, NOT_WRITTEN);
		if (made) {
			record_drop(s, r);
		} else {
			former_restore(r, &former);
		}
		former_free(&former);
		return;
	}
	former_free(&former);
	uuid_format(r->uuid, uuid);
	event_tell(s, r, NULL, "defined", "%s", made ? "" : "anew");
	server_result(s, req, json_pack("{s:s, s:s}", "uuid", uuid, "name", r->name));
}

static void method_undefine(struct supervisor *s, struct request req, json_t *params)
{
	struct record *r = wanted_record(s, req, params);

	if (!r) {
		return;
	}
	event_tell(s, r, NULL, "undefined", "%s", "");
	r->defined = r->autostart = false;
	if (r->boot_pending && !r->job) {
		r->boot_pending = r->wanted = false; /* its turn has not come, and will not */
	}
	if (r->wanted || r->job || r->domid >= 0) {
		record_save(s, r); /* forgotten once it has ended */
	} else {
		record_drop(s, r);
	}
	server_result(s, req, json_object());
}

static void method_start(struct supervisor *s, struct request req, json_t *params)
{
	struct start_options o = { 0 };
	struct record *r = wanted_record(s, req, params);

	if (!r) {
		return;
	}
	if (r->job || r->domid >= 0) {
		refuse(s, req, -EALREADY, "'%s' runs already", r->name);
		return;
	}
	r->soon = 0;
	o.paused = json_is_true(json_object_get(params, "paused"));
	life_start(s, r, req, &o);
}

static void method_autostart(struct supervisor *s, struct request req, json_t *params)
{
	struct record *r = wanted_record(s, req, params);
	json_t *order = json_object_get(params, "order");
	uint32_t old_order;
	bool was;

	if (!r) {
		return;
	}
	if (!r->defined) {
		refuse(s, req, -EINVAL,
		       "'%s' is not defined, and so forgotten when it ends; define it "
		       "first: dais define FILE",
		       r->name);
		return;
	}
	if (order && (!json_is_integer(order) || json_integer_value(order) < 0 ||
		      json_integer_value(order) > ORDER_MAX)) {
		refuse(s, req, -EINVAL, "the parameter 'order' is a number from 0 to %d",
		       ORDER_MAX);
		return;
	}
	was = r->autostart;
	old_order = r->order;
	r->autostart = !json_is_false(json_object_get(params, "on"));
	if (order) {
		r->order = (uint32_t)json_integer_value(order);
	}
	if (record_save(s, r)) {
		r->autostart = was;
		r->order = old_order;
		refuse(s, req, -ENOSPC, NOT_WRITTEN);
		return;
	}
	server_result(s, req, json_object());
}

/* Guests that the supervisor did not make are destroyed all the same. */
struct destroy_other {
	struct request req;
	uint32_t domid;
};

static int work_destroy_other(struct job_work *w, void *arg)
{
	const struct destroy_other *d = arg;

	return domain_destroy(&w->t, d->domid, &w->f);
}

static void done_destroy_other(struct supervisor *s, void *arg, json_t *result,
			       const struct failure *f)
{
	struct destroy_other *d = arg;

	if (result) {
		server_result(s, d->req, json_object());
	} else {
		server_error(s, d->req, f);
	}
	free(d);
}

/* By its UUID, since a supervisor that has just begun may not have met the domain yet. */
static struct record *record_of_domain(struct supervisor *s, uint32_t domid)
{
	struct xen_domctl_getdomaininfo info;
	struct record *r = NULL;

	if (!domctl_info(s->t.h, domid, &info)) {
		r = record_by_uuid(s, info.handle);
	}
	if (r && !r->job) {
		r->domid = (int)domid;
	}
	return r;
}

static void method_destroy(struct supervisor *s, struct request req, json_t *params)
{
	json_t *number = json_object_get(params, "domid");
	json_int_t domid = json_integer_value(number);
	struct destroy_other *d;
	struct record *r;

	if (json_is_integer(number) && (domid <= 0 || domid >= DOMID_FIRST_RESERVED)) {
		refuse(s, req, -EINVAL, "%lld is not the number of a guest", (long long)domid);
		return;
	}
	r = json_is_integer(number) ? record_of_domain(s, (uint32_t)domid)
				    : wanted_record(s, req, params);
	if (r) {
		life_destroy(s, r, req, text_of(params, "saved"));
	} else if (json_is_integer(number)) {
		d = xcalloc(1, sizeof(*d));
		d->req = req;
		d->domid = (uint32_t)domid;
		if (!job_start(s, req, NULL, work_destroy_other, done_destroy_other, d)) {
			refuse(s, req, -EAGAIN, "cannot start a process");
			free(d);
		}
	}
}

static void method_rename(struct supervisor *s, struct request req, json_t *params)
{
	const char *name = text_of(params, "name");
	struct record *r = wanted_record(s, req, params);
	char uuid[UUID_TEXT], *old;
	struct failure f = { 0 };
	uint32_t other;

	if (!r) {
		return;
	}
	if (!name || guest_check_name(name, &f)) {
		refuse(s, req, -EINVAL, "%s", name ? f.text : "the parameter 'name' is missing");
		return;
	}
	if (record_by_name(s, name) || !toolstack_find(&s->t, name, &other, NULL)) {
		refuse(s, req, -EEXIST, "there is a guest '%s' already", name);
		return;
	}
	old = r->name;
	r->name = xstrdup(name);
	if (record_save(s, r)) {
		free(r->name);
		r->name = old;
		refuse(s, req, -ENOSPC, NOT_WRITTEN);
		return;
	}
	record_parse(r, NULL, NULL);
	uuid_format(r->uuid, uuid);
	if (r->domid >= 0 && s->t.xs) {
		store_write(s->t.xs, name, "/local/domain/%d/name", r->domid);
		store_write(s->t.xs, name, "/vm/%s/name", uuid);
	}
	event_tell(s, r, NULL, "renamed", "it was %s", old);
	free(old);
	server_result(s, req, json_object());
}

static void method_config_update(struct supervisor *s, struct request req, json_t *params)
{
	const char *config = text_of(params, "config"), *more = text_of(params, "overrides");
	struct record *r = wanted_record(s, req, params);
	struct failure f = { 0 };
	struct former former;
	char *overrides = NULL;
	int rc;

	if (!r) {
		return;
	}
	former = former_take(r);
	if (!config && r->overrides && more) {
		overrides = xmalloc(strlen(r->overrides) + strlen(more) + 2);
		sprintf(overrides, "%s\n%s", r->overrides, more);
	}
	/* A new text replaces earlier overrides; without one, more overrides join them. */
	rc = record_configure(r, config ? config : r->config,
			      config && text_of(params, "where") ? text_of(params, "where")
								 : r->where,
			      overrides ? overrides
			      : more    ? more
			      : config  ? NULL
					: r->overrides,
			      text_of(params, "cwd") ? text_of(params, "cwd") : r->cwd, &f);
	free(overrides);
	if (!rc && record_save(s, r)) {
		rc = failure_set(&f, -ENOSPC, NOT_WRITTEN);
		former_restore(r, &former);
	}
	former_free(&former);
	if (rc) {
		server_error(s, req, &f);
		return;
	}
	event_tell(s, r, NULL, "configured", "%s", r->domid >= 0 ? "for its next start" : "");
	server_result(s, req, json_object());
}

static void method_schema(struct supervisor *s, struct request req, json_t *params);

static const struct method {
	const char *name;
	enum role role;
	void (*run)(struct supervisor *s, struct request req, json_t *params);
	const char *params; /* "name: type, ..."; optional ones end in ? */
	const char *result;
	const char *help;
} methods[] = {
	{ "ping", ROLE_VIEW, method_ping, "", "{program: text, protocol: number}", "answers" },
	{ "schema", ROLE_VIEW, method_schema, "", "[{name, role, params, result, help}]",
	  "this description" },
	{ "list", ROLE_VIEW, method_list, "", "[domain]", "domains that run or are known" },
	{ "get", ROLE_VIEW, method_get, "domain: text", "domain",
	  "one domain, with its configuration" },
	{ "why", ROLE_VIEW, method_why, "domain: text", "{reasons: [text]}",
	  "what a domain waits for, or why it failed" },
	{ "events", ROLE_VIEW, method_events, "domain?: text, since?: number, follow?: bool",
	  "[{number, time, event, name, uuid, domid?, text}]", "what happened; time in ms" },
	{ "metrics", ROLE_VIEW, method_metrics, "", "{text: text}", "OpenMetrics" },
	{ "create", ROLE_ALL, method_create,
	  "config: text, where?: text, cwd?: text, overrides?: text, "
	  "paused?: bool, fail_after?: text",
	  "{domid, uuid, name}", "creates and starts a guest" },
	{ "restore", ROLE_ALL, method_restore,
	  "file: text, config: text, where?: text, cwd?: text, overrides?: text, "
	  "paused?: bool, fail_after?: text",
	  "{domid, uuid, name}", "lets a saved guest go on" },
	{ "define", ROLE_ALL, method_define,
	  "config: text, where?: text, cwd?: text, overrides?: text", "{uuid, name}",
	  "remembers a guest" },
	{ "undefine", ROLE_ALL, method_undefine, "domain: text", "{}", "forgets a guest" },
	{ "start", ROLE_ALL, method_start, "domain: text, paused?: bool", "{domid, uuid, name}",
	  "starts a guest of the inventory" },
	{ "autostart", ROLE_ALL, method_autostart, "domain: text, on?: bool, order?: number", "{}",
	  "starts a guest when dom0 boots" },
	{ "destroy", ROLE_ALL, method_destroy, "domain: text | domid: number, saved?: text",
	  "{}", "ends a domain at once; saved: it is in this file, and waits there" },
	{ "rename", ROLE_ALL, method_rename, "domain: text, name: text", "{}", "another name" },
	{ "config_update", ROLE_ALL, method_config_update,
	  "domain: text, config?: text, overrides?: text", "{}",
	  "changes what a guest is made from at its next start" },
	{ "block_attach", ROLE_ALL, method_block_attach, "domain: text, disk: text, cwd?: text",
	  "{device: text}", "adds a disk" },
	{ "block_detach", ROLE_ALL, method_block_detach, "domain: text, device: text, force?: bool",
	  "{}", "removes a disk" },
	{ "network_attach", ROLE_ALL, method_network_attach, "domain: text, vif: text",
	  "{device: number}", "adds an interface" },
	{ "network_detach", ROLE_ALL, method_network_detach,
	  "domain: text, device: text, force?: bool", "{}", "removes an interface" },
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

static void method_schema(struct supervisor *s, struct request req, json_t *params)
{
	json_t *all = json_array();
	size_t i;

	(void)params;
	for (i = 0; i < METHODS; i++) {
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name",
						     methods[i].name, "role",
						     methods[i].role == ROLE_ALL ? "all" : "view",
						     "params", methods[i].params, "result",
						     methods[i].result, "help", methods[i].help));
	}
	server_result(s, req, all);
}

void methods_call(struct supervisor *s, struct request req, enum role role, const char *name,
		  json_t *params)
{
	json_t *none = NULL;
	size_t i;

	for (i = 0; i < METHODS && strcmp(methods[i].name, name); i++) {
	}
	if (i == METHODS) {
		refuse(s, req, -ENOSYS, "there is no method '%s'; \"schema\" lists them", name);
	} else if (role < methods[i].role) {
		refuse(s, req, -EPERM,
		       "'%s' is not for you: root and the group dais may change things, "
		       "the group dais-view may look",
		       name);
	} else {
		if (!params) {
			params = none = json_object();
		}
		methods[i].run(s, req, params);
		json_decref(none);
		watch_look(s);
	}
}

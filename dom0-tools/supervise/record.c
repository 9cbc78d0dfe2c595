/* SPDX-License-Identifier: MIT */
/*
 * Domains of the inventory, in memory and as the journal has them. See supervise.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

const char *record_state_name(enum record_state state)
{
	static const char *const names[] = {
		"stopped", "starting", "running", "ending", "waiting", "preserved",
	};

	return names[state];
}

struct record *record_new(struct supervisor *s, const uint8_t uuid[16], const char *name)
{
	struct record *r = xcalloc(1, sizeof(*r));

	memcpy(r->uuid, uuid, sizeof(r->uuid));
	r->name = xstrdup(name);
	r->s = s;
	r->domid = -1;
	r->last_reason = -1;
	r->order = 50;
	LIST_INSERT_HEAD(&s->records, r, link);
	return r;
}

struct record *record_by_name(struct supervisor *s, const char *name)
{
	struct record *r;

	LIST_FOREACH(r, &s->records, link)
	{
		if (!strcmp(r->name, name)) {
			return r;
		}
	}
	return NULL;
}

struct record *record_by_uuid(struct supervisor *s, const uint8_t uuid[16])
{
	struct record *r;

	LIST_FOREACH(r, &s->records, link)
	{
		if (!memcmp(r->uuid, uuid, sizeof(r->uuid))) {
			return r;
		}
	}
	return NULL;
}

struct record *record_find(struct supervisor *s, const char *what)
{
	struct record *r = record_by_name(s, what);
	uint8_t uuid[16];
	char *end;
	long domid;

	if (!r && uuid_parse(what, uuid)) {
		r = record_by_uuid(s, uuid);
	}
	domid = strtol(what, &end, 10);
	if (!r && end != what && !*end && domid > 0) {
		LIST_FOREACH(r, &s->records, link)
		{
			if (r->domid == domid) {
				break;
			}
		}
	}
	return r;
}

static void set_text(char **to, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;

	free(*to);
	*to = copy;
}

void record_set_saved(struct record *r, const char *path)
{
	set_text(&r->saved, path);
}

static int parse_text(struct record *r, const char *config, const char *where,
		      const char *overrides, struct config_notes *notes, struct failure *f)
{
	int rc;

	if (r->g_valid) {
		guest_free(&r->g);
		r->g_valid = false;
	}
	rc = guest_parse(&r->g, where, config, strlen(config), overrides, notes, f);
	if (rc) {
		return rc;
	}
	r->g_valid = true;
	/* The inventory's name and UUID are the domain's, whatever its file says by now. */
	memcpy(r->g.uuid, r->uuid, sizeof(r->uuid));
	r->g.uuid_set = true;
	set_text(&r->g.name, r->name);
	return 0;
}

int record_parse(struct record *r, struct config_notes *notes, struct failure *f)
{
	return parse_text(r, r->config, r->where, r->overrides, notes, f);
}

int record_parse_other(struct record *r, const char *config, const char *where,
		       const char *overrides, struct failure *f)
{
	return parse_text(r, config, where, overrides, NULL, f);
}

int record_configure(struct record *r, const char *config, const char *where, const char *overrides,
		     const char *cwd, struct failure *f)
{
	struct guest_config g;
	int rc = guest_parse(&g, where, config, strlen(config), overrides, NULL, f);

	if (rc) {
		return rc;
	}
	guest_free(&g);
	set_text(&r->config, config);
	set_text(&r->where, where);
	set_text(&r->overrides, overrides);
	set_text(&r->cwd, cwd);
	return record_parse(r, NULL, f);
}

json_t *record_json(const struct record *r, bool with_config)
{
	char uuid[UUID_TEXT];
	json_t *o;

	uuid_format(r->uuid, uuid);
	o = json_pack("{s:s, s:s, s:b, s:b, s:i, s:b, s:b, s:i, s:i, s:I, s:I}", "uuid", uuid,
		      "name", r->name, "defined", r->defined, "autostart", r->autostart, "order",
		      (int)r->order, "wanted", r->wanted, "building", r->building, "soon",
		      (int)r->soon, "last_reason", r->last_reason, "last_end",
		      (json_int_t)r->last_end, "due", (json_int_t)r->due);
	if (r->last_error) {
		json_object_set_new(o, "last_error", json_string(r->last_error));
	}
	if (r->saved) {
		json_object_set_new(o, "saved", json_string(r->saved));
	}
	if (r->restoring) {
		json_object_set_new(o, "restoring", json_true());
	}
	if (with_config) {
		json_object_set_new(o, "config", json_string(r->config));
		json_object_set_new(o, "where", json_string(r->where));
		json_object_set_new(o, "cwd", json_string(r->cwd));
		if (r->overrides) {
			json_object_set_new(o, "overrides", json_string(r->overrides));
		}
	}
	return o;
}

struct record *record_load(struct supervisor *s, json_t *value)
{
	const char *uuid_text, *name, *config, *where, *cwd, *overrides = NULL, *error = NULL;
	const char *saved = NULL;
	int defined, autostart, order, wanted, building, restoring = 0, soon, reason;
	struct failure f = { 0 };
	struct record *r;
	json_int_t end, due = 0;
	uint8_t uuid[16];

	if (json_unpack(value,
			"{s:s, s:s, s:b, s:b, s:i, s:b, s:b, s:i, s:i, s:I, s:s, s:s, s:s, "
			"s?s, s?s, s?I, s?s, s?b}",
			"uuid", &uuid_text, "name", &name, "defined", &defined, "autostart",
			&autostart, "order", &order, "wanted", &wanted, "building", &building,
			"soon", &soon, "last_reason", &reason, "last_end", &end, "config", &config,
			"where", &where, "cwd", &cwd, "overrides", &overrides, "last_error", &error,
			"due", &due, "saved", &saved, "restoring", &restoring) ||
	    !uuid_parse(uuid_text, uuid)) {
		return NULL;
	}
	r = record_new(s, uuid, name);
	r->inherited = true;
	r->defined = defined;
	r->autostart = autostart;
	r->order = (uint32_t)order;
	r->wanted = wanted;
	r->building = building;
	r->restoring = restoring;
	r->soon = (uint32_t)soon;
	r->last_reason = reason;
	r->last_end = end;
	r->due = due;
	set_text(&r->last_error, error);
	set_text(&r->saved, saved);
	if (record_configure(r, config, where, overrides, cwd, &f)) {
		/* It was fine when it was taken in; keep it, and say so when it is started. */
		log_warn("the configuration of %s is not accepted any more: %s", name, f.text);
		set_text(&r->config, config);
		set_text(&r->where, where);
		set_text(&r->overrides, overrides);
		set_text(&r->cwd, cwd);
	}
	return r;
}

static void record_key(const struct record *r, char key[UUID_TEXT + 8])
{
	char uuid[UUID_TEXT];

	uuid_format(r->uuid, uuid);
	snprintf(key, UUID_TEXT + 8, "domain/%s", uuid);
}

int record_save(struct supervisor *s, struct record *r)
{
	char key[UUID_TEXT + 8];
	json_t *value = r->defined || r->wanted ? record_json(r, true) : NULL;
	int rc;

	record_key(r, key);
	rc = inventory_put(s->journal, key, value);
	json_decref(value);
	if (rc) {
		log_error("the inventory cannot be written: %s; free some space on its file system",
			  strerror(-rc));
	}
	return rc;
}

void record_free(struct record *r)
{
	if (r->timer) {
		event_free(r->timer);
	}
	if (r->g_valid) {
		guest_free(&r->g);
	}
	json_decref(r->event_counts);
	free(r->claims);
	free(r->name);
	free(r->config);
	free(r->where);
	free(r->overrides);
	free(r->cwd);
	free(r->last_error);
	free(r->saved);
	free(r);
}

void record_drop(struct supervisor *s, struct record *r)
{
	r->defined = r->wanted = false;
	record_save(s, r);
	LIST_REMOVE(r, link);
	record_free(r);
}

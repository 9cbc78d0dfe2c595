/* SPDX-License-Identifier: MIT */
/*
 * What happened: a list of the last events, the log, and whoever follows. See supervise.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "lib/log.h"
#include "lib/uuid.h"
#include "supervise/supervise.h"

static void event_count(struct record *r, const char *what)
{
	json_t *count;

	r->event_counts = r->event_counts ? r->event_counts : json_object();
	count = json_object_get(r->event_counts, what);
	if (count) {
		json_integer_set(count, json_integer_value(count) + 1);
	} else {
		json_object_set_new(r->event_counts, what, json_integer(1));
	}
}

void event_tell(struct supervisor *s, struct record *r, const char *name, const char *what,
		const char *format, ...)
{
	char text[TEXT_MAX], uuid[UUID_TEXT];
	struct timespec now;
	json_t *event;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clock_gettime(CLOCK_REALTIME, &now);
	event = json_pack("{s:I, s:I, s:s, s:s, s:s}", "number", (json_int_t)++s->event_number,
			  "time", (json_int_t)(now.tv_sec * 1000ll + now.tv_nsec / 1000000),
			  "event", what, "name",
			  r      ? r->name
			  : name ? name
				 : "",
			  "text", text);
	if (!event) {
		return;
	}
	if (r) {
		event_count(r, what);
		uuid_format(r->uuid, uuid);
		json_object_set_new(event, "uuid", json_string(uuid));
		if (r->domid >= 0) {
			json_object_set_new(event, "domid", json_integer(r->domid));
		}
	}
	log_info("%s: %s%s%s", r ? r->name : name ? name : "-", what, *text ? ": " : "", text);
	while (json_array_size(s->events) >= EVENTS_KEPT) {
		json_array_remove(s->events, 0);
	}
	json_array_append(s->events, event);
	server_event(s, event);
	json_decref(event);
}

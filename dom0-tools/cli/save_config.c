/* SPDX-License-Identifier: MIT */
/*
 * The configuration of a guest that is saved: see save_config.h. Of settings with one name the last
 * counts, so what changed is said in lines at the end. No state of its own.
 */
#include "cli/save_config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/create.h"
#include "config/guest.h"
#include "domain/store.h"
#include "lib/xalloc.h"

#define LINE_MAX_BYTES 4096

static void __attribute__((format(printf, 2, 3))) line_add(char **text, const char *format, ...)
{
	char line[2 * LINE_MAX_BYTES + 64];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	cli_text_add(text, line);
}

/* In quotes, whatever it has of those. */
static void quoted_add(char **text, const char *before, const char *value, const char *after)
{
	char quoted[2 * LINE_MAX_BYTES];
	size_t n = 0;

	for (; *value && n < sizeof(quoted) - 3; value++) {
		if (*value == '\'' || *value == '\\') {
			quoted[n++] = '\\';
		}
		quoted[n++] = *value;
	}
	quoted[n] = 0;
	line_add(text, "%s'%s'%s", before, quoted, after);
}

/* ",KEY=VALUE" of a node of the backend, where there is one. */
static void item_add(struct toolstack *t, char item[LINE_MAX_BYTES], const char *back,
		     const char *node, const char *key)
{
	char *value = store_read(t->xs, "%s/%s", back, node);
	size_t len = strlen(item);

	if (value && *value) {
		snprintf(item + len, LINE_MAX_BYTES - len, "%s%s%s", len ? "," : "", key, value);
	}
	free(value);
}

static void nic_item(struct toolstack *t, char item[LINE_MAX_BYTES], const char *back)
{
	unsigned long long bytes;
	unsigned int us;
	char *rate = store_read(t->xs, "%s/rate", back);
	size_t len;

	item_add(t, item, back, "mac", "mac=");
	item_add(t, item, back, "bridge", "bridge=");
	item_add(t, item, back, "ip", "ip=");
	item_add(t, item, back, "vifname", "vifname=");
	item_add(t, item, back, "mtu", "mtu=");
	if (rate && sscanf(rate, "%llu,%u", &bytes, &us) == 2 && us) {
		len = strlen(item);
		snprintf(item + len, LINE_MAX_BYTES - len, ",rate=%lluB/s@%uus",
			 bytes * 1000000 / us, us);
	}
	free(rate);
}

static void disk_item(struct toolstack *t, char item[LINE_MAX_BYTES], const char *back)
{
	char *cdrom = store_read(t->xs, "%s/device-type", back);
	char *direct = store_read(t->xs, "%s/direct-io-safe", back);
	char *discard = store_read(t->xs, "%s/discard-enable", back);
	char *mode = store_read(t->xs, "%s/mode", back);

	strcat(item, "format=raw");
	item_add(t, item, back, "dev", "vdev=");
	strcat(item, mode && *mode == 'w' ? ",access=rw" : ",access=ro");
	strcat(item, cdrom && !strcmp(cdrom, "cdrom") ? ",devtype=cdrom" : "");
	strcat(item, direct && !strcmp(direct, "1") ? ",direct-io-safe" : "");
	strcat(item, discard && !strcmp(discard, "0") ? ",no-discard" : "");
	/* Whatever is in it: the target is the rest of the item. */
	item_add(t, item, back, "params", "target=");
	free(cdrom);
	free(direct);
	free(discard);
	free(mode);
}

/* A setting that lists the devices of a kind which the guest has now. */
static void devices_add(struct toolstack *t, uint32_t domid, char **text, const char *kind,
			const char *setting,
			void (*fill)(struct toolstack *, char[LINE_MAX_BYTES], const char *))
{
	size_t count, i;
	char **numbers = store_list(t->xs, &count, "/local/domain/%u/device/%s", domid, kind);

	line_add(text, "%s = [", setting);
	for (i = 0; i < count; i++) {
		char item[LINE_MAX_BYTES] = "", back[96];

		snprintf(back, sizeof(back), "/local/domain/0/backend/%s/%u/%.20s", kind, domid,
			 numbers[i]);
		fill(t, item, back);
		quoted_add(text, "\t", item, ",");
	}
	cli_text_add(text, "]");
	free(numbers);
}

/* How many the guest has; -1 when the store does not say, and so nothing can be said of it. */
static long device_count(struct toolstack *t, uint32_t domid, const char *kind)
{
	size_t count;
	char **numbers = store_list(t->xs, &count, "/local/domain/%u/device/%s", domid, kind);

	if (!numbers && errno != ENOENT) {
		return -1;
	}
	free(numbers);
	return (long)count;
}

static bool nics_changed(struct toolstack *t, uint32_t domid, const struct guest_config *g)
{
	long count = device_count(t, domid, "vif");
	bool changed = count != (long)g->nic_count;
	size_t i;

	for (i = 0; i < g->nic_count; i++) {
		changed |= !g->nics[i].mac_set; /* it was given one, and is to keep it */
	}
	return count >= 0 && changed;
}

static bool disks_changed(struct toolstack *t, uint32_t domid, const struct guest_config *g)
{
	long count = device_count(t, domid, "vbd");
	bool changed = count != (long)g->disk_count;
	size_t i;

	for (i = 0; i < g->disk_count; i++) {
		changed |= !store_exists(t->xs, "/local/domain/%u/device/vbd/%u/state", domid,
					 g->disks[i].device);
	}
	return count >= 0 && changed;
}

static void memory_add(struct toolstack *t, uint32_t domid, const struct guest_config *g,
		       char **text)
{
	long long target = store_number(t->xs, 0, "/local/domain/%u/memory/target", domid);
	long long most = store_number(t->xs, 0, "/local/domain/%u/memory/static-max", domid);

	if (target > 0 && most >= target &&
	    ((uint64_t)target != g->memory_kib || (uint64_t)most != g->maxmem_kib)) {
		line_add(text, "memory = %lld", target >> 10);
		line_add(text, "maxmem = %lld", most >> 10);
	}
}

static int config_changes(struct toolstack *t, uint32_t domid, char **text, struct failure *f)
{
	struct guest_config g;
	int rc = guest_parse(&g, "the guest's configuration", *text, strlen(*text), NULL, NULL, f);

	if (rc) {
		return rc;
	}
	memory_add(t, domid, &g, text);
	if (disks_changed(t, domid, &g)) {
		devices_add(t, domid, text, "vbd", "disk", disk_item);
	}
	if (nics_changed(t, domid, &g)) {
		devices_add(t, domid, text, "vif", "vif", nic_item);
	}
	guest_free(&g);
	return 0;
}

char *save_config(struct toolstack *t, uint32_t domid, struct failure *f)
{
	const char *config, *overrides, *name, *uuid;
	struct failure ignored = { 0 };
	char number[16], *text = NULL;
	json_t *record;

	snprintf(number, sizeof(number), "%u", domid);
	record = api_once("get", json_pack("{s:s}", "domain", number), &ignored);
	config = json_string_value(json_object_get(record, "config"));
	overrides = json_string_value(json_object_get(record, "overrides"));
	name = json_string_value(json_object_get(record, "name"));
	uuid = json_string_value(json_object_get(record, "uuid"));
	if (config && name && uuid) {
		cli_text_add(&text, config);
		cli_text_add(&text, overrides ? overrides : "");
		quoted_add(&text, "name = ", name, "");
		quoted_add(&text, "uuid = ", uuid, "");
	}
	if (!text) {
		failure_set(f, -ENOENT,
			    "the supervisor does not know the configuration of domain %u; name its "
			    "file: %s save %u FILE CONFIG",
			    domid, cli_program, domid);
	} else if (config_changes(t, domid, &text, f)) {
		free(text);
		text = NULL;
	}
	json_decref(record);
	return text;
}

/* SPDX-License-Identifier: MIT */
/*
 * From libxl's JSON to the text of an xl.cfg file: see libxl_json.h. What libxl leaves out has its
 * default, which is written down where ours is another. Values are not judged here: the text is
 * read like any other.
 */
#include "config/libxl_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

#define GIVE_CONFIG "name a configuration file in front of the saved guest's"

/* open_memstream() grows by itself. */
struct writer {
	FILE *out;
	struct failure *f;
};

static void write_escaped(struct writer *w, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == '"' || c == '\\' || c == 0x7f) {
			fprintf(w->out, "\\x%02x", c);
		} else {
			putc(c, w->out);
		}
	}
}

/* Numbers and texts as they are; libxl writes some truths as texts. NULL: nothing is said. */
static const char *value_text(const json_t *value, char number[32])
{
	if (json_is_integer(value)) {
		snprintf(number, 32, "%lld", (long long)json_integer_value(value));
		return number;
	}
	if (json_is_boolean(value)) {
		return json_is_true(value) ? "1" : "0";
	}
	return json_string_value(value);
}

static bool value_true(const json_t *value)
{
	char number[32];
	const char *text = value_text(value, number);

	return text && strcmp(text, "0") && strcmp(text, "False");
}

static void setting(struct writer *w, const char *name, const char *text)
{
	fprintf(w->out, "%s = \"", name);
	write_escaped(w, text);
	fputs("\"\n", w->out);
}

/* Members that mean the same under another name. */
static const struct {
	const char *from, *to;
} plain[] = {
	{ "kernel", "kernel" },
	{ "ramdisk", "ramdisk" },
	{ "cmdline", "cmdline" },
	{ "max_vcpus", "maxvcpus" },
	{ "tsc_mode", "tsc_mode" },
	{ "max_grant_frames", "max_grant_frames" },
	{ "max_maptrack_frames", "max_maptrack_frames" },
	{ "max_grant_version", "max_grant_version" },
	{ "event_channels", "max_event_channels" },
};

static void write_plain(struct writer *w, const json_t *build)
{
	char number[32];
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		text = value_text(json_object_get(build, plain[i].from), number);
		if (text) {
			setting(w, plain[i].to, text);
		}
	}
	if (value_true(json_object_get(build, "localtime"))) {
		setting(w, "localtime", "1");
	}
	if (value_true(json_object_get(json_object_get(build, "arch_x86"), "msr_relaxed"))) {
		setting(w, "msr_relaxed", "1");
	}
}

static void write_number(struct writer *w, const char *name, json_int_t number)
{
	if (number > 0) {
		fprintf(w->out, "%s = %lld\n", name, (long long)number);
	}
}

static json_int_t mib(const json_t *kib)
{
	json_int_t value = json_integer_value(kib);

	return value / 1024 + (value % 1024 > 0);
}

/* A set of CPUs is a list of their numbers. */
static void write_cpus(struct writer *w, const char *name, const json_t *sets)
{
	size_t i, j;

	if (!json_array_size(sets)) {
		return;
	}
	fprintf(w->out, "%s = [", name);
	for (i = 0; i < json_array_size(sets); i++) {
		const json_t *set = json_array_get(sets, i);

		fputs("\"", w->out);
		for (j = 0; j < json_array_size(set); j++) {
			fprintf(w->out, "%s%lld", j ? "," : "",
				(long long)json_integer_value(json_array_get(set, j)));
		}
		fputs(j ? "\", " : "all\", ", w->out);
	}
	fputs("]\n", w->out);
}

static void write_build(struct writer *w, const json_t *build)
{
	const json_t *shares = json_object_get(build, "sched_params");

	write_plain(w, build);
	write_number(w, "memory", mib(json_object_get(build, "target_memkb")));
	write_number(w, "maxmem", mib(json_object_get(build, "max_memkb")));
	write_number(w, "vcpus",
		     (json_int_t)json_array_size(json_object_get(build, "avail_vcpus")));
	write_number(w, "cpu_weight", json_integer_value(json_object_get(shares, "weight")));
	write_number(w, "cap", json_integer_value(json_object_get(shares, "cap")));
	write_cpus(w, "cpus", json_object_get(build, "vcpu_hard_affinity"));
	write_cpus(w, "cpus_soft", json_object_get(build, "vcpu_soft_affinity"));
}

static void write_ends(struct writer *w, const json_t *root)
{
	static const char *const ends[] = { "on_poweroff", "on_reboot", "on_watchdog", "on_crash",
					    "on_soft_reset" };
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		text = json_string_value(json_object_get(root, ends[i]));
		fprintf(w->out, "%s = \"", ends[i]);
		for (text = text ? text : "destroy"; *text; text++) {
			char c[2] = { *text == '_' ? '-' : *text, 0 };

			write_escaped(w, c);
		}
		fputs("\"\n", w->out);
	}
}

/* ",key=text" if there is one. */
static void part(struct writer *w, const char *key, const json_t *value)
{
	char number[32];
	const char *text = value_text(value, number);

	if (text) {
		fprintf(w->out, ",%s=", key);
		write_escaped(w, text);
	}
}

static void write_disk(struct writer *w, const json_t *d)
{
	const char *path = json_string_value(json_object_get(d, "pdev_path"));

	fprintf(w->out, "\"access=%s", value_true(json_object_get(d, "readwrite")) ? "rw" : "ro");
	part(w, "format", json_object_get(d, "format"));
	part(w, "vdev", json_object_get(d, "vdev"));
	if (value_true(json_object_get(d, "is_cdrom"))) {
		fputs(",devtype=cdrom", w->out);
	}
	if (json_object_get(d, "discard_enable")) {
		fprintf(w->out, ",%sdiscard",
			value_true(json_object_get(d, "discard_enable")) ? "" : "no-");
	}
	if (value_true(json_object_get(d, "direct_io_safe"))) {
		fputs(",direct-io-safe", w->out);
	}
	part(w, "script", json_object_get(d, "script"));
	/* Last: what follows is the name, commas and all. An empty drive has none. */
	if (path && *path) {
		fputs(",target=", w->out);
		write_escaped(w, path);
	}
	fputs("\",\n", w->out);
}

static void write_nic(struct writer *w, const json_t *n)
{
	json_int_t bytes = json_integer_value(json_object_get(n, "rate_bytes_per_interval"));
	json_int_t us = json_integer_value(json_object_get(n, "rate_interval_usecs"));

	fputs("\"type=vif", w->out);
	part(w, "devid", json_object_get(n, "devid"));
	part(w, "mac", json_object_get(n, "mac"));
	part(w, "bridge", json_object_get(n, "bridge"));
	part(w, "vifname", json_object_get(n, "ifname"));
	part(w, "ip", json_object_get(n, "ip"));
	part(w, "mtu", json_object_get(n, "mtu"));
	part(w, "script", json_object_get(n, "script"));
	if (bytes > 0 && us > 0 && bytes < INT64_MAX / 1000000) {
		/* Of long intervals what is less than a millisecond does not matter. */
		fprintf(w->out, ",rate=%lldB/s@%lld%s", (long long)(bytes * 1000000 / us),
			(long long)(us < 1000 ? us : us / 1000), us < 1000 ? "us" : "ms");
	}
	fputs("\",\n", w->out);
}

static void write_devices(struct writer *w, const char *name, const json_t *devices,
			  void (*write_one)(struct writer *w, const json_t *device))
{
	size_t i;

	if (json_array_size(devices)) {
		fprintf(w->out, "%s = [\n", name);
		for (i = 0; i < json_array_size(devices); i++) {
			write_one(w, json_array_get(devices, i));
		}
		fputs("]\n", w->out);
	}
}

/* Devices that we have not: what of them the guest can do without is for a person to say. */
static int check_devices(const json_t *root, struct failure *f)
{
	static const char *const others[] = { "pcidevs", "rdms",  "dtdevs",   "vfbs", "vkbs",
					      "vtpms",   "p9s",   "pvcallsifs", "vdispls", "vsnds",
					      "channels", "usbctrls", "usbdevs" };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (json_array_size(json_object_get(root, others[i]))) {
			return failure_set(f, -EOPNOTSUPP,
					   "its configuration has devices (%s) that are not "
					   "offered; to restore it without, " GIVE_CONFIG,
					   others[i]);
		}
	}
	return 0;
}

static int write_config(struct writer *w, const json_t *root)
{
	const json_t *create = json_object_get(root, "c_info");
	const json_t *build = json_object_get(root, "b_info");
	const char *type = json_string_value(json_object_get(create, "type"));
	const char *name = json_string_value(json_object_get(create, "name"));
	const char *uuid = json_string_value(json_object_get(create, "uuid"));
	const char *pool = json_string_value(json_object_get(create, "pool_name"));
	int rc = check_devices(root, w->f);

	if (!rc && type && strcmp(type, "pv")) {
		rc = failure_set(w->f, -EOPNOTSUPP,
				 "it is a guest of type %.16s; only PV guests can run here", type);
	}
	if (!rc && !name) {
		rc = failure_set(w->f, -EINVAL,
				 "its configuration does not name the guest; " GIVE_CONFIG);
	}
	if (rc) {
		return rc;
	}
	setting(w, "name", name);
	if (uuid) {
		setting(w, "uuid", uuid);
	}
	if (pool && *pool) {
		setting(w, "pool", pool);
	}
	write_build(w, build);
	write_ends(w, root);
	write_devices(w, "disk", json_object_get(root, "disks"), write_disk);
	write_devices(w, "vif", json_object_get(root, "nics"), write_nic);
	return 0;
}

char *libxl_json_to_config(const char *json, size_t len, struct failure *f)
{
	json_error_t error;
	json_t *root = json_loadb(json, len, 0, &error);
	struct writer w = { .f = f };
	char *text = NULL;
	size_t size;
	int rc;

	if (!root) {
		failure_set(f, -EINVAL, "its configuration is damaged (line %d: %s); " GIVE_CONFIG,
			    error.line, error.text);
		return NULL;
	}
	w.out = open_memstream(&text, &size);
	rc = w.out ? write_config(&w, root)
		   : failure_set(f, -ENOMEM, "there is not enough memory");
	if (w.out) {
		fclose(w.out);
	}
	json_decref(root);
	if (rc) {
		free(text);
		text = NULL;
	}
	return text;
}

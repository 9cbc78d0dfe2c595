/* SPDX-License-Identifier: MIT */
/*
 * Verbs about disks and network interfaces. Listing reads the store; attaching and detaching is
 * the supervisor's work, which knows what other guests use. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"
#include "lib/xalloc.h"

/* What listings show of a device. Texts are to be freed. */
struct device {
	uint32_t number;
	long long backend_domid, frontend_domid, state, port, ring[2];
	char *backend, *mac;
};

static void device_read(struct device *d, struct toolstack *t, const char *front)
{
	char *queue;

	d->backend = store_read(t->xs, "%s/backend", front);
	d->mac = store_read(t->xs, "%s/mac", front);
	d->backend_domid = store_number(t->xs, -1, "%s/backend-id", front);
	d->state = store_number(t->xs, -1, "%s/state", front);
	d->port = store_number(t->xs, -1, "%s/event-channel", front);
	/* A frontend with several queues keeps these below queue-0. */
	queue = store_read(t->xs, "%s/queue-0/tx-ring-ref", front);
	d->ring[0] = store_number(t->xs, -1, "%s/%s", front,
				  queue    ? "queue-0/tx-ring-ref"
				  : d->mac ? "tx-ring-ref"
					   : "ring-ref");
	d->ring[1] = store_number(t->xs, -1, "%s/%s", front,
				  queue ? "queue-0/rx-ring-ref" : "rx-ring-ref");
	if (d->port < 0) {
		d->port = store_number(t->xs, -1, "%s/queue-0/%s", front,
				       d->mac ? "event-channel-tx" : "event-channel");
	}
	if (d->port < 0 && d->mac) {
		d->port = store_number(t->xs, -1, "%s/event-channel-tx", front);
	}
	free(queue);
}

static void device_print(const struct device *d, bool nic)
{
	if (nic) {
		printf("%-3u %-2lld %s %6u %5lld %6lld %5lld/%-11lld %-30s\n", d->number,
		       d->backend_domid, d->mac ? d->mac : "-", d->number, d->state, d->port,
		       d->ring[0], d->ring[1], d->backend ? d->backend : "");
	} else {
		printf("%-5u %-3lld %-6lld %-5lld %-6lld %-8lld %-30s\n", d->number,
		       d->backend_domid, d->frontend_domid, d->state, d->port, d->ring[0],
		       d->backend ? d->backend : "");
	}
}

static json_t *device_json(struct toolstack *t, const struct device *d, bool nic)
{
	json_t *o = json_pack("{s:i, s:I, s:I, s:s}", "device", (int)d->number, "state", d->state,
			      "domid", d->frontend_domid, "backend", d->backend ? d->backend : "");
	static const char *const disk_leaves[] = { "dev", "params", "mode",
						   "physical-device-path" };
	static const char *const nic_leaves[] = { "mac", "bridge", "ip", "vifname" };
	const char *const *leaves = nic ? nic_leaves : disk_leaves;
	char *value;
	int i;

	for (i = 0; i < 4; i++) {
		value = d->backend ? store_read(t->xs, "%s/%s", d->backend, leaves[i]) : NULL;
		if (value) {
			json_object_set_new(o, leaves[i], json_string(value));
		}
		free(value);
	}
	return o;
}

static void list_domain(struct toolstack *t, uint32_t domid, const char *kind, json_t *out)
{
	char front[96], **numbers;
	struct device d;
	size_t count, i;

	numbers = store_list(t->xs, &count, "/local/domain/%u/device/%s", domid, kind);
	for (i = 0; i < count; i++) {
		snprintf(front, sizeof(front), "/local/domain/%u/device/%s/%s", domid, kind,
			 numbers[i]);
		memset(&d, 0, sizeof(d));
		d.number = (uint32_t)strtoul(numbers[i], NULL, 10);
		d.frontend_domid = domid;
		device_read(&d, t, front);
		if (out) {
			json_array_append_new(out, device_json(t, &d, !strcmp(kind, "vif")));
		} else {
			device_print(&d, !strcmp(kind, "vif"));
		}
		free(d.backend);
		free(d.mac);
	}
	free(numbers);
}

static int list_devices(int argc, char **argv, const char *kind, const char *header)
{
	struct toolstack t;
	struct failure f = { 0 };
	uint32_t domid;
	bool json = false;
	json_t *out;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, &json, &status) != -1 ||
	    (status = cli_arguments(argc, 1, -1)) || (status = cli_open(&t))) {
		return status;
	}
	out = json ? json_array() : NULL;
	if (!json) {
		puts(header);
	}
	for (; optind < argc; optind++) {
		if (toolstack_find(&t, argv[optind], &domid, &f)) {
			status = cli_fail(&f);
			memset(&f, 0, sizeof(f));
		} else {
			list_domain(&t, domid, kind, out);
		}
	}
	toolstack_close(&t);
	return out ? cli_print_json(out) | status : status;
}

int verb_block_list(int argc, char **argv)
{
	return list_devices(argc, argv, "vbd",
			    "Vdev  BE  handle state evt-ch ring-ref BE-path"
			    "                       ");
}

int verb_network_list(int argc, char **argv)
{
	return list_devices(argc, argv, "vif",
			    "Idx BE Mac Addr.         handle state evt-ch   "
			    "tx-/rx-ring-ref BE-path                       ");
}

static int call(const char *method, json_t *params)
{
	struct failure f = { 0 };
	json_t *done = api_once(method, params, &f);

	json_decref(done);
	return done ? 0 : cli_fail(&f);
}

/* The remaining arguments, with commas between. */
static char *joined(char **argv, int count)
{
	size_t room = 1;
	char *text;
	int i;

	for (i = 0; i < count; i++) {
		room += strlen(argv[i]) + 1;
	}
	text = xcalloc(room, 1);
	for (i = 0; i < count; i++) {
		strcat(strcat(text, i ? "," : ""), argv[i]);
	}
	return text;
}

int verb_block_attach(int argc, char **argv)
{
	struct config_notes notes = { 0 };
	struct failure f = { 0 };
	struct guest_disk d;
	char *spec, cwd[4096];
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 2, -1))) {
		return status;
	}
	spec = joined(argv + optind + 1, argc - optind - 1);
	if (guest_parse_disk(&d, spec, &notes, &f)) {
		status = cli_fail(&f);
	} else {
		guest_disk_free(&d);
		status = call("block_attach",
			      json_pack("{s:s, s:s, s:s}", "domain", argv[optind], "disk", spec,
					"cwd", getcwd(cwd, sizeof(cwd)) ? cwd : "/"));
	}
	config_notes_free(&notes);
	free(spec);
	return status;
}

int verb_network_attach(int argc, char **argv)
{
	struct config_notes notes = { 0 };
	struct failure f = { 0 };
	struct guest_nic n;
	char *spec;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, -1))) {
		return status;
	}
	spec = joined(argv + optind + 1, argc - optind - 1);
	if (guest_parse_nic(&n, spec, &notes, &f)) {
		status = cli_fail(&f);
	} else {
		guest_nic_free(&n);
		status = call("network_attach",
			      json_pack("{s:s, s:s}", "domain", argv[optind], "vif", spec));
	}
	config_notes_free(&notes);
	free(spec);
	return status;
}

static int detach(int argc, char **argv, const char *method)
{
	static const struct option longs[] = {
		{ "force", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	bool force = false;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "f", longs, NULL, &status)) >= 0) {
		force |= c == 'f';
	}
	if (c == -2 || (status = cli_arguments(argc, 2, 3))) {
		return status;
	}
	force = force || (argc - optind == 3 && !strcmp(argv[optind + 2], "force"));
	return call(method, json_pack("{s:s, s:s, s:b}", "domain", argv[optind], "device",
				      argv[optind + 1], "force", force));
}

int verb_block_detach(int argc, char **argv)
{
	return detach(argc, argv, "block_detach");
}

int verb_network_detach(int argc, char **argv)
{
	return detach(argc, argv, "network_detach");
}

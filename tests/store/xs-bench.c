/* SPDX-License-Identifier: MIT */
/*
 * Store operations per second, by libxenstore, against whatever store serves /run/xenstored.
 *
 *   xs-bench [GUESTS [SECONDS]]
 *
 * First as many nodes and watches are set up as GUESTS (100) guests have; then each operation is
 * repeated for SECONDS (2). One line per operation: name, requests per second, and with STORE_PID
 * in the environment the microseconds of CPU time each request cost that process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

static struct xs_handle *xs, *watcher;
static unsigned int guests = 100;

static void die(const char *what)
{
	fprintf(stderr, "xs-bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds of CPU time the store has used, or 0. */
static double store_cpu(void)
{
	const char *pid = getenv("STORE_PID");
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid ? pid : "none");
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%llu", &ns) != 1) {
			ns = 0;
		}
		fclose(f);
	}
	return (double)ns / 1e9;
}

static void put(xs_transaction_t t, const char *path, const char *value)
{
	if (!xs_write(xs, t, path, value, (unsigned int)strlen(value))) {
		die(path);
	}
}

/* What a guest with a disk and a network interface leaves in the store, roughly. */
static void populate(unsigned int guest)
{
	static const char *const leaf[] = {
		"name", "vm", "memory/target", "cpu/0/availability", "control/shutdown",
		"console/port", "console/ring-ref", "console/limit", "device/vbd/51712/state",
		"device/vbd/51712/backend", "device/vbd/51712/ring-ref",
		"device/vbd/51712/event-channel", "device/vif/0/state", "device/vif/0/backend",
		"device/vif/0/mac", "device/vif/0/tx-ring-ref", "device/vif/0/rx-ring-ref",
	};
	static const char *const back[] = {
		"frontend", "state", "online", "params", "mode", "sectors", "feature-barrier",
	};
	static const char *const watched[] = { "device/vbd/51712/state", "device/vif/0/state" };
	char path[256], token[32];
	size_t i;

	for (i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++) {
		snprintf(path, sizeof(path), "/bench/domain/%u/%s", guest, leaf[i]);
		put(XBT_NULL, path, "value of some length");
	}
	for (i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		snprintf(path, sizeof(path), "/bench/domain/0/backend/vbd/%u/51712/%s", guest, back[i]);
		put(XBT_NULL, path, "value");
		snprintf(path, sizeof(path), "/bench/domain/0/backend/vif/%u/0/%s", guest, back[i]);
		put(XBT_NULL, path, "value");
	}
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/bench/domain/%u/%s", guest, watched[i]);
		snprintf(token, sizeof(token), "%u-%zu", guest, i);
		xs_watch(watcher, path, token);
	}
	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/bench/domain/0/backend/vif/%u/%zu", guest, i);
		snprintf(token, sizeof(token), "b%u-%zu", guest, i);
		xs_watch(watcher, path, token);
	}
}

static void op_read(unsigned int i)
{
	char path[128];
	unsigned int len;

	snprintf(path, sizeof(path), "/bench/domain/%u/device/vif/0/mac", 1 + i % guests);
	free(xs_read(xs, XBT_NULL, path, &len));
}

static void op_write(unsigned int i)
{
	char path[128];

	snprintf(path, sizeof(path), "/bench/domain/%u/memory/target", 1 + i % guests);
	put(XBT_NULL, path, "131072");
}

static void op_directory(unsigned int i)
{
	unsigned int n;

	(void)i;
	free(xs_directory(xs, XBT_NULL, "/bench/domain", &n));
}

static void op_create_remove(unsigned int i)
{
	char path[128];

	snprintf(path, sizeof(path), "/bench/domain/%u/data/temporary", 1 + i % guests);
	put(XBT_NULL, path, "x");
	xs_rm(xs, XBT_NULL, path);
}

static void op_watched_write(unsigned int i)
{
	char path[128], **event;
	unsigned int n;

	snprintf(path, sizeof(path), "/bench/domain/%u/device/vif/0/state", 1 + i % guests);
	put(XBT_NULL, path, "4");
	event = xs_read_watch(watcher, &n);
	free(event);
}

static void op_transaction(unsigned int i)
{
	char path[128];
	xs_transaction_t t = xs_transaction_start(xs);
	unsigned int k, len;

	for (k = 0; k < 4; k++) {
		snprintf(path, sizeof(path), "/bench/domain/%u/console/port", 1 + (i + k) % guests);
		free(xs_read(xs, t, path, &len));
		snprintf(path, sizeof(path), "/bench/domain/%u/tx/%u", 1 + i % guests, k);
		put(t, path, "in a transaction");
	}
	if (!xs_transaction_end(xs, t, false)) {
		die("commit");
	}
}

static const struct {
	const char *name;
	void (*run)(unsigned int i);
	unsigned int requests;
} ops[] = {
	{ "read", op_read, 1 },
	{ "write", op_write, 1 },
	{ "directory", op_directory, 1 },
	{ "create+remove", op_create_remove, 2 },
	{ "watched write", op_watched_write, 1 },
	{ "transaction of 8", op_transaction, 10 },
};

static void drain(void)
{
	char **event;

	usleep(200000);
	while ((event = xs_check_watch(watcher))) {
		free(event);
	}
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 2, began, took, cpu;
	unsigned int i, k;

	guests = argc > 1 ? (unsigned int)atoi(argv[1]) : guests;
	xs = xs_open(0);
	watcher = xs_open(0);
	if (!xs || !watcher) {
		die("no store");
	}
	began = now();
	for (i = 1; i <= guests; i++) {
		populate(i);
	}
	printf("%-18s %10.3f s for %u guests\n", "populate", now() - began, guests);
	drain();
	for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++) {
		cpu = store_cpu();
		began = now();
		for (i = 0; (took = now() - began) < seconds; i++) {
			ops[k].run(i);
		}
		printf("%-18s %10.0f requests/s %8.1f us each\n", ops[k].name,
		       i * ops[k].requests / took,
		       (store_cpu() - cpu) * 1e6 / (i * ops[k].requests));
		drain();
	}
	began = now();
	xs_rm(xs, XBT_NULL, "/bench");
	printf("%-18s %10.3f s\n", "remove all", now() - began);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * `dais supervise`: puts the supervisor together and runs its event loop. Owns the process: lock,
 * pid file, signals. Ending it ends no guest.
 */
#include "supervise/main.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/daemon_main.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "supervise/api.h"
#include "supervise/supervise.h"

struct options {
	const char *socket, *state, *metrics;
};

static void child(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	job_reaped(arg);
}

static void boot_id(char id[64])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || !fgets(id, 64, f)) {
		strcpy(id, "unknown");
	}
	id[strcspn(id, "\n")] = 0;
	if (f) {
		fclose(f);
	}
}

static int records_load(struct supervisor *s, const char *folder, struct failure *f)
{
	char path[4096], id[64];
	json_t *state, *value, *boot;
	const char *key;
	int rc = daemon_make_folder(folder);

	if (rc) {
		return failure_set(f, rc, "cannot make the folder %s: %s", folder, strerror(-rc));
	}
	snprintf(path, sizeof(path), "%s/inventory", folder);
	s->journal = inventory_open(path, &state, f);
	if (!s->journal) {
		return f->code;
	}
	boot_id(id);
	boot = json_string(id);
	s->fresh_boot = !json_equal(json_object_get(state, "boot"), boot);
	value = json_deep_copy(state);
	json_decref(state);
	state = value;
	json_object_foreach(state, key, value)
	{
		if (!strncmp(key, "domain/", 7) && !record_load(s, value)) {
			log_warn("the inventory has an entry that is not understood: %s", key);
		}
	}
	json_decref(state);
	if (s->fresh_boot) {
		life_after_boot(s);
		rc = inventory_put(s->journal, "boot", boot);
	}
	json_decref(boot);
	return rc ? failure_set(f, rc, "cannot write %s: %s", path, strerror(-rc)) : 0;
}

static int open_all(struct supervisor *s, const struct options *o, struct failure *f)
{
	char lock[4096];
	int rc = toolstack_open_hypervisor(&s->t, f);

	if (rc) {
		return rc;
	}
	rc = daemon_make_folder(o->state);
	rc = rc ? rc : daemon_make_folder("/run/dais");
	if (rc) {
		return failure_set(f, rc, "cannot make %s or /run/dais: %s", o->state,
				   strerror(-rc));
	}
	snprintf(lock, sizeof(lock), "%s/lock", o->state);
	rc = daemon_lock(lock);
	if (rc) {
		return failure_set(f, rc,
				   rc == -EWOULDBLOCK ? "another `dais supervise` is running"
						      : "cannot lock %s",
				   lock);
	}
	s->base = event_base_new();
	rc = records_load(s, o->state, f);
	return rc ? rc : server_listen(s, o->socket, f);
}

int supervise_main(int argc, char **argv)
{
	struct options o = { .socket = API_SOCKET, .state = "/var/lib/dais/supervise" };
	const struct daemon_option own[] = {
		{ "metrics", 'm', &o.metrics, NULL },
		{ "socket", 's', &o.socket, NULL },
		{ "state", 'S', &o.state, NULL },
		{ 0 },
	};
	struct daemon daemon = { .name = "supervise" };
	static struct supervisor s;
	struct failure f = { 0 };
	int rc = daemon_begin(&daemon, own, argc, argv);

	if (rc) {
		return rc;
	}
	s.events = json_array();
	s.metrics_file = o.metrics;
	s.sysfs = "/sys";
	if (open_all(&s, &o, &f)) {
		log_error("%s", f.text);
		return 1;
	}
	if (daemon_note_pid(&daemon)) {
		return 1;
	}
	event_add(evsignal_new(s.base, SIGCHLD, child, &s), NULL);
	watch_start(&s);
	daemon_serve(&daemon, s.base);
	return 0;
}

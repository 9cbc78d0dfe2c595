/* SPDX-License-Identifier: MIT */
/*
 * The pretended world: see world.h. getsockopt(), getgrnam() and accept4() are the linker's --wrap,
 * so that who calls can be chosen, and whether there is a descriptor for it.
 */
#include "world.h"

#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "domain/device.h"
#include "domain/dump.h"
#include "domain/store.h"
#include "lib/daemon.h"
#include "lib/domctl.h"
#include "lib/log.h"
#include "lib/sysctl.h"
#include "lib/xalloc.h"

#define PATIENCE 20 /* seconds */

struct world world;

/* ---- the hypervisor ---- */

int domctl_info_all(struct hypercall *h, struct xen_domctl_getdomaininfo **list)
{
	(void)h;
	*list = xcalloc(world.count + 1, sizeof(**list));
	memcpy(*list, world.domains, world.count * sizeof(**list));
	return (int)world.count;
}

int domctl_info(struct hypercall *h, uint32_t domid, struct xen_domctl_getdomaininfo *info)
{
	size_t i;

	(void)h;
	for (i = 0; i < world.count; i++) {
		if (world.domains[i].domain == domid) {
			*info = world.domains[i];
			return 0;
		}
	}
	return -ESRCH;
}

int domctl_pause(struct hypercall *h, uint32_t domid)
{
	(void)h;
	(void)domid;
	return 0;
}

int domctl_set_handle(struct hypercall *h, uint32_t domid, const uint8_t uuid[16])
{
	(void)h;
	(void)domid;
	(void)uuid;
	return 0;
}

int sysctl_physinfo(struct hypercall *h, struct xen_sysctl_physinfo *info)
{
	(void)h;
	memset(info, 0, sizeof(*info));
	info->total_pages = 1 << 20;
	info->free_pages = 1000;
	info->scrub_pages = 24;
	info->nr_cpus = 2;
	return 0;
}

int sysctl_idle_times(struct hypercall *h, uint64_t **nanoseconds, uint32_t *count)
{
	(void)h;
	*count = 2;
	*nanoseconds = xcalloc(2, sizeof(**nanoseconds));
	(*nanoseconds)[0] = 1500000000;
	(*nanoseconds)[1] = 3;
	return 0;
}

/* ---- the store: names only, and no news ---- */

int xs_client_watch(struct xs_client *c, const char *path, const char *token)
{
	(void)c;
	(void)path;
	(void)token;
	return -ENOTCONN;
}

int xs_client_event(struct xs_client *c, const char **path, const char **token)
{
	(void)c;
	(void)path;
	(void)token;
	return 0;
}

int xs_client_fd(const struct xs_client *c)
{
	(void)c;
	return -1;
}

void xs_client_close(struct xs_client *c)
{
	(void)c;
}

int xs_client_read_many(struct xs_client *xs, uint32_t tx, char *const *paths, size_t count,
			char **values)
{
	unsigned int domid;
	size_t i, k;

	(void)xs;
	for (i = 0; i < count; i++) {
		values[i] = NULL;
		for (k = 0; k < world.count; k++) {
			if (sscanf(paths[i], "/local/domain/%u/name", &domid) == 1 &&
			    world.domains[k].domain == domid && world.names[k]) {
				values[i] = xstrdup(world.names[k]);
			}
		}
	}
	return 0;
}

struct xs_client *store_open(struct failure *f)
{
	(void)f;
	return NULL;
}

struct xs_client *store_open_now(int *error)
{
	*error = -ECONNREFUSED;
	return NULL;
}

char *store_read(struct xs_client *xs, const char *path, ...)
{
	(void)xs;
	(void)path;
	return NULL;
}

long long store_number(struct xs_client *xs, long long otherwise, const char *path, ...)
{
	(void)xs;
	(void)path;
	return otherwise;
}

int store_write(struct xs_client *xs, const char *value, const char *path, ...)
{
	(void)xs;
	(void)value;
	(void)path;
	return 0;
}

bool store_exists(struct xs_client *xs, const char *path, ...)
{
	(void)xs;
	(void)path;
	return false;
}

char **store_list(struct xs_client *xs, size_t *count, const char *path, ...)
{
	(void)xs;
	(void)path;
	*count = 0;
	return NULL;
}

int toolstack_find(struct toolstack *t, const char *what, uint32_t *domid, struct failure *f)
{
	char number[12];
	size_t i;

	(void)t;
	for (i = 0; i < world.count; i++) {
		snprintf(number, sizeof(number), "%u", world.domains[i].domain);
		if (!strcmp(number, what) || (world.names[i] && !strcmp(world.names[i], what))) {
			*domid = world.domains[i].domain;
			return 0;
		}
	}
	return failure_set(f, -ESRCH, "%s is an invalid domain identifier", what);
}

/* ---- work is seldom done here; tests say how it ended ---- */

int domain_create(struct toolstack *t, struct guest_config *g, const struct domain_options *o,
		  uint32_t *domid, struct failure *f)
{
	(void)t;
	(void)g;
	(void)o;
	(void)domid;
	(void)f;
	abort();
}

int domain_destroy(struct toolstack *t, uint32_t domid, struct failure *f)
{
	(void)t;
	return world.destroy_error
		       ? failure_set(f, world.destroy_error, "there is no domain %u", domid)
		       : 0;
}

int domain_dump(struct toolstack *t, uint32_t domid, const char *path, struct failure *f)
{
	(void)t;
	(void)domid;
	(void)path;
	(void)f;
	abort();
}

int domain_attach_disk(struct toolstack *t, uint32_t domid, struct guest_disk *d, struct failure *f)
{
	(void)t;
	(void)domid;
	(void)d;
	(void)f;
	abort();
}

int domain_attach_nic(struct toolstack *t, uint32_t domid, struct guest_nic *n, unsigned int *devid,
		      struct failure *f)
{
	(void)t;
	(void)domid;
	(void)n;
	(void)devid;
	(void)f;
	abort();
}

int device_remove(struct xs_client *xs, uint32_t domid, const char *kind, uint32_t number,
		  bool force, unsigned int seconds, struct failure *f)
{
	(void)xs;
	(void)domid;
	(void)kind;
	(void)number;
	(void)force;
	(void)seconds;
	(void)f;
	abort();
}

int daemon_make_folder(const char *path)
{
	(void)path;
	return 0;
}

struct job {
	struct request req;
	job_work_fn work;
	job_done_fn done;
	void *arg;
};

struct job *job_start(struct supervisor *s, struct request req, const char *lock_name,
		      job_work_fn work, job_done_fn done, void *arg)
{
	struct job *j = xcalloc(1, sizeof(*j));

	(void)s;
	(void)lock_name;
	if (world.job) {
		free(j);
		errno = EAGAIN; /* one process at a time is all there is room for */
		return NULL;
	}
	j->req = req;
	j->work = work;
	j->done = done;
	j->arg = arg;
	world.job = j;
	world.jobs++;
	return j;
}

bool job_elsewhere(const char *name)
{
	(void)name;
	return false;
}

void job_reaped(struct supervisor *s)
{
	(void)s;
}

void world_job_progress(const char *step)
{
	server_progress(&world.s, world.job->req, step);
}

void world_job_ends(json_t *result, int error, const char *message)
{
	struct job *j = world.job;
	struct failure f = { 0 };

	world.job = NULL;
	if (!result) {
		failure_set(&f, error, "%s", message);
	}
	j->done(&world.s, j->arg, result, &f);
	json_decref(result);
	free(j);
}

void world_job_works(void)
{
	struct job_work w = { 0 };
	int rc = world.job->work(&w, world.job->arg);

	if (rc) {
		failure_set(&w.f, rc, "%s", strerror(-rc));
	}
	/* As job.c has it, what was said of a failure counts. */
	if (w.f.code) {
		json_decref(w.result);
		w.result = NULL;
	}
	world_job_ends(w.result, w.f.code, w.f.text);
}

/* ---- who calls ---- */

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
struct group *__wrap_getgrnam(const char *name);

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct ucred peer = { 1, world.uid, world.gid };

	(void)fd;
	(void)level;
	if (name == SO_PEERCRED && *len >= sizeof(peer)) {
		memcpy(value, &peer, sizeof(peer));
		*len = sizeof(peer);
		return 0;
	}
	if (name == SO_PEERGROUPS && *len >= world.group_count * sizeof(*world.groups)) {
		*len = (socklen_t)(world.group_count * sizeof(*world.groups));
		memcpy(value, world.groups, *len);
		return 0;
	}
	errno = ERANGE;
	return -1;
}

struct group *__wrap_getgrnam(const char *name)
{
	static struct group g;

	g.gr_gid = !strcmp(name, "dais") ? WORLD_GROUP_ALL : WORLD_GROUP_VIEW;
	return !strncmp(name, "dais", 4) ? &g : NULL;
}

int __wrap_accept4(int fd, struct sockaddr *from, socklen_t *len, int flags);
int __real_accept4(int fd, struct sockaddr *from, socklen_t *len, int flags);

int __wrap_accept4(int fd, struct sockaddr *from, socklen_t *len, int flags)
{
	world.accepts++;
	if (world.accept_error) {
		errno = world.accept_error;
		return -1;
	}
	return __real_accept4(fd, from, len, flags);
}

/* ---- the world as a whole ---- */

/* What the journal has, in place of what there was. */
static json_t *world_journal(void)
{
	struct failure f = { 0 };
	char path[96];
	json_t *state;

	inventory_close(world.s.journal);
	snprintf(path, sizeof(path), "%s/inventory", world.folder);
	world.s.journal = inventory_open(path, &state, &f);
	if (!world.s.journal) {
		abort();
	}
	return state;
}

static void world_forget(void)
{
	struct record *r;

	while ((r = LIST_FIRST(&world.s.records))) {
		LIST_REMOVE(r, link);
		record_free(r);
	}
}

void world_next_supervisor(void)
{
	const char *key;
	json_t *state, *value;

	if (world.job) {
		free(world.job->arg);
		free(world.job);
		world.job = NULL;
	}
	world_forget();
	state = world_journal();
	json_object_foreach(state, key, value)
	{
		if (!record_load(&world.s, value)) {
			abort();
		}
	}
	json_decref(state);
}

void world_begin(void)
{
	struct failure f = { 0 };

	memset(&world, 0, sizeof(world));
	log_set_level(LOG_LEVEL_NONE);
	signal(SIGPIPE, SIG_IGN); /* as main() does */
	snprintf(world.folder, sizeof(world.folder), "%s/supervise-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(world.folder)) {
		abort();
	}
	snprintf(world.socket, sizeof(world.socket), "%s/socket", world.folder);
	json_decref(world_journal());
	world.s.base = event_base_new();
	world.s.events = json_array();
	world.s.sysfs = world.folder;
	world_domain(0, NULL);
	if (server_listen(&world.s, world.socket, &f)) {
		abort();
	}
}

void world_end(void)
{
	char path[96];

	world_forget();
	server_close(&world.s);
	event_base_free(world.s.base);
	json_decref(world.s.events);
	inventory_close(world.s.journal);
	snprintf(path, sizeof(path), "%s/inventory", world.folder);
	unlink(path);
	unlink(world.socket);
	rmdir(world.folder);
}

struct xen_domctl_getdomaininfo *world_domain(uint32_t domid, const char *name)
{
	struct xen_domctl_getdomaininfo *d = &world.domains[world.count];

	if (world.count == WORLD_DOMAINS) {
		abort();
	}
	world.names[world.count++] = name;
	d->domain = (domid_t)domid;
	memset(d->handle, (int)domid, sizeof(d->handle));
	return d;
}

/* ---- clients ---- */

void talker_open(struct talker *t)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	memset(t, 0, sizeof(*t));
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", world.socket);
	t->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0 || connect(t->fd, (struct sockaddr *)&to, sizeof(to))) {
		abort();
	}
	event_base_loop(world.s.base, EVLOOP_NONBLOCK);
}

void talker_close(struct talker *t)
{
	close(t->fd);
	free(t->text);
	event_base_loop(world.s.base, EVLOOP_NONBLOCK);
}

void talker_send(struct talker *t, const char *bytes, size_t len)
{
	time_t start = time(NULL);
	ssize_t n;

	while (len) {
		n = send(t->fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EPIPE) {
			return;
		}
		if ((n < 0 && errno != EAGAIN) || time(NULL) > start + PATIENCE) {
			abort();
		}
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
		event_base_loop(world.s.base, EVLOOP_NONBLOCK);
	}
}

/* Takes in what has come; false at the end. */
static bool talker_take(struct talker *t)
{
	ssize_t n;

	event_base_loop(world.s.base, EVLOOP_NONBLOCK);
	if (t->len + 4096 > t->room) {
		t->room = t->room * 2 + 8192;
		t->text = xrealloc(t->text, t->room, 1);
	}
	n = recv(t->fd, t->text + t->len, t->room - t->len, 0);
	t->len += n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && errno == EAGAIN);
}

json_t *talker_next(struct talker *t)
{
	time_t start = time(NULL);
	json_t *message;
	bool more = true;
	char *end;

	for (;;) {
		end = t->len ? memchr(t->text, '\n', t->len) : NULL;
		if (end) {
			message = json_loadb(t->text, (size_t)(end - t->text), 0, NULL);
			t->len -= (size_t)(end + 1 - t->text);
			memmove(t->text, end + 1, t->len);
			if (!message) {
				abort();
			}
			return message;
		}
		if (!more) {
			t->ended = true;
			return NULL;
		}
		if (time(NULL) > start + PATIENCE) {
			abort();
		}
		more = talker_take(t);
	}
}

static void talker_request(struct talker *t, const char *method, json_t *params)
{
	json_t *request =
		json_pack("{s:i, s:s, s:o*}", "id", 77, "method", method, "params", params);
	char *text = json_dumps(request, JSON_COMPACT);

	talker_send(t, text, strlen(text));
	talker_send(t, "\n", 1);
	free(text);
	json_decref(request);
}

json_t *talker_call(struct talker *t, const char *method, json_t *params)
{
	json_t *answer;

	talker_request(t, method, params);
	while ((answer = talker_next(t))) {
		if (json_integer_value(json_object_get(answer, "id")) == 77 &&
		    !json_object_get(answer, "progress")) {
			break;
		}
		json_decref(answer);
	}
	return answer;
}

int talker_errno(struct talker *t, const char *method, json_t *params)
{
	json_t *answer = talker_call(t, method, params);
	json_t *error = json_object_get(answer, "error");
	int code = (int)json_integer_value(json_object_get(error, "errno"));

	if (error && (!code || !*json_string_value(json_object_get(error, "message")))) {
		abort();
	}
	json_decref(answer);
	return code;
}

bool talker_quiet(struct talker *t)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (!talker_take(t)) {
			break;
		}
	}
	return !t->len;
}

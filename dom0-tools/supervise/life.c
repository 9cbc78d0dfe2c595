/* SPDX-License-Identifier: MIT */
/*
 * The transitions of a domain of the inventory: started, ended, destroyed, started again. Each is
 * written to the journal before it is begun, so that a supervisor that dies in the middle finds
 * out what was intended. See supervise.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "domain/dump.h"
#include "domain/store.h"
#include "lib/daemon.h"
#include "lib/domctl.h"
#include "lib/log.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

#define KEEP \
	"on_poweroff = 'preserve'; on_reboot = 'preserve'; on_crash = 'preserve'; " \
	"on_watchdog = 'preserve'; on_soft_reset = 'preserve'"
#define DUMP_FOLDER "/var/lib/dais/dump"

/* What a job needs, copied by fork, and whom to answer. */
struct life_job {
	struct record *r;
	struct request req;
	bool paused, automatic;
	bool building; /* before its end was begun */
	char fail_after[32], restore[PATH_MAX], cwd[PATH_MAX];
	char *saved; /* the file it is in, when that is why it is destroyed */
	struct policy_out end;
	unsigned int reason;
};

static struct life_job *life_job(struct record *r, struct request req)
{
	struct life_job *j = xcalloc(1, sizeof(*j));

	j->r = r;
	j->req = req;
	return j;
}

static void set_error(struct record *r, const char *text)
{
	free(r->last_error);
	r->last_error = text ? xstrdup(text) : NULL;
}

static void life_retry(evutil_socket_t fd, short what, void *arg);

/*
 * Another start, after a while. The caller writes the record down, as one that is being made: the
 * timer dies with this process, the start that is due must not.
 */
void life_start_later(struct supervisor *s, struct record *r, unsigned int seconds)
{
	struct timeval delay = { seconds, 0 };

	r->s = s;
	r->building = true;
	r->due = time(NULL) + seconds;
	r->state = RECORD_WAITING;
	if (!r->timer) {
		r->timer = event_new(s->base, -1, 0, life_retry, r);
	}
	event_add(r->timer, &delay);
}

/* Refuses a name or a UUID that a domain has, whoever made that one. */
static int refuse_taken(struct job_work *w, const struct record *r)
{
	struct roster all;
	size_t i;
	int rc = roster_read(&all, &w->t, &w->f);

	for (i = 0; !rc && i < all.count; i++) {
		const struct xen_domctl_getdomaininfo *info = &all.rows[i].info;

		/* One that is dying has left its UUID to others. */
		if (!strcmp(all.rows[i].name, r->name) ||
		    (!memcmp(info->handle, r->uuid, sizeof(r->uuid)) &&
		     !(info->flags & XEN_DOMINF_dying))) {
			rc = failure_set(&w->f, -EEXIST,
					 "domain %u runs with this name or UUID already; give "
					 "this guest another, or destroy that one",
					 info->domain);
		}
	}
	roster_free(&all);
	return rc;
}

static int work_start(struct job_work *w, void *arg)
{
	struct life_job *j = arg;
	struct domain_options o = {
		.paused = j->paused,
		.restore = *j->restore ? j->restore : NULL,
		.fail_after = *j->fail_after ? j->fail_after : NULL,
		.progress = w->progress,
		.arg = w->arg,
	};
	char uuid[UUID_TEXT];
	uint32_t domid;
	int rc;

	if (*j->cwd && chdir(j->cwd)) {
		return failure_set(&w->f, -errno,
				   "cannot enter '%s', where the configuration came "
				   "from: %s",
				   j->cwd, strerror(errno));
	}
	rc = refuse_taken(w, j->r);
	if (rc) {
		return rc;
	}
	rc = domain_create(&w->t, &j->r->g, &o, &domid, &w->f);
	if (!rc) {
		uuid_format(j->r->uuid, uuid);
		w->result = json_pack("{s:i, s:s, s:s}", "domid", (int)domid, "uuid", uuid, "name",
				      j->r->name);
	}
	return rc;
}

static void start_failed(struct supervisor *s, struct life_job *j, const struct failure *f)
{
	struct record *r = j->r;
	unsigned int delay;

	set_error(r, f->text);
	claim_release(r);
	r->state = RECORD_STOPPED;
	r->building = r->restoring = false;
	event_tell(s, r, NULL, "start-failed", "%s", f->text);
	if (j->automatic && r->wanted) {
		/* Nobody watches; memory may become free, a disk may appear. */
		r->soon++;
		delay = r->soon > 8 ? POLICY_DELAY_MAX : 1u << r->soon;
		life_start_later(s, r, delay);
		record_save(s, r);
		return;
	}
	r->wanted = false;
	server_error(s, j->req, f);
	if (r->defined) {
		record_save(s, r);
	} else {
		record_drop(s, r);
	}
}

static void done_start(struct supervisor *s, void *arg, json_t *result, const struct failure *f)
{
	struct life_job *j = arg;
	struct record *r = j->r;
	bool at_boot = r->boot_pending;

	r->job = NULL;
	r->boot_pending = false;
	if (!result) {
		start_failed(s, j, f); /* perhaps the end of the record */
	} else {
		r->domid = (int)json_integer_value(json_object_get(result, "domid"));
		r->state = RECORD_RUNNING;
		r->building = r->restoring = false;
		set_error(r, NULL);
		record_set_saved(r, NULL);
		record_save(s, r);
		event_tell(s, r, NULL, *j->restore ? "restored" : "started", "as domain %d",
			   r->domid);
		server_result(s, j->req, json_incref(result));
	}
	if (at_boot) {
		life_boot_next(s);
	}
	free(j);
}

static void start_refused(struct supervisor *s, struct record *r, struct request req,
			  struct failure *f, bool automatic)
{
	struct life_job *j = life_job(r, req);

	j->automatic = automatic;
	start_failed(s, j, f);
	free(j);
}

/* What the domain is made from, and the disks it has to itself. */
static int start_prepare(struct supervisor *s, struct record *r, const struct start_options *o,
			 struct failure *f)
{
	char *own = r->cwd;
	int rc;

	if (!o->config) {
		rc = record_parse(r, NULL, f);
		return rc ? rc : claim_take(s, r, f);
	}
	rc = record_parse_other(r, o->config, o->where, o->overrides, f);
	if (!rc) {
		r->cwd = (char *)o->cwd; /* relative names are relative to that */
		rc = claim_take(s, r, f);
		r->cwd = own;
	}
	return rc;
}

static struct life_job *start_job(struct record *r, struct request req,
				  const struct start_options *o)
{
	const char *cwd = o->config ? o->cwd : r->cwd;
	struct life_job *j = life_job(r, req);

	j->paused = o->paused;
	j->automatic = !req.serial;
	snprintf(j->fail_after, sizeof(j->fail_after), "%s", o->fail_after ? o->fail_after : "");
	snprintf(j->restore, sizeof(j->restore), "%s", o->restore ? o->restore : "");
	snprintf(j->cwd, sizeof(j->cwd), "%s", cwd ? cwd : "");
	return j;
}

static void start_one(struct supervisor *s, struct record *r, struct request req,
		      const struct start_options *o)
{
	bool automatic = !req.serial;
	struct failure f = { 0 };
	char uuid[UUID_TEXT];
	struct life_job *j;

	r->wanted = r->building = true;
	r->restoring = o->restore;
	r->due = 0;
	if (start_prepare(s, r, o, &f)) {
		start_refused(s, r, req, &f, automatic);
		return;
	}
	if (record_save(s, r)) {
		failure_set(&f, -ENOSPC,
			    "the inventory cannot be written; free some space in "
			    "/var/lib/dais");
		start_refused(s, r, req, &f, automatic);
		return;
	}
	if (r->timer) {
		event_del(r->timer);
	}
	j = start_job(r, req, o);
	r->state = RECORD_STARTING;
	uuid_format(r->uuid, uuid);
	r->job = job_start(s, req, uuid, work_start, done_start, j);
	if (!r->job) {
		failure_set(&f, -EAGAIN, "cannot start a process: %s", strerror(errno));
		start_failed(s, j, &f);
		free(j);
	}
}

void life_start(struct supervisor *s, struct record *r, struct request req,
		const struct start_options *options)
{
	const struct start_options none = { 0 }, *o = options ? options : &none;

	start_one(s, r, req, o);
	if (o->config) {
		record_parse(r, NULL, NULL); /* the job has its copy of the other */
	}
}

static void life_retry(evutil_socket_t fd, short what, void *arg)
{
	struct record *r = arg;

	(void)fd;
	(void)what;
	if (r->wanted && r->state == RECORD_WAITING) {
		life_start(r->s, r, (struct request){ 0 }, NULL);
	}
}

void life_after_boot(struct supervisor *s)
{
	struct record *r, *next;

	for (r = LIST_FIRST(&s->records); r; r = next) {
		next = LIST_NEXT(r, link);
		r->wanted = r->building = r->restoring = false;
		r->soon = 0;
		r->due = 0;
		if (!r->defined) {
			record_drop(s, r);
			continue;
		}
		if (r->autostart && r->saved) {
			/* What it would write to its disks, the saved one does not know of. */
			event_tell(s, r, NULL, "not-started", "it is in %s", r->saved);
		} else if (r->autostart) {
			/* As one being made, so that its turn outlives this supervisor. */
			r->boot_pending = r->wanted = r->building = true;
		}
		record_save(s, r);
	}
}

void life_boot_next(struct supervisor *s)
{
	struct record *r, *next = NULL;

	LIST_FOREACH(r, &s->records, link)
	{
		if (r->boot_pending && r->job) {
			return;
		}
		if (r->boot_pending &&
		    (!next || r->order < next->order ||
		     (r->order == next->order && strcmp(r->name, next->name) < 0))) {
			next = r;
		}
	}
	if (next) {
		life_start(s, next, (struct request){ 0 }, NULL);
		if (!next->job) {
			next->boot_pending = false;
			life_boot_next(s);
		}
	}
}

static void dump_path(const struct record *r, char *path, size_t room)
{
	struct tm local;
	time_t now = time(NULL);
	char stamp[32];

	localtime_r(&now, &local);
	strftime(stamp, sizeof(stamp), "%Y-%m%d-%H%M.%S", &local);
	snprintf(path, room, DUMP_FOLDER "/%s-%s.core", stamp, r->name);
}

static int work_end(struct job_work *w, void *arg)
{
	struct life_job *j = arg;
	struct failure dump = { 0 };
	char path[256];
	int rc = 0;

	if (j->end.dump) {
		daemon_make_folder(DUMP_FOLDER);
		dump_path(j->r, path, sizeof(path));
		if (domain_dump(&w->t, (uint32_t)j->r->domid, path, &dump)) {
			unlink(path);
		}
	}
	if (j->end.destroy) {
		rc = domain_destroy(&w->t, (uint32_t)j->r->domid, &w->f);
	}
	w->result = json_pack("{s:s}", "dump", !j->end.dump ? "" : dump.code ? dump.text : path);
	if (rc == -ESRCH) {
		w->f = (struct failure){ 0 }; /* somebody was faster */
		rc = 0;
	}
	return rc;
}

/* The domain is gone, or kept: what next? */
static void ended_next(struct supervisor *s, struct record *r, const struct policy_out *end)
{
	r->domid = -1;
	claim_release(r);
	r->soon = end->soon;
	if (end->restart) {
		if (end->delay) {
			event_tell(s, r, NULL, "backoff",
				   "it ended soon after its start %u times in a "
				   "row; next start in %u s",
				   end->soon, end->delay);
			life_start_later(s, r, end->delay);
			record_save(s, r);
		} else {
			life_start(s, r, (struct request){ 0 }, NULL);
		}
		return;
	}
	r->state = RECORD_STOPPED;
	r->wanted = r->building = false;
	if (r->defined) {
		record_save(s, r);
	} else {
		record_drop(s, r);
	}
}

static void done_end(struct supervisor *s, void *arg, json_t *result, const struct failure *f)
{
	struct life_job *j = arg;
	const char *dump = json_string_value(json_object_get(result, "dump"));

	j->r->job = NULL;
	if (!result) {
		event_tell(s, j->r, NULL, "destroy-failed", "%s", f->text);
		j->r->state = RECORD_PRESERVED;
		j->r->building = j->building;
		record_save(s, j->r);
	} else {
		if (dump && *dump) {
			event_tell(s, j->r, NULL, "dumped", "%s", dump);
		}
		ended_next(s, j->r, &j->end);
	}
	free(j);
}

/* The ended domain becomes one of its own, under another name and UUID, to be looked at. */
static void keep_renamed(struct supervisor *s, struct record *r)
{
	char name[GUEST_NAME_MAX + 16];
	uint8_t uuid[16];
	struct record *old;
	int n = 1, rc;

	do {
		snprintf(name, sizeof(name), "%s-%d", r->name, n++);
	} while (record_by_name(s, name));
	uuid_make(uuid);
	rc = domctl_set_handle(s->t.h, (uint32_t)r->domid, uuid);
	if (!rc && s->t.xs) {
		store_write(s->t.xs, name, "/local/domain/%d/name", r->domid);
	}
	if (rc) {
		log_warn("cannot rename domain %d: %s", r->domid, strerror(-rc));
		return;
	}
	old = record_new(s, uuid, name);
	old->config = xstrdup(r->config);
	old->where = xstrdup(r->where);
	old->cwd = xstrdup(r->cwd);
	/* It has ended already, and shall not be acted upon a second time. */
	old->overrides = xmalloc((r->overrides ? strlen(r->overrides) : 0) + sizeof(KEEP) + 1);
	sprintf(old->overrides, "%s\n%s", r->overrides ? r->overrides : "", KEEP);
	old->domid = r->domid;
	old->state = RECORD_PRESERVED;
	old->wanted = true;
	record_save(s, old);
	event_tell(s, old, NULL, "preserved", "it was %s", r->name);
}

static uint64_t life_uptime(struct supervisor *s, const struct record *r)
{
	char uuid[UUID_TEXT];
	long long now = time(NULL), start = now;

	uuid_format(r->uuid, uuid);
	if (s->t.xs) {
		start = store_number(s->t.xs, now, "/vm/%s/start_time", uuid);
	}
	return now > start ? (uint64_t)(now - start) : 0;
}

/* The end may outlive this supervisor: by "building" the next one knows that a start is due. */
static void end_begin(struct supervisor *s, struct record *r, struct life_job *j)
{
	uint32_t soon = r->soon;
	char uuid[UUID_TEXT];

	j->building = r->building;
	r->building = j->end.restart;
	r->soon = j->end.soon;
	r->state = RECORD_ENDING;
	record_save(s, r);
	uuid_format(r->uuid, uuid);
	r->job = job_start(s, (struct request){ 0 }, uuid, work_end, done_end, j);
	if (!r->job) {
		log_error("cannot start a process to destroy %s: %s", r->name, strerror(errno));
		r->state = RECORD_RUNNING; /* the next look at things tries again */
		r->building = j->building;
		r->soon = soon;
		free(j);
	}
}

void life_ended(struct supervisor *s, struct record *r, unsigned int reason)
{
	struct policy_in in = { .reason = reason, .uptime = life_uptime(s, r), .soon = r->soon };
	struct life_job *j;

	in.action = r->g_valid && reason < END_COUNT ? r->g.on[reason] : ACTION_DESTROY;
	if (reason == LIFE_HALF_MADE) {
		in.action = r->restoring ? ACTION_DESTROY : ACTION_RESTART;
		r->restoring = false;
	} else {
		r->last_reason = (int)reason;
		r->last_end = time(NULL);
		event_tell(s, r, NULL, "ended", "%s after %llu s; action: %s",
			   guest_end_name(reason), (unsigned long long)in.uptime,
			   guest_action_name(in.action));
	}
	j = life_job(r, (struct request){ 0 });
	j->end = policy_decide(&in);
	if (!j->end.destroy && !j->end.rename) {
		r->state = RECORD_PRESERVED;
		record_save(s, r);
		free(j);
		return;
	}
	if (j->end.rename) {
		struct policy_out end = j->end;

		keep_renamed(s, r);
		free(j);
		ended_next(s, r, &end);
		return;
	}
	end_begin(s, r, j);
}

static void done_destroy(struct supervisor *s, void *arg, json_t *result, const struct failure *f)
{
	struct life_job *j = arg;
	struct record *r = j->r;

	r->job = NULL;
	if (!result) {
		r->state = RECORD_PRESERVED;
		server_error(s, j->req, f);
	} else {
		if (j->saved) {
			record_set_saved(r, j->saved);
			r->last_reason = END_SUSPEND;
			r->last_end = time(NULL);
			event_tell(s, r, NULL, "saved", "to %s", j->saved);
		} else {
			event_tell(s, r, NULL, "destroyed", "as asked");
		}
		server_result(s, j->req, json_object());
		ended_next(s, r, &j->end);
	}
	free(j->saved);
	free(j);
}

void life_destroy(struct supervisor *s, struct record *r, struct request req, const char *saved)
{
	struct failure f = { 0 };
	char uuid[UUID_TEXT];
	struct life_job *j;

	if (r->job) {
		failure_set(&f, -EBUSY, "'%s' is %s just now; try again in a moment", r->name,
			    record_state_name(r->state));
		server_error(s, req, &f);
		return;
	}
	r->wanted = r->boot_pending = false;
	if (r->timer) {
		event_del(r->timer);
	}
	if (r->domid < 0) {
		r->state = RECORD_STOPPED;
		r->building = false;
		server_result(s, req, json_object());
		if (r->defined) {
			record_save(s, r);
		} else {
			record_drop(s, r);
		}
		return;
	}
	r->state = RECORD_ENDING;
	if (r->defined) {
		record_save(s, r);
	}
	j = life_job(r, req);
	j->end.destroy = true;
	j->saved = saved ? xstrdup(saved) : NULL;
	uuid_format(r->uuid, uuid);
	r->job = job_start(s, req, uuid, work_end, done_destroy, j);
	if (!r->job) {
		r->state = RECORD_RUNNING;
		failure_set(&f, -EAGAIN, "cannot start a process: %s", strerror(errno));
		server_error(s, req, &f);
		free(j->saved);
		free(j);
	}
}

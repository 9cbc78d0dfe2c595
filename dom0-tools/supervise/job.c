/* SPDX-License-Identifier: MIT */
/*
 * Jobs: child processes that do what takes long. A child reports over a pipe, one line each:
 *
 *	R JSON			done
 *	E ERRNO MESSAGE		failed
 *
 * A child that ends without either has failed. What it is at stands in a page that both share: most
 * jobs are over before anybody needs to be told. It holds a lock file named after its domain for as
 * long as it lives, by which a later supervisor learns that it is still at work. Owns the list of
 * jobs; single-threaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

#define JOB_FOLDER "/run/dais/jobs"
#define REPORT_FD  3

static const struct timeval tell_period = { 0, 400000 };

struct job {
	LIST_ENTRY(job) link;
	struct supervisor *s;
	struct request req;
	pid_t pid;
	int fd;
	struct event *readable, *tell;
	const char *_Atomic *step; /* shared with the child; NULL: not begun, or not to be had */
	const char *told;
	char *text; /* what the child has said so far */
	size_t len;
	job_done_fn done;
	void *arg;
};

static void lock_path(const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", JOB_FOLDER, name);
}

/* Whoever had it before may have removed the file in the end: then it is another file's turn. */
static void job_lock(const char *name)
{
	char path[128];
	struct stat st;
	int fd;

	daemon_make_folder(JOB_FOLDER);
	lock_path(name, path);
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || flock(fd, LOCK_EX) || fstat(fd, &st) || st.st_nlink) {
			return; /* held until the process ends */
		}
		close(fd);
	}
}

static void job_unlock(const char *name)
{
	char path[128];

	lock_path(name, path);
	unlink(path);
}

bool job_elsewhere(const char *name)
{
	char path[128];
	int fd, rc;

	lock_path(name, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	rc = flock(fd, LOCK_EX | LOCK_NB);
	if (!rc) {
		unlink(path); /* of one that was killed */
	}
	close(fd);
	return rc;
}

static void child_say(const char *line)
{
	size_t len = strlen(line);

	/* Nobody listens any more after the supervisor's death: the work goes on. */
	if (write(REPORT_FD, line, len) < 0 || write(REPORT_FD, "\n", 1) < 0) {
		errno = 0;
	}
}

/* The text is part of the program, which the supervisor is a process of as well. */
static void child_progress(void *arg, const char *step)
{
	const char *_Atomic *shared = arg;

	if (shared) {
		*shared = step;
	}
}

static void child_report(struct job_work *w)
{
	char line[sizeof(w->f.text) + 32], *json, *p;

	if (w->f.code) {
		snprintf(line, sizeof(line), "E %d %s", -w->f.code, w->f.text);
		for (p = line; *p; p++) {
			*p = *p == '\n' ? ' ' : *p;
		}
		child_say(line);
		return;
	}
	json = json_dumps(w->result ? w->result : json_object(), JSON_COMPACT | JSON_ENCODE_ANY);
	p = xmalloc(strlen(json) + 3);
	sprintf(p, "R %s", json);
	child_say(p);
}

static void __attribute__((noreturn))
child_main(int fd, const char *_Atomic *step, const char *lock_name, job_work_fn work, void *arg)
{
	struct job_work w = { .progress = child_progress, .arg = (void *)step };

	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_NAME, "dais-job");
	/* Nothing of the supervisor's may stay open here: neither sockets nor the journal. */
	if (fd != REPORT_FD) {
		dup2(fd, REPORT_FD);
	}
	close_range(REPORT_FD + 1, ~0u, 0);
	if (lock_name) {
		job_lock(lock_name);
	}
	if (!toolstack_open(&w.t, &w.f)) {
		int rc = work(&w, arg);

		if (rc) {
			failure_set(&w.f, rc, "%s", strerror(-rc));
		}
		toolstack_close(&w.t);
	}
	child_report(&w);
	if (lock_name) {
		job_unlock(lock_name);
	}
	_exit(w.f.code ? 1 : 0);
}

/* The last line decides. */
static void job_finish(struct job *j)
{
	struct supervisor *s = j->s;
	struct failure f = { 0 };
	json_t *result = NULL;
	char *last, *message;
	long code;

	while (j->len && j->text[j->len - 1] == '\n') {
		j->text[--j->len] = 0;
	}
	last = j->len ? strrchr(j->text, '\n') : NULL;
	last = last ? last + 1 : j->len ? j->text : "";
	if (!strncmp(last, "R ", 2)) {
		result = json_loads(last + 2, JSON_DECODE_ANY, NULL);
	} else if (!strncmp(last, "E ", 2)) {
		code = strtol(last + 2, &message, 10);
		failure_set(&f, code > 0 ? -(int)code : -EIO, "%s", message + (*message == ' '));
	}
	if (!result && !f.code) {
		failure_set(&f, -EINTR, "the work was interrupted: its process died; try again");
	}
	event_free(j->readable);
	event_free(j->tell);
	if (j->step) {
		munmap((void *)j->step, sizeof(*j->step));
	}
	close(j->fd);
	LIST_REMOVE(j, link);
	j->done(s, j->arg, result, &f);
	json_decref(result);
	free(j->text);
	free(j);
	watch_reconcile(s);
}

static void job_tell(evutil_socket_t fd, short what, void *arg)
{
	struct job *j = arg;
	const char *step = j->step ? *j->step : NULL;

	(void)fd;
	(void)what;
	if (step != j->told) {
		j->told = step;
		server_progress(j->s, j->req, step);
	}
}

static void job_readable(evutil_socket_t fd, short what, void *arg)
{
	struct job *j = arg;
	char buffer[4096];
	ssize_t n = read(fd, buffer, sizeof(buffer));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (n <= 0) {
		job_finish(j);
		return;
	}
	j->text = xrealloc(j->text, j->len + (size_t)n + 1, 1);
	memcpy(j->text + j->len, buffer, (size_t)n);
	j->len += (size_t)n;
	j->text[j->len] = 0;
}

struct job *job_start(struct supervisor *s, struct request req, const char *lock_name,
		      job_work_fn work, job_done_fn done, void *arg)
{
	struct job *j;
	void *page;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		return NULL;
	}
	/* The child's end blocks: a report is not lost because the pipe is full. */
	fcntl(ends[1], F_SETFL, 0);
	page = mmap(NULL, sizeof(*j->step), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	page = page == MAP_FAILED ? NULL : page;
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		if (page) {
			munmap(page, sizeof(*j->step));
		}
		return NULL;
	}
	if (!pid) {
		child_main(ends[1], page, lock_name, work, arg);
	}
	close(ends[1]);
	j = xcalloc(1, sizeof(*j));
	j->s = s;
	j->req = req;
	j->pid = pid;
	j->fd = ends[0];
	j->done = done;
	j->arg = arg;
	j->step = page;
	j->tell = event_new(s->base, -1, EV_PERSIST, job_tell, j);
	event_add(j->tell, &tell_period);
	j->readable = event_new(s->base, j->fd, EV_READ | EV_PERSIST, job_readable, j);
	event_add(j->readable, NULL);
	LIST_INSERT_HEAD(&s->jobs, j, link);
	return j;
}

void job_reaped(struct supervisor *s)
{
	int status;

	(void)s;
	while (waitpid(-1, &status, WNOHANG) > 0) {
		if (WIFSIGNALED(status)) {
			log_warn("a job was killed by signal %d", WTERMSIG(status));
		}
	}
}

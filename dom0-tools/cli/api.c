/* SPDX-License-Identifier: MIT */
/*
 * The client's side of the supervisor's socket: one JSON object a line, both ways. Protocol:
 * supervise/api.h. Owns the connection and its input buffer.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/xalloc.h"
#include "supervise/api.h"

#define QUIET_MS 1000 /* before progress is shown */

struct api {
	int fd;
	char *buffer;
	size_t len, room;
};

static int api_connect(void)
{
	const char *path = getenv("DAIS_SUPERVISE_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path ? path : API_SOCKET);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		rc = -errno;
		if (fd >= 0) {
			close(fd);
		}
		return rc;
	}
	return fd;
}

/* `dais supervise --detach`; it says by its status whether it runs. */
static bool api_start_supervisor(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execl("/proc/self/exe", "dais", "supervise", "--detach", "--pid-file", API_PID_FILE,
		      (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

struct api *api_open(bool start, struct failure *f)
{
	struct api *a;
	int fd = api_connect();

	if ((fd == -ENOENT || fd == -ECONNREFUSED) && start && !geteuid() &&
	    api_start_supervisor()) {
		fd = api_connect();
	}
	if (fd < 0) {
		failure_set(f, -ENOTCONN, "cannot reach the supervisor: %s; %s", strerror(-fd),
			    geteuid() ? "run this as root or ask to be in the group dais"
				      : "start it: dais supervise --detach");
		return NULL;
	}
	a = xcalloc(1, sizeof(*a));
	a->fd = fd;
	return a;
}

void api_close(struct api *a)
{
	if (a) {
		close(a->fd);
		free(a->buffer);
		free(a);
	}
}

static bool api_send(struct api *a, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0, sent = 0;
	ssize_t n;

	if (!text) {
		return false;
	}
	text[len++] = '\n'; /* over the terminating zero */
	while (sent < len) {
		n = send(a->fd, text + sent, len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR) {
			break;
		}
		sent += n > 0 ? (size_t)n : 0;
	}
	free(text);
	return sent == len;
}

/* One line as JSON; NULL at the end of the connection. `timeout` in ms, -1: none. */
static json_t *api_receive(struct api *a, int timeout, bool *timed_out)
{
	struct pollfd fd = { a->fd, POLLIN, 0 };
	json_t *message;
	char *end;
	ssize_t n;

	*timed_out = false;
	for (;;) {
		end = a->len ? memchr(a->buffer, '\n', a->len) : NULL;
		if (end) {
			message = json_loadb(a->buffer, (size_t)(end - a->buffer), 0, NULL);
			a->len -= (size_t)(end + 1 - a->buffer);
			memmove(a->buffer, end + 1, a->len);
			return message;
		}
		if (a->len == a->room) {
			a->room = a->room * 2 + 4096;
			a->buffer = xrealloc(a->buffer, a->room, 1);
		}
		if (poll(&fd, 1, timeout) == 0) {
			*timed_out = true;
			return NULL;
		}
		n = read(a->fd, a->buffer + a->len, a->room - a->len);
		if (n == 0 || (n < 0 && errno != EINTR)) {
			return NULL;
		}
		a->len += n > 0 ? (size_t)n : 0;
	}
}

json_t *api_next(struct api *a)
{
	bool timed_out;

	return api_receive(a, -1, &timed_out);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* Steps are shown when the call takes long, on one line of a terminal. */
static void api_progress(const char *step, bool *shown)
{
	if (isatty(2)) {
		fprintf(stderr, "%s%s: %s ...\033[K", *shown ? "\r" : "", cli_program, step);
		*shown = true;
	}
}

static json_t *api_failure(json_t *error, struct failure *f)
{
	const char *text = json_string_value(json_object_get(error, "message"));
	json_int_t code = json_integer_value(json_object_get(error, "errno"));

	failure_set(f, code ? -(int)code : -EIO, "%s", text ? text : "it failed without a reason");
	return NULL;
}

json_t *api_call(struct api *a, const char *method, json_t *params, struct failure *f)
{
	json_t *request, *answer, *result, *error;
	long long start = now_ms(), late;
	char step[64];
	bool shown = false, timed_out;

	snprintf(step, sizeof(step), "%s", method); /* until it tells more */
	request = json_pack("{s:i, s:s, s:o}", "id", 1, "method", method, "params", params);
	if (!request || !api_send(a, request)) {
		json_decref(request);
		failure_set(f, -ENOTCONN, "cannot write to the supervisor");
		return NULL;
	}
	json_decref(request);
	for (;;) {
		late = now_ms() - start - QUIET_MS;
		answer = api_receive(a, late < 0 ? (int)-late : -1, &timed_out);
		if (!answer && !timed_out) {
			failure_set(f, -ENOTCONN,
				    "the supervisor ended while it worked on this; see "
				    "its log, and try again");
			return NULL;
		}
		if (answer && json_object_get(answer, "progress")) {
			snprintf(step, sizeof(step), "%s",
				 json_string_value(json_object_get(answer, "progress")));
		} else if (answer) {
			break;
		}
		if (now_ms() - start >= QUIET_MS) {
			api_progress(step, &shown);
		}
		json_decref(answer);
	}
	if (shown) {
		fprintf(stderr, "\r\033[K");
	}
	error = json_object_get(answer, "error");
	result = json_object_get(answer, "result");
	result = error || !result ? api_failure(error, f) : json_incref(result);
	json_decref(answer);
	return result;
}

json_t *api_once(const char *method, json_t *params, struct failure *f)
{
	struct failure ignored = { 0 };
	struct api *a = api_open(true, f ? f : &ignored);
	json_t *result;

	if (!a) {
		json_decref(params);
		return NULL;
	}
	result = api_call(a, method, params, f ? f : &ignored);
	api_close(a);
	return result;
}

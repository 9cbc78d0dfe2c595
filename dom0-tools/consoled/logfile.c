/* SPDX-License-Identifier: MIT */
/*
 * Rotating log files: see logfile.h. Each belongs to one console. A disk that is full, or a folder
 * that is gone, loses log lines, never the console; it is reported once.
 */
#include "consoled/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/xalloc.h"

#define LOG_BYTES (1024 * 1024)
#define LOG_KEPT  4

struct logfile {
	int fd;
	char *path;
	off_t size;
	bool complained;
};

static void name_clean(char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		char c = name[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && i);

		if (!fine || i > 200) {
			name[i] = '_';
		}
	}
}

/* Until something is written again, for the first time only. */
static void logfile_complain(struct logfile *l, const char *what, const char *why)
{
	if (!l->complained) {
		log_error("cannot %s the log %s (%s): lines are lost until it can be", what,
			  l->path, why);
	}
	l->complained = true;
}

static bool logfile_reopen(struct logfile *l)
{
	struct stat st;

	l->fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (l->fd < 0 || fstat(l->fd, &st)) {
		logfile_complain(l, "open", strerror(errno));
		return false;
	}
	l->size = st.st_size;
	return true;
}

struct logfile *logfile_open(const char *folder, const char *name)
{
	struct logfile *l = xcalloc(1, sizeof(*l));
	char *clean = xstrndup(name, 220);
	size_t room = strlen(folder) + strlen(clean) + 8;

	name_clean(clean);
	l->path = xmalloc(room);
	snprintf(l->path, room, "%s/%s.log", folder, *clean ? clean : "_");
	free(clean);
	if (!logfile_reopen(l)) {
		logfile_close(l);
		return NULL;
	}
	return l;
}

void logfile_link(const struct logfile *l, const char *folder)
{
	const char *name = strrchr(l->path, '/') + 1;
	size_t room = strlen(folder) + strlen(name) + 8;
	char *link = xmalloc(room);

	snprintf(link, room, "%s/guest-%s", folder, name);
	unlink(link);
	if (symlink(l->path, link)) {
		log_warn("cannot link %s to %s: %s", link, l->path, strerror(errno));
	}
	free(link);
}

static void logfile_rotate(struct logfile *l)
{
	size_t room = strlen(l->path) + 4;
	char *from = xmalloc(room), *to = xmalloc(room);
	int i;

	for (i = LOG_KEPT; i > 0; i--) {
		snprintf(to, room, "%s.%d", l->path, i);
		if (i > 1) {
			snprintf(from, room, "%s.%d", l->path, i - 1);
		} else {
			strcpy(from, l->path);
		}
		rename(from, to);
	}
	free(from);
	free(to);
	close(l->fd);
	l->fd = -1;
	logfile_reopen(l);
}

void logfile_write(struct logfile *l, const char *bytes, size_t len)
{
	ssize_t n;

	if (!l || (l->fd < 0 && !logfile_reopen(l))) {
		return;
	}
	n = write(l->fd, bytes, len);
	if (n != (ssize_t)len) {
		logfile_complain(l, "write", n < 0 ? strerror(errno) : "the disk is full");
		return;
	}
	l->complained = false;
	l->size += n;
	if (l->size >= LOG_BYTES) {
		logfile_rotate(l);
	}
}

void logfile_note(struct logfile *l, const char *what)
{
	char line[128], when[40];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %z", localtime_r(&now, &tm));
	n = snprintf(line, sizeof(line), "\n--- %s, %s ---\n", what, when);
	logfile_write(l, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void logfile_close(struct logfile *l)
{
	if (l) {
		if (l->fd >= 0) {
			close(l->fd);
		}
		free(l->path);
		free(l);
	}
}

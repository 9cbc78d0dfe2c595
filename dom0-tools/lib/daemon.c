/* SPDX-License-Identifier: MIT */
/*
 * Starting a daemon: see daemon.h. Owns the lock's file descriptor and the pipe to the waiting
 * parent.
 */
#include "lib/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int ready_pipe = -1;

int daemon_make_folder(const char *path)
{
	char part[4096];
	size_t i, len = strlen(path);

	if (len >= sizeof(part)) {
		return -ENAMETOOLONG;
	}
	for (i = 1; i <= len; i++) {
		if (path[i] && path[i] != '/') {
			continue;
		}
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0755) && errno != EEXIST) {
			return -errno;
		}
	}
	return 0;
}

int daemon_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB)) {
		int rc = -errno;

		if (fd >= 0) {
			close(fd);
		}
		return rc;
	}
	/* Kept open: the lock ends with the process, however it ends. */
	return 0;
}

int daemon_write_pid(const char *path)
{
	FILE *f = fopen(path, "we");
	int rc = 0;

	if (!f) {
		return -errno;
	}
	fprintf(f, "%d\n", (int)getpid());
	if (fclose(f)) {
		rc = -errno;
	}
	return rc;
}

int daemon_detach(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		return -errno;
	}
	pid = fork();
	if (pid < 0) {
		return -errno;
	}
	if (pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(ends[0]);
	ready_pipe = ends[1];
	setsid();
	return 0;
}

void daemon_ready(void)
{
	int null;

	if (ready_pipe < 0) {
		return;
	}
	if (chdir("/")) {
		/* Then some file system cannot be unmounted: no reason to stop. */
		errno = 0;
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		close(null);
	}
	if (write(ready_pipe, "", 1) != 1) {
		errno = 0;
	}
	close(ready_pipe);
	ready_pipe = -1;
}

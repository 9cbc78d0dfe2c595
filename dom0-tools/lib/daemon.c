/* SPDX-License-Identifier: MIT */
/*
 * Starting a daemon: see daemon.h. Owns the lock's file descriptor and the pipe to the waiting
 * parent.
 */
#include "lib/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
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

static int user_find(const char *user, uid_t *uid, gid_t *gid)
{
	unsigned int u, g;
	struct passwd *pw;
	char end;

	if (sscanf(user, "%u:%u%c", &u, &g, &end) == 2) {
		*uid = u;
		*gid = g;
		return 0;
	}
	pw = getpwnam(user);
	if (!pw) {
		return -ENOENT;
	}
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

static int folder_give(const char *folder, uid_t uid, gid_t gid)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int rc = 0;

	if (!d) {
		return -errno;
	}
	/* The folder itself comes by as ".". */
	while (!rc && (e = readdir(d))) {
		if (strcmp(e->d_name, "..") &&
		    fchownat(dirfd(d), e->d_name, uid, gid, AT_SYMLINK_NOFOLLOW)) {
			rc = -errno;
		}
	}
	closedir(d);
	return rc;
}

int daemon_drop(const char *user, const char *folder)
{
	uid_t uid;
	gid_t gid;
	int rc = user_find(user, &uid, &gid);

	if (!rc && folder) {
		rc = folder_give(folder, uid, gid);
	}
	if (rc) {
		return rc;
	}
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		return -errno;
	}
	return 0;
}

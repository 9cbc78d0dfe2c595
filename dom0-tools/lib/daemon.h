/* SPDX-License-Identifier: MIT */
/*
 * What all daemons do at their start: one instance only, a pid file, and leaving the terminal
 * once (not before) the daemon answers.
 */
#ifndef LIB_DAEMON_H
#define LIB_DAEMON_H

#include <stdbool.h>

/* mkdir -p with mode 0755. 0 or -errno. */
int daemon_make_folder(const char *path);

/*
 * Takes the lock file, for as long as the process lives. 0, -EWOULDBLOCK (another one runs) or
 * -errno.
 */
int daemon_lock(const char *path);
/* Writes our pid. 0 or -errno. */
int daemon_write_pid(const char *path);

/*
 * Forks. The parent stays until the child calls daemon_ready() and exits with 0, or with 1 when
 * the child died before. Returns in the child only; 0 or -errno.
 */
int daemon_detach(void);

/*
 * Gives up root for good: becomes `user` (a name, or UID:GID) and can gain nothing again. Open
 * descriptors stay; `folder` (or NULL) and the files in it are handed over first. 0 or -errno;
 * -ENOENT: no such user.
 */
int daemon_drop(const char *user, const char *folder);

void daemon_ready(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A log file of bounded size: NAME.log, and its predecessors NAME.log.1 (the youngest) to .4.
 */
#ifndef CONSOLED_LOGFILE_H
#define CONSOLED_LOGFILE_H

#include <stddef.h>

struct logfile;

/*
 * Appends to `folder`/`name`.log; characters of the name that do not belong into a file name
 * become '_'. NULL when it cannot be opened; that has been logged.
 */
struct logfile *logfile_open(const char *folder, const char *name);
/* Makes `folder`/guest-NAME.log a symbolic link to it. */
void logfile_link(const struct logfile *l, const char *folder);
void logfile_write(struct logfile *l, const char *bytes, size_t len);
/* A line of our own: what, and when. */
void logfile_note(struct logfile *l, const char *what);
void logfile_close(struct logfile *l);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The journal: an append-only file of typed records in a mapped file on a memory file system.
 *
 * Records are added, then published together: a reader sees all the records of a batch or none,
 * at whatever instruction the writer was killed. What is mapped outlives the process, so adding a
 * record is a copy in memory and no system call. It guards against the death of the process, not
 * of the machine: after a power cut there are no guests to be consistent with.
 *
 * When there is no room left on the file system the journal turns itself off, and says so by
 * journal_failed(); the daemon works on and tries to begin a new file.
 */
#ifndef STORED_JOURNAL_H
#define STORED_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

struct journal_part {
	const void *bytes;
	size_t len;
};

/* Opens the file or creates it. NULL with *error -EIO, -ENOSPC, -EBADMSG (not a journal) ... */
struct journal *journal_open(const char *path, int *error);
/* A new, empty file; an existing one of that name is lost. */
struct journal *journal_create(const char *path, int *error);
/* Makes `j` the file called `path`, in one step. 0 or -errno. */
int journal_rename(struct journal *j, const char *path);
void journal_close(struct journal *j);

/* Calls take(type, bytes, len, arg) for each published record; stops at the first nonzero. */
typedef int (*journal_take)(uint32_t type, const void *bytes, size_t len, void *arg);
int journal_replay(struct journal *j, journal_take take, void *arg);

/* Appends one record made of parts laid end to end. NULL journals are allowed: nothing happens. */
void journal_add(struct journal *j, uint32_t type, const struct journal_part *parts, size_t count);
void journal_publish(struct journal *j);

bool journal_failed(const struct journal *j);
/* Whether the writer before us went on after it could not write any more. */
bool journal_stale(const struct journal *j);
/* Bytes in published records. */
size_t journal_size(const struct journal *j);

#endif

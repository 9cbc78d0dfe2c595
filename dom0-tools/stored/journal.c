/* SPDX-License-Identifier: MIT */
/*
 * The journal file: see journal.h. Owns the mapping; one writer, single-threaded, no lock.
 *
 * Layout: a header of 64 bytes, then records, each a struct record and its payload padded to 8
 * bytes. Only header.committed is ever changed in place, by a single 8-byte store after
 * everything below it: that store is the publication.
 */
#include "stored/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/xalloc.h"

#define JOURNAL_MAGIC   0x31474f4c53494144ull /* "DAISLOG1" */
#define JOURNAL_VERSION 1
#define JOURNAL_STEP    (1u << 20) /* the file grows by at least this */
#define RECORD_MAX      (16u << 20)

struct header {
	uint64_t magic;
	uint32_t version;
	uint32_t pad;
	_Atomic uint64_t committed; /* file offset of the end of the last published record */
	uint32_t stale;             /* the writer went on without it */
	uint32_t pad2;
	uint64_t reserved[4];
};

struct record {
	uint32_t type;
	uint32_t len; /* bytes of payload, without padding */
};

_Static_assert(sizeof(struct header) == 64, "journal header");

/* tail: end of the records added so far, published or not. */
struct journal {
	int fd;
	char *path;
	struct header *map;
	size_t size;
	size_t tail;
	bool failed;
};

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static int journal_grow(struct journal *j, size_t need)
{
	size_t step = j->size / 2 > JOURNAL_STEP ? j->size / 2 : JOURNAL_STEP;
	size_t size = j->size + (need > step ? need : step);
	void *map;
	int rc;

	/* Reserving now turns "file system full" into an error here, not a signal later. */
	rc = posix_fallocate(j->fd, 0, (off_t)size);
	if (rc) {
		return -rc;
	}
	map = j->map ? mremap(j->map, j->size, size, MREMAP_MAYMOVE)
		     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);
	if (map == MAP_FAILED) {
		return -errno;
	}
	j->map = map;
	j->size = size;
	return 0;
}

static struct journal *journal_fd(const char *path, int flags, int *error)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->path = xstrdup(path);
	j->fd = open(path, flags | O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->fd < 0) {
		*error = -errno;
		journal_close(j);
		return NULL;
	}
	*error = 0;
	return j;
}

static int journal_format(struct journal *j)
{
	int rc = journal_grow(j, sizeof(struct header));

	if (rc) {
		return rc;
	}
	j->tail = sizeof(struct header);
	j->map->version = JOURNAL_VERSION;
	atomic_store(&j->map->committed, j->tail);
	/* The magic last: a file killed before this line counts as empty. */
	atomic_thread_fence(memory_order_release);
	j->map->magic = JOURNAL_MAGIC;
	return 0;
}

static int journal_adopt(struct journal *j, size_t size)
{
	uint64_t committed;
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);

	if (map == MAP_FAILED) {
		return -errno;
	}
	j->map = map;
	j->size = size;
	if (!j->map->magic) {
		return journal_format(j);
	}
	committed = atomic_load(&j->map->committed);
	if (j->map->magic != JOURNAL_MAGIC || j->map->version != JOURNAL_VERSION ||
	    committed < sizeof(struct header) || committed > size) {
		return -EBADMSG;
	}
	j->tail = committed;
	return 0;
}

struct journal *journal_open(const char *path, int *error)
{
	struct journal *j = journal_fd(path, 0, error);
	struct stat st;

	if (!j) {
		return NULL;
	}
	*error = fstat(j->fd, &st) ? -errno : 0;
	if (!*error) {
		*error = (size_t)st.st_size >= sizeof(struct header)
				 ? journal_adopt(j, (size_t)st.st_size)
				 : journal_format(j);
	}
	if (*error) {
		journal_close(j);
		return NULL;
	}
	return j;
}

struct journal *journal_create(const char *path, int *error)
{
	struct journal *j = journal_fd(path, O_TRUNC, error);

	if (j) {
		*error = journal_format(j);
		if (*error) {
			unlink(path);
			journal_close(j);
			j = NULL;
		}
	}
	return j;
}

int journal_rename(struct journal *j, const char *path)
{
	if (rename(j->path, path)) {
		return -errno;
	}
	free(j->path);
	j->path = xstrdup(path);
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j) {
		return;
	}
	if (j->map) {
		munmap(j->map, j->size);
	}
	if (j->fd >= 0) {
		close(j->fd);
	}
	free(j->path);
	free(j);
}

int journal_replay(struct journal *j, journal_take take, void *arg)
{
	size_t end = atomic_load(&j->map->committed), at = sizeof(struct header);
	const char *base = (const char *)j->map;
	struct record r;
	int rc;

	while (at < end) {
		if (end - at < sizeof(r)) {
			return -EBADMSG;
		}
		memcpy(&r, base + at, sizeof(r));
		at += sizeof(r);
		if (r.len > RECORD_MAX || padded(r.len) > end - at) {
			return -EBADMSG;
		}
		rc = take(r.type, base + at, r.len, arg);
		if (rc) {
			return rc;
		}
		at += padded(r.len);
	}
	return 0;
}

void journal_add(struct journal *j, uint32_t type, const struct journal_part *parts, size_t count)
{
	struct record r = { .type = type };
	size_t i, need;
	char *to;

	if (!j || j->failed) {
		return;
	}
	for (i = 0; i < count; i++) {
		r.len += (uint32_t)parts[i].len;
	}
	need = sizeof(r) + padded(r.len);
	if (need > j->size - j->tail && journal_grow(j, need)) {
		j->failed = true;
		j->map->stale = 1;
		return;
	}
	to = (char *)j->map + j->tail;
	memcpy(to, &r, sizeof(r));
	to += sizeof(r);
	for (i = 0; i < count; i++) {
		if (parts[i].len) {
			memcpy(to, parts[i].bytes, parts[i].len);
		}
		to += parts[i].len;
	}
	j->tail += need;
}

void journal_publish(struct journal *j)
{
	if (j && !j->failed) {
		atomic_store_explicit(&j->map->committed, j->tail, memory_order_release);
	}
}

bool journal_failed(const struct journal *j)
{
	return j && j->failed;
}

bool journal_stale(const struct journal *j)
{
	return j && j->map->stale;
}

size_t journal_size(const struct journal *j)
{
	return atomic_load(&j->map->committed) - sizeof(struct header);
}

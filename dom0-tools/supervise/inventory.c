/* SPDX-License-Identifier: MIT */
/*
 * The journal: see inventory.h. Owns the open file and the current state, from which the fresh file
 * is written. Single-threaded.
 */
#include "supervise/inventory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/log.h"
#include "lib/xalloc.h"

#define COMPACT_LINES 256 /* this many lines of history are no trouble */
#define CRC_DIGITS    8

struct inventory {
	int fd;
	char *path;
	json_t *state;
	size_t lines; /* in the file */
	bool renamed; /* its name may not be on disk yet */
};

bool inventory_read_line(const char *line, size_t len, char **key, json_t **value)
{
	char digits[CRC_DIGITS + 1], *end;
	json_t *entry, *k;
	unsigned long crc;

	if (len < CRC_DIGITS + 3 || line[CRC_DIGITS] != ' ') {
		return false;
	}
	memcpy(digits, line, CRC_DIGITS);
	digits[CRC_DIGITS] = 0;
	crc = strtoul(digits, &end, 16);
	line += CRC_DIGITS + 1;
	len -= CRC_DIGITS + 1;
	if (*end || crc32(0, (const Bytef *)line, (uInt)len) != crc) {
		return false;
	}
	entry = json_loadb(line, len, 0, NULL);
	k = json_object_get(entry, "key");
	if (!json_is_string(k)) {
		json_decref(entry);
		return false;
	}
	*key = xstrdup(json_string_value(k));
	*value = json_object_get(entry, "value");
	*value = *value && !json_is_null(*value) ? json_incref(*value) : NULL;
	json_decref(entry);
	return true;
}

static void inventory_apply(json_t *state, const char *key, json_t *value)
{
	if (value) {
		json_object_set(state, key, value);
	} else {
		json_object_del(state, key);
	}
}

/* "CRC JSON\n", to be freed. */
static char *inventory_line(const char *key, json_t *value, size_t *len)
{
	json_t *entry = json_pack("{s:s, s:O?}", "key", key, "value", value);
	char *text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS), *line;
	size_t bytes = strlen(text);

	json_decref(entry);
	line = xmalloc(bytes + CRC_DIGITS + 3);
	*len = (size_t)sprintf(line, "%08lx %s\n", crc32(0, (const Bytef *)text, (uInt)bytes),
			       text);
	free(text);
	return line;
}

static int write_whole(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, bytes, len);
		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int sync_folder(const char *path)
{
	char folder[4096], *slash;
	int fd, rc = 0;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash) {
		*slash = 0;
	}
	fd = open(slash && *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd)) {
		rc = -errno;
	}
	if (fd >= 0) {
		close(fd);
	}
	return rc;
}

/* A file that is made or renamed is there after a power failure once its folder is on disk. */
static int inventory_sync_name(struct inventory *j)
{
	int rc = j->renamed ? sync_folder(j->path) : 0;

	j->renamed = j->renamed && rc;
	return rc;
}

static int write_state(int fd, json_t *state)
{
	const char *key;
	json_t *value;
	size_t len;
	char *line;
	int rc = 0;

	json_object_foreach(state, key, value)
	{
		line = inventory_line(key, value, &len);
		rc = rc ? rc : write_whole(fd, line, len);
		free(line);
	}
	return rc ? rc : fdatasync(fd) ? -errno : 0;
}

/* Writes the state to a new file and puts it in the place of the old one. */
static int inventory_compact(struct inventory *j)
{
	char path[4096];
	int fd, rc;

	snprintf(path, sizeof(path), "%s.new", j->path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
	if (fd < 0) {
		return -errno;
	}
	rc = write_state(fd, j->state);
	if (!rc && rename(path, j->path)) {
		rc = -errno;
	}
	if (rc) {
		close(fd);
		unlink(path);
		return rc;
	}
	/* From here on the old file has no name: whatever else fails, this is the one to write. */
	if (j->fd >= 0) {
		close(j->fd);
	}
	j->fd = fd;
	j->lines = json_object_size(j->state);
	j->renamed = true;
	return inventory_sync_name(j);
}

static int inventory_load(struct inventory *j, const char *text, size_t len, size_t *bad)
{
	const char *end;
	json_t *value;
	char *key;

	*bad = 0;
	while (len) {
		end = memchr(text, '\n', len);
		if (!end) {
			++*bad; /* torn by a power failure */
			break;
		}
		if (inventory_read_line(text, (size_t)(end - text), &key, &value)) {
			inventory_apply(j->state, key, value);
			json_decref(value);
			free(key);
		} else {
			++*bad;
		}
		j->lines++;
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	return 0;
}

/* Whole, or NULL with errno: what is not read would be lost when the file is written anew. */
static char *read_file(int fd, size_t *len)
{
	struct stat st;
	char *text;
	ssize_t n = 1;

	*len = 0;
	if (fstat(fd, &st)) {
		return NULL;
	}
	text = xmalloc((size_t)st.st_size + 1);
	while (n > 0 && *len < (size_t)st.st_size) {
		n = pread(fd, text + *len, (size_t)st.st_size - *len, (off_t)*len);
		*len += n > 0 ? (size_t)n : 0;
	}
	if (n <= 0) {
		errno = n ? errno : EIO;
		free(text);
		return NULL;
	}
	return text;
}

static int inventory_read(struct inventory *j)
{
	size_t len, bad = 0;
	char *text;

	j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	text = j->fd >= 0 ? read_file(j->fd, &len) : NULL;
	if (!text) {
		return -errno;
	}
	inventory_load(j, text, len, &bad);
	free(text);
	if (bad) {
		log_warn("%s: %zu damaged lines were left out; the machine lost power while they "
			 "were written",
			 j->path, bad);
	}
	/* A torn last line must not become the beginning of the next one. */
	if (bad || j->lines > json_object_size(j->state) + COMPACT_LINES) {
		return inventory_compact(j);
	}
	j->renamed = true; /* it may be new, or its maker may have died at once */
	return inventory_sync_name(j);
}

struct inventory *inventory_open(const char *path, json_t **state, struct failure *f)
{
	struct inventory *j = xcalloc(1, sizeof(*j));
	int rc;

	j->path = xstrdup(path);
	j->state = json_object();
	rc = inventory_read(j);
	if (rc) {
		failure_set(f, rc, "cannot open the inventory %s: %s", path, strerror(-rc));
		inventory_close(j);
		return NULL;
	}
	*state = json_incref(j->state);
	return j;
}

void inventory_close(struct inventory *j)
{
	if (j) {
		if (j->fd >= 0) {
			close(j->fd);
		}
		json_decref(j->state);
		free(j->path);
		free(j);
	}
}

int inventory_put(struct inventory *j, const char *key, json_t *value)
{
	size_t len;
	char *line;
	off_t end = lseek(j->fd, 0, SEEK_END);
	int rc;

	if (value && json_equal(json_object_get(j->state, key), value)) {
		return 0;
	}
	line = inventory_line(key, value, &len);
	rc = write_whole(j->fd, line, len);
	free(line);
	if (!rc && fdatasync(j->fd)) {
		rc = -errno;
	}
	rc = rc ? rc : inventory_sync_name(j);
	if (rc) {
		/* A full disk: half a line would spoil the next one. */
		if (ftruncate(j->fd, end)) {
			log_error("cannot repair %s: %s", j->path, strerror(errno));
		}
		return rc;
	}
	inventory_apply(j->state, key, value);
	j->lines++;
	if (j->lines > 2 * json_object_size(j->state) + COMPACT_LINES) {
		inventory_compact(j); /* failing, it is tried again at the next change */
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Unpacked kernels: see kernel_cache.h. Owns the folder and the files in it, each named after the
 * identity of the kernel file it was unpacked from. A file appears there whole or not at all, so
 * that several processes may read and write with no lock; mtime says when it was used last.
 */
#include "lib/kernel_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/daemon.h"

#define KEPT_MAX 3
/* What is free must be this many times the image: guests' backends need dom0's memory more. */
#define MEMORY_TIMES 6
/* A file changed this recently (seconds) could change again with the same time stamp. */
#define SETTLED   2
#define NAME_ROOM 128

const char *kernel_cache_folder = "/run/dais/kernels";

/* ctime, which nobody can set, changes with every write. */
static void cache_name(const struct stat *st, char name[NAME_ROOM])
{
	snprintf(name, NAME_ROOM, "%jx.%jx.%jx.%jx.%lx", (uintmax_t)st->st_dev,
		 (uintmax_t)st->st_ino, (uintmax_t)st->st_size, (uintmax_t)st->st_ctim.tv_sec,
		 (unsigned long)st->st_ctim.tv_nsec);
}

/* Only a folder that is ours alone is trusted with what guests will run. */
static int cache_open_folder(void)
{
	int fd = open(kernel_cache_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || st.st_uid != geteuid() || st.st_mode & 077)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int cache_make_folder(void)
{
	char parent[256], *slash;

	snprintf(parent, sizeof(parent), "%s", kernel_cache_folder);
	slash = strrchr(parent, '/');
	if (!slash || slash == parent) {
		return -1;
	}
	*slash = 0;
	if (daemon_make_folder(parent) || (mkdir(kernel_cache_folder, 0700) && errno != EEXIST)) {
		return -1;
	}
	return cache_open_folder();
}

bool kernel_cache_get(const struct stat *st, void **image, size_t *len)
{
	int folder = cache_open_folder(), fd = -1;
	char name[NAME_ROOM];
	struct stat kept;

	if (folder < 0) {
		return false;
	}
	cache_name(st, name);
	*image = MAP_FAILED;
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &kept) && S_ISREG(kept.st_mode) && kept.st_size > 0) {
		*len = (size_t)kept.st_size;
		*image = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
		futimens(fd, NULL);
	}
	if (fd >= 0) {
		close(fd);
	}
	close(folder);
	return *image != MAP_FAILED;
}

/* Removes files not used since `before`, and the one unused longest if more than `most` stay. */
static void cache_trim(int folder, time_t before, unsigned int most)
{
	char oldest[NAME_ROOM] = "";
	struct timespec oldest_time = { 0, 0 };
	unsigned int count = 0;
	struct dirent *entry;
	struct stat st;
	int copy = dup(folder);
	DIR *all = copy >= 0 ? fdopendir(copy) : NULL;

	if (!all) {
		if (copy >= 0) {
			close(copy);
		}
		return;
	}
	rewinddir(all);
	while ((entry = readdir(all))) {
		if (fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode) || strlen(entry->d_name) >= NAME_ROOM) {
			continue;
		}
		if (st.st_mtim.tv_sec < before) {
			unlinkat(folder, entry->d_name, 0);
			continue;
		}
		count++;
		if (!*oldest || st.st_mtim.tv_sec < oldest_time.tv_sec ||
		    (st.st_mtim.tv_sec == oldest_time.tv_sec &&
		     st.st_mtim.tv_nsec < oldest_time.tv_nsec)) {
			oldest_time = st.st_mtim;
			strcpy(oldest, entry->d_name);
		}
	}
	closedir(all);
	if (count > most) {
		unlinkat(folder, oldest, 0);
	}
}

/* Bytes that the kernel could give without swapping; 0 when it does not say. */
static uint64_t memory_available(void)
{
	FILE *in = fopen("/proc/meminfo", "re");
	uint64_t kib = 0;
	char line[128];

	while (in && !kib && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) != 1) {
			kib = 0;
		}
	}
	if (in) {
		fclose(in);
	}
	return kib << 10;
}

static bool cache_wants(const struct stat *st, size_t len)
{
	time_t changed = st->st_ctim.tv_sec;

	return changed + SETTLED <= time(NULL) && memory_available() / MEMORY_TIMES > len;
}

static int write_all(int fd, const char *from, size_t len)
{
	ssize_t n;

	for (; len; from += n, len -= (size_t)n) {
		n = write(fd, from, len);
		if (n < 0 && errno == EINTR) {
			n = 0;
		}
		if (n < 0) {
			return -errno;
		}
	}
	return 0;
}

void kernel_cache_put(const struct stat *st, const void *image, size_t len)
{
	int folder = cache_wants(st, len) ? cache_make_folder() : -1, fd;
	char name[NAME_ROOM], self[40];

	if (folder < 0) {
		return;
	}
	cache_name(st, name);
	/* Without a name until it is whole: a writer that is killed leaves nothing. */
	fd = openat(folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd >= 0 && !write_all(fd, image, len)) {
		cache_trim(folder, 0, KEPT_MAX - 1);
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		if (linkat(AT_FDCWD, self, folder, name, AT_SYMLINK_FOLLOW)) {
			errno = 0; /* somebody else was quicker */
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	close(folder);
}

void kernel_cache_drop(const struct stat *st)
{
	int folder = cache_open_folder();
	char name[NAME_ROOM];

	if (folder >= 0) {
		cache_name(st, name);
		unlinkat(folder, name, 0);
		close(folder);
	}
}

void kernel_cache_expire(time_t before)
{
	int folder = cache_open_folder();

	if (folder >= 0) {
		cache_trim(folder, before, KEPT_MAX);
		close(folder);
	}
}

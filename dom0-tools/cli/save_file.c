/* SPDX-License-Identifier: MIT */
/*
 * The file a guest is saved to: see save_file.h. No state of its own.
 */
#include "cli/save_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/xalloc.h"

#define BUFFER_BYTES (1u << 20)

static int open_beside(struct save_file *s)
{
	s->temporary = xmalloc(strlen(s->path) + sizeof(".XXXXXX"));
	sprintf(s->temporary, "%s.XXXXXX", s->path);
	return mkostemp(s->temporary, O_CLOEXEC);
}

int save_file_open(struct save_file *s, const char *path, struct failure *f)
{
	struct stat st;
	bool in_place;
	int fd;

	memset(s, 0, sizeof(*s));
	/* Behind a symbolic link it is the file that is replaced, not the link. */
	s->path = realpath(path, NULL);
	if (!s->path) {
		s->path = xstrdup(path);
	}
	in_place = !stat(s->path, &st) && !S_ISREG(st.st_mode);
	fd = in_place ? open(s->path, O_WRONLY | O_CLOEXEC) : open_beside(s);
	s->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!s->out) {
		failure_set(f, -errno, "cannot make '%s': %s; choose another place", path,
			    strerror(errno));
		if (fd >= 0) {
			close(fd);
		} else {
			free(s->temporary);
			s->temporary = NULL;
		}
		save_file_drop(s);
		return f->code;
	}
	setvbuf(s->out, NULL, _IOFBF, BUFFER_BYTES);
	return 0;
}

/* The new name outlives a power failure too. */
static void sync_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

int save_file_keep(struct save_file *s, struct failure *f)
{
	int fd = fileno(s->out);

	/* A pipe has nothing to sync, and says so. */
	if (fflush(s->out) || (fsync(fd) && errno != EINVAL && errno != EROFS) ||
	    (s->temporary && rename(s->temporary, s->path))) {
		return failure_set(f, -errno,
				   "cannot write '%s': %s; choose a place with room for the "
				   "guest's memory",
				   s->path, strerror(errno));
	}
	if (s->temporary) {
		sync_folder(s->path);
		free(s->temporary);
		s->temporary = NULL;
	}
	return 0;
}

void save_file_drop(struct save_file *s)
{
	if (s->temporary) {
		unlink(s->temporary);
	}
	if (s->out) {
		fclose(s->out);
	}
	free(s->temporary);
	free(s->path);
	memset(s, 0, sizeof(*s));
}

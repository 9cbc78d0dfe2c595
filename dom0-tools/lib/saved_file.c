/* SPDX-License-Identifier: MIT */
/*
 * Saved guests in files: see saved_file.h. Owns the open file.
 */
#include "lib/saved_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long file_read(void *arg, void *to, size_t len)
{
	FILE *in = arg;
	size_t n;

	errno = 0;
	n = fread(to, 1, len, in);
	return n || !ferror(in) ? (long)n : errno ? -errno : -EIO;
}

/* Without waiting for anybody: a pipe has nobody at its other end here. */
static FILE *file_open(const char *path, struct failure *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *in = NULL;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		failure_set(f, -EINVAL,
			    "'%s' is neither a file nor a block device; name a file that `save` "
			    "wrote",
			    path);
	} else if (fd >= 0) {
		in = fdopen(fd, "r");
	}
	if (!in) {
		failure_set(f, -errno, "cannot open '%s': %s; name a file that `save` wrote", path,
			    strerror(errno));
		if (fd >= 0) {
			close(fd);
		}
	}
	return in;
}

int saved_file_open(struct saved_file *s, const char *path, struct failure *f)
{
	struct saved_source source = { .read = file_read };
	struct failure why = { 0 };

	memset(s, 0, sizeof(*s));
	s->in = file_open(path, f);
	if (!s->in) {
		return f->code;
	}
	source.arg = s->in;
	if (saved_begin(&s->saved, &source, &why)) {
		saved_file_close(s);
		return failure_set(f, why.code, "'%s' cannot be restored: %s", path, why.text);
	}
	return 0;
}

void saved_file_close(struct saved_file *s)
{
	if (s->in) {
		fclose(s->in);
	}
	saved_free(&s->saved);
	memset(s, 0, sizeof(*s));
}

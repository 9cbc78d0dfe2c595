/* SPDX-License-Identifier: MIT */
/*
 * Paths: see path.h. Pure; no state and no lock.
 */
#include "stored/path.h"

#include <errno.h>
#include <string.h>

static bool path_char_ok(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '@' || c == '/';
}

static bool path_well_formed(const char *s, size_t len)
{
	size_t i;

	if (len > 1 && s[len - 1] == '/') {
		return false;
	}
	for (i = 0; i < len; i++) {
		if (!path_char_ok((unsigned char)s[i]) || (i && s[i] == '/' && s[i - 1] == '/')) {
			return false;
		}
	}
	return true;
}

int path_parse(struct path *out, const char *name, size_t len, const char *home)
{
	size_t used = 0;

	if (!len || len > (name[0] == '/' ? PATH_LEN_MAX : PATH_REL_MAX)) {
		return -EINVAL;
	}
	if (name[0] != '/' && !path_is_special(name)) {
		used = strlen(home);
		if (used + 1 + len > PATH_LEN_MAX) {
			return -EINVAL;
		}
		memcpy(out->s, home, used);
		out->s[used++] = '/';
	}
	memcpy(out->s + used, name, len);
	out->len = used + len;
	out->s[out->len] = 0;
	return path_well_formed(out->s, out->len) ? 0 : -EINVAL;
}

bool path_next(const char **at, const char **name, size_t *len)
{
	const char *p = *at;
	const char *end;

	if (*p == '/') {
		p++;
	}
	if (!*p) {
		return false;
	}
	end = strchrnul(p, '/');
	*name = p;
	*len = (size_t)(end - p);
	*at = end;
	return true;
}

size_t path_parent_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || !path[1]) {
		return 0;
	}
	return slash == path ? 1 : (size_t)(slash - path);
}

unsigned int path_depth(const char *path)
{
	const char *name;
	unsigned int depth = 0;
	size_t len;

	while (path_next(&path, &name, &len)) {
		depth++;
	}
	return depth;
}

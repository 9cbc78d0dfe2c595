/* SPDX-License-Identifier: MIT */
/*
 * Disk specifications: "TARGET,FORMAT,VDEV,ACCESS" and the key=value form, in any mixture, as
 * xl-disk-configuration(5) describes them. See guest.h. Pure.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest.h"
#include "lib/xalloc.h"

/* Reading one specification. *_set: a positional argument (or its key) has been seen. */
struct disk_reader {
	struct guest_disk *d;
	const char *spec;
	struct config_notes *notes;
	struct failure *f;
	bool target_set, format_set, access_set, old_prefix;
};

static int complain(struct disk_reader *r, const char *what)
{
	return failure_set(r->f, -EINVAL, "disk '%s': %s", r->spec, what);
}

static int set_target(struct disk_reader *r, const char *value)
{
	r->target_set = true;
	free(r->d->target);
	r->d->target = *value ? xstrdup(value) : NULL;
	return 0;
}

static int set_format(struct disk_reader *r, const char *value)
{
	r->format_set = true;
	if (!*value || !strcmp(value, "raw")) {
		return 0;
	}
	if (!strcmp(value, "empty")) {
		return set_target(r, "");
	}
	if (!strcmp(value, "qcow") || !strcmp(value, "qcow2") || !strcmp(value, "qed") ||
	    !strcmp(value, "vhd")) {
		return failure_set(r->f, -EINVAL,
				   "disk '%s': images of format %s are not served; "
				   "convert it: qemu-img convert -O raw IMAGE NEW",
				   r->spec, value);
	}
	return failure_set(r->f, -EINVAL, "disk '%s': unknown format '%s'; the format is raw",
			   r->spec, value);
}

static int set_vdev(struct disk_reader *r, const char *value)
{
	if (guest_vdev_number(value, &r->d->device)) {
		return failure_set(r->f, -EINVAL,
				   "disk '%s': '%s' is not a virtual device; write "
				   "such as xvda",
				   r->spec, value);
	}
	free(r->d->vdev);
	r->d->vdev = xstrdup(value);
	return 0;
}

static int set_access(struct disk_reader *r, const char *value)
{
	r->access_set = true;
	if (!strcmp(value, "w") || !strcmp(value, "rw")) {
		r->d->writable = true;
	} else if (!strcmp(value, "r") || !strcmp(value, "ro")) {
		r->d->writable = false;
	} else {
		return failure_set(r->f, -EINVAL, "disk '%s': unknown access '%s'; it is r or w",
				   r->spec, value);
	}
	return 0;
}

static int set_devtype(struct disk_reader *r, const char *value)
{
	if (!strcmp(value, "cdrom")) {
		r->d->cdrom = r->d->removable = true;
		if (!r->access_set) {
			r->d->writable = false;
		}
	} else if (strcmp(value, "disk")) {
		return complain(r, "devtype is disk or cdrom");
	}
	return 0;
}

static int set_backendtype(struct disk_reader *r, const char *value)
{
	if (!strcmp(value, "phy")) {
		return 0; /* a file gets a loop device all the same */
	}
	if (!strcmp(value, "qdisk") || !strcmp(value, "tap")) {
		config_note(r->notes,
			    "disk '%s': backendtype %s is not offered; the kernel's block "
			    "backend serves it",
			    r->spec, value);
		return 0;
	}
	return complain(r, "backendtype is phy");
}

static int set_backend(struct disk_reader *r, const char *value)
{
	char *end;
	unsigned long domid = strtoul(value, &end, 10);

	if (*end || !*value || domid) {
		return complain(r, "only dom0 can be the backend; leave backend= out");
	}
	return 0;
}

static int set_script(struct disk_reader *r, const char *value)
{
	if (!strcmp(value, "block")) {
		return 0;
	}
	return failure_set(r->f, -EINVAL,
			   "disk '%s': scripts such as '%s' are not run; prepare the "
			   "block device first and give its path as target",
			   r->spec, value);
}

static const struct {
	const char *key;
	int (*set)(struct disk_reader *r, const char *value);
} disk_keys[] = {
	{ "target", set_target },   { "format", set_format },   { "vdev", set_vdev },
	{ "access", set_access },   { "devtype", set_devtype }, { "backendtype", set_backendtype },
	{ "backend", set_backend }, { "script", set_script },
};

/* Words that stand alone. True when `word` was one. */
static bool disk_flag(struct disk_reader *r, const char *word)
{
	if (!strcmp(word, "cdrom")) {
		set_devtype(r, "cdrom");
	} else if (!strcmp(word, "disk")) {
		set_devtype(r, "disk");
	} else if (!strcmp(word, "discard") || !strcmp(word, "no-discard")) {
		r->d->discard = *word == 'd';
	} else if (!strcmp(word, "direct-io-safe")) {
		r->d->direct_io_safe = true;
	} else if (strncmp(word, "colo", 4)) {
		return false;
	}
	return true;
}

static int disk_positional(struct disk_reader *r, const char *word)
{
	if (!r->target_set) {
		return set_target(r, word);
	}
	if (!r->format_set && !r->old_prefix) {
		return set_format(r, word);
	}
	if (!r->d->vdev) {
		return set_vdev(r, word);
	}
	if (!r->access_set) {
		return set_access(r, word);
	}
	return failure_set(r->f, -EINVAL, "disk '%s': '%s' is one value too many", r->spec, word);
}

/* Prefixes of former times: phy:, file:, raw:, tap:aio: ... Returns what follows them. */
static const char *disk_prefix(struct disk_reader *r, const char *s)
{
	static const struct {
		const char *prefix;
		bool is_format; /* the format is said, so it is no longer expected */
	} old[] = {
		{ "phy:", true },  { "file:", true },  { "raw:", true },      { "aio:", true },
		{ "tap:", false }, { "tap2:", false }, { "tapdisk:", false }, { "ioemu:", false },
	};
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		if (!strncmp(s, old[i].prefix, strlen(old[i].prefix))) {
			r->old_prefix = r->old_prefix || old[i].is_format;
			s += strlen(old[i].prefix);
			i = (size_t)-1;
		}
	}
	return s;
}

/* One comma-separated part; *rest is what follows the comma, for target=, which takes it all. */
static int disk_part(struct disk_reader *r, const char *word, const char *rest, bool *all)
{
	const char *equal = strchr(word, '=');
	size_t i, len;

	*all = false;
	for (i = 0; equal && i < sizeof(disk_keys) / sizeof(disk_keys[0]); i++) {
		len = strlen(disk_keys[i].key);
		if (len != (size_t)(equal - word) || strncmp(word, disk_keys[i].key, len)) {
			continue;
		}
		if (!i) {
			*all = true;
			return set_target(r, rest);
		}
		return disk_keys[i].set(r, equal + 1);
	}
	if (equal && (r->target_set || !strchr(word, '/'))) {
		return failure_set(r->f, -EINVAL, "disk '%s': unknown key '%.*s'", r->spec,
				   (int)(equal - word), word);
	}
	return disk_flag(r, word) ? 0 : disk_positional(r, word);
}

static int disk_parts(struct disk_reader *r)
{
	const char *s = disk_prefix(r, r->spec), *comma, *target;
	char *word;
	size_t len;
	bool all = false;
	int rc = 0;

	while (!rc && !all) {
		while (isspace((unsigned char)*s)) {
			s++;
		}
		comma = strchr(s, ',');
		len = comma ? (size_t)(comma - s) : strlen(s);
		while (len && isspace((unsigned char)s[len - 1])) {
			len--;
		}
		word = xstrndup(s, len);
		target = strchr(s, '=') ? strchr(s, '=') + 1 : s;
		rc = disk_part(r, word, target, &all);
		free(word);
		if (!comma) {
			break;
		}
		s = comma + 1;
	}
	return rc;
}

int guest_parse_disk(struct guest_disk *d, const char *spec, struct config_notes *notes,
		     struct failure *f)
{
	struct disk_reader r = { .d = d, .spec = spec, .notes = notes, .f = f };
	int rc;

	memset(d, 0, sizeof(*d));
	d->writable = true;
	d->discard = true;
	rc = disk_parts(&r);
	if (!rc && !d->vdev) {
		rc = complain(&r, "the virtual device is missing; add such as vdev=xvda");
	}
	if (!rc && !d->target && !d->cdrom) {
		rc = complain(&r, "the target is missing; name a block device or an image file");
	}
	if (rc) {
		guest_disk_free(d);
	}
	return rc;
}

void guest_disk_free(struct guest_disk *d)
{
	free(d->target);
	free(d->vdev);
	memset(d, 0, sizeof(*d));
}

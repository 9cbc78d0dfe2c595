/* SPDX-License-Identifier: MIT */
/*
 * Names of things in configurations: actions, reasons, virtual disks, guests. See guest.h.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest.h"

#define MAJOR_XVD 202u
#define EXTENDED  (1u << 28) /* disks past xvdp, partitions past 15 */

const char *guest_action_name(enum guest_action a)
{
	static const char *const names[ACTION_COUNT] = {
		"destroy",          "restart",          "rename-restart", "preserve",
		"coredump-destroy", "coredump-restart", "soft-reset",
	};

	return a < ACTION_COUNT ? names[a] : "unknown";
}

const char *guest_end_name(unsigned int reason)
{
	static const char *const names[END_COUNT] = {
		"poweroff", "reboot", "suspend", "crash", "watchdog", "soft-reset",
	};

	return reason < END_COUNT ? names[reason] : "unknown";
}

/* a..z, aa..zz and so on, at *s, which moves on; -1: no letter there. */
static long letters(const char **s)
{
	long n = 0;

	if (!islower((unsigned char)**s)) {
		return -1;
	}
	for (; islower((unsigned char)**s) && n < 100000; ++*s) {
		n = n * 26 + (**s - 'a') + 1;
	}
	return n - 1;
}

static int numbers(const char *s, unsigned long *n)
{
	char *end;

	if (!*s) {
		*n = 0;
		return 0;
	}
	if (!isdigit((unsigned char)*s)) {
		return -EINVAL;
	}
	*n = strtoul(s, &end, 10);
	return *end ? -EINVAL : 0;
}

static int vdev_xen(unsigned long disk, unsigned long part, uint32_t *number)
{
	if (disk < 16 && part < 16) {
		*number = MAJOR_XVD << 8 | (uint32_t)(disk << 4) | (uint32_t)part;
	} else if (disk < 1u << 20 && part < 256) {
		*number = EXTENDED | (uint32_t)(disk << 8) | (uint32_t)part;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int vdev_ide(unsigned long disk, unsigned long part, uint32_t *number)
{
	if (disk >= 4 || part >= 64) {
		return -EINVAL;
	}
	*number = (disk < 2 ? 3u : 22u) << 8 | (uint32_t)(disk & 1) << 6 | (uint32_t)part;
	return 0;
}

static int vdev_scsi(unsigned long disk, unsigned long part, uint32_t *number)
{
	if (disk >= 16 || part >= 16) {
		return -EINVAL;
	}
	*number = 8u << 8 | (uint32_t)(disk << 4) | (uint32_t)part;
	return 0;
}

int guest_vdev_number(const char *vdev, uint32_t *number)
{
	static const struct {
		const char *prefix;
		int (*make)(unsigned long disk, unsigned long part, uint32_t *number);
	} kinds[] = { { "xvd", vdev_xen }, { "hd", vdev_ide }, { "sd", vdev_scsi } };
	unsigned long disk, part = 0;
	const char *s;
	char *end;
	long letter;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(vdev, kinds[i].prefix, strlen(kinds[i].prefix))) {
			continue;
		}
		s = vdev + strlen(kinds[i].prefix);
		letter = letters(&s);
		if (letter < 0 || numbers(s, &part)) {
			return -EINVAL;
		}
		return kinds[i].make((unsigned long)letter, part, number);
	}
	if (vdev[0] == 'd' && isdigit((unsigned char)vdev[1])) {
		disk = strtoul(vdev + 1, &end, 10);
		if (*end && (*end != 'p' || !end[1] || numbers(end + 1, &part))) {
			return -EINVAL;
		}
		return vdev_xen(disk, part, number);
	}
	if (isdigit((unsigned char)vdev[0])) {
		disk = strtoul(vdev, &end, 0);
		*number = (uint32_t)disk;
		return *end || disk > INT32_MAX ? -EINVAL : 0;
	}
	return -EINVAL;
}

void guest_vdev_name(uint32_t number, char name[24])
{
	unsigned int disk, part;
	char text[8], *p = text + sizeof(text) - 1;

	if (number & EXTENDED) {
		disk = (number & ~EXTENDED) >> 8;
		part = number & 255;
	} else if (number >> 8 == MAJOR_XVD) {
		disk = number >> 4 & 15;
		part = number & 15;
	} else {
		snprintf(name, 24, "%u", number);
		return;
	}
	*p = 0;
	for (disk++; disk; disk = (disk - 1) / 26) {
		*--p = (char)('a' + (disk - 1) % 26);
	}
	if (part) {
		snprintf(name, 24, "xvd%s%u", p, part);
	} else {
		snprintf(name, 24, "xvd%s", p);
	}
}

int guest_check_name(const char *name, struct failure *f)
{
	size_t i, len = strlen(name);
	bool digits = true;

	if (!len || len > GUEST_NAME_MAX) {
		return failure_set(f, -EINVAL,
				   "a guest's name has 1 to %d characters, this one %zu",
				   GUEST_NAME_MAX, len);
	}
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		digits = digits && isdigit(c);
		if (c <= ' ' || c == '/' || c == 127) {
			return failure_set(f, -EINVAL,
					   "a guest's name must not contain blanks, "
					   "slashes or control characters");
		}
	}
	if (digits) {
		return failure_set(f, -EINVAL,
				   "'%s' would be taken for a domain number; a guest's "
				   "name needs a letter",
				   name);
	}
	return 0;
}

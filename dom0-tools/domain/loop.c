/* SPDX-License-Identifier: MIT */
/*
 * Loop devices: see loop.h. No state of its own.
 */
#include "domain/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TRIES 64 /* others take free devices at the same time */

/* Where udev is absent or slow the node may be missing although the kernel has the device. */
static int loop_open_node(struct loop *l, int number)
{
	int fd;

	snprintf(l->path, sizeof(l->path), "/dev/loop%d", number);
	fd = open(l->path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT &&
	    !mknod(l->path, S_IFBLK | 0660, makedev(7, (unsigned int)number))) {
		fd = open(l->path, O_RDWR | O_CLOEXEC);
	}
	return fd;
}

static int loop_try(struct loop *l, int control, int file, const char *name, bool writable)
{
	struct loop_config config = { .fd = (uint32_t)file };
	int number = ioctl(control, LOOP_CTL_GET_FREE), rc;
	struct stat st;

	if (number < 0) {
		return -errno;
	}
	l->fd = loop_open_node(l, number);
	if (l->fd < 0) {
		return -errno;
	}
	config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (writable ? 0 : LO_FLAGS_READ_ONLY);
	snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s", name);
	if (ioctl(l->fd, LOOP_CONFIGURE, &config) || fstat(l->fd, &st)) {
		rc = -errno;
		close(l->fd);
		l->fd = -1;
		return rc;
	}
	l->major = major(st.st_rdev);
	l->minor = minor(st.st_rdev);
	return 0;
}

int loop_attach(struct loop *l, const char *name, bool writable, struct failure *f)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), file, rc, tries = 0;

	l->fd = -1;
	if (control < 0) {
		return failure_set(f, -errno,
				   "cannot open /dev/loop-control: %s; load the module: "
				   "modprobe loop",
				   strerror(errno));
	}
	file = open(name, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (file < 0) {
		rc = failure_set(f, -errno, "cannot open the image '%s'%s: %s", name,
				 writable ? " for writing" : "", strerror(errno));
		close(control);
		return rc;
	}
	do {
		rc = loop_try(l, control, file, name, writable);
	} while (rc == -EBUSY && ++tries < TRIES);
	close(file);
	close(control);
	return rc ? failure_set(f, rc, "cannot make a loop device for '%s': %s", name,
				strerror(-rc))
		  : 0;
}

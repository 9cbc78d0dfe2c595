/* SPDX-License-Identifier: MIT */
/*
 * What is behind a disk: see device.h. No state of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "domain/device.h"
#include "domain/store.h"

#define SETTLE_MS 10000

int device_driver_check(const char *kind, struct failure *f)
{
	char path[96];
	bool disk = !strcmp(kind, "vbd");

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/drivers/%s", kind);
	if (access(path, F_OK)) {
		return failure_set(f, -ENODEV,
				   "dom0's kernel has no %s backend loaded; run: modprobe %s",
				   disk ? "block" : "network",
				   disk ? "xen-blkback" : "xen-netback");
	}
	return 0;
}

static int disk_open_block(struct disk_backing *b, const struct guest_disk *d, struct failure *f)
{
	struct stat st;
	/* O_EXCL: fails when dom0 itself uses it, say as a mounted file system. */
	int fd = open(d->target, (d->writable ? O_RDWR | O_EXCL : O_RDONLY) | O_CLOEXEC), rc = 0;

	if (fd < 0 && errno == EBUSY) {
		return failure_set(f, -EBUSY,
				   "'%s' is in use in dom0; unmount it there, or give it "
				   "to the guest with access r",
				   d->target);
	}
	if (fd < 0 || fstat(fd, &st)) {
		rc = failure_set(f, -errno, "cannot open the block device '%s': %s", d->target,
				 strerror(errno));
	} else {
		snprintf(b->physical, sizeof(b->physical), "%x:%x", major(st.st_rdev),
			 minor(st.st_rdev));
		snprintf(b->path, sizeof(b->path), "%s", d->target);
	}
	if (fd >= 0) {
		close(fd);
	}
	return rc;
}

static int disk_open_file(struct disk_backing *b, const struct guest_disk *d, const struct stat *st,
			  struct failure *f)
{
	int rc;

	if (st->st_size < 512) {
		return failure_set(f, -EINVAL,
				   "the image '%s' is empty; give it a size first, such "
				   "as: truncate -s 8G %s",
				   d->target, d->target);
	}
	rc = loop_attach(&b->loop, d->target, d->writable, f);
	if (!rc) {
		snprintf(b->physical, sizeof(b->physical), "%x:%x", b->loop.major, b->loop.minor);
		snprintf(b->path, sizeof(b->path), "%s", b->loop.path);
	}
	return rc;
}

int disk_open(struct disk_backing *b, const struct guest_disk *d, struct failure *f)
{
	struct stat st;
	int rc;

	memset(b, 0, sizeof(*b));
	b->loop.fd = -1;
	rc = device_driver_check("vbd", f);
	if (rc || !d->target) {
		return rc;
	}
	if (stat(d->target, &st)) {
		return failure_set(f, -errno,
				   "the disk '%s' cannot be used: %s; check `disk` in the "
				   "configuration",
				   d->target, strerror(errno));
	}
	if (S_ISBLK(st.st_mode)) {
		return disk_open_block(b, d, f);
	}
	if (S_ISREG(st.st_mode)) {
		return disk_open_file(b, d, &st, f);
	}
	return failure_set(f, -EINVAL, "'%s' is neither a block device nor an image file",
			   d->target);
}

void disk_close(struct disk_backing *b)
{
	if (b->loop.fd >= 0) {
		close(b->loop.fd);
		b->loop.fd = -1;
	}
}

int disk_settle(struct xs_client *xs, uint32_t domid, const struct guest_disk *d, struct failure *f)
{
	char path[128], *error;
	int waited, step = 1;

	if (!d->target) {
		return 0;
	}
	/* The backend makes this file right after it has opened the device; sysfs does not tell
	 * anybody, so it is looked for. */
	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/vbd-%u-%u/physical_device",
		 domid, d->device);
	for (waited = 0; access(path, F_OK); waited += step) {
		error = store_read(xs, "/local/domain/0/error/backend/vbd/%u/%u/error", domid,
				   d->device);
		if (error || waited >= SETTLE_MS) {
			failure_set(f, -EIO, "dom0's block backend did not take '%s': %s",
				    d->target,
				    error ? error : "it does not answer; see dom0's kernel log");
			free(error);
			return -EIO;
		}
		step = waited < 20 ? 1 : 20;
		poll(NULL, 0, step);
	}
	return 0;
}

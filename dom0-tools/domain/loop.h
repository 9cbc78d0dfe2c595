/* SPDX-License-Identifier: MIT */
/*
 * Loop devices: how an image file becomes a block device, by ioctl. The device is made to
 * dissolve by itself once nobody has it open, so it cannot outlive the guest, whoever dies first.
 */
#ifndef DOMAIN_LOOP_H
#define DOMAIN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/failure.h"

struct loop {
	int fd;        /* keeps the device alive until a backend has it open */
	char path[32]; /* "/dev/loop3" */
	uint32_t major, minor;
};

int loop_attach(struct loop *l, const char *file, bool writable, struct failure *f);

#endif

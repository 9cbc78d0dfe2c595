/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor's own console, copied into hypervisor.log as it grows. Single-threaded, no lock.
 */
#include <errno.h>
#include <string.h>

#include "consoled/consoled.h"
#include "consoled/logfile.h"
#include "lib/hypercall.h"
#include "lib/log.h"

#define PIECES 64 /* of 4 KiB, at one go */

void hvlog_read(struct consoled *d)
{
	char piece[4096];
	int i, n = 1;

	for (i = 0; i < PIECES && n > 0; i++) {
		n = hypercall_read_console(d->calls, &d->console_index, piece, sizeof(piece));
		if (n > 0) {
			logfile_write(d->hypervisor_log, piece, (size_t)n);
		}
	}
	if (n < 0) {
		log_warn("cannot read the hypervisor's console: %s", strerror(-n));
	}
}

void hvlog_start(struct consoled *d)
{
	d->hypervisor_log = logfile_open(d->log_folder, "hypervisor");
	logfile_note(d->hypervisor_log, "hypervisor console, from the oldest line it still has");
	hvlog_read(d);
}

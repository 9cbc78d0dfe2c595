/* SPDX-License-Identifier: MIT */
/*
 * Door of console_io: the machine's console for dom0. The table row has made sure of the privilege.
 * Text goes through a small buffer, a piece at a time; a long write is continued.
 */
#include <dais/console.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#define PIECE		128u
#define COUNT_MAX	0x7fffffffu	/* the result of a read is an int */

static long console_write(unsigned int count, unsigned long buffer)
{
	char piece[PIECE];
	unsigned int n;

	for (unsigned int done = 0; done < count; done += n) {
		n = min(count - done, PIECE);
		if (done && preempt_check()) {
			return hypercall_continue(__HYPERVISOR_console_io, 3,
						  (unsigned long)CONSOLEIO_write,
						  (unsigned long)(count - done), buffer + done);
		}
		if (copy_from_guest(piece, buffer + done, n)) {
			return -XEN_EFAULT;
		}
		console_guest_write(piece, n);
	}
	return 0;
}

/* What is taken from the console must reach the guest: so the memory is tried first. */
static long console_read(unsigned int count, unsigned long buffer)
{
	char piece[PIECE];
	unsigned int done = 0;
	size_t n = PIECE;

	while (done < count && n == PIECE) {
		size_t want = min(count - done, PIECE);

		if (clear_guest(buffer + done, want)) {
			return done ? (long)done : -XEN_EFAULT;
		}
		n = console_guest_read(piece, want);
		if (copy_to_guest(buffer + done, piece, n)) {
			return -XEN_EFAULT;
		}
		done += (unsigned int)n;
	}
	return done;
}

long do_console_io(unsigned int cmd, unsigned int count, unsigned long buffer)
{
	if (count > COUNT_MAX) {
		return -XEN_E2BIG;
	}
	switch (cmd) {
	case CONSOLEIO_write:
		return console_write(count, buffer);
	case CONSOLEIO_read:
		return console_read(count, buffer);
	default:
		return -XEN_ENOSYS;
	}
}

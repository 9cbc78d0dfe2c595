/* SPDX-License-Identifier: MIT */
/* sysctl: the hypervisor's messages, and keys pressed from afar. */
#include <dais/console.h>
#include <dais/guest_access.h>
#include <dais/keys.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <xen/errno.h>

#include "sysctl.h"

#define PIECE	256u
#define KEYS_MAX 1024u

/*
 * Piece by piece: all but the first go on where the one before ended. Stopping early when other
 * work is due is no loss, since index says where to go on, and only what was handed over is cleared.
 */
long sysctl_readconsole(struct xen_sysctl *op)
{
	struct xen_sysctl_readconsole *r = &op->u.readconsole;
	uint32_t index = r->index, done = 0;
	bool incremental = r->incremental;
	char piece[PIECE];
	size_t n;

	do {
		n = console_ring_read(piece, min(r->count - done, PIECE), &index, false,
				      incremental);
		if (copy_to_guest(r->buffer + done, piece, n)) {
			return -XEN_EFAULT;
		}
		incremental = true;
		done += (uint32_t)n;
	} while (n == PIECE && done < r->count && !preempt_check());
	if (r->clear) {
		(void)console_ring_read(piece, 0, &index, true, true);
	}
	r->index = index;
	r->count = done;
	return 0;
}

long sysctl_debug_keys(struct xen_sysctl *op)
{
	const struct xen_sysctl_debug_keys *k = &op->u.debug_keys;

	if (k->nr_keys > KEYS_MAX) {
		return -XEN_E2BIG;
	}
	for (uint32_t i = 0; i < k->nr_keys; i++) {
		char c;

		if (copy_from_guest(&c, k->keys + i, 1)) {
			return -XEN_EFAULT;
		}
		keys_press(c, &current_vcpu()->regs);
	}
	return 0;
}

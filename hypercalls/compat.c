/* SPDX-License-Identifier: MIT */
/*
 * Doors of three calls in the shape they had before interface version 0x00030202: NetBSD and the first XenoLinux
 * kernels issue them. Nothing is done here: the argument is unpacked and today's door does the rest, checks included.
 * As with Xen, the structure must be readable in full, even where the command uses little of it.
 */

#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/physdev.h>
#include <xen/sched.h>

/* The structure has no room for what later commands take, and Xen knows none of them by this number. */
long do_event_channel_op_compat(unsigned long op_va)
{
	struct evtchn_op op;

	if (copy_from_guest(&op, op_va, sizeof(op))) {
		return -XEN_EFAULT;
	}
	if (op.cmd > EVTCHNOP_unmask) {
		return -XEN_ENOSYS;
	}
	return do_event_channel_op(op.cmd, op_va + offsetof(struct evtchn_op, u));
}

/* Xen lets every command through, also those that came later. */
long do_physdev_op_compat(unsigned long op_va)
{
	struct physdev_op op;

	return copy_from_guest(&op, op_va, sizeof(op)) ? -XEN_EFAULT :
	       do_physdev_op(op.cmd, op_va + offsetof(struct physdev_op, u));
}

/* The reason of a shutdown is the argument itself, not what it points at. */
long do_sched_op_compat(unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case SCHEDOP_yield:
	case SCHEDOP_block:
		return do_sched_op(cmd, 0);
	case SCHEDOP_shutdown:
		domain_shutdown(current_vcpu()->domain, (uint8_t)arg);
		return 0;
	default:
		return -XEN_ENOSYS;
	}
}

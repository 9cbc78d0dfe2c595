/* SPDX-License-Identifier: MIT */
/*
 * callback_op(cmd, arg): the guest code addresses the hypervisor enters other than by exception.
 *
 * event    a port is pending             failsafe  a segment could not be reloaded
 * syscall  SYSCALL from 64-bit user mode syscall32 from 32-bit user mode
 * sysenter SYSENTER                      nmi       (a trap-table entry for vector 2 does the same)
 *
 * Errors: -ENOSYS for a type that does not exist; -EINVAL to unregister one that cannot be.
 */
#ifndef XEN_CALLBACK_H
#define XEN_CALLBACK_H

#include <xen/types.h>

#define CALLBACKOP_register		0
#define CALLBACKOP_unregister		1

#define CALLBACKTYPE_event		0
#define CALLBACKTYPE_failsafe		1
#define CALLBACKTYPE_syscall		2
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi		4
#define CALLBACKTYPE_sysenter		5
#define CALLBACKTYPE_syscall32		7

/* Enter with event delivery masked (always so for event). */
#define _CALLBACKF_mask_events		0
#define CALLBACKF_mask_events		(1U << _CALLBACKF_mask_events)

#ifndef __ASSEMBLER__

struct callback_register {
	uint16_t type;		/* CALLBACKTYPE_* */
	uint16_t flags;		/* CALLBACKF_* */
	xen_callback_t address;	/* must be canonical */
};

struct callback_unregister {
	uint16_t type;		/* CALLBACKTYPE_* */
	uint16_t _unused;
};

#endif
#endif

/* SPDX-License-Identifier: MIT */
/*
 * Doors through which a guest kernel names its entry points: exception handlers and callbacks. They only change
 * the calling vcpu. Addresses need no check beyond being canonical: a bad one faults in the guest.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include <xen/callback.h>
#include <xen/errno.h>
#include <xen/nmi.h>
#include <xen/xen.h>
#include "subop.h"

#define TRAPS_MAX	1024	/* entries of one list: more than any kernel has vectors for */

/* A handler's code selector runs at RPL 3 whatever the guest wrote. */
static void trap_info_set(struct vcpu *v, struct trap_info t)
{
	t.cs |= 3;
	v->pv.traps[t.vector] = t;
}

long do_set_trap_table(unsigned long traps)
{
	struct vcpu *v = current_vcpu();

	if (traps == 0) {
		memset(v->pv.traps, 0, sizeof(v->pv.traps));
		return 0;
	}
	for (unsigned int i = 0; i < TRAPS_MAX; i++) {
		struct trap_info t;

		if (copy_elem_from_guest(&t, traps, i, sizeof(t)) != 0) {
			return -XEN_EFAULT;
		}
		if (t.address == 0) {
			return 0;
		}
		if (!va_canonical(t.address)) {
			return -XEN_EINVAL;
		}
		trap_info_set(v, t);
	}
	return -XEN_EINVAL;
}

/* Where each kind of callback lives. */
struct callback_slot {
	unsigned long *entry;
	bool *mask;
};

static bool callback_slot(struct vcpu *v, unsigned int type, struct callback_slot *s)
{
	switch (type) {
	case CALLBACKTYPE_event:
		*s = (struct callback_slot){ &v->pv.event_cb, &v->pv.event_mask };
		return true;
	case CALLBACKTYPE_failsafe:
		*s = (struct callback_slot){ &v->pv.failsafe_cb, &v->pv.failsafe_mask };
		return true;
	case CALLBACKTYPE_syscall:
		*s = (struct callback_slot){ &v->pv.syscall_cb, &v->pv.syscall_mask };
		return true;
	case CALLBACKTYPE_syscall32:
		*s = (struct callback_slot){ &v->pv.syscall32_cb, &v->pv.syscall32_mask };
		return true;
	case CALLBACKTYPE_sysenter:
		*s = (struct callback_slot){ &v->pv.sysenter_cb, &v->pv.sysenter_mask };
		return true;
	default:
		return false;
	}
}

static int nmi_callback_set(struct vcpu *v, unsigned long address)
{
	if (v->id != 0) {
		return -XEN_EINVAL;	/* as the interface has it: only the first vcpu takes NMIs this way */
	}
	if (!va_canonical(address)) {
		return -XEN_EINVAL;
	}
	trap_info_set(v, (struct trap_info){ .vector = 2, .flags = 4, .cs = FLAT_KERNEL_CS, .address = address });
	if (address == 0) {
		v->pv.traps[2].cs = 0;
	}
	return 0;
}

static long callback_register(void *arg)
{
	const struct callback_register *reg = arg;
	struct vcpu *v = current_vcpu();
	struct callback_slot s;

	if (!va_canonical(reg->address)) {
		return -XEN_EINVAL;
	}
	if (reg->type == CALLBACKTYPE_nmi) {
		return nmi_callback_set(v, reg->address);
	}
	if (!callback_slot(v, reg->type, &s)) {
		return -XEN_ENOSYS;
	}
	*s.entry = reg->address;
	*s.mask = reg->flags & CALLBACKF_mask_events;
	return 0;
}

static long callback_unregister(void *arg)
{
	const struct callback_unregister *un = arg;
	struct callback_slot s;

	if (un->type == CALLBACKTYPE_nmi) {
		return nmi_callback_set(current_vcpu(), 0);
	}
	return callback_slot(current_vcpu(), un->type, &s) ? -XEN_EINVAL : -XEN_ENOSYS;
}

static const struct subop callback_table[] = {
	[CALLBACKOP_register] = SUBOP(struct callback_register, SUBOP_IN, callback_register),
	[CALLBACKOP_unregister] = SUBOP(struct callback_unregister, SUBOP_IN, callback_unregister),
};

long do_callback_op(unsigned int cmd, unsigned long arg)
{
	return subop_dispatch(callback_table, ARRAY_SIZE(callback_table), cmd, arg);
}

long do_set_callbacks(unsigned long event, unsigned long failsafe, unsigned long syscall)
{
	struct vcpu *v = current_vcpu();

	if (!va_canonical(event) || !va_canonical(failsafe) || !va_canonical(syscall)) {
		return -XEN_EINVAL;
	}
	v->pv.event_cb = event;
	v->pv.failsafe_cb = failsafe;
	v->pv.syscall_cb = syscall;
	return 0;
}

static long nmi_register(void *arg)
{
	return nmi_callback_set(current_vcpu(), ((const struct xennmi_callback *)arg)->handler_address);
}

static long nmi_unregister(void *arg)
{
	return nmi_callback_set(current_vcpu(), 0);
}

static const struct subop nmi_table[] = {
	[XENNMI_register_callback] = SUBOP(struct xennmi_callback, SUBOP_IN, nmi_register),
	[XENNMI_unregister_callback] = SUBOP_NOARG(0, nmi_unregister),
};

long do_nmi_op(unsigned int cmd, unsigned long arg)
{
	return subop_dispatch(nmi_table, ARRAY_SIZE(nmi_table), cmd, arg);
}

/* SPDX-License-Identifier: MIT */
/*
 * Doors through which a guest kernel names its entry points: exception handlers and callbacks. They only change
 * the calling vcpu. Addresses need no check beyond being canonical: a bad one faults in the guest.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include <xen/callback.h>
#include <xen/errno.h>
#include <xen/nmi.h>
#include "subop.h"

#define TRAPS_MAX	1024	/* entries of one list: more than any kernel has vectors for */

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
		t.cs |= 3;	/* it runs at RPL 3 whatever the guest wrote */
		v->pv.traps[t.vector] = t;
	}
	return -XEN_EINVAL;
}

/*
 * Where the entry point of this kind is, and the flag that masks events; NULL: there is no such
 * kind.
 */
static unsigned long *callback_slot(struct vcpu *v, unsigned int type, bool **mask)
{
	switch (type) {
	case CALLBACKTYPE_event:
		*mask = &v->pv.event_mask;
		return &v->pv.event_cb;
	case CALLBACKTYPE_failsafe:
		*mask = &v->pv.failsafe_mask;
		return &v->pv.failsafe_cb;
	case CALLBACKTYPE_syscall:
		*mask = &v->pv.syscall_mask;
		return &v->pv.syscall_cb;
	case CALLBACKTYPE_syscall32:
		*mask = &v->pv.syscall32_mask;
		return &v->pv.syscall32_cb;
	case CALLBACKTYPE_sysenter:
		*mask = &v->pv.sysenter_mask;
		return &v->pv.sysenter_cb;
	default:
		return NULL;
	}
}

/* As the interface has it, only the first vcpu takes NMIs this way. Address 0: no more. */
static long nmi_callback_set(unsigned long address)
{
	struct vcpu *v = current_vcpu();

	if (v->id != 0 || !va_canonical(address)) {
		return -XEN_EINVAL;
	}
	v->pv.traps[2] = (struct trap_info){
		.vector = 2, .flags = 4, .cs = address ? FLAT_KERNEL_CS : 0, .address = address,
	};
	return 0;
}

static long callback_register(void *arg)
{
	const struct callback_register *reg = arg;
	unsigned long *entry;
	bool *mask;

	if (!va_canonical(reg->address)) {
		return -XEN_EINVAL;
	}
	if (reg->type == CALLBACKTYPE_nmi) {
		return nmi_callback_set(reg->address);
	}
	entry = callback_slot(current_vcpu(), reg->type, &mask);
	if (!entry) {
		return -XEN_ENOSYS;
	}
	*entry = reg->address;
	*mask = reg->flags & CALLBACKF_mask_events;
	return 0;
}

static long callback_unregister(void *arg)
{
	unsigned int type = ((const struct callback_unregister *)arg)->type;
	bool *mask;

	if (type == CALLBACKTYPE_nmi) {
		return nmi_callback_set(0);
	}
	return callback_slot(current_vcpu(), type, &mask) ? -XEN_EINVAL : -XEN_ENOSYS;
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

long do_nmi_op(unsigned int cmd, unsigned long arg)
{
	struct xennmi_callback cb;

	switch (cmd) {
	case XENNMI_register_callback:
		return copy_from_guest(&cb, arg, sizeof(cb)) ? -XEN_EFAULT
							     : nmi_callback_set(cb.handler_address);
	case XENNMI_unregister_callback:
		return nmi_callback_set(0);
	default:
		return -XEN_ENOSYS;
	}
}

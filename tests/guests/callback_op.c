/* SPDX-License-Identifier: MIT */
/*
 * Registering entry points one at a time.
 *
 * Event, failsafe, syscall, NMI and the 32-bit entries can be registered; the essential ones
 * cannot be taken back; unknown types and non-canonical addresses are refused and change nothing.
 */
#include "kit.h"

#include <xen/callback.h>
#include <xen/nmi.h>

static long reg(u16 type, u16 flags, u64 address)
{
	struct callback_register op = { .type = type, .flags = flags, .address = address };

	return HC(callback_op, CALLBACKOP_register, &op);
}

static long unreg(u16 type)
{
	struct callback_unregister op = { .type = type };

	return HC(callback_op, CALLBACKOP_unregister, &op);
}

void guest_main(void)
{
	struct xennmi_callback nmi = { .handler_address = (u64)trap_nmi };
	unsigned int port;

	kit_init();
	CHECK_EQ(reg(CALLBACKTYPE_event, 0, (u64)trap_event), 0);
	CHECK_EQ(reg(CALLBACKTYPE_failsafe, CALLBACKF_mask_events, (u64)trap_failsafe), 0);
	CHECK_EQ(reg(CALLBACKTYPE_syscall, CALLBACKF_mask_events, (u64)trap_syscall), 0);
	CHECK_EQ(reg(CALLBACKTYPE_syscall32, 0, (u64)trap_syscall32), 0);
	CHECK_EQ(reg(CALLBACKTYPE_sysenter, 0, (u64)trap_sysenter), 0);
	CHECK_EQ(reg(CALLBACKTYPE_nmi, 0, (u64)trap_nmi), 0);
	CHECK_EQ(unreg(CALLBACKTYPE_nmi), 0);
	CHECK_EQ(unreg(CALLBACKTYPE_event), -kEINVAL);
	CHECK_EQ(unreg(CALLBACKTYPE_failsafe), -kEINVAL);
	CHECK_EQ(unreg(CALLBACKTYPE_syscall), -kEINVAL);
	CHECK_EQ(unreg(CALLBACKTYPE_syscall32), -kEINVAL);
	CHECK_EQ(unreg(CALLBACKTYPE_sysenter), -kEINVAL);
	CHECK_EQ(unreg(99), -kENOSYS);
	CHECK_EQ(reg(6, 0, (u64)trap_event), -kENOSYS);
	CHECK_EQ(reg(99, 0, (u64)trap_event), -kENOSYS);
	CHECK_EQ(reg(CALLBACKTYPE_event, 0, ADDR_NONCANONICAL), -kEINVAL);
	CHECK_EQ(reg(CALLBACKTYPE_syscall, 0, ADDR_NONCANONICAL), -kEINVAL);
	CHECK_EQ(HC(callback_op, CALLBACKOP_register, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(callback_op, CALLBACKOP_unregister, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(callback_op, 2, &nmi), -kENOSYS);
	/* The oracle's old form does not say no, it ignores what it refuses. */
	CHECK_EITHER(HC(set_callbacks, ADDR_NONCANONICAL, trap_failsafe, trap_syscall), 0,
		     -kEINVAL);
	CHECK_EQ(HC(nmi_op, XENNMI_register_callback, &nmi), 0);
	CHECK_EQ(HC(nmi_op, XENNMI_unregister_callback, 0), 0);
	CHECK_EQ(HC(nmi_op, 9, 0), -kENOSYS);

	/* The refusals left the good one in place. */
	port = (unsigned int)event_bind_ipi(0);
	event_count[port] = 0;
	event_enable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], 1);
	verdict();
}

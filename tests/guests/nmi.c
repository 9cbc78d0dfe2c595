/* SPDX-License-Identifier: MIT */
/*
 * How does a kernel get an NMI?
 *
 * The handler is trap vector 2. VCPUOP_send_nmi to oneself is delivered on the way out of the
 * hypercall, whatever the upcall mask says; a second one that is sent inside the handler waits for
 * the handler's iret. Without a handler it stays pending and nothing happens.
 */
#include "kit.h"

#include <xen/nmi.h>
#include <xen/vcpu.h>

static volatile unsigned int count, depth, deepest;

static void on_nmi(struct trap_frame *frame)
{
	(void)frame;
	depth++;
	deepest = depth > deepest ? depth : deepest;
	count++;
	if (count == 2) {
		CHECK_EQ(HC(vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
		CHECK_EQ(count, 2);
	}
	depth--;
}

void guest_main(void)
{
	kit_init();
	event_disable();
	trap_handle(TRAP_NMI, on_nmi);
	CHECK_EQ(HC(vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
	CHECK_EQ(count, 1);
	CHECK_EQ(HC(vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
	CHECK_EQ(count, 3);
	CHECK_EQ(deepest, 1);
	CHECK_EQ(HC(vcpu_op, VCPUOP_send_nmi, 1, 0), -kENOENT);
	{
		/* No address that cannot be returned to; the one before stays in force. */
		struct xennmi_callback wild = { .handler_address = 0x8000123456789000UL };

		CHECK_EQ(HC(nmi_op, XENNMI_register_callback, &wild), -kEINVAL);
		CHECK_EQ(HC(vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
		CHECK_EQ(count, 4);
	}
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_mask, 1);
	verdict();
}

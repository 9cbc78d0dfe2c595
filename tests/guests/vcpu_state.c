/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op on the only vCPU there is: numbering, registration of vcpu_info, refusals.
 *
 * Kernels find out how many vCPUs exist by asking is_up until it says -ENOENT. register_vcpu_info
 * moves the info block: contents are copied, the selector is set to all ones and an upcall is
 * made pending, since events may have come meanwhile; it can be done once. The block must not
 * cross a page. All but the current vCPU's timers are out of reach.
 */
#include "kit.h"

#include <xen/vcpu.h>

static char info_page[PAGE_SIZE] PAGE_ALIGNED;

static long register_info(u64 mfn, u32 offset)
{
	struct vcpu_register_vcpu_info op = { .mfn = mfn, .offset = offset };

	return HC(vcpu_op, VCPUOP_register_vcpu_info, 0, &op);
}

static void check_register(void)
{
	struct vcpu_info *now = (struct vcpu_info *)(info_page + 128), *old = event_vcpu_info();
	u64 mfn = paging_mfn(info_page);

	/* A place that cannot be; kernels stop on any error, whichever. */
	CHECK_EITHER(register_info(mfn, 4096 - 8), -kENXIO, -kEINVAL);
	CHECK_EITHER(register_info(mfn, 4096), -kENXIO, -kEINVAL);
	CHECK_EITHER(register_info(mfn, 4), -kENXIO, -kEINVAL);
	CHECK_EQ(register_info(0xffffffff, 0), -kEINVAL);
	old->arch.cr2 = 0x1234;
	old->evtchn_upcall_pending = 0;
	old->evtchn_pending_sel = 0;
	old->evtchn_upcall_mask = 1;
	CHECK_EQ(register_info(mfn, 128), 0);
	CHECK_EQ(now->arch.cr2, 0x1234);
	CHECK_EQ(now->evtchn_upcall_mask, 1);
	CHECK_EQ(now->evtchn_pending_sel, ~0UL);
	CHECK_EQ(now->evtchn_upcall_pending, 1);
	CHECK(now->time.tsc_to_system_mul != 0);
	event_set_vcpu_info(now);
	now->evtchn_upcall_pending = 0;
	now->evtchn_pending_sel = 0;
	CHECK_EQ(register_info(mfn, 256), -kEINVAL);
	/* Events and CR2 go to the new place only. */
	{
		unsigned int port = (unsigned int)event_bind_ipi(0);

		event_count[port] = 0;
		CHECK_EQ(event_send(port), 0);
		CHECK_EQ(now->evtchn_upcall_pending, 1);
		CHECK_EQ(old->evtchn_upcall_pending, 0);
		event_enable();
		CHECK_EQ(event_count[port], 1);
		event_disable();
	}
	CHECK_EQ(TRAP_OF((void)*(volatile u8 *)ADDR_UNMAPPED), TRAP_PF);
	CHECK_EQ(now->arch.cr2, ADDR_UNMAPPED);
	CHECK_EQ(old->arch.cr2, 0x1234);
}

void guest_main(void)
{
	static struct vcpu_guest_context ctx;
	struct vcpu_set_periodic_timer period = { .period_ns = 10000000 };

	kit_init();
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 0, 0), 1);
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 1, 0), -kENOENT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 31, 0), -kENOENT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 8192, 0), -kENOENT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 0xffffffff, 0), -kENOENT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 1, 0), -kENOENT);
	CHECK_EQ(HC(vcpu_op, 99, 0, 0), -kENOSYS);
	smp_context(&ctx, guest_main, 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_initialise, 0, &ctx), -kEEXIST);
	/* Two mistakes at once. */
	CHECK_EITHER(HC(vcpu_op, VCPUOP_initialise, 0, ADDR_UNMAPPED), -kEFAULT, -kEEXIST);
	CHECK_EQ(HC(vcpu_op, VCPUOP_initialise, 1, &ctx), -kENOENT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 0, 0), 0); /* it is */
	CHECK_EQ(HC(vcpu_op, VCPUOP_set_periodic_timer, 0, &period), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_set_periodic_timer, 1, &period), -kENOENT);
	check_register();
	verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * sched_op: yield, block, poll, and what a bad request costs.
 *
 * poll returns at once when a named port is pending, masked or not, and else after the absolute
 * timeout; the upcall mask does not matter to it. block unmasks and returns when an event is
 * pending; a vCPU with one pending already does not sleep. A port that does not exist, too many
 * ports and bad pointers are errors.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

static long poll(const u32 *ports, u32 count, u64 timeout)
{
	struct sched_poll op = { .nr_ports = count, .timeout = timeout };

	SET_HANDLE(op.ports, ports);
	return HC(sched_op, SCHEDOP_poll, &op);
}

static void check_poll(void)
{
	u32 ports[2] = { (u32)event_bind_ipi(0), (u32)event_bind_ipi(0) };
	u32 wrong = 5000;
	u64 start = clock_ns();

	event_mask(ports[1]);
	CHECK_EQ(poll(ports, 2, start + 20000000), 0);
	CHECK(clock_ns() >= start + 20000000);
	CHECK(clock_ns() < start + 2000000000);
	CHECK_EQ(event_send(ports[1]), 0); /* masked, but poll sees it */
	start = clock_ns();
	CHECK_EQ(poll(ports, 2, start + 5000000000), 0);
	CHECK(clock_ns() < start + 4000000000);
	event_clear(ports[1]);
	/* A timeout in the past. */
	CHECK_EQ(poll(ports, 2, 1), 0);
	CHECK_EQ(poll(ports, 129, 1), -kEINVAL);
	CHECK_EQ(poll((u32 *)ADDR_UNMAPPED, 1, 1), -kEFAULT);
	CHECK_EQ(poll(&wrong, 1, 1), -kEINVAL);
	CHECK_EQ(event_unmask(ports[1]), 0); /* closing would leave the bit to the next user */
	CHECK_EQ(event_close(ports[0]), 0);
	CHECK_EQ(event_close(ports[1]), 0);
}

static void check_block(void)
{
	u32 port = (u32)event_bind_ipi(0), timer = (u32)event_bind_virq(VIRQ_TIMER, 0);
	struct vcpu_set_singleshot_timer op = { .flags = 0 };

	CHECK_EQ(HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	event_disable();
	event_clear(timer);
	event_vcpu_info()->evtchn_upcall_pending = 0;
	event_vcpu_info()->evtchn_pending_sel = 0;
	event_count[port] = event_count[timer] = 0;
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(HC(sched_op, SCHEDOP_block, 0), 0);
	CHECK_EQ(event_count[port], 1);
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_mask, 0);
	event_disable();
	op.timeout_abs_ns = clock_ns() + 20000000;
	CHECK_EQ(HC(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op), 0);
	CHECK_EQ(HC(sched_op, SCHEDOP_block, 0), 0);
	CHECK_EQ(event_count[timer], 1);
	CHECK(clock_ns() >= op.timeout_abs_ns);
	event_disable();
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(event_close(timer), 0);
}

void guest_main(void)
{
	struct sched_remote_shutdown remote = { .domain_id = 4321, .reason = 0 };

	kit_init();
	CHECK_EQ(HC(sched_op, SCHEDOP_yield, 0), 0);
	check_poll();
	check_block();
	CHECK_EQ(HC(sched_op, SCHEDOP_remote_shutdown, &remote), -kESRCH);
	CHECK_EQ(HC(sched_op, SCHEDOP_shutdown, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(sched_op, 99, 0), -kENOSYS);
	verdict();
}

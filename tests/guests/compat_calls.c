/* SPDX-License-Identifier: MIT */
/*
 * Do the calls of kernels from before 2006 still work?
 *
 * event_channel_op, physdev_op and sched_op once had other numbers and other shapes: the first two
 * took one structure of a command and a union, the third took its argument by value. NetBSD still
 * issues them. The whole structure must be readable whatever its command needs of it. Later
 * commands are unknown to the first and the third; the second passes them on.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/physdev.h>
#include <xen/sched.h>

static char page[PAGE_SIZE * 2] PAGE_ALIGNED;

static long compat_event(u32 cmd, struct evtchn_op *op)
{
	op->cmd = cmd;
	return HC(event_channel_op_compat, op);
}

static u32 open_port(void)
{
	struct evtchn_op op = { .u.alloc_unbound = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF } };

	CHECK_EQ(compat_event(EVTCHNOP_alloc_unbound, &op), 0);
	CHECK(op.u.alloc_unbound.port > 0);
	CHECK_EQ(op.cmd, EVTCHNOP_alloc_unbound);
	return op.u.alloc_unbound.port;
}

static void check_events(void)
{
	struct evtchn_op op = { .u.bind_interdomain = { .remote_dom = DOMID_SELF } };
	u32 port = open_port(), local;

	op.u.bind_interdomain.remote_port = port;
	CHECK_EQ(compat_event(EVTCHNOP_bind_interdomain, &op), 0);
	local = op.u.bind_interdomain.local_port;
	CHECK(local > 0);
	event_clear(port);
	op.u.send.port = local;
	CHECK_EQ(compat_event(EVTCHNOP_send, &op), 0);
	CHECK(event_pending(port));
	op.u.status = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
	CHECK_EQ(compat_event(EVTCHNOP_status, &op), 0);
	CHECK_EQ(op.u.status.status, EVTCHNSTAT_interdomain);
	CHECK_EQ(op.u.status.u.interdomain.port, local);
	op.u.unmask.port = port;
	CHECK_EQ(compat_event(EVTCHNOP_unmask, &op), 0);
	op.u.bind_vcpu = (struct evtchn_bind_vcpu){ .port = port, .vcpu = 0 };
	CHECK_EQ(compat_event(EVTCHNOP_bind_vcpu, &op), 0);
	op.u.close.port = local;
	CHECK_EQ(compat_event(EVTCHNOP_close, &op), 0);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(compat_event(EVTCHNOP_close, &op), -kEINVAL);
	op.u.bind_ipi.vcpu = 0;
	CHECK_EQ(compat_event(EVTCHNOP_bind_ipi, &op), 0);
	CHECK_EQ(event_close(op.u.bind_ipi.port), 0);
	op.u.bind_virq = (struct evtchn_bind_virq){ .virq = VIRQ_TIMER, .vcpu = 0 };
	CHECK_EQ(compat_event(EVTCHNOP_bind_virq, &op), 0);
	CHECK_EQ(event_close(op.u.bind_virq.port), 0);
	op.u.bind_pirq = (struct evtchn_bind_pirq){ .pirq = 100000 };
	CHECK_EQ(compat_event(EVTCHNOP_bind_pirq, &op), -kEINVAL);
}

static void check_event_errors(void)
{
	static const u32 unknown[] = { EVTCHNOP_reset, EVTCHNOP_init_control, EVTCHNOP_expand_array,
				       EVTCHNOP_set_priority, 14, 1000, 0xffffffff };
	struct evtchn_op op = { .u.send.port = 0 };

	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		long ret = compat_event(unknown[i], &op);

		check_that(ret == -kENOSYS, "event command %u gives %ld", unknown[i], ret);
	}
	CHECK_EQ(HC(event_channel_op_compat, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(event_channel_op_compat, ADDR_HOLE), -kEFAULT);
	CHECK_EQ(HC(event_channel_op_compat, ADDR_NONCANONICAL), -kEFAULT);
}

/* Half of the structure is behind the end of what can be read. */
static void check_cut(void)
{
	struct evtchn_op *ev = (void *)(page + PAGE_SIZE - offsetof(struct evtchn_op, u) -
					sizeof(struct evtchn_send));
	struct physdev_op *ph = (void *)(page + PAGE_SIZE - offsetof(struct physdev_op, u) -
					 sizeof(struct physdev_irq));

	ev->cmd = EVTCHNOP_send;
	ev->u.send.port = 4000;
	CHECK_EQ(HC(event_channel_op_compat, ev), -kEINVAL);
	CHECK_EQ(paging_unmap(page + PAGE_SIZE), 0);
	CHECK_EQ(HC(event_channel_op_compat, ev), -kEFAULT);
	ph->cmd = PHYSDEVOP_set_iopl;
	ph->u.set_iopl.iopl = 1;
	CHECK_EQ(HC(physdev_op_compat, ph), -kEFAULT);
}

static long compat_physdev(u32 cmd, struct physdev_op *op)
{
	op->cmd = cmd;
	return HC(physdev_op_compat, op);
}

static void check_physdev(void)
{
	struct physdev_op op = { .u.set_iopl.iopl = 1 };
	long machine = kit_is_dom0() ? 0 : -kEPERM;

	CHECK_EQ(compat_physdev(PHYSDEVOP_set_iopl, &op), 0);
	op.u.set_iopl.iopl = 4;
	CHECK_EQ(compat_physdev(PHYSDEVOP_set_iopl, &op), -kEINVAL);
	op.u.set_iobitmap = (struct physdev_set_iobitmap){ .bitmap = 0, .nr_ports = 0 };
	CHECK_EQ(compat_physdev(PHYSDEVOP_set_iobitmap, &op), 0);
	op.u.irq_status_query.irq = 100000;
	CHECK_EQ(compat_physdev(PHYSDEVOP_irq_status_query, &op), -kEINVAL);
	op.u.apic_op = (struct physdev_apic){ .apic_physbase = 0xfec00000, .reg = 1 };
	CHECK_EQ(compat_physdev(PHYSDEVOP_apic_read, &op), machine);
	CHECK_EQ(op.u.apic_op.value >> 16 & 0xff, machine ? 0 : 23);
	op.u.irq_op = (struct physdev_irq){ .irq = 10 };
	CHECK_EQ(compat_physdev(PHYSDEVOP_alloc_irq_vector, &op), machine);
	CHECK_EQ(compat_physdev(PHYSDEVOP_IRQ_UNMASK_NOTIFY, &op), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_IRQ_UNMASK_NOTIFY, ADDR_UNMAPPED), 0);
}

static void check_physdev_errors(void)
{
	static const u32 unknown[] = { 0, 1, 2, 3, PHYSDEVOP_free_irq_vector, 18, 1000, 0xffffffff };
	struct physdev_op op = { .u.irq_op.irq = 100000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		long ret = compat_physdev(unknown[i], &op);

		check_that(ret == -kENOSYS, "physdev command %u gives %ld", unknown[i], ret);
	}
	CHECK_EQ(compat_physdev(PHYSDEVOP_eoi, &op), -kEINVAL);
	CHECK_EQ(HC(physdev_op_compat, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(physdev_op_compat, ADDR_HOLE), -kEFAULT);
}

/* The event that ends the waiting is pending before it begins. */
static void check_sched(void)
{
	static const unsigned int unknown[] = { SCHEDOP_poll, SCHEDOP_remote_shutdown,
						SCHEDOP_shutdown_code, SCHEDOP_watchdog, 8, 1000 };

	CHECK_EQ(HC(sched_op_compat, SCHEDOP_yield, ADDR_UNMAPPED), 0);
	event_vcpu_info()->evtchn_upcall_pending = 1;
	CHECK_EQ(HC(sched_op_compat, SCHEDOP_block, ADDR_UNMAPPED), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		long ret = HC(sched_op_compat, unknown[i], 0);

		check_that(ret == -kENOSYS, "sched command %u gives %ld", unknown[i], ret);
	}
}

void guest_main(void)
{
	kit_init();
	check_events();
	check_event_errors();
	check_physdev();
	check_physdev_errors();
	check_cut();
	check_sched();
	verdict();
}

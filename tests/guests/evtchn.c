/* SPDX-License-Identifier: MIT */
/*
 * Event channels with bits in the shared page: allocation, binding, sending, delivery, closing.
 *
 * A send to a port that is unmasked sets the pending bit, then the selector bit of its word, then
 * upcall-pending; each step happens only if the bit before was new. A masked port stops after the
 * first step, and unmasking takes up from there. Binding to an unbound port makes the binder's own
 * port pending at once. Closing one end of a pair leaves the other waiting as an unbound port.
 */
#include "kit.h"

#include <xen/event_channel.h>

static struct evtchn_status status_of(unsigned int port)
{
	struct evtchn_status st = { .dom = DOMID_SELF, .port = port };

	CHECK_EQ(HC(event_channel_op, EVTCHNOP_status, &st), 0);
	return st;
}

static bool selected(unsigned int port)
{
	return (event_vcpu_info()->evtchn_pending_sel >> (port / 64)) & 1;
}

static void clear_all(unsigned int port)
{
	event_clear(port);
	event_vcpu_info()->evtchn_pending_sel = 0;
	event_vcpu_info()->evtchn_upcall_pending = 0;
}

static void check_interdomain(void)
{
	long a = event_alloc_unbound(DOMID_SELF, DOMID_SELF), b;
	struct evtchn_status st;

	CHECK(a > 0);
	st = status_of((unsigned int)a);
	CHECK_EQ(st.status, EVTCHNSTAT_unbound);
	CHECK_EQ(st.u.unbound.dom, kit_domid());
	CHECK_EQ(event_send((unsigned int)a), 0); /* nobody there: lost, not an error */
	CHECK(!event_pending((unsigned int)a));
	b = event_bind_interdomain(DOMID_SELF, (unsigned int)a);
	CHECK(b > 0 && b != a);
	CHECK(event_pending((unsigned int)b));
	CHECK(!event_pending((unsigned int)a));
	clear_all((unsigned int)b);
	st = status_of((unsigned int)a);
	CHECK_EQ(st.status, EVTCHNSTAT_interdomain);
	CHECK_EQ(st.u.interdomain.dom, kit_domid());
	CHECK_EQ(st.u.interdomain.port, b);
	CHECK_EQ(st.vcpu, 0);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, (unsigned int)a), -kEINVAL);

	CHECK_EQ(event_send((unsigned int)b), 0);
	CHECK(event_pending((unsigned int)a));
	CHECK(selected((unsigned int)a));
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_pending, 1);
	/* Already pending: nothing more is set. */
	event_vcpu_info()->evtchn_pending_sel = 0;
	CHECK_EQ(event_send((unsigned int)b), 0);
	CHECK(!selected((unsigned int)a));
	clear_all((unsigned int)a);

	CHECK_EQ(event_close((unsigned int)b), 0);
	CHECK_EQ(status_of((unsigned int)b).status, EVTCHNSTAT_closed);
	CHECK_EQ(status_of((unsigned int)a).status, EVTCHNSTAT_unbound);
	CHECK_EQ(event_send((unsigned int)b), -kEINVAL);
	CHECK_EQ(event_close((unsigned int)b), -kEINVAL);
	CHECK_EQ(event_close((unsigned int)a), 0);
	/* The lowest free port is given out again. */
	CHECK_EQ(event_alloc_unbound(DOMID_SELF, DOMID_SELF), a < b ? a : b);
	CHECK_EQ(event_close((unsigned int)(a < b ? a : b)), 0);
}

static void check_masking(void)
{
	unsigned int port = (unsigned int)event_bind_ipi(0);

	event_mask(port);
	CHECK_EQ(event_send(port), 0);
	CHECK(event_pending(port));
	CHECK(!selected(port));
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_pending, 0);
	CHECK_EQ(event_unmask(port), 0);
	CHECK(!event_masked(port));
	CHECK(selected(port));
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_pending, 1);
	clear_all(port);
	event_mask(port);
	CHECK_EQ(event_unmask(port), 0); /* nothing pending: nothing raised */
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_pending, 0);
	CHECK_EQ(event_close(port), 0);
}

static volatile u8 upcall_mask;
static struct trap_frame upcall_frame;

static void on_upcall(struct trap_frame *frame)
{
	upcall_frame = *frame;
	upcall_mask = event_vcpu_info()->evtchn_upcall_mask;
	event_upcall(frame);
}

static void check_upcall(void)
{
	unsigned int port = (unsigned int)event_bind_ipi(0);

	trap_handle(TRAP_EVENT, on_upcall);
	event_count[port] = 0;
	event_enable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], 1); /* before the hypercall returned */
	CHECK_EQ(upcall_mask, 1);
	CHECK_EQ(upcall_frame.mask, 0);
	CHECK_EQ(upcall_frame.cs, FLAT_KERNEL_CS & ~3U);
	CHECK_EQ(upcall_frame.rflags & 0x200, 0x200);
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_mask, 0); /* by the iret */
	event_disable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], 1);
	event_enable();
	CHECK_EQ(event_count[port], 2);
	event_disable();
	CHECK_EQ(event_close(port), 0);
	trap_handle(TRAP_EVENT, NULL);
}

static void check_virq(void)
{
	long port = event_bind_virq(VIRQ_DEBUG, 0);
	struct evtchn_status st;

	CHECK(port > 0);
	st = status_of((unsigned int)port);
	CHECK_EQ(st.status, EVTCHNSTAT_virq);
	CHECK_EQ(st.u.virq, VIRQ_DEBUG);
	CHECK_EQ(event_bind_virq(VIRQ_DEBUG, 0), -kEEXIST);
	CHECK_EQ(event_bind_virq(NR_VIRQS, 0), -kEINVAL);
	CHECK_EQ(event_bind_virq(0xffffffff, 0), -kEINVAL);
	CHECK_EQ(event_bind_virq(VIRQ_TIMER, 99), -kENOENT);
	CHECK_EQ(event_bind_virq(VIRQ_CONSOLE, 1), -kEINVAL); /* global: vCPU 0 only */
	CHECK_EQ(event_send((unsigned int)port), -kEINVAL);
	CHECK_EQ(event_close((unsigned int)port), 0);
	port = event_bind_virq(VIRQ_DEBUG, 0);
	CHECK(port > 0);
	CHECK_EQ(event_close((unsigned int)port), 0);
}

static void check_errors(void)
{
	struct evtchn_bind_vcpu move = { .port = 4000, .vcpu = 0 };
	struct evtchn_status st = { .dom = DOMID_SELF, .port = 0x10000000 };
	unsigned int port = (unsigned int)event_bind_ipi(0);

	CHECK_EQ(status_of(port).status, EVTCHNSTAT_ipi);
	CHECK_EQ(event_bind_ipi(99), -kENOENT);
	CHECK_EQ(event_alloc_unbound(4321, DOMID_SELF), -kESRCH);
	CHECK_EQ(event_bind_interdomain(4321, 1), -kESRCH);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, 0x10000000), -kEINVAL);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, port), -kEINVAL);
	CHECK_EQ(event_send(0), -kEINVAL);
	CHECK_EQ(event_send(0xffffffff), -kEINVAL);
	CHECK_EQ(event_send(5000), -kEINVAL);
	CHECK_EQ(event_close(0), -kEINVAL);
	CHECK_EQ(event_close(0xffffffff), -kEINVAL);
	CHECK_EQ(event_unmask(0xffffffff), -kEINVAL);
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_status, &st), -kEINVAL);
	st.dom = 4321;
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_status, &st), -kESRCH);
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_vcpu, &move), -kEINVAL);
	move.port = port;
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_vcpu, &move), -kEINVAL); /* IPIs stay */
	move.vcpu = 99;
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_vcpu, &move), -kENOENT);
	CHECK_EQ(HC(event_channel_op, 60, &move), -kENOSYS);
	CHECK_EQ(HC(event_channel_op, 0xffffffff, &move), -kENOSYS);
	CHECK_EQ(event_close(port), 0);
}

void guest_main(void)
{
	kit_init();
	check_interdomain();
	check_masking();
	check_upcall();
	check_virq();
	check_errors();
	verdict();
}

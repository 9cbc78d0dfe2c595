/* SPDX-License-Identifier: MIT */
/*
 * All virtual interrupts: which exist, which belong to a vCPU, and who gets the global ones.
 *
 * Domain: dom0
 * Needs: cpus=2
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * Each of the 24 numbers can be bound once on vCPU 0; TIMER, DEBUG, XENOPROF and XENPMU on the other
 * vCPU as well, the others, which are global, not. A bound port keeps its vCPU. A new handler for a
 * global one is a matter of domctl. The end of a domain raises DOM_EXC at the handler of the moment,
 * which is dom0 again when that one ends.
 */
#include "kit.h"

#include <xen/event_channel.h>

#include "domain.h"

static struct domain other;

static bool per_vcpu(unsigned int virq)
{
	return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
	       virq == VIRQ_XENPMU;
}

static long move(long port, u32 vcpu)
{
	struct evtchn_bind_vcpu op = { .port = (u32)port, .vcpu = vcpu };

	return HC(event_channel_op, EVTCHNOP_bind_vcpu, &op);
}

static void check_all(void)
{
	for (unsigned int virq = 0; virq < NR_VIRQS; virq++) {
		long one = event_bind_virq(virq, 0), two;

		check_that(one > 0, "virq %u on vcpu 0: %ld", virq, one);
		CHECK_EQ(event_bind_virq(virq, 0), -kEEXIST);
		two = event_bind_virq(virq, 1);
		if (per_vcpu(virq)) {
			check_that(two > 0, "virq %u on vcpu 1: %ld", virq, two);
			CHECK_EQ(move(one, 1), -kEINVAL);
			CHECK_EQ(event_close((unsigned int)two), 0);
		} else {
			check_that(two == -kEINVAL, "virq %u on vcpu 1: %ld", virq, two);
			CHECK_EQ(move(one, 1), 0);
			CHECK_EQ(move(one, 7), -kENOENT);
		}
		CHECK_EQ(event_close((unsigned int)one), 0);
		CHECK_EQ(event_bind_virq(virq, 7), per_vcpu(virq) ? -kENOENT : -kEINVAL);
	}
}

static long set_handler(domid_t id, u32 virq)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	op.u.set_virq_handler.virq = virq;
	return domain_ctl(XEN_DOMCTL_set_virq_handler, id, &op);
}

/* Make a domain and end it; does the port hear of it? */
static bool heard(long port)
{
	static struct domain d;

	CHECK_EQ(domain_create_sized(&d, 64), 0);
	event_clear((unsigned int)port);
	CHECK_EQ(domain_destroy(&d), 0);
	return event_pending((unsigned int)port);
}

static void check_raised(void)
{
	long port = event_bind_virq(VIRQ_DOM_EXC, 0);

	CHECK(heard(port));
	/* Somebody else's, until he goes. */
	CHECK_EQ(domain_create_sized(&other, 64), 0);
	CHECK_EQ(set_handler(other.id, VIRQ_TIMER), -kEINVAL);
	CHECK_EQ(set_handler(other.id, NR_VIRQS), -kEINVAL);
	CHECK_EQ(set_handler(4321, VIRQ_DOM_EXC), -kESRCH);
	CHECK_EQ(set_handler(other.id, VIRQ_DOM_EXC), 0);
	CHECK(!heard(port));
	CHECK_EQ(domain_destroy(&other), 0);
	CHECK(heard(port));
}

void guest_main(void)
{
	kit_init();
	check_all();
	check_raised();
	verdict();
}

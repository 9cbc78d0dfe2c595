/* SPDX-License-Identifier: MIT */
/*
 * A PC as old as can be: no ACPI, no PCI, no IO-APIC.
 *
 * Machine: isapc
 * Domain: dom0
 * Only: dais
 *
 * What is not there is said, and that none of it is an interrupt or a register for dom0; the timer
 * is the local APIC's and works, and the console does without its interrupt. The oracle does not
 * start there: it faults.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/physdev.h>
#include <xen/sched.h>

#include "messages.h"

#define MS 1000000UL

static void check_said(void)
{
	CHECK(messages_have("no RSDP found: one CPU, no power-off\n"));
	CHECK(messages_have("IO-APIC 0 at 0xfec00000 does not answer: left out\n"));
	CHECK(messages_have("no IO-APIC: device interrupts other than MSI will not work\n"));
	CHECK(messages_have("no way to configuration space: MSI will not work\n"));
}

static void check_interrupts(void)
{
	struct physdev_apic apic = { .apic_physbase = 0xfec00000, .reg = 1 };
	struct physdev_map_pirq gsi = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 5,
					.pirq = 5 };
	struct physdev_map_pirq msi = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI, .index = -1,
					.pirq = -1, .devfn = 8 };
	struct evtchn_bind_pirq bind = { .pirq = 5 };

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_read, &apic), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, &gsi), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, &msi), -kENODEV);
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_pirq, &bind), -kEPERM);
}

static void check_timer(void)
{
	u64 end = clock_ns() + 20 * MS;
	struct sched_poll op = { .nr_ports = 0, .timeout = end };

	CHECK_EQ(HC(sched_op, SCHEDOP_poll, &op), 0);
	CHECK(clock_ns() >= end);
	CHECK(clock_ns() < end + 2000 * MS);
}

void guest_main(void)
{
	kit_init();
	check_said();
	check_interrupts();
	check_timer();
	verdict();
}

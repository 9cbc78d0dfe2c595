/* SPDX-License-Identifier: MIT */
/*
 * Are the options obeyed that no other test needs, and is one told of those that make no sense?
 *
 * Domain: dom0
 * Only: dais
 * Options: sched=credit clocksource=hpet tsc=unstable conring_size=128k spec-ctrl=md-clear,l1tf=yes,no-ibpb x2apic=off tdt=off vga=text-80x25,keep reboot=pci,warm com2=9600,7e2,0x2f8,3 console=com1,com2 xpti=default
 * Options: sched=null clocksource=tsc conring_size=16k spec-ctrl=no vga=current reboot=no com1=auto,8n1 console_to_ring
 * Options: sched=fair clocksource=pit tsc=stable conring_size=17M spec-ctrl=l1tf,retpoline,l1tf=maybe x2apic=maybe vga=ask reboot=xen com2=9600,9n1 com1=115200,8n1,pci xpti=often no-console loglvl=loud
 *
 * The last line is wrong in every word; each is named, with what was expected, and the machine
 * starts with what it does without.
 */
#include "kit.h"

#include "domain.h"
#include "messages.h"

static u32 scheduler(void)
{
	struct xen_sysctl s;

	memset(&s, 0, sizeof(s));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_sched_id, &s), 0);
	return s.u.sched_id.sched_id;
}

static void check_obeyed(void)
{
	CHECK(!messages_have("not understood"));
	CHECK_EQ(scheduler(), XEN_SCHEDULER_CREDIT);
	CHECK(messages_have("platform clock hpet; APIC timer one-shot\n"));
	CHECK(messages_have("keeping time by hpet\n"));
	CHECK(messages_have("IBPB between domains: off; VERW: on; L1TF checks: on\n"));
	CHECK(messages_have("APIC: xAPIC mode"));
	CHECK(messages_have("serial: no port answers at I/O 0x2f8\n"));
	kprintf("from dom0\n");
	CHECK(!messages_have("from dom0\n"));
}

/* What dom0 writes is kept with the messages, and pushes the oldest out. */
static void check_ring(void)
{
	static char text[20000];

	kprintf("from dom0\n");
	CHECK(messages_have("from dom0\n"));
	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	CHECK_EQ(HC(console_io, CONSOLEIO_write, sizeof(text), text), 0);
	kprintf("after it\n");
	CHECK(messages_have("...\nafter it\n"));
	CHECK(!messages_have("from dom0\n"));
}

static void check_obeyed_as_well(void)
{
	CHECK(!messages_have("not understood"));
	CHECK_EQ(scheduler(), XEN_SCHEDULER_NULL);
	CHECK(messages_have("keeping time by tsc\n"));
	CHECK(messages_have("IBPB between domains: off; VERW: off; L1TF checks: off\n"));
	check_ring();
}

static void check_told(void)
{
	static const char *const words[] = {
		"sched=fair", "clocksource=pit", "tsc=stable", "conring_size=17M",
		"spec-ctrl=l1tf,retpoline,l1tf=maybe", "x2apic=maybe", "vga=ask", "reboot=xen",
		"com2=9600,9n1", "com1=115200,8n1,pci", "xpti=often", "no-console", "loglvl=loud",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		CHECK(messages_have("command line: \"%s\" not understood; expected ", words[i]));
	}
	CHECK_EQ(scheduler(), XEN_SCHEDULER_CREDIT2);
	CHECK(messages_have("platform clock acpi_pm;"));
	CHECK(messages_have("keeping time by tsc, watched\n"));
}

void guest_main(void)
{
	kit_init();
	CHECK(!messages_have("unknown option"));
	if (messages_have("sched=fair")) {
		check_told();
	} else if (messages_have("sched=null")) {
		check_obeyed_as_well();
	} else {
		check_obeyed();
	}
	verdict();
}

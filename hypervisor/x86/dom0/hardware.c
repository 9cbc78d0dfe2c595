/* SPDX-License-Identifier: MIT */
/*
 * What of the machine dom0 may touch: everything the hypervisor does not drive itself. Frames of RAM are not at
 * issue here, only what is no RAM.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/dom0.h>
#include <dais/domain.h>
#include <dais/msr.h>
#include <dais/printk.h>
#include <dais/rangeset.h>
#include <dais/string.h>
#include <dais/x86.h>

static const struct {
	uint16_t first, last;
} ports_kept[] = {
	{ 0x20, 0x21 }, { 0xa0, 0xa1 },		/* interrupt controllers */
	{ 0x40, 0x43 }, { 0x61, 0x61 },		/* timer, its gate */
	{ 0x70, 0x71 },				/* CMOS: virtual index */
	{ 0xcf8, 0xcff },			/* PCI configuration: virtual latch, filtered */
};

static void __init must(int rc, const char *what)
{
	if (rc != 0) {
		panic("no memory for the table of dom0's %s", what);
	}
}

static void __init deny_mfns(struct domain *d, mfn_t first, mfn_t last)
{
	must(rangeset_remove(&d->iomem, first, last), "I/O memory");
}

static void __init deny_ports(struct domain *d, unsigned int first, unsigned int last)
{
	must(rangeset_remove(&d->ioports, first, last), "ports");
}

void __init dom0_grant_hardware(struct domain *d)
{
	mfn_t apic = paddr_to_mfn(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDR);

	must(rangeset_add(&d->iomem, 0, (1UL << (x86_features.phys_bits - PAGE_SHIFT)) - 1), "I/O memory");
	deny_mfns(d, apic, apic);
	deny_mfns(d, 0xfee00, 0xfeeff);		/* MSI window: a store there is an interrupt */
	for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
		mfn_t mfn = paddr_to_mfn(acpi.ioapics[i].address);

		deny_mfns(d, mfn, mfn);
	}
	must(rangeset_add(&d->ioports, 0, 0xffff), "ports");
	for (unsigned int i = 0; i < ARRAY_SIZE(ports_kept); i++) {
		deny_ports(d, ports_kept[i].first, ports_kept[i].last);
	}
	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		if (serial_in_use(i)) {		/* by our own console */
			deny_ports(d, serial_in_use(i), serial_in_use(i) + SERIAL_IO - 1u);
		}
	}
	memset(d->irq_caps, 0xff, sizeof(d->irq_caps));
	d->irq_caps[0] &= ~1UL;		/* the PIT's */
}

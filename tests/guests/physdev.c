/* SPDX-License-Identifier: MIT */
/*
 * physdev_op: what a dom0 kernel asks while it finds its interrupts.
 *
 * Domain: dom0
 *
 * I/O APIC registers read through, vectors handed out by the hypervisor, GSIs bound to pirqs of the
 * same number and, once bound, to event channels; the page of EOI bits; errors for what does not
 * exist. A GSI is mapped for another domain before that one is permitted to have it, the order of
 * Debian's tools. No device is touched.
 */
#include "kit.h"

#include "domain.h"

#include <xen/event_channel.h>
#include <xen/physdev.h>

#define IOAPIC 0xfec00000UL

static long map_gsi(int index, int *pirq)
{
	struct physdev_map_pirq op = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI,
				       .index = index, .pirq = *pirq };
	long err = HC(physdev_op, PHYSDEVOP_map_pirq, &op);

	*pirq = op.pirq;
	return err;
}

static void check_ioapic(void)
{
	struct physdev_apic op = { .apic_physbase = IOAPIC, .reg = 1 };

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_read, &op), 0);
	CHECK_EQ(op.value >> 16 & 0xff, 23);	     /* 24 pins */
	CHECK(op.value != 0xffffffff);
	/* A pin that nobody uses is masked. Where there is no register the oracle reads 0. */
	for (op.reg = 0x3e; op.reg < 0x40; op.reg++) {
		CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_read, &op), 0);
		CHECK_EQ(op.value, op.reg & 1 ? 0 : 0x10000);
	}
	CHECK_EITHER(HC(physdev_op, PHYSDEVOP_apic_read, &op), -kEINVAL, 0);
	op.reg = 0x3e;
	op.value = 0x10000;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_write, &op), 0);
	op.apic_physbase = 0xfec80000;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_read, &op), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_write, &op), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_read, ADDR_UNMAPPED), -kEFAULT);
}

static long bind_pirq(u32 pirq, u32 flags)
{
	struct evtchn_bind_pirq op = { .pirq = pirq, .flags = flags };
	long err = HC(event_channel_op, EVTCHNOP_bind_pirq, &op);

	return err ? err : (long)op.port;
}

static void check_gsi(void)
{
	struct physdev_irq irq = { .irq = 10 };
	struct physdev_irq_status_query status = { .irq = 10 };
	struct physdev_setup_gsi gsi = { .gsi = 10, .triggering = 1, .polarity = 1 };
	struct physdev_eoi eoi = { .irq = 10 };
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = 10 };
	int pirq = 10;
	long port;

	CHECK_EQ(map_gsi(10, &pirq), 0);
	CHECK_EQ(pirq, 10);
	CHECK_EQ(map_gsi(10, &pirq), 0); /* again: the same */
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_alloc_irq_vector, &irq), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_setup_gsi, &gsi), 0);
	port = HC(physdev_op, PHYSDEVOP_setup_gsi, &gsi);
	check_that(port == 0 || port == -kEEXIST, "setup_gsi again gives %ld", port);
	port = bind_pirq(10, BIND_PIRQ__WILL_SHARE);
	CHECK(port > 0);
	CHECK_EQ(bind_pirq(10, BIND_PIRQ__WILL_SHARE), -kEEXIST);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_irq_status_query, &status), 0);
	CHECK_EQ(status.flags & XENIRQSTAT_needs_eoi, XENIRQSTAT_needs_eoi);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_eoi, &eoi), 0);
	CHECK_EQ(event_send((u32)port), -kEINVAL);
	CHECK_EQ(event_close((u32)port), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_unmap_pirq, &unmap), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_unmap_pirq, &unmap), -kEINVAL);
}

/*
 * A domain has one number for a GSI, and none for that of the PIT; a line that the hypervisor uses
 * itself can be mapped, but not bound. Where a number stands for another GSI already the oracle
 * says 0 all the same, and changes nothing.
 */
static void check_numbers(void)
{
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = 5 };
	int pirq = 5;
	long port;

	CHECK_EQ(map_gsi(5, &pirq), 0);
	pirq = 12;
	CHECK_EQ(map_gsi(5, &pirq), -kEEXIST);
	pirq = -1;
	CHECK_EQ(map_gsi(5, &pirq), 0);
	CHECK_EQ(pirq, 5);
	CHECK_EITHER(map_gsi(9, &pirq), 0, -kEBUSY);
	pirq = 100000;
	CHECK_EQ(map_gsi(9, &pirq), -kEINVAL);
	CHECK_EQ(bind_pirq(12, 0), -kEPERM);
	port = bind_pirq(5, 0);
	CHECK(port > 0);
	CHECK_EQ(event_close((u32)port), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_unmap_pirq, &unmap), 0);
	pirq = 0;
	CHECK_EQ(map_gsi(0, &pirq), -kEPERM);
	pirq = 4;
	CHECK_EQ(map_gsi(4, &pirq), 0);
	CHECK_EQ(bind_pirq(4, 0), -kEBUSY);
	CHECK_EQ(bind_pirq(4, BIND_PIRQ__WILL_SHARE), -kEBUSY);
}

static void check_errors(void)
{
	struct physdev_map_pirq map = { .domid = 4321, .type = MAP_PIRQ_TYPE_GSI, .index = 11,
					.pirq = 11 };
	struct physdev_eoi eoi = { .irq = 100000 };
	struct physdev_irq_status_query status = { .irq = 100000 };
	struct physdev_set_iopl iopl = { .iopl = 4 };
	int pirq = 5;

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, &map), -kESRCH);
	CHECK_EQ(map_gsi(5000, &pirq), -kEINVAL);
	map.domid = DOMID_SELF;
	map.type = 9;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, &map), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_eoi, &eoi), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_irq_status_query, &status), -kEINVAL);
	CHECK_EQ(bind_pirq(100000, 0), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &iopl), -kEINVAL);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(physdev_op, 99, &map), -kENOSYS);
}

static void check_eoi_page(void)
{
	struct physdev_pirq_eoi_gmfn op = { .gmfn = 0xffffffff };
	u64 *page = page_alloc();
	int pirq = 11;
	long port;

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &op), -kEINVAL);
	op.gmfn = paging_mfn(page);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &op), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &op), -kEBUSY);
	CHECK_EQ(map_gsi(11, &pirq), 0);
	port = bind_pirq(11, 0);
	CHECK(port > 0);
	(void)page;
}

static void check_other_domain(void)
{
	static struct domain child;
	struct physdev_map_pirq map = { .type = MAP_PIRQ_TYPE_GSI, .index = 7, .pirq = 7 };
	struct physdev_unmap_pirq unmap = { .pirq = 7 };
	struct xen_domctl permit = { .u.irq_permission = { .pirq = 7, .allow_access = 1 } };
	int own = 7;

	CHECK_EQ(map_gsi(7, &own), 0); /* Xen takes the permission's number for one of the caller's */
	CHECK_EQ(domain_create(&child), 0);
	map.domid = unmap.domid = child.id;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, &map), 0);
	CHECK_EQ(map.pirq, 7);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_irq_permission, child.id, &permit), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_unmap_pirq, &unmap), 0);
	CHECK_EQ(domain_destroy(&child), 0);
}

void guest_main(void)
{
	kit_init();
	check_ioapic();
	check_gsi();
	check_numbers();
	check_errors();
	check_eoi_page();
	check_other_domain();
	verdict();
}

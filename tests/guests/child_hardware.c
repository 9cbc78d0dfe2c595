/* SPDX-License-Identifier: MIT */
/*
 * Does a domU reach the hardware it was given, and none before and after?
 *
 * Domain: dom0
 * Module: child_hardware
 *
 * The ports of QEMU's configuration device, which says "QEMU" byte by byte, and the page of the
 * BIOS that ends in a far jump, are given to a domU of the same image and taken away again. It
 * tries both at each stage: ports it may not use read as ones, pages it may not have cannot be
 * mapped; it keeps what it has mapped. A toolstack cannot give what is not its own, and of what
 * processors can do nothing is changed once a domain has run.
 */
#include "kit.h"

#include <xen/physdev.h>

#include "domain.h"
#include "neighbour.h"

#define PORT_SELECT	0x510
#define PORT_DATA	0x511
#define BIOS_FRAME	0xffUL

/* In the child's store page. */
struct report {
	volatile u64 asked, answered;	/* rounds */
	volatile u64 port;		/* what the ports say */
	volatile s64 mapped;		/* what mapping the page says */
	volatile u64 byte;		/* what the mapping shows, ones without one */
};

static struct domain child;
static struct xen_domctl op;
static char page[PAGE_SIZE] PAGE_ALIGNED;	/* dom0: the report; the child: the BIOS */

static u64 ports_say(void)
{
	u64 word = 0;
	u8 byte;

	__asm__ volatile("outw %0, %1" : : "a"((u16)0), "Nd"((u16)PORT_SELECT));
	for (unsigned int i = 0; i < 4; i++) {
		__asm__ volatile("inb %1, %0" : "=a"(byte) : "Nd"((u16)PORT_DATA));
		word |= (u64)byte << (8 * i);
	}
	return word;
}

static void NORETURN child_main(void)
{
	struct report *r = paging_va_of_mfn(start_info->store_mfn);
	struct physdev_set_iopl iopl = { .iopl = 1 };
	bool have = false;

	HC(physdev_op, PHYSDEVOP_set_iopl, &iopl);
	for (;;) {
		if (r->asked != r->answered) {
			r->port = ports_say();
			r->mapped = paging_set(page, PTE(BIOS_FRAME, PTE_FLAGS_RO));
			have |= r->mapped == 0;
			r->byte = have ? (u8)page[0xff0] : 0xff;
			r->answered = r->asked;
		}
		neighbour_sleep_until(clock_ns() + MS);
	}
}

static struct report *ask(void)
{
	struct report *r = (struct report *)page;
	u64 end = clock_ns() + 5000 * MS;

	r->asked++;
	while (r->answered != r->asked && clock_ns() < end) {
		neighbour_sleep_until(clock_ns() + MS);
	}
	CHECK_EQ(r->answered, r->asked);
	return r;
}

static long ports(u32 first, u32 nr, bool allow)
{
	memset(&op, 0, sizeof(op));
	op.u.ioport_permission.first_port = first;
	op.u.ioport_permission.nr_ports = nr;
	op.u.ioport_permission.allow_access = allow;
	return domain_ctl(XEN_DOMCTL_ioport_permission, child.id, &op);
}

static long frames(u64 first, u64 nr, bool allow)
{
	memset(&op, 0, sizeof(op));
	op.u.iomem_permission.first_mfn = first;
	op.u.iomem_permission.nr_mfns = nr;
	op.u.iomem_permission.allow_access = allow;
	return domain_ctl(XEN_DOMCTL_iomem_permission, child.id, &op);
}

/* For guests whose memory map the toolstack makes: of a PV domain it changes nothing. */
static long mapping(u64 gfn, u64 mfn, u64 nr, u32 add)
{
	memset(&op, 0, sizeof(op));
	op.u.memory_mapping.first_gfn = gfn;
	op.u.memory_mapping.first_mfn = mfn;
	op.u.memory_mapping.nr_mfns = nr;
	op.u.memory_mapping.add_mapping = add;
	return domain_ctl(XEN_DOMCTL_memory_mapping, child.id, &op);
}

static void check_given(void)
{
	struct report *r = ask();

	CHECK_EQ(r->port, 0xffffffff);
	CHECK(r->mapped < 0);
	CHECK_EQ(ports(PORT_SELECT, 2, true), 0);
	CHECK_EQ(frames(BIOS_FRAME, 1, true), 0);
	r = ask();
	CHECK_EQ(r->port, 0x554d4551);	/* "QEMU" */
	CHECK_EQ(r->mapped, 0);
	CHECK_EQ(r->byte, 0xea);
	CHECK_EQ(ports(PORT_DATA, 1, false), 0);
	CHECK_EQ(frames(BIOS_FRAME - 1, 3, false), 0);
	r = ask();
	CHECK_EQ(r->port, 0xffffffff);
	CHECK(r->mapped < 0);
	CHECK_EQ(r->byte, 0xea);
	CHECK_EQ(mapping(BIOS_FRAME, BIOS_FRAME, 1, 1), 0);
	CHECK(ask()->mapped < 0);
}

static void check_refused(void)
{
	CHECK_EQ(ports(0x10000, 1, true), -kEINVAL);
	CHECK_EQ(ports(0xffff, 2, true), -kEINVAL);
	CHECK_EQ(ports(0x20, 2, true), -kEPERM);	/* the interrupt controller */
	CHECK_EQ(ports(0x3f8, 8, true), -kEPERM);	/* the hypervisor's console */
	CHECK_EQ(ports(0x1f, 2, true), -kEPERM);	/* one of two */
	CHECK_EQ(frames(0xfee00, 1, true), -kEPERM);	/* the local APIC */
	CHECK_EQ(frames(BIOS_FRAME, 0, true), -kEINVAL);
	CHECK_EQ(frames(~0UL, 2, true), -kEINVAL);
	/* Out of reach, and not one's own. */
	CHECK_EITHER(frames(1UL << 40, 1, true), -kEINVAL, -kEPERM);
	CHECK_EQ(mapping(~0UL, ~0UL, 2, 1), -kEINVAL);
	CHECK_EQ(mapping(0, ~0UL, 2, 1), -kEINVAL);
	CHECK_EQ(mapping(~0UL, 0, 2, 1), -kEINVAL);
	CHECK_EQ(mapping(0, 0, 0, 1), -kEINVAL);
	CHECK_EQ(mapping(0, 1UL << 40, 1, 1), -kEINVAL);
	CHECK_EQ(mapping(1UL << 40, 0, 1, 1), 0);
}

static void check_policy(void)
{
	memset(&op, 0, sizeof(op));
	CHECK_EQ(domain_ctl(XEN_DOMCTL_set_cpu_policy, child.id, &op), -kEEXIST);
}

void guest_main(void)
{
	kit_init();
	if (neighbour_told("try")) {
		child_main();
	}
	neighbour_make(&child, "try");
	CHECK_EQ(domain_map(&child, child.store_pfn, page, PTE_FLAGS_RW), 0);
	memset(page, 0, sizeof(struct report));
	CHECK_EQ(domain_unpause(&child), 0);
	check_given();
	check_refused();
	check_policy();
	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(domain_destroy(&child), 0);
	verdict();
}

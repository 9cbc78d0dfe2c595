/* SPDX-License-Identifier: MIT */
/*
 * What does memory_op tell about the machine and the domain?
 *
 * Domain: dom0
 *
 * The e820 of the machine with at least the RAM that the domain sits in, the machine-to-physical
 * table's place and extent, reservations, and the exact errors toolstacks depend on: sharing
 * counters are numbers or -ENOSYS, vNUMA without vNUMA is -EOPNOTSUPP, what belongs to translated
 * guests is refused.
 */
#include "kit.h"

#include <xen/memory.h>

struct e820_entry {
	u64 addr, size;
	u32 type;
} __attribute__((packed));

static struct e820_entry map[128];

static void check_e820(void)
{
	struct xen_memory_map m = { .nr_entries = ARRAY_SIZE(map) };
	u64 ram = 0, frame = paging_mfn((void *)start_info) << PAGE_SHIFT;
	bool found = false;

	SET_HANDLE(m.buffer, map);
	CHECK_EQ(HC(memory_op, XENMEM_machine_memory_map, &m), 0);
	CHECK(m.nr_entries > 0 && m.nr_entries <= ARRAY_SIZE(map));
	for (unsigned int i = 0; i < m.nr_entries; i++) {
		if (i > 0) {
			CHECK(map[i].addr >= map[i - 1].addr + map[i - 1].size);
		}
		if (map[i].type == 1) {
			ram += map[i].size;
			found |= frame >= map[i].addr && frame < map[i].addr + map[i].size;
		}
	}
	CHECK(found);
	CHECK(ram > 200UL << 20);
	m.nr_entries = 1; /* too small a buffer */
	CHECK_EQ(HC(memory_op, XENMEM_machine_memory_map, &m), -kEINVAL);
	m.nr_entries = ARRAY_SIZE(map);
	SET_HANDLE(m.buffer, ADDR_UNMAPPED);
	CHECK_EQ(HC(memory_op, XENMEM_machine_memory_map, &m), -kEFAULT);
	SET_HANDLE(m.buffer, map);
	m.nr_entries = ARRAY_SIZE(map);
	CHECK_EQ(HC(memory_op, XENMEM_memory_map, &m), -kENOSYS); /* none was set for us */
}

static void check_m2p(void)
{
	struct xen_machphys_mapping where = { 0 };
	struct xen_machphys_mfn_list list = { .max_extents = 2 };
	u64 mfns[2] = { 0, 0 };
	long top = HC(memory_op, XENMEM_maximum_ram_page, 0);

	CHECK_EQ(HC(memory_op, XENMEM_machphys_mapping, &where), 0);
	CHECK_EQ(where.v_start, MACH2PHYS_VIRT_START);
	CHECK_EQ(where.v_end, MACH2PHYS_VIRT_END);
	CHECK(where.max_mfn >= (u64)paging_mfn((void *)start_info));
	CHECK(top > 0 && (u64)top <= where.max_mfn + 1);
	SET_HANDLE(list.extent_start, mfns);
	CHECK_EQ(HC(memory_op, XENMEM_machphys_mfn_list, &list), 0);
	CHECK(list.nr_extents >= 1);
	CHECK(mfns[0] != 0);
}

static void check_reservations(void)
{
	struct xen_memory_domain d = { .domid = DOMID_SELF };

	CHECK_EQ(HC(memory_op, XENMEM_current_reservation, &d), start_info->nr_pages);
	CHECK(HC(memory_op, XENMEM_maximum_reservation, &d) >= (long)start_info->nr_pages);
	d.domid = 0;
	CHECK_EQ(HC(memory_op, XENMEM_current_reservation, &d), start_info->nr_pages);
	d.domid = 4321;
	CHECK_EQ(HC(memory_op, XENMEM_current_reservation, &d), -kESRCH);
	CHECK_EQ(HC(memory_op, XENMEM_current_reservation, ADDR_UNMAPPED), -kEFAULT);
}

static void check_not_for_us(void)
{
	long shared = HC(memory_op, XENMEM_get_sharing_freed_pages, 0);
	static char arg[128];

	CHECK(shared >= 0 || shared == -kENOSYS);
	shared = HC(memory_op, XENMEM_get_sharing_shared_pages, 0);
	CHECK(shared >= 0 || shared == -kENOSYS);
	/* The argument's first word is the domain. */
	*(u16 *)arg = DOMID_SELF;
	CHECK_EQ(HC(memory_op, XENMEM_get_vnumainfo, arg), -kEOPNOTSUPP);
	CHECK(HC(memory_op, XENMEM_add_to_physmap, arg) < 0);
	CHECK_EQ(HC(memory_op, 29, arg), -kENOSYS);
	CHECK_EQ(HC(memory_op, 60, arg), -kENOSYS);
}

void guest_main(void)
{
	kit_init();
	check_e820();
	check_m2p();
	check_reservations();
	check_not_for_us();
	verdict();
}

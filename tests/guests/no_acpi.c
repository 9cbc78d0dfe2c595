/* SPDX-License-Identifier: MIT */
/*
 * A machine whose firmware has no ACPI, and so does not say where the I/O APIC is.
 *
 * Machine: pc,acpi=off
 * Options: tsc=unstable
 * Domain: dom0
 * Only: dais
 *
 * It is where such machines have it, and the hypervisor's: dom0 cannot map it, finds it reserved
 * in the machine's memory map, and reads its registers by hypercall. Other I/O memory is dom0's.
 * There is no counter to correct the TSC by either, whatever is thought of it. The oracle does not
 * start on such a machine.
 */
#include "kit.h"

#include <xen/memory.h>
#include <xen/physdev.h>

#define IOAPIC 0xfec00000UL

struct e820_entry {
	u64 addr;
	u64 size;
	u32 type;
} __attribute__((packed));

static struct e820_entry map[128];
static void *const window = (void *)0x40000000;

static long map_at(u64 pa)
{
	return paging_set(window, PTE(pa >> PAGE_SHIFT, PTE_FLAGS_RW | PTE_PCD));
}

static void check_mapping(void)
{
	paging_grow((unsigned long)window);
	CHECK_EQ(map_at(IOAPIC), -kEPERM);
	CHECK_EQ(map_at(0xfee00000), -kEPERM); /* the local APIC */
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, PTE(IOAPIC >> PAGE_SHIFT, PTE_FLAGS_RO),
		    UVMF_INVLPG, DOMID_IO),
		 -kEPERM);
	CHECK_EQ(map_at(IOAPIC + PAGE_SIZE), 0);
	CHECK_EQ(map_at(0xb8000), 0);
	CHECK_EQ(paging_unmap(window), 0);
}

/* A kernel puts devices where the map is silent. */
static void check_map(void)
{
	struct xen_memory_map m = { .nr_entries = ARRAY_SIZE(map) };
	unsigned int reserved = 0;

	SET_HANDLE(m.buffer, map);
	CHECK_EQ(HC(memory_op, XENMEM_machine_memory_map, &m), 0);
	for (unsigned int i = 0; i < m.nr_entries; i++) {
		reserved += map[i].type == 2 && map[i].addr <= IOAPIC &&
			    IOAPIC - map[i].addr < map[i].size;
	}
	CHECK_EQ(reserved, 1);
}

static void check_registers(void)
{
	struct physdev_apic op = { .apic_physbase = IOAPIC, .reg = 1 };

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_apic_read, &op), 0);
	CHECK_EQ(op.value >> 16 & 0xff, 23); /* 24 pins */
}

void guest_main(void)
{
	kit_init();
	check_mapping();
	check_map();
	check_registers();
	verdict();
}

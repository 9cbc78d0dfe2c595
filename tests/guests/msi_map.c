/* SPDX-License-Identifier: MIT */
/*
 * How does dom0 get interrupts by message from a device?
 *
 * Domain: dom0
 * Needs: device=nvme,serial=1,msix_qsize=600
 *
 * Each entry of the device's MSI-X table can be mapped; not those behind its end, and nothing of a
 * device that is not there or has no such thing. What is mapped is in the way of preparing the
 * table for another domain. When there are no vectors left mapping fails, and once they are given
 * back it works as before. The device stays quiet.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/physdev.h>

#define CLASS_NVME 0x010802
#define ENTRIES 600
#define NOBODY 0xf0	/* its place is empty */

static u8 devfn;
static u64 table;
static int pirqs[ENTRIES];

static void out4(u16 port, u32 v)
{
	__asm__ volatile("outl %%eax, %%dx" : : "a"(v), "d"(port));
}

static u32 config(u8 at)
{
	u32 v;

	out4(0xcf8, 0x80000000u | (u32)devfn << 8 | at);
	__asm__ volatile("inl %%dx, %%eax" : "=a"(v) : "d"(0xcfc));
	return v;
}

static void device_find(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	struct physdev_pci_device_add add = { .seg = 0 };

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
	for (devfn = 0; config(8) >> 8 != CLASS_NVME; devfn++) {
		if (devfn == NOBODY) {
			verdict_fail("no NVMe controller");
		}
	}
	table = (config(0x10) & ~15u) | (u64)config(0x14) << 32;
	add.devfn = devfn;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_pci_device_add, &add), 0);
}

static long on_device(u32 cmd, u8 where)
{
	struct physdev_pci_device op = { .devfn = where };

	return HC(physdev_op, cmd, &op);
}

static long map_entry(u8 where, int entry, u64 table_base, int *pirq)
{
	struct physdev_map_pirq op = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI_SEG,
				       .index = -1, .pirq = -1, .devfn = where,
				       .entry_nr = entry, .table_base = table_base };
	long err = HC(physdev_op, PHYSDEVOP_map_pirq, &op);

	*pirq = op.pirq;
	return err;
}

static long unmap(int pirq)
{
	struct physdev_unmap_pirq op = { .domid = DOMID_SELF, .pirq = pirq };

	return HC(physdev_op, PHYSDEVOP_unmap_pirq, &op);
}

static long bind_pirq(int pirq)
{
	struct evtchn_bind_pirq op = { .pirq = (u32)pirq };
	long err = HC(event_channel_op, EVTCHNOP_bind_pirq, &op);

	return err ? err : (long)op.port;
}

static void check_refused(void)
{
	int pirq;

	CHECK_EQ(map_entry(devfn, ENTRIES, table, &pirq), -kEINVAL);
	CHECK_EQ(map_entry(devfn, 65536, table, &pirq), -kEINVAL);
	CHECK_EQ(map_entry(devfn, 0, 0, &pirq), -kENODEV); /* it has no MSI but MSI-X */
	CHECK_EQ(map_entry(NOBODY, 0, table, &pirq), -kENODEV);
	CHECK_EQ(on_device(PHYSDEVOP_prepare_msix, NOBODY), -kENODEV);
	CHECK_EQ(on_device(PHYSDEVOP_prepare_msix, 0), -kENODEV); /* the host bridge */
	CHECK_EQ(on_device(PHYSDEVOP_restore_msi_ext, NOBODY), -kENODEV);
}

/* A device that does not answer to memory addresses has no table to write to. */
static void check_asleep(void)
{
	u32 command = config(4) & 0xffff;
	int pirq;

	out4(0xcfc, command & ~2u);
	CHECK_EQ(map_entry(devfn, 0, table, &pirq), -kENXIO);
	config(4);
	out4(0xcfc, command);
}

static void check_one(void)
{
	int pirq;
	long port;

	CHECK_EQ(on_device(PHYSDEVOP_prepare_msix, devfn), 0);
	CHECK_EQ(on_device(PHYSDEVOP_release_msix, devfn), 0);
	CHECK_EQ(on_device(PHYSDEVOP_restore_msi_ext, devfn), 0); /* nothing */
	CHECK_EQ(map_entry(devfn, ENTRIES - 1, table, &pirq), 0);
	port = bind_pirq(pirq);
	CHECK(port > 0);
	CHECK_EQ(bind_pirq(pirq), -kEEXIST);
	CHECK_EQ(on_device(PHYSDEVOP_prepare_msix, devfn), -kEBUSY);
	CHECK_EQ(on_device(PHYSDEVOP_restore_msi_ext, devfn), 0);
	CHECK_EQ(event_close((u32)port), 0);
	CHECK_EQ(unmap(pirq), 0);
	CHECK_EQ(unmap(pirq), -kEINVAL);
}

static void check_many(void)
{
	long err = 0;
	int n = 0;

	while (n < ENTRIES && (err = map_entry(devfn, n, table, &pirqs[n])) == 0) {
		n++;
	}
	CHECK(n > 100 && n < ENTRIES);
	CHECK_EITHER(err, -kENOSPC, -kEINVAL); /* the oracle's word for it */
	while (n > 0) {
		CHECK_EQ(unmap(pirqs[--n]), 0);
	}
}

/* Comes last: the oracle says 0 and then has lost its way with this device. */
static void check_twice(void)
{
	int pirq;

	CHECK_EQ(map_entry(devfn, 1, table, &pirq), 0);
	CHECK_EITHER(map_entry(devfn, 1, table, &pirq), -kEEXIST, 0);
}

void guest_main(void)
{
	kit_init();
	device_find();
	check_refused();
	check_asleep();
	check_one();
	check_many();
	check_one();
	check_twice();
	verdict();
}

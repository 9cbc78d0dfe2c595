/* SPDX-License-Identifier: MIT */
/*
 * physdev_op(cmd, arg): what a domain that drives hardware needs: physical interrupts (pirqs), I/O
 * port rights, PCI devices and their MSIs. Privileged but for set_iopl, set_iobitmap, and
 * irq_status_query, eoi and pirq_eoi_gmfn on pirqs the caller has. "out": hypervisor writes.
 */
#ifndef XEN_PHYSDEV_H
#define XEN_PHYSDEV_H

#include <xen/types.h>

#define PHYSDEVOP_IRQ_UNMASK_NOTIFY	4	/* no argument; eoi for every pirq */
#define PHYSDEVOP_irq_status_query	5
#define PHYSDEVOP_set_iopl		6
#define PHYSDEVOP_set_iobitmap		7
#define PHYSDEVOP_apic_read		8
#define PHYSDEVOP_apic_write		9
#define PHYSDEVOP_alloc_irq_vector	10
#define PHYSDEVOP_free_irq_vector	11
#define PHYSDEVOP_eoi			12
#define PHYSDEVOP_map_pirq		13
#define PHYSDEVOP_unmap_pirq		14
#define PHYSDEVOP_manage_pci_add	15	/* before pci_device_add */
#define PHYSDEVOP_manage_pci_remove	16
#define PHYSDEVOP_pirq_eoi_gmfn_v1	17
#define PHYSDEVOP_restore_msi		19
#define PHYSDEVOP_manage_pci_add_ext	20
#define PHYSDEVOP_setup_gsi		21
#define PHYSDEVOP_get_free_pirq		23
#define PHYSDEVOP_pci_mmcfg_reserved	24
#define PHYSDEVOP_pci_device_add	25
#define PHYSDEVOP_pci_device_remove	26	/* struct physdev_pci_device */
#define PHYSDEVOP_restore_msi_ext	27	/* struct physdev_pci_device */
#define PHYSDEVOP_pirq_eoi_gmfn_v2	28
#define PHYSDEVOP_dbgp_op		29
#define PHYSDEVOP_prepare_msix		30	/* struct physdev_pci_device */
#define PHYSDEVOP_release_msix		31	/* struct physdev_pci_device */
#define PHYSDEVOP_pirq_eoi_gmfn		PHYSDEVOP_pirq_eoi_gmfn_v2

/* physdev_irq_status_query.flags */
#define _XENIRQSTAT_needs_eoi	0
#define XENIRQSTAT_needs_eoi	(1U << _XENIRQSTAT_needs_eoi)	/* blocked until EOI */
#define _XENIRQSTAT_shared	1
#define XENIRQSTAT_shared	(1U << _XENIRQSTAT_shared)	/* bound by several domains */

/* physdev_map_pirq.type: how the interrupt is named. */
#define MAP_PIRQ_TYPE_MSI	0x0	/* bus, devfn */
#define MAP_PIRQ_TYPE_GSI	0x1	/* index is the GSI */
#define MAP_PIRQ_TYPE_UNKNOWN	0x2
#define MAP_PIRQ_TYPE_MSI_SEG	0x3	/* bus (segment in the upper 16 bits), devfn */
#define MAP_PIRQ_TYPE_MULTI_MSI	0x4	/* likewise; entry_nr: how many, consecutive */

/* physdev_pci_mmcfg_reserved.flags: the firmware reserves the range, so it may be used. */
#define XEN_PCI_MMCFG_RESERVED	0x1

/* physdev_pci_device_add.flags */
#define XEN_PCI_DEV_EXTFN	0x1	/* function beyond 7 by ARI */
#define XEN_PCI_DEV_VIRTFN	0x2	/* virtual function of physfn */
#define XEN_PCI_DEV_PXM		0x4	/* optarr[0] is the proximity domain */

/* physdev_dbgp_op */
#define PHYSDEVOP_DBGP_RESET_PREPARE	1
#define PHYSDEVOP_DBGP_RESET_DONE	2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN	0
#define PHYSDEVOP_DBGP_BUS_PCI		1

#ifndef __ASSEMBLER__

/* The guest is done with a level-triggered pirq. */
struct physdev_eoi {
	uint32_t irq;
};

/* Share a page of bits, one per pirq: set where EOI is needed. v1 also makes unmask do the EOI. */
struct physdev_pirq_eoi_gmfn {
	xen_pfn_t gmfn;
};

struct physdev_irq_status_query {
	uint32_t irq;
	uint32_t flags;		/* out: XENIRQSTAT_* */
};

/* Virtual I/O privilege level of the calling vCPU; 1 is enough for kernel mode. */
struct physdev_set_iopl {
	uint32_t iopl;
};

/* I/O permission bitmap of the calling vCPU for user mode: a clear bit allows the port. */
struct physdev_set_iobitmap {
	uint64_t bitmap;	/* guest ptr: const uint8_t[(nr_ports + 7) / 8] */
	uint32_t nr_ports;
};

/* IO-APIC register access: reg is the index, value in or out. */
struct physdev_apic {
	uint64_t apic_physbase;
	uint32_t reg;
	uint32_t value;
};

/* vector is meaningless to the guest now; the call must succeed. */
struct physdev_irq {
	uint32_t irq;
	uint32_t vector;	/* out */
};

/*
 * Give domid a pirq for an interrupt.
 *
 * type        MAP_PIRQ_TYPE_*
 * index       GSI for type GSI
 * pirq        wanted number, or negative: choose. Out: the number (first one for MULTI_MSI)
 * entry_nr    MSI-X entry, or the number of MSIs
 * table_base  machine address of the MSI-X table; 0 for MSI
 */
struct physdev_map_pirq {
	domid_t domid;
	int32_t type;
	int32_t index;
	int32_t pirq;		/* in, out */
	int32_t bus;
	int32_t devfn;
	int32_t entry_nr;	/* out with MULTI_MSI: how many are possible */
	uint64_t table_base;
};

struct physdev_unmap_pirq {
	domid_t domid;
	int32_t pirq;
};

struct physdev_manage_pci {
	uint8_t bus;
	uint8_t devfn;
};

/* Write MSI state back to a device after a reset. */
struct physdev_restore_msi {
	uint8_t bus;
	uint8_t devfn;
};

struct physdev_manage_pci_ext {
	uint8_t bus;
	uint8_t devfn;
	uint32_t is_extfn;
	uint32_t is_virtfn;
	struct {
		uint8_t bus;
		uint8_t devfn;
	} physfn;
};

/* How firmware says a GSI is wired. -EEXIST: already set up, harmless. */
struct physdev_setup_gsi {
	int32_t gsi;
	uint8_t triggering;	/* 0 edge, 1 level */
	uint8_t polarity;	/* 0 high, 1 low */
};

struct physdev_get_free_pirq {
	int32_t type;		/* MAP_PIRQ_TYPE_* */
	uint32_t pirq;		/* out */
};

/* PCI configuration space of buses start_bus..end_bus of a segment, memory mapped at address. */
struct physdev_pci_mmcfg_reserved {
	uint64_t address;
	uint16_t segment;
	uint8_t start_bus;
	uint8_t end_bus;
	uint32_t flags;		/* XEN_PCI_MMCFG_RESERVED */
};

/* A device exists. physfn only with VIRTFN, optarr[0] only with PXM. */
struct physdev_pci_device_add {
	uint16_t seg;
	uint8_t bus;
	uint8_t devfn;
	uint32_t flags;		/* XEN_PCI_DEV_* */
	struct {
		uint8_t bus;
		uint8_t devfn;
	} physfn;
	uint32_t optarr[];
};

struct physdev_pci_device {
	uint16_t seg;
	uint8_t bus;
	uint8_t devfn;
};

/* The EHCI controller whose debug port the hypervisor uses is about to be reset, or was. */
struct physdev_dbgp_op {
	uint8_t op;		/* PHYSDEVOP_DBGP_RESET_* */
	uint8_t bus;		/* PHYSDEVOP_DBGP_BUS_* */
	union {
		struct physdev_pci_device pci;
	} u;
};

/* The whole argument of physdev_op_compat, the old form of the call. */
struct physdev_op {
	uint32_t cmd;		/* PHYSDEVOP_* */
	union {
		struct physdev_irq_status_query irq_status_query;
		struct physdev_set_iopl set_iopl;
		struct physdev_set_iobitmap set_iobitmap;
		struct physdev_apic apic_op;
		struct physdev_irq irq_op;
	} u;
};

#endif
#endif

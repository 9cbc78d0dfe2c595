// SPDX-License-Identifier: MIT
/*
 * IO-APICs: discovery, redirection entries, and what dom0 may see of them; and the 8259s
 * that they replace.
 *
 * ioapic_lock guards every index/data register pair and the shadow of each entry; it is
 * a leaf, taken with interrupts off. Entries always name a physical APIC id. Pins stay
 * masked until an interrupt is bound to them.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/ioapic.h>
#include <dais/irq.h>
#include <dais/paging.h>
#include <dais/printk.h>
#include <xen/errno.h>

#define PIC1_CMD	0x20
#define PIC2_CMD	0xa0
#define DATA(cmd)	((cmd) + 1)
#define ICW1_INIT	0x11	/* edge, cascaded, ICW4 follows */
#define ICW4_8086	0x01
#define MASK_ALL	0xff
#define CASCADE_LINE	2

#define IOREGSEL	0x00
#define IOWIN		0x10
#define IOEOI		0x40

#define REG_VERSION	0x01
#define REG_ARBITRATION	0x02
#define REG_ENTRY	0x10

#define RTE_ACTIVE_LOW	(1u << 13)
#define RTE_REMOTE_IRR	(1u << 14)
#define RTE_LEVEL	(1u << 15)
#define RTE_MASKED	(1u << 16)
#define RTE_VECTOR	0xffu

#define VERSION_HAS_EOI	0x20
#define MAX_PINS	240
#define MAX_GSIS	256

struct ioapic {
	volatile uint8_t *mmio;
	paddr_t address;
	uint8_t version, nr_pins;
};

/* low: what the entry's first half should hold, so that a change needs no read of the device. */
struct pin {
	const struct ioapic *io;
	uint32_t low, reg;
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static unsigned int nr_ioapics;
static struct pin pins[MAX_GSIS];
static spinlock_t ioapic_lock = SPINLOCK_INIT;

static uint32_t reg_read(const struct ioapic *io, uint32_t reg)
{
	mmio_write32(io->mmio + IOREGSEL, reg);
	return mmio_read32(io->mmio + IOWIN);
}

static void reg_write(const struct ioapic *io, uint32_t reg, uint32_t value)
{
	mmio_write32(io->mmio + IOREGSEL, reg);
	mmio_write32(io->mmio + IOWIN, value);
}

/* ---- the pins as an irq chip: irq number and GSI are the same ---- */

static void gsi_set_mask(struct irq_desc *desc, bool masked)
{
	struct pin *p = desc->chip_data;

	spin_lock(&ioapic_lock);
	p->low = (p->low & ~RTE_MASKED) | (masked ? RTE_MASKED : 0);
	reg_write(p->io, p->reg, p->low);
	if (masked) {
		/* Read back: once this returns, no new interrupt is on its way. */
		(void)reg_read(p->io, p->reg);
	}
	spin_unlock(&ioapic_lock);
}

/* The destination changes while masked, so that no interrupt meets half an entry. */
static void gsi_route(struct irq_desc *desc, uint32_t apic_id, uint8_t vector)
{
	struct pin *p = desc->chip_data;

	spin_lock(&ioapic_lock);
	if (!(p->low & RTE_MASKED)) {
		reg_write(p->io, p->reg, p->low | RTE_MASKED);
	}
	p->low = (p->low & ~RTE_VECTOR) | vector;
	reg_write(p->io, p->reg + 1, apic_id << 24);
	reg_write(p->io, p->reg, p->low);
	spin_unlock(&ioapic_lock);
}

static const struct irq_chip gsi_chip = {
	.name = "IO-APIC", .set_mask = gsi_set_mask, .route = gsi_route,
};

/*
 * The local APIC's EOI is broadcast and clears remote IRR, except on chips that miss it
 * when the entry was masked meanwhile. Those are told directly, or, when too old for
 * that, switched to edge and back, which clears the bit too.
 */
void ioapic_eoi(struct irq_desc *desc, uint8_t vector)
{
	const struct pin *p = desc->chip_data;

	spin_lock(&ioapic_lock);
	if (reg_read(p->io, p->reg) & RTE_REMOTE_IRR) {
		if (p->io->version >= VERSION_HAS_EOI) {
			mmio_write32(p->io->mmio + IOEOI, vector);
		} else {
			reg_write(p->io, p->reg, (p->low & ~RTE_LEVEL) | RTE_MASKED);
			reg_write(p->io, p->reg, p->low);
		}
	}
	spin_unlock(&ioapic_lock);
}

int ioapic_set_mode(unsigned int gsi, bool level, bool active_low)
{
	uint32_t mode = (level ? RTE_LEVEL : 0) | (active_low ? RTE_ACTIVE_LOW : 0);
	struct irq_desc *desc = irq_desc(gsi);
	unsigned long flags;
	struct pin *p;
	int rc = 0;

	if (!desc || desc->chip != &gsi_chip) {
		return -XEN_EINVAL;
	}
	p = desc->chip_data;
	flags = spin_lock_irqsave(&desc->lock);
	if (desc->user == IRQ_FREE) {
		spin_lock(&ioapic_lock);
		p->low = (p->low & ~(RTE_LEVEL | RTE_ACTIVE_LOW)) | mode;
		reg_write(p->io, p->reg, p->low);
		spin_unlock(&ioapic_lock);
		desc->level = level;
	} else if ((p->low & (RTE_LEVEL | RTE_ACTIVE_LOW)) != mode) {
		rc = -XEN_EEXIST;
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

/*
 * The two 8259s: moved away from the exception vectors and masked for good. A chip that
 * glitches can still deliver a spurious interrupt at its lowest-priority line, so it must have
 * vectors that are known to mean nothing.
 */
void __init i8259_disable(void)
{
	static const struct {
		uint8_t value;
		uint16_t port;
	} writes[] = {
		{ MASK_ALL, DATA(PIC1_CMD) }, { MASK_ALL, DATA(PIC2_CMD) },
		{ ICW1_INIT, PIC1_CMD }, { VECTOR_LEGACY_FIRST, DATA(PIC1_CMD) },
		{ 1 << CASCADE_LINE, DATA(PIC1_CMD) }, { ICW4_8086, DATA(PIC1_CMD) },
		{ ICW1_INIT, PIC2_CMD }, { VECTOR_LEGACY_FIRST + 8, DATA(PIC2_CMD) },
		{ CASCADE_LINE, DATA(PIC2_CMD) }, { ICW4_8086, DATA(PIC2_CMD) },
		{ MASK_ALL, DATA(PIC1_CMD) }, { MASK_ALL, DATA(PIC2_CMD) },
	};

	for (unsigned int i = 0; acpi.has_8259 && i < ARRAY_SIZE(writes); i++) {
		outb(writes[i].value, writes[i].port);
		io_delay();
	}
}

/* ---- finding them ---- */

static void __init ioapic_add(const struct acpi_ioapic *a)
{
	struct ioapic *io = &ioapics[nr_ioapics];
	uint32_t version;

	io->mmio = map_mmio(a->address, PAGE_SIZE);
	if (!io->mmio) {
		pr_warn("IO-APIC %u at %#lx is out of reach: left out\n", a->id, a->address);
		return;
	}
	version = reg_read(io, REG_VERSION);
	if (version == 0 || version == 0xffffffffu) {
		pr_warn("IO-APIC %u at %#lx does not answer: left out\n", a->id, a->address);
		return;
	}
	io->address = a->address;
	io->version = version & 0xff;
	io->nr_pins = min(((version >> 16) & 0xff) + 1, (uint32_t)MAX_PINS);
	for (unsigned int i = 0; i < io->nr_pins && a->gsi_base + i < MAX_GSIS; i++) {
		struct pin *p = &pins[a->gsi_base + i];

		*p = (struct pin){ .io = io, .low = RTE_MASKED, .reg = REG_ENTRY + 2 * i };
		reg_write(io, p->reg, p->low);
		reg_write(io, p->reg + 1, 0);
		irq_add_gsi(a->gsi_base + i, &gsi_chip, p);
	}
	nr_ioapics++;
	pr_info("IO-APIC %u: version %#x at %#lx, GSI %u-%u\n", a->id, io->version, a->address,
		a->gsi_base, a->gsi_base + io->nr_pins - 1);
}

void __init ioapic_init(void)
{
	if (!acpi.nr_ioapics) {
		/* Where PCs have always had it; without one that reads as ones, with QEMU as zeros. */
		acpi.ioapics[acpi.nr_ioapics++].address = 0xfec00000;
	}
	for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
		ioapic_add(&acpi.ioapics[i]);
	}
	if (!nr_ioapics) {
		pr_warn("no IO-APIC: device interrupts other than MSI will not work\n");
	}
	/* Polarity and trigger bits: 0 conforms to the bus, which for ISA is high and edge. */
	for (unsigned int i = 0; i < acpi.nr_overrides; i++) {
		const struct acpi_override *o = &acpi.overrides[i];

		(void)ioapic_set_mode(o->gsi, ((o->flags >> 2) & 3) == 3, (o->flags & 3) == 3);
	}
}

unsigned int ioapic_isa_to_gsi(unsigned int isa_irq)
{
	for (unsigned int i = 0; i < acpi.nr_overrides; i++) {
		if (acpi.overrides[i].source == isa_irq) {
			return acpi.overrides[i].gsi;
		}
	}
	return isa_irq;
}

/* ---- what others may see ---- */

int ioapic_guest_read(paddr_t base, uint32_t reg, uint32_t *value)
{
	const struct ioapic *io = NULL;
	unsigned long flags;

	for (unsigned int i = 0; i < nr_ioapics; i++) {
		if (ioapics[i].address == base) {
			io = &ioapics[i];
		}
	}
	if (!io || (reg > REG_ARBITRATION && reg < REG_ENTRY) ||
	    reg >= REG_ENTRY + 2u * io->nr_pins) {
		return -XEN_EINVAL;
	}
	if (reg >= REG_ENTRY) {
		/* Vectors and destinations are not dom0's business: a quiet, masked pin. */
		*value = (reg & 1) ? 0 : RTE_MASKED;
		return 0;
	}
	flags = spin_lock_irqsave(&ioapic_lock);
	*value = reg_read(io, reg);
	spin_unlock_irqrestore(&ioapic_lock, flags);
	return 0;
}

void ioapic_dump(void)
{
	for (unsigned int gsi = 0; gsi < irq_nr_gsis(); gsi++) {
		const struct pin *p = &pins[gsi];

		if (p->low & RTE_VECTOR) {
			unsigned long flags = spin_lock_irqsave(&ioapic_lock);
			uint32_t low = reg_read(p->io, p->reg), high = reg_read(p->io, p->reg + 1);

			spin_unlock_irqrestore(&ioapic_lock, flags);
			pr_info("GSI %3u: vector %#04x dest %3u %s %s%s%s\n", gsi,
				low & RTE_VECTOR, high >> 24, low & RTE_LEVEL ? "level" : "edge",
				low & RTE_ACTIVE_LOW ? "low" : "high",
				low & RTE_MASKED ? " masked" : "",
				low & RTE_REMOTE_IRR ? " in-service" : "");
		}
	}
}

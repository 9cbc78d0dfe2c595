// SPDX-License-Identifier: MIT
/*
 * The hardware half of MSI, which lies in config space, and of MSI-X, which lies in the
 * device's memory: writing messages and mask bits, as irq chips.
 *
 * Chip functions run under the irq's desc->lock.
 */
#include <dais/io.h>

#include "msi_private.h"

#define MSG_ADDR		0xfee00000u
#define MSG_DEST_SHIFT		12
#define SLOT_ADDR_LO		0
#define SLOT_ADDR_HI		4
#define SLOT_DATA		8
#define SLOT_CTRL		12
#define SLOT_MASKED		1u

void msix_slot_mask(volatile uint8_t *slot, bool masked)
{
	mmio_write32(slot + SLOT_CTRL, masked ? SLOT_MASKED : 0);
	(void)mmio_read32(slot + SLOT_CTRL);
}

static void msi_set_mask(struct irq_desc *desc, bool masked)
{
	const struct msi_vec *v = desc->chip_data;
	const struct msi_dev *dev = v->dev;

	if (dev->gone) {
		return;
	}
	if (v->slot) {
		msix_slot_mask(v->slot, masked);
	} else if (dev->mask_reg) {
		pci_write(dev->sbdf, dev->mask_reg, 4, masked ? 0xffffffffu : 0);
		(void)pci_read(dev->sbdf, dev->mask_reg, 4);
	}
}

void msi_program(struct irq_desc *desc)
{
	const struct msi_vec *v = desc->chip_data;
	const struct msi_dev *dev = v->dev;

	if (dev->gone) {
		return;
	}
	if (v->slot) {
		/* It may only change while it is masked. */
		mmio_write32(v->slot + SLOT_CTRL, SLOT_MASKED);
		mmio_write32(v->slot + SLOT_ADDR_LO, v->addr);
		mmio_write32(v->slot + SLOT_ADDR_HI, 0);
		mmio_write32(v->slot + SLOT_DATA, v->data);
	} else {
		pci_write(dev->sbdf, dev->msi_cap + 4, 4, v->addr);
		if (dev->msi_64bit) {
			pci_write(dev->sbdf, dev->msi_cap + 8, 4, 0);
		}
		if (pci_read(dev->sbdf, dev->data_reg, 2) != v->data) {
			pci_write(dev->sbdf, dev->data_reg, 2, v->data);
		}
	}
	msi_set_mask(desc, desc->masked);
}

static void msi_route(struct irq_desc *desc, uint32_t apic_id, uint8_t vector)
{
	struct msi_vec *v = desc->chip_data;

	v->addr = MSG_ADDR | apic_id << MSG_DEST_SHIFT;
	v->data = vector;
	msi_program(desc);
}

const struct irq_chip msi_chip = {
	.name = "MSI", .set_mask = msi_set_mask, .route = msi_route,
}, msix_chip = {
	.name = "MSI-X", .set_mask = msi_set_mask, .route = msi_route,
};

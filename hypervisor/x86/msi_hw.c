// SPDX-License-Identifier: MIT
/*
 * The hardware half of MSI: writing messages and mask bits, as irq chips, and knowing
 * which frames hold MSI-X tables.
 *
 * Chip functions run under the irq's desc->lock. frames_lock guards the list of frames;
 * it is a leaf.
 */
#include <dais/io.h>
#include <dais/spinlock.h>
#include <dais/compiler.h>
#include <xen/errno.h>

#include "msi_private.h"

#define MSG_ADDR		0xfee00000u
#define MSG_DEST_SHIFT		12
#define SLOT_ADDR_LO		0
#define SLOT_ADDR_HI		4
#define SLOT_DATA		8
#define SLOT_CTRL		12
#define SLOT_MASKED		1u

unsigned int msi_data_reg(const struct msi_dev *dev)
{
	return dev->msi_cap + (dev->msi_64bit ? 12 : 8);
}

unsigned int msi_mask_reg(const struct msi_dev *dev)
{
	return dev->msi_maskable ? dev->msi_cap + (dev->msi_64bit ? 16u : 12u) : 0;
}

/* ---- MSI: in config space ---- */

static void msi_set_mask(struct msi_vec *v, bool masked)
{
	unsigned int reg = msi_mask_reg(v->dev);

	v->masked = masked;
	if (reg && !v->dev->gone) {
		pci_write(v->dev->sbdf, reg, 4, masked ? 0xffffffffu : 0);
		(void)pci_read(v->dev->sbdf, reg, 4);
	}
}

static void msi_mask(struct irq_desc *desc)
{
	msi_set_mask(desc->chip_data, true);
}

static void msi_unmask(struct irq_desc *desc)
{
	msi_set_mask(desc->chip_data, false);
}

static void msi_write_message(struct msi_vec *v)
{
	struct msi_dev *dev = v->dev;

	if (dev->gone) {
		return;
	}
	pci_write(dev->sbdf, dev->msi_cap + 4, 4, v->addr);
	if (dev->msi_64bit) {
		pci_write(dev->sbdf, dev->msi_cap + 8, 4, 0);
	}
	if (pci_read(dev->sbdf, msi_data_reg(dev), 2) != v->data) {
		pci_write(dev->sbdf, msi_data_reg(dev), 2, v->data);
	}
}

static void msi_route(struct irq_desc *desc, uint32_t apic_id, uint8_t vector)
{
	struct msi_vec *v = desc->chip_data;

	v->addr = MSG_ADDR | apic_id << MSG_DEST_SHIFT;
	v->data = vector;
	msi_write_message(v);
}

const struct irq_chip msi_chip = {
	.name = "MSI", .mask = msi_mask, .unmask = msi_unmask, .route = msi_route,
};

/* ---- MSI-X: in the device's memory ---- */

static void msix_set_mask(struct msi_vec *v, bool masked)
{
	v->masked = masked;
	if (!v->dev->gone) {
		mmio_write32(v->slot + SLOT_CTRL, masked ? SLOT_MASKED : 0);
		(void)mmio_read32(v->slot + SLOT_CTRL);
	}
}

static void msix_mask(struct irq_desc *desc)
{
	msix_set_mask(desc->chip_data, true);
}

static void msix_unmask(struct irq_desc *desc)
{
	msix_set_mask(desc->chip_data, false);
}

/* A slot may only change while it is masked. */
static void msix_write_message(struct msi_vec *v)
{
	if (v->dev->gone) {
		return;
	}
	mmio_write32(v->slot + SLOT_CTRL, SLOT_MASKED);
	mmio_write32(v->slot + SLOT_ADDR_LO, v->addr);
	mmio_write32(v->slot + SLOT_ADDR_HI, 0);
	mmio_write32(v->slot + SLOT_DATA, v->data);
	mmio_write32(v->slot + SLOT_CTRL, v->masked ? SLOT_MASKED : 0);
	(void)mmio_read32(v->slot + SLOT_CTRL);
}

static void msix_route(struct irq_desc *desc, uint32_t apic_id, uint8_t vector)
{
	struct msi_vec *v = desc->chip_data;

	v->addr = MSG_ADDR | apic_id << MSG_DEST_SHIFT;
	v->data = vector;
	msix_write_message(v);
}

const struct irq_chip msix_chip = {
	.name = "MSI-X", .mask = msix_mask, .unmask = msix_unmask, .route = msix_route,
};

void msix_slot_clear(volatile uint8_t *slot)
{
	mmio_write32(slot + SLOT_CTRL, SLOT_MASKED);
	(void)mmio_read32(slot + SLOT_CTRL);
}

void msi_vec_program(struct msi_vec *v)
{
	if (v->slot) {
		msix_write_message(v);
	} else {
		msi_write_message(v);
		msi_set_mask(v, v->masked);
	}
}

/* ---- frames of MSI-X tables ---- */

#define MAX_FRAME_RANGES 256

static struct {
	mfn_t first, last;
	unsigned int users;
} ranges[MAX_FRAME_RANGES];
static unsigned int nr_ranges;		/* slots ever used */
static spinlock_t frames_lock = SPINLOCK_INIT;

/* Find the range, or a free slot when `add`; MAX_FRAME_RANGES when there is none. */
static unsigned int range_slot(mfn_t first, mfn_t last, bool add)
{
	unsigned int i, free = MAX_FRAME_RANGES;

	for (i = 0; i < nr_ranges; i++) {
		if (ranges[i].users && ranges[i].first == first && ranges[i].last == last) {
			return i;
		}
		if (!ranges[i].users) {
			free = i;
		}
	}
	if (add && free == MAX_FRAME_RANGES && nr_ranges < MAX_FRAME_RANGES) {
		free = nr_ranges++;
	}
	return add ? free : MAX_FRAME_RANGES;
}

int msix_frames_add(paddr_t start, size_t len)
{
	mfn_t first = paddr_to_mfn(start), last = paddr_to_mfn(start + len - 1);
	unsigned int i;

	spin_lock(&frames_lock);
	i = range_slot(first, last, true);
	if (i < MAX_FRAME_RANGES) {
		ranges[i].first = first;
		ranges[i].last = last;
		ranges[i].users++;
	}
	spin_unlock(&frames_lock);
	return i < MAX_FRAME_RANGES ? 0 : -XEN_ENOSPC;
}

void msix_frames_remove(paddr_t start, size_t len)
{
	unsigned int i;

	spin_lock(&frames_lock);
	i = range_slot(paddr_to_mfn(start), paddr_to_mfn(start + len - 1), false);
	if (i < MAX_FRAME_RANGES) {
		ranges[i].users--;
	}
	spin_unlock(&frames_lock);
}

bool msix_table_page(mfn_t mfn)
{
	bool found = false;

	spin_lock(&frames_lock);
	for (unsigned int i = 0; i < nr_ranges && !found; i++) {
		found = ranges[i].users && mfn >= ranges[i].first && mfn <= ranges[i].last;
	}
	spin_unlock(&frames_lock);
	return found;
}

// SPDX-License-Identifier: MIT
/*
 * MSI and MSI-X on dom0's behalf: one record for each function, one for each vector.
 *
 * msi_lock guards the list of functions and each function's list of vectors; it comes
 * before desc->lock and is never taken in interrupt context. A function's record stays
 * once made: its mapping of the MSI-X table is for good.
 */
#include <dais/compiler.h>
#include <dais/hv_alloc.h>
#include <dais/keys.h>
#include <dais/paging.h>
#include <dais/printk.h>
#include <xen/errno.h>

#include "msi_private.h"

static struct msi_dev *devs;
static spinlock_t msi_lock = SPINLOCK_INIT;

/* ---- records; msi_lock held ---- */

static struct msi_dev *dev_find(pci_sbdf_t sbdf)
{
	for (struct msi_dev *d = devs; d; d = d->next) {
		if (d->sbdf == sbdf) {
			return d;
		}
	}
	return NULL;
}

static struct msi_dev *dev_get(pci_sbdf_t sbdf)
{
	struct msi_dev *dev = dev_find(sbdf);
	uint32_t flags;

	if (dev && !dev->gone) {
		return dev;
	}
	if (!pci_device_present(sbdf) || (dev && !list_empty(&dev->vecs))) {
		return NULL;	/* its old vectors have to go first */
	}
	if (!dev) {
		dev = hv_alloc(sizeof(*dev));
		if (!dev) {
			return NULL;
		}
		dev->sbdf = sbdf;
		list_init(&dev->vecs);
		dev->next = devs;
		devs = dev;
	}
	dev->gone = false;
	dev->msi_cap = pci_find_cap(sbdf, PCI_CAP_MSI);
	dev->msix_cap = pci_find_cap(sbdf, PCI_CAP_MSIX);
	if (dev->msi_cap) {
		flags = pci_read(sbdf, dev->msi_cap + MSI_FLAGS, 2);
		dev->msi_64bit = flags & MSI_FLAGS_64BIT;
		dev->data_reg = dev->msi_cap + (dev->msi_64bit ? 12 : 8);
		dev->mask_reg = flags & MSI_FLAGS_MASKABLE ? dev->data_reg + 4 : 0;
	}
	if (dev->msix_cap) {
		flags = pci_read(sbdf, dev->msix_cap + MSI_FLAGS, 2);
		dev->nr_entries = (flags & MSIX_FLAGS_SIZE) + 1;
	}
	return dev;
}

/* ---- the MSI-X table ---- */

/* Make the table reachable and its frames known; again when the BAR has moved. */
static int msix_table_open(struct msi_dev *dev, paddr_t given)
{
	uint32_t at = pci_read(dev->sbdf, dev->msix_cap + MSIX_TABLE, 4);
	paddr_t bar = pci_bar_base(dev->sbdf, at & MSIX_BIR), table;
	size_t len = dev->nr_entries * 16ul;

	/* A virtual function's BARs read as zero: only dom0 knows where they are. */
	bar = bar ? bar : given;
	table = bar ? bar + (at & ~MSIX_BIR) : 0;
	if (!(pci_read(dev->sbdf, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY) || !table) {
		return -XEN_ENXIO;
	}
	if (dev->table == table) {
		return 0;
	}
	if (!list_empty(&dev->vecs)) {
		return -XEN_EBUSY;
	}
	dev->table = 0;
	if (dev->mapped != table || dev->mapped_len < len) {
		dev->table_va = map_mmio(table, len);
		dev->mapped = table;
		dev->mapped_len = len;
	}
	if (!dev->table_va) {
		return -XEN_ENOMEM;
	}
	dev->table = table;
	for (unsigned int i = 0; i < dev->nr_entries; i++) {
		msix_slot_mask(dev->table_va + 16 * i, true);
	}
	return 0;
}

/* ---- setting up and taking down ---- */

static int request_check(const struct msi_dev *dev, const struct msi_request *req)
{
	const struct msi_vec *v;

	if (!(req->msix ? dev->msix_cap : dev->msi_cap)) {
		return -XEN_ENODEV;
	}
	if (req->entry >= (req->msix ? dev->nr_entries : 1)) {
		return -XEN_EINVAL;
	}
	if (!list_empty(&dev->vecs) && dev->uses_msix != req->msix) {
		return -XEN_EBUSY;
	}
	list_for_each_entry(v, &dev->vecs, link) {
		if (v->entry == req->entry) {
			return -XEN_EEXIST;
		}
	}
	return 0;
}

static int vec_create(struct msi_dev *dev, const struct msi_request *req)
{
	struct msi_vec *v = hv_alloc(sizeof(*v));

	if (!v) {
		return -XEN_ENOMEM;
	}
	v->dev = dev;
	v->entry = (uint16_t)req->entry;
	v->slot = req->msix ? dev->table_va + 16 * req->entry : NULL;
	v->desc = irq_alloc(req->msix ? &msix_chip : &msi_chip, v);
	if (!v->desc) {
		hv_free(v);
		return -XEN_ENOSPC;
	}
	list_add(&v->link, &dev->vecs);
	dev->uses_msix = req->msix;
	return v->desc->irq;
}

int msi_setup(const struct msi_request *req)
{
	struct msi_dev *dev;
	int rc;

	spin_lock(&msi_lock);
	dev = dev_get(req->sbdf);
	rc = dev ? request_check(dev, req) : -XEN_ENODEV;
	if (!rc && req->msix) {
		rc = msix_table_open(dev, req->table_base);
	}
	if (!rc) {
		rc = vec_create(dev, req);
	}
	spin_unlock(&msi_lock);
	return rc;
}

/* Turn the mechanism on, or off so that a stale message cannot be sent. */
static void dev_enable(const struct msi_dev *dev, bool on)
{
	unsigned int reg = (dev->uses_msix ? dev->msix_cap : dev->msi_cap) + MSI_FLAGS;
	uint32_t enable = dev->uses_msix ? MSIX_FLAGS_ENABLE : MSI_FLAGS_ENABLE;
	uint32_t flags = pci_read(dev->sbdf, reg, 2) & ~enable;

	if (on) {
		flags = (flags | enable) & ~(dev->uses_msix ? MSIX_FLAGS_MASKALL : 0);
	}
	pci_write(dev->sbdf, reg, 2, flags);
}

void msi_teardown(struct irq_desc *desc)
{
	struct msi_vec *v;

	spin_lock(&msi_lock);
	if (desc->chip == &msi_chip || desc->chip == &msix_chip) {
		v = desc->chip_data;
		irq_free(desc);
		if (v->slot && !v->dev->gone) {
			msix_slot_mask(v->slot, true);
		}
		list_del(&v->link);
		if (list_empty(&v->dev->vecs) && !v->dev->gone) {
			dev_enable(v->dev, false);
		}
		hv_free(v);
	}
	spin_unlock(&msi_lock);
}

/* ---- reset, removal, driver domains ---- */

int msi_restore(pci_sbdf_t sbdf)
{
	const struct msi_vec *v;
	struct msi_dev *dev;
	int rc = -XEN_ENODEV;

	spin_lock(&msi_lock);
	dev = dev_find(sbdf);
	if (dev && !dev->gone) {
		rc = 0;
		list_for_each_entry(v, &dev->vecs, link) {
			unsigned long flags = spin_lock_irqsave(&v->desc->lock);

			msi_program(v->desc);
			spin_unlock_irqrestore(&v->desc->lock, flags);
		}
		if (!list_empty(&dev->vecs)) {
			dev_enable(dev, true);
		}
	}
	spin_unlock(&msi_lock);
	return rc;
}

int msi_prepare_msix(pci_sbdf_t sbdf, bool off)
{
	struct msi_dev *dev;
	int rc;

	spin_lock(&msi_lock);
	dev = dev_get(sbdf);
	if (!dev || !dev->msix_cap) {
		rc = -XEN_ENODEV;
	} else if (!list_empty(&dev->vecs)) {
		rc = -XEN_EBUSY;
	} else if (off) {
		rc = 0;
		dev->table = 0;
	} else {
		rc = msix_table_open(dev, 0);
	}
	spin_unlock(&msi_lock);
	return rc;
}

int msi_device_remove(pci_sbdf_t sbdf)
{
	struct msi_dev *dev;

	spin_lock(&msi_lock);
	dev = dev_find(sbdf);
	if (dev) {
		dev->table = 0;
		dev->gone = true;
	}
	spin_unlock(&msi_lock);
	return 0;
}

bool msix_table_page(mfn_t mfn)
{
	bool found = false;

	spin_lock(&msi_lock);
	for (const struct msi_dev *d = devs; d && !found; d = d->next) {
		found = d->table && mfn >= paddr_to_mfn(d->table) &&
			mfn <= paddr_to_mfn(d->table + d->nr_entries * 16ul - 1);
	}
	spin_unlock(&msi_lock);
	return found;
}

/* ---- dom0's writes to the capabilities ---- */

static bool overlaps(unsigned int reg, unsigned int size, unsigned int start, unsigned int end)
{
	return reg < end && reg + size > start;
}

/*
 * MSI-X: dom0 may switch the whole on and off; entries live in memory, not here. MSI:
 * address, data and mask are ours, and without a vector of ours it stays off.
 */
int msi_cfg_write_filter(pci_sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t *value)
{
	unsigned int cap, ctl, end;
	const struct msi_dev *dev;
	uint32_t flags, clear;
	int rc = 0;

	/* Capabilities lie in this range; nothing else is Dais's business. */
	if (reg < 0x40 || reg >= 0x100) {
		return 0;
	}
	spin_lock(&msi_lock);
	dev = dev_find(sbdf);
	cap = dev && dev->msi_cap ? dev->msi_cap : pci_find_cap(sbdf, PCI_CAP_MSI);
	ctl = cap + MSI_FLAGS;
	flags = cap ? pci_read(sbdf, ctl, 2) : 0;
	end = cap + (flags & MSI_FLAGS_64BIT ? 14 : 10) + (flags & MSI_FLAGS_MASKABLE ? 10 : 0);
	if (cap && overlaps(reg, size, cap + 4, end)) {
		rc = -XEN_EPERM;
	} else if (cap && overlaps(reg, size, ctl, ctl + 2)) {
		clear = MSI_FLAGS_MULTI_ENABLED;
		clear |= dev && !list_empty(&dev->vecs) && !dev->uses_msix ? 0 : MSI_FLAGS_ENABLE;
		*value &= ~(reg > ctl ? clear >> 8 : clear << 8 * (ctl - reg));
	}
	spin_unlock(&msi_lock);
	return rc;
}

static void msi_dump(struct regs *regs)
{
	const struct msi_vec *v;

	spin_lock(&msi_lock);
	for (const struct msi_dev *d = devs; d; d = d->next) {
		list_for_each_entry(v, &d->vecs, link) {
			pr_info("%04x:%02x:%02x.%u %s entry %u irq %u addr %#x data %#x%s\n",
				PCI_SEG(d->sbdf), PCI_BUS(d->sbdf), PCI_DEVFN(d->sbdf) >> 3,
				PCI_DEVFN(d->sbdf) & 7, v->slot ? "MSI-X" : "MSI", v->entry,
				v->desc->irq, v->addr, v->data, v->desc->masked ? " masked" : "");
		}
	}
	spin_unlock(&msi_lock);
}
DEBUG_KEY('M', msi_dump, "show MSI state");

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
#include <dais/spinlock.h>
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

static void dev_read_caps(struct msi_dev *dev)
{
	uint32_t flags;

	dev->msi_cap = pci_find_cap(dev->sbdf, PCI_CAP_MSI);
	dev->msix_cap = pci_find_cap(dev->sbdf, PCI_CAP_MSIX);
	if (dev->msi_cap) {
		flags = pci_read(dev->sbdf, dev->msi_cap + MSI_FLAGS, 2);
		dev->msi_64bit = flags & MSI_FLAGS_64BIT;
		dev->msi_maskable = flags & MSI_FLAGS_MASKABLE;
	}
	if (dev->msix_cap) {
		flags = pci_read(dev->sbdf, dev->msix_cap + MSIX_FLAGS, 2);
		dev->nr_entries = (flags & MSIX_FLAGS_SIZE) + 1;
	}
}

static struct msi_dev *dev_get(pci_sbdf_t sbdf)
{
	struct msi_dev *dev = dev_find(sbdf);

	if (dev && !dev->gone) {
		return dev;
	}
	if (!pci_device_present(sbdf)) {
		return NULL;
	}
	if (!dev) {
		dev = hv_alloc(sizeof(*dev));
		if (!dev) {
			return NULL;
		}
		dev->sbdf = sbdf;
		dev->next = devs;
		devs = dev;
	} else if (dev->nr_used) {
		return NULL;	/* its old vectors have to go first */
	}
	dev->gone = false;
	dev_read_caps(dev);
	return dev;
}

static struct msi_vec *vec_find(const struct msi_dev *dev, unsigned int entry)
{
	for (struct msi_vec *v = dev->vecs; v; v = v->next) {
		if (v->entry == entry) {
			return v;
		}
	}
	return NULL;
}

/* ---- the MSI-X table ---- */

static paddr_t msix_region(const struct msi_dev *dev, unsigned int reg, paddr_t given)
{
	uint32_t v = pci_read(dev->sbdf, dev->msix_cap + reg, 4);
	paddr_t bar = pci_bar_base(dev->sbdf, v & MSIX_BIR);

	/* A virtual function's BARs read as zero: only dom0 knows where they are. */
	bar = bar ? bar : given;
	return bar ? bar + (v & ~MSIX_BIR) : 0;
}

static size_t msix_table_len(const struct msi_dev *dev)
{
	return dev->nr_entries * 16ul;
}

/* Forget where the table is. The mapping itself stays, in case it comes back there. */
static void msix_table_close(struct msi_dev *dev)
{
	if (dev->table) {
		msix_frames_remove(dev->table, msix_table_len(dev));
		dev->table = 0;
	}
}

static int msix_table_map(struct msi_dev *dev, paddr_t table)
{
	if (dev->mapped != table || dev->mapped_len < msix_table_len(dev)) {
		dev->table_va = map_mmio(table, msix_table_len(dev));
		dev->mapped = table;
		dev->mapped_len = msix_table_len(dev);
	}
	return dev->table_va ? 0 : -XEN_ENOMEM;
}

/* Make the table reachable and its frames known; again when the BAR has moved. */
static int msix_table_open(struct msi_dev *dev, paddr_t given)
{
	paddr_t table = msix_region(dev, MSIX_TABLE, given);
	int rc;

	if (!(pci_read(dev->sbdf, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY) || !table) {
		return -XEN_ENXIO;
	}
	if (dev->table == table) {
		return 0;
	}
	if (dev->nr_used) {
		return -XEN_EBUSY;
	}
	msix_table_close(dev);
	rc = msix_table_map(dev, table);
	rc = rc ? rc : msix_frames_add(table, msix_table_len(dev));
	if (rc) {
		return rc;
	}
	dev->table = table;
	for (unsigned int i = 0; i < dev->nr_entries; i++) {
		msix_slot_clear(dev->table_va + 16 * i);
	}
	return 0;
}

/* ---- setting up and taking down ---- */

static int request_check(const struct msi_dev *dev, const struct msi_request *req)
{
	if (!req->msix && req->nvec > 1) {
		return -XEN_EOPNOTSUPP;
	}
	if (!(req->msix ? dev->msix_cap : dev->msi_cap)) {
		return -XEN_ENODEV;
	}
	if (req->entry >= (req->msix ? dev->nr_entries : 1)) {
		return -XEN_EINVAL;
	}
	if (dev->nr_used && dev->uses_msix != req->msix) {
		return -XEN_EBUSY;
	}
	return vec_find(dev, req->entry) ? -XEN_EEXIST : 0;
}

static void vec_link(struct msi_dev *dev, struct msi_vec *v, bool msix)
{
	v->next = dev->vecs;
	dev->vecs = v;
	dev->uses_msix = msix;
	dev->nr_used++;
}

static void vec_unlink(struct msi_vec *v)
{
	struct msi_vec **p = &v->dev->vecs;

	while (*p != v) {
		p = &(*p)->next;
	}
	*p = v->next;
	v->dev->nr_used--;
}

static int vec_create(struct msi_dev *dev, const struct msi_request *req)
{
	struct msi_vec *v = hv_alloc(sizeof(*v));
	int irq, rc;

	if (!v) {
		return -XEN_ENOMEM;
	}
	v->dev = dev;
	v->entry = req->entry;
	v->masked = true;
	v->slot = req->msix ? dev->table_va + 16 * req->entry : NULL;
	irq = irq_alloc(req->msix ? &msix_chip : &msi_chip, v);
	if (irq < 0) {
		hv_free(v);
		return irq;
	}
	v->irq = irq;
	/* The message must name a real vector before dom0 sets the enable bit. */
	rc = irq_reserve_vector(irq);
	if (rc) {
		irq_free(irq);
		hv_free(v);
		return rc;
	}
	vec_link(dev, v, req->msix);
	msi_vec_program(v);
	return irq;
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

bool msi_is_irq(unsigned int irq)
{
	const struct irq_desc *desc = irq_desc(irq);

	return desc && (desc->chip == &msi_chip || desc->chip == &msix_chip);
}

/* Clear what turns the mechanism on, so that a stale message cannot be sent. */
static void dev_turn_off(struct msi_dev *dev)
{
	unsigned int reg;
	uint32_t flags;

	if (dev->gone) {
		return;
	}
	reg = dev->uses_msix ? dev->msix_cap + MSIX_FLAGS : dev->msi_cap + MSI_FLAGS;
	flags = pci_read(dev->sbdf, reg, 2);
	flags &= ~(dev->uses_msix ? MSIX_FLAGS_ENABLE : MSI_FLAGS_ENABLE);
	pci_write(dev->sbdf, reg, 2, flags);
}

void msi_teardown(unsigned int irq)
{
	struct msi_vec *v;

	spin_lock(&msi_lock);
	if (msi_is_irq(irq)) {
		v = irq_desc(irq)->chip_data;
		irq_free(irq);
		if (v->slot && !v->dev->gone) {
			msix_slot_clear(v->slot);
		}
		vec_unlink(v);
		if (!v->dev->nr_used) {
			dev_turn_off(v->dev);
		}
		hv_free(v);
	}
	spin_unlock(&msi_lock);
}

/* ---- reset, removal, driver domains ---- */

int msi_restore(pci_sbdf_t sbdf)
{
	struct msi_dev *dev;
	uint32_t flags;
	unsigned int reg;
	int rc = -XEN_ENODEV;

	spin_lock(&msi_lock);
	dev = dev_find(sbdf);
	if (dev && !dev->gone) {
		rc = 0;
		for (struct msi_vec *v = dev->vecs; v; v = v->next) {
			struct irq_desc *desc = irq_desc(v->irq);
			unsigned long f = spin_lock_irqsave(&desc->lock);

			msi_vec_program(v);
			spin_unlock_irqrestore(&desc->lock, f);
		}
		if (dev->nr_used) {
			reg = dev->uses_msix ? dev->msix_cap + MSIX_FLAGS
					     : dev->msi_cap + MSI_FLAGS;
			flags = pci_read(sbdf, reg, 2);
			flags |= dev->uses_msix ? MSIX_FLAGS_ENABLE : MSI_FLAGS_ENABLE;
			pci_write(sbdf, reg, 2, flags & ~(dev->uses_msix ? MSIX_FLAGS_MASKALL : 0));
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
	} else if (dev->nr_used) {
		rc = -XEN_EBUSY;
	} else if (off) {
		rc = 0;
		msix_table_close(dev);
	} else {
		rc = msix_table_open(dev, 0);
	}
	spin_unlock(&msi_lock);
	return rc;
}

int msi_device_add(pci_sbdf_t sbdf)
{
	return pci_device_present(sbdf) ? 0 : -XEN_ENODEV;
}

int msi_device_remove(pci_sbdf_t sbdf)
{
	struct msi_dev *dev;

	spin_lock(&msi_lock);
	dev = dev_find(sbdf);
	if (dev && !dev->gone) {
		msix_table_close(dev);
		dev->gone = true;
	}
	spin_unlock(&msi_lock);
	return 0;
}

/* ---- dom0's writes to the capabilities ---- */

static bool overlaps(unsigned int reg, unsigned int size, unsigned int start, unsigned int end)
{
	return reg < end && reg + size > start;
}

/* The control word within a write of any size: which bits must be forced to what. */
static void force_bits(unsigned int reg, unsigned int size, unsigned int word_reg,
		       uint32_t clear, uint32_t *value)
{
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int byte = word_reg + i;

		if (byte >= reg && byte < reg + size) {
			*value &= ~(((clear >> (8 * i)) & 0xff) << (8 * (byte - reg)));
		}
	}
}

static int msi_cap_filter(const struct msi_dev *dev, unsigned int cap, unsigned int reg,
			  unsigned int size, uint32_t *value)
{
	uint32_t flags = pci_read(dev->sbdf, cap + MSI_FLAGS, 2);
	unsigned int end = cap + (flags & MSI_FLAGS_64BIT ? 14 : 10) +
			   (flags & MSI_FLAGS_MASKABLE ? 10 : 0);
	bool ours = dev->nr_used && !dev->uses_msix;

	if (overlaps(reg, size, cap + 4, end)) {
		return -XEN_EPERM;
	}
	force_bits(reg, size, cap + MSI_FLAGS,
		   MSI_FLAGS_MULTI_ENABLED | (ours ? 0 : MSI_FLAGS_ENABLE), value);
	return 0;
}

/*
 * MSI-X: dom0 may switch the whole on and off; entries live in memory, not here. MSI:
 * address, data and mask are ours, and without a vector of ours it stays off.
 */
int msi_cfg_write_filter(pci_sbdf_t sbdf, unsigned int reg, unsigned int size,
			 uint32_t *value)
{
	struct msi_dev none = { .sbdf = sbdf };
	const struct msi_dev *dev;
	unsigned int cap;
	int rc = 0;

	spin_lock(&msi_lock);
	dev = dev_find(sbdf);
	if (!dev) {
		dev = &none;
	}
	cap = dev->msi_cap ? dev->msi_cap : pci_find_cap(sbdf, PCI_CAP_MSI);
	if (cap) {
		rc = msi_cap_filter(dev, cap, reg, size, value);
	}
	spin_unlock(&msi_lock);
	return rc;
}

static void msi_dump(struct regs *regs)
{
	spin_lock(&msi_lock);
	for (const struct msi_dev *d = devs; d; d = d->next) {
		for (const struct msi_vec *v = d->vecs; v; v = v->next) {
			pr_info("%04x:%02x:%02x.%u %s entry %u irq %u addr %#x data %#x%s\n",
				PCI_SEG(d->sbdf), PCI_BUS(d->sbdf), PCI_DEVFN(d->sbdf) >> 3,
				PCI_DEVFN(d->sbdf) & 7, v->slot ? "MSI-X" : "MSI", v->entry,
				v->irq, v->addr, v->data, v->masked ? " masked" : "");
		}
	}
	spin_unlock(&msi_lock);
}
DEBUG_KEY('M', msi_dump, "show MSI state");

/* SPDX-License-Identifier: MIT */
/*
 * MSI and MSI-X: dom0 says which function and entry, Dais owns address, data, masks.
 *
 * msi.c keeps one record for each function that ever used MSI(-X). msi_lock guards
 * the records (taken before desc->lock); the chip operations use only the fields of
 * one vector and run under its desc->lock.
 */
#ifndef DAIS_MSI_H
#define DAIS_MSI_H

#include <dais/pci.h>
#include <dais/types.h>

struct irq_desc;

struct msi_request {
	pci_sbdf_t sbdf;
	bool msix;
	uint32_t entry;		/* MSI-X: table entry; MSI: 0 */
	paddr_t table_base;	/* MSI-X: start of the table's BAR as dom0 knows it, for
				 * functions whose BARs read as zero (SR-IOV) */
};

/*
 * Set one vector up, masked where the function can mask; it is unmasked when bound.
 * Returns the irq number, or -XEN_ENODEV (no such function or capability),
 * -XEN_EINVAL (entry beyond the table), -XEN_EEXIST (entry in use), -XEN_ENOSPC,
 * -XEN_EBUSY (the other kind is in use).
 */
int msi_setup(const struct msi_request *req);
void msi_teardown(struct irq_desc *desc);	/* no-op when it is not an MSI */

/* Program everything again after the function was reset. -XEN_ENODEV when unknown. */
int msi_restore(pci_sbdf_t sbdf);

/*
 * PHYSDEVOP_prepare_msix / release_msix: make the table's frames known (unwritable to
 * dom0) before a driver domain gets the function; and give them up again.
 */
int msi_prepare_msix(pci_sbdf_t sbdf, bool off);

/* PHYSDEVOP_pci_device_remove: drop what is left. Always 0. */
int msi_device_remove(pci_sbdf_t sbdf);

/* True when `mfn` holds an MSI-X table or pending-bit array that Dais drives. */
bool msix_table_page(mfn_t mfn);

/*
 * dom0 is about to write config space. 0: write *value (it may have been changed);
 * -XEN_EPERM: leave the register alone. Keeps MSI address, data and enable bits ours.
 */
int msi_cfg_write_filter(pci_sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t *value);

#endif /* DAIS_MSI_H */

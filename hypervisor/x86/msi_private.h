/* SPDX-License-Identifier: MIT */
/*
 * Shared by msi.c and msi_hw.c only.
 */
#ifndef DAIS_X86_MSI_PRIVATE_H
#define DAIS_X86_MSI_PRIVATE_H

#include <dais/irq.h>
#include <dais/list.h>
#include <dais/msi.h>

#define MSI_FLAGS		2	/* control word of both kinds, from the capability's start */
#define MSI_FLAGS_ENABLE	0x0001u
#define MSI_FLAGS_MULTI_ENABLED	0x0070u
#define MSI_FLAGS_64BIT		0x0080u
#define MSI_FLAGS_MASKABLE	0x0100u
#define MSIX_FLAGS_SIZE		0x07ffu
#define MSIX_FLAGS_MASKALL	0x4000u
#define MSIX_FLAGS_ENABLE	0x8000u
#define MSIX_TABLE		4
#define MSIX_BIR		0x7u

/* One function that uses, or used, MSI or MSI-X. */
struct msi_dev {
	struct msi_dev *next;
	pci_sbdf_t sbdf;
	uint8_t msi_cap, msix_cap;	/* offsets, 0 = none */
	uint16_t data_reg, mask_reg;	/* of MSI; mask_reg 0: it cannot mask */
	bool msi_64bit;
	bool gone;			/* removed: its vectors no longer touch hardware */
	bool uses_msix;			/* meaningful while there are vectors */
	unsigned int nr_entries;	/* of the MSI-X table */
	paddr_t table;			/* now in use and its frames known, or 0 */
	paddr_t mapped;			/* what table_va shows, mapped_len bytes of it */
	size_t mapped_len;
	volatile uint8_t *table_va;
	struct list_head vecs;		/* in use, any order */
};

/* One vector. Its own desc->lock guards what the hardware functions change. */
struct msi_vec {
	struct list_head link;
	struct msi_dev *dev;
	struct irq_desc *desc;
	uint16_t entry;
	uint32_t addr, data;
	volatile uint8_t *slot;		/* of the MSI-X table, NULL for MSI */
};

extern const struct irq_chip msi_chip, msix_chip;

/* Write the whole of one vector to the device again. */
void msi_program(struct irq_desc *desc);
void msix_slot_mask(volatile uint8_t *slot, bool masked);

#endif /* DAIS_X86_MSI_PRIVATE_H */

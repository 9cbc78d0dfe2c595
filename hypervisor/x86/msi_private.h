/* SPDX-License-Identifier: MIT */
/*
 * Shared by msi.c and msi_hw.c only.
 */
#ifndef DAIS_X86_MSI_PRIVATE_H
#define DAIS_X86_MSI_PRIVATE_H

#include <dais/irq.h>
#include <dais/msi.h>

#define MSI_FLAGS		2	/* control word, from the capability's start */
#define MSI_FLAGS_ENABLE	0x0001u
#define MSI_FLAGS_MULTI_ENABLED	0x0070u
#define MSI_FLAGS_64BIT		0x0080u
#define MSI_FLAGS_MASKABLE	0x0100u
#define MSIX_FLAGS		2
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
	bool gone;			/* removed: its vectors no longer touch hardware */
	bool msi_64bit, msi_maskable;
	unsigned int nr_used;
	bool uses_msix;			/* meaningful while nr_used > 0 */
	unsigned int nr_entries;	/* of the MSI-X table */
	paddr_t table;			/* now in use and its frames known, or 0 */
	paddr_t mapped;			/* what table_va shows, mapped_len bytes of it */
	size_t mapped_len;
	volatile uint8_t *table_va;
	struct msi_vec *vecs;		/* in use, any order */
};

/* One vector. Its own desc->lock guards what the hardware functions change. */
struct msi_vec {
	struct msi_vec *next;
	struct msi_dev *dev;
	unsigned int irq;
	uint16_t entry;
	bool masked;
	uint32_t addr, data;
	volatile uint8_t *slot;		/* of the MSI-X table, NULL for MSI */
};

extern const struct irq_chip msi_chip, msix_chip;

/* Registers of the MSI capability that follow the address, whose place varies. */
unsigned int msi_data_reg(const struct msi_dev *dev);
unsigned int msi_mask_reg(const struct msi_dev *dev);	/* 0 when it cannot mask */

/* Write the whole of one vector to the device again. */
void msi_vec_program(struct msi_vec *v);
/* An MSI-X slot nobody owns: masked. */
void msix_slot_clear(volatile uint8_t *slot);

/* Frames that hold MSI-X tables and pending bits. */
int msix_frames_add(paddr_t start, size_t len);
void msix_frames_remove(paddr_t start, size_t len);

#endif /* DAIS_X86_MSI_PRIVATE_H */

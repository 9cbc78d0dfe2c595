/* SPDX-License-Identifier: MIT */
/*
 * PCI configuration space, for Dais's own use and on dom0's behalf.
 *
 * A function is named by one word, sbdf: segment << 16 | bus << 8 | device << 3 | function.
 * The CF8/CFC pair is guarded by a leaf lock, taken with interrupts off; dom0's own
 * CF8 latch is virtual and lives with the port emulation.
 */
#ifndef DAIS_PCI_H
#define DAIS_PCI_H

#include <dais/types.h>

typedef uint32_t pci_sbdf_t;

#define PCI_SBDF(seg, bus, devfn) \
	(((uint32_t)(seg) << 16) | ((uint32_t)(uint8_t)(bus) << 8) | (uint8_t)(devfn))
#define PCI_SEG(sbdf)	((sbdf) >> 16)
#define PCI_BUS(sbdf)	(((sbdf) >> 8) & 0xff)
#define PCI_DEVFN(sbdf)	((sbdf) & 0xff)

#define PCI_VENDOR_ID		0x00
#define PCI_COMMAND		0x04
#define PCI_COMMAND_MEMORY	0x0002
#define PCI_COMMAND_INTX_OFF	0x0400
#define PCI_STATUS		0x06
#define PCI_STATUS_CAP_LIST	0x0010
#define PCI_HEADER_TYPE		0x0e
#define PCI_BAR0		0x10
#define PCI_CAP_PTR		0x34
#define PCI_CAP_MSI		0x05
#define PCI_CAP_MSIX		0x11

void pci_init(void);		/* after acpi_init(): chooses how each segment is reached */

/* size 1, 2 or 4, reg aligned to it. A function nobody answers for reads as ones. */
uint32_t pci_read(pci_sbdf_t sbdf, unsigned int reg, unsigned int size);
void pci_write(pci_sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value);

bool pci_device_present(pci_sbdf_t sbdf);
unsigned int pci_find_cap(pci_sbdf_t sbdf, uint8_t id);	/* offset, 0 = none */

/* Base of memory BAR `bar` (0..5) as programmed; 0 when it is I/O, unset or absent. */
paddr_t pci_bar_base(pci_sbdf_t sbdf, unsigned int bar);

/* Is `pa` inside an ECAM window? Then which function and register. */
bool pci_ecam_decode(paddr_t pa, pci_sbdf_t *sbdf, unsigned int *reg);

/*
 * A dom0 access to ports 0xcfc..0xcff, as port emulation needs it: cf8 is the latch dom0
 * believes in, offset the port's distance from 0xcfc. Writes pass the filter. Without the
 * latch's enable bit reads give ones and writes do nothing.
 */
uint32_t pci_dom0_read(uint32_t cf8, unsigned int offset, unsigned int size);
void pci_dom0_write(uint32_t cf8, unsigned int offset, unsigned int size, uint32_t value);

#endif /* DAIS_PCI_H */

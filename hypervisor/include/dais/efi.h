/* SPDX-License-Identifier: MIT */
/*
 * What is kept of UEFI for dom0: where the configuration tables are, who made the firmware, the memory map.
 * Filled at boot, read-only afterwards; efi.present is false on a BIOS machine.
 */
#ifndef DAIS_EFI_H
#define DAIS_EFI_H

#include <dais/types.h>

struct boot_info;

#define EFI_VENDOR_MAX	64

struct efi_facts {
	bool present;
	uint32_t version;		/* of the UEFI specification */
	uint64_t config_table;		/* machine address */
	uint32_t config_entries;
	uint32_t vendor_revision;
	uint16_t vendor[EFI_VENDOR_MAX];	/* UTF-16, terminated */
	unsigned int vendor_len;	/* characters, without the terminator */
};

struct efi_mem_desc {
	uint32_t type, pad;
	uint64_t start, virt, pages, attribute;
};

extern struct efi_facts efi;

void efi_init(const struct boot_info *bi);	/* boot time: reads the system table */
const struct efi_mem_desc *efi_mem_find(uint64_t addr);	/* with efi.present: its region, or NULL */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reads the UEFI system table once at boot. The firmware was told by the loader that boot services are over;
 * what of it is still called is in efi_runtime.c. No lock: written once, before other CPUs run.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/efi.h>
#include <dais/efi_runtime.h>
#include <dais/paging.h>
#include <dais/printk.h>

struct efi_facts efi;

static const struct boot_info *efi_bi;

struct efi_system_table {
	uint64_t signature;
	uint32_t revision, header_size, crc, rsvd;
	uint64_t vendor;
	uint32_t vendor_revision, pad;
	uint64_t con_in_handle, con_in, con_out_handle, con_out, err_handle, err;
	uint64_t runtime, boot;
	uint64_t nr_tables;
	uint64_t tables;
};

#define EFI_SIGNATURE	0x5453595320494249UL	/* "IBI SYST" */
#define EFI_TABLES_MAX	1024

void __init efi_init(const struct boot_info *bi)
{
	const struct efi_system_table *st;
	const uint16_t *vendor;

	if (bi->efi_system_table == 0) {
		return;
	}
	st = map_phys(bi->efi_system_table);
	if (st == NULL || st->signature != EFI_SIGNATURE || st->nr_tables > EFI_TABLES_MAX) {
		pr_warn("EFI: the system table at %#lx is damaged: dom0 will not know that this is UEFI\n",
			bi->efi_system_table);
		return;
	}
	efi_bi = bi;
	efi.version = st->revision;
	efi.config_table = st->tables;
	efi.config_entries = (uint32_t)st->nr_tables;
	efi.vendor_revision = st->vendor_revision;
	vendor = map_phys(st->vendor);
	while (vendor != NULL && efi.vendor_len < EFI_VENDOR_MAX - 1 && vendor[efi.vendor_len] != 0) {
		efi.vendor[efi.vendor_len] = vendor[efi.vendor_len];
		efi.vendor_len++;
	}
	efi.present = true;
	efi_runtime_init(st->runtime);
}

const struct efi_mem_desc *efi_mem_at(unsigned int i)
{
	uint64_t size = efi_bi->efi_desc_size, off = i * size;

	if (efi_bi->efi_map == 0 || size < sizeof(struct efi_mem_desc) ||
	    off + size > efi_bi->efi_map_len) {
		return NULL;
	}
	return direct_map(efi_bi->efi_map + off);
}

const struct efi_mem_desc *efi_mem_find(uint64_t addr)
{
	const struct efi_mem_desc *e;

	for (unsigned int i = 0; (e = efi_mem_at(i)) != NULL; i++) {
		if (addr >= e->start && (addr - e->start) >> PAGE_SHIFT < e->pages) {
			return e;
		}
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * The first C code: turns what the boot loader left into one struct boot_info and hands it
 * to the hypervisor. Boot CPU only, interrupts off, boot page tables (see head.S).
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/paging.h>
#include <dais/sections.h>
#include "layout.h"
#include "mbi.h"

BUILD_BUG_ON(BOOT_DIRECT_BASE != DIRECTMAP_BASE);
BUILD_BUG_ON(BOOT_IMAGE_VIRT != IMAGE_BASE + 0x200000);

void __noreturn boot_start64(uint32_t magic, uint64_t mbi_phys, uint64_t image_phys);

/* Outlives the boot: the memory map is dom0's too. */
static struct boot_info boot_info;

void __noreturn boot_start64(uint32_t magic, uint64_t mbi_phys, uint64_t image_phys)
{
	const char *why = mbi_parse(&boot_info, magic, (const void *)(BOOT_DIRECT_BASE + mbi_phys),
				    BOOT_MAPPED_BYTES - mbi_phys, mbi_phys);

	if (why) {
		boot_halt(why);
	}
	boot_info.image_start = image_phys;
	boot_info.image_end = image_phys + (uint64_t)(__image_end - __image_start);
	dais_start(&boot_info);
}

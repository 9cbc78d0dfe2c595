/* SPDX-License-Identifier: MIT */
/*
 * What the boot loader told us, in one place and in our own words. boot/ fills it from the
 * multiboot2 tags before anything else runs; from then on it is only read. It holds copies,
 * not pointers into the loader's memory, which may be reused at once, except for what the
 * modules' and firmware's own address ranges name.
 *
 * All addresses are machine addresses; all ranges are [start, end).
 */
#ifndef DAIS_BOOT_INFO_H
#define DAIS_BOOT_INFO_H

#include <stdbool.h>
#include <stdint.h>

#define BOOT_CMDLINE_MAX	2048	/* bytes with the NUL, of the hypervisor and of a module */
#define BOOT_NAME_MAX		64
#define BOOT_MODULES_MAX	8
#define BOOT_E820_MAX		256
#define BOOT_RSDP_MAX		36

/* Memory types, numbered as the BIOS call E820 and ACPI number them. */
enum boot_e820_type {
	BOOT_E820_RAM = 1,
	BOOT_E820_RESERVED = 2,
	BOOT_E820_ACPI = 3,		/* tables; RAM once they have been read */
	BOOT_E820_NVS = 4,		/* firmware's, to be kept over sleep */
	BOOT_E820_UNUSABLE = 5,		/* faulty RAM */
};

struct boot_e820_entry {
	uint64_t start, end;
	uint32_t type;
};

struct boot_module {
	uint64_t start, end;		/* page aligned start; end is exact */
	char cmdline[BOOT_CMDLINE_MAX];
};

/* type of a struct boot_framebuffer */
enum boot_fb_type {
	BOOT_FB_NONE = 0,
	BOOT_FB_RGB,
	BOOT_FB_TEXT,			/* EGA text: width and height count characters */
};

struct boot_framebuffer {
	enum boot_fb_type type;
	uint64_t addr;
	uint32_t pitch;			/* bytes from one line to the next */
	uint32_t width, height;
	uint8_t bpp;			/* bits of a pixel; 16 for text */
	uint8_t red_pos, red_size;	/* lowest bit and number of bits in a pixel */
	uint8_t green_pos, green_size;
	uint8_t blue_pos, blue_size;
};

struct boot_info {
	char cmdline[BOOT_CMDLINE_MAX];	/* as the loader gave it; no quoting */
	char loader_name[BOOT_NAME_MAX];

	unsigned int nr_modules;
	struct boot_module modules[BOOT_MODULES_MAX];

	/* Sorted, not overlapping; neighbours of the same type are merged. */
	unsigned int nr_e820;
	struct boot_e820_entry e820[BOOT_E820_MAX];

	/*
	 * The ACPI root pointer as the loader copied it: rsdp_len bytes (20 or 36), 0 when the
	 * loader gave none and the legacy areas have to be searched. Checksum verified.
	 */
	unsigned int rsdp_len;
	uint8_t rsdp[BOOT_RSDP_MAX];

	/*
	 * EFI: 0 on legacy firmware. The map is the firmware's own, in the loader's memory,
	 * for handing on to dom0; it is left out (0) when it lies above what we can see.
	 */
	uint64_t efi_system_table;
	uint64_t efi_map;
	uint32_t efi_map_len, efi_desc_size;

	struct boot_framebuffer fb;

	uint64_t image_start, image_end;	/* where our own image lies, bss included */
	uint64_t mbi_start, mbi_end;		/* the loader's own table; efi_map is in it, so it stays */
};

/* What dais_start() was given, for whoever asks later (in memory that stays). */
extern const struct boot_info *dais_boot_info;

/*
 * The entry into the hypervisor proper, on the boot CPU with interrupts off, running at the
 * link address on a 16 KiB boot stack. Mapped (all of it writable and executable): the image
 * in slot 261, the first 4 GiB at the direct map and also at their own addresses.
 */
void dais_start(struct boot_info *bi) __attribute__((__noreturn__));

/*
 * Say why on the first serial port and on the text screen, and stop. Usable before any
 * console has been set up.
 */
void boot_halt(const char *why) __attribute__((__noreturn__));

#endif /* DAIS_BOOT_INFO_H */

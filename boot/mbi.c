/* SPDX-License-Identifier: MIT */
/*
 * From multiboot2 tags to struct boot_info. The tags are the loader's memory: nothing in them
 * is believed before it has been found to lie inside its tag, and its tag inside the list.
 *
 * The walk takes note of where each tag lies, and then what is wanted is looked up. Of tags that
 * may occur once only the last counts; a module is taken as it comes. Runs once, on one CPU.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/string.h>
#include <xen/errno.h>
#include "layout.h"
#include "mbi.h"

struct mbi_header {
	uint32_t total_size, reserved;
};

struct mbi_tag {
	uint32_t type, size;		/* size counts this header, but not the padding to 8 */
	uint8_t body[];
};

enum {
	MBI_TAG_END = 0, MBI_TAG_CMDLINE = 1, MBI_TAG_LOADER = 2, MBI_TAG_MODULE = 3,
	MBI_TAG_MEMINFO = 4, MBI_TAG_MMAP = 6, MBI_TAG_FRAMEBUFFER = 8, MBI_TAG_EFI64 = 12,
	MBI_TAG_ACPI_OLD = 14, MBI_TAG_ACPI_NEW = 15, MBI_TAG_EFI_MMAP = 17, MBI_TAGS,
};

/* What is in a tag; len 0 when there was none. */
struct mbi_body {
	const uint8_t *p;
	size_t len;
};

struct mbi_walk {
	struct boot_info *bi;
	const uint8_t *mbi;
	struct mbi_body tags[MBI_TAGS];
};

/* An unaligned little-endian number. */
static uint64_t mbi_num(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

/* Copy a string, NUL included or not. False when it does not fit. */
static bool mbi_string(char *dst, size_t size, struct mbi_body t)
{
	size_t n = 0;

	for (; n < t.len && n + 1 < size && t.p[n] != '\0'; n++) {
		dst[n] = (char)t.p[n];
	}
	dst[n] = '\0';
	return n == t.len || t.p[n] == '\0';
}

static const char *mbi_module(struct boot_info *bi, struct mbi_body t)
{
	struct boot_module *m = &bi->modules[bi->nr_modules];

	if (t.len < 8) {
		return "The boot loader's module tag is too short.";
	}
	if (bi->nr_modules == BOOT_MODULES_MAX) {
		return "More than 8 modules were loaded.";
	}
	m->start = mbi_num(t.p, 4);
	m->end = mbi_num(t.p + 4, 4);
	if (m->end < m->start || m->start % 4096 != 0) {
		return "A module's address is not page aligned or its length is negative.";
	}
	/* Kept as it stands: it is the dom0 kernel's, which has quoting rules of its own. */
	if (!mbi_string(m->cmdline, sizeof(m->cmdline), (struct mbi_body){ t.p + 8, t.len - 8 })) {
		return "A module's command line is longer than 2047 bytes.";
	}
	bi->nr_modules++;
	return NULL;
}

static void mbi_framebuffer(struct boot_framebuffer *fb, struct mbi_body t)
{
	if (t.len < 24) {
		return;
	}
	fb->addr = mbi_num(t.p, 8);
	fb->pitch = mbi_num(t.p + 8, 4);
	fb->width = mbi_num(t.p + 12, 4);
	fb->height = mbi_num(t.p + 16, 4);
	fb->bpp = t.p[20];
	if (t.p[21] == 2) {
		fb->type = BOOT_FB_TEXT;
	} else if (t.p[21] == 1 && t.len >= 30) {
		fb->type = BOOT_FB_RGB;
		fb->red_pos = t.p[24];
		fb->red_size = t.p[25];
		fb->green_pos = t.p[26];
		fb->green_size = t.p[27];
		fb->blue_pos = t.p[28];
		fb->blue_size = t.p[29];
	}
	/* One that we could not draw in without leaving it is none. */
	if (fb->width == 0 || fb->height == 0 || fb->bpp > 32 || fb->width > 65536 ||
	    fb->height > 65536 || fb->pitch < fb->width * ((fb->bpp + 7u) / 8) ||
	    fb->addr + (uint64_t)fb->pitch * fb->height < fb->addr ||
	    (fb->type == BOOT_FB_RGB && fb->bpp < 15)) {
		fb->type = BOOT_FB_NONE;
	}
}

static bool mbi_sums_to_zero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n-- > 0) {
		sum = (uint8_t)(sum + *p++);
	}
	return sum == 0;
}

static void mbi_rsdp(struct boot_info *bi, struct mbi_body t, unsigned int want)
{
	if (t.len >= want && want > bi->rsdp_len && memcmp(t.p, "RSD PTR ", 8) == 0 &&
	    mbi_sums_to_zero(t.p, 20) && mbi_sums_to_zero(t.p, want)) {
		memcpy(bi->rsdp, t.p, want);
		bi->rsdp_len = want;
	}
}

/* Tags up to the end tag; `total` bytes, the header of the list included. */
static const char *mbi_walk_tags(struct mbi_walk *w, size_t total)
{
	size_t at = sizeof(struct mbi_header);
	const char *why = NULL;
	struct mbi_tag tag;

	while (why == NULL) {
		struct mbi_body t = { w->mbi + at + sizeof(tag), 0 };

		if (total - at < sizeof(tag)) {
			return "The boot loader's list of tags has no end tag.";
		}
		memcpy(&tag, w->mbi + at, sizeof(tag));
		if (tag.type == MBI_TAG_END) {
			break;
		}
		if (tag.size < sizeof(tag) || tag.size > total - at) {
			return "A tag of the boot loader is longer than its list.";
		}
		t.len = tag.size - sizeof(tag);
		if (tag.type == MBI_TAG_MODULE) {
			why = mbi_module(w->bi, t);
		} else if (tag.type < MBI_TAGS) {
			w->tags[tag.type] = t;
		}
		at += min(ROUND_UP((size_t)tag.size, 8), total - at);
	}
	return why;
}

/* One E820 entry: address, length, type, of `stride` bytes. */
static struct memmap_piece mbi_mmap_piece(const struct memmap_source *src, size_t i)
{
	const uint8_t *p = src->data + i * src->stride;
	uint64_t start = mbi_num(p, 8), len = mbi_num(p + 8, 8);
	uint32_t type = mbi_num(p + 16, 4);

	if (type == 0 || type > BOOT_E820_UNUSABLE) {
		type = BOOT_E820_RESERVED;
	}
	return (struct memmap_piece){ start, start + len < start ? ~0UL : start + len, type };
}

#define EFI_MEMORY_WB	0x8		/* can be cached: real memory */
#define EFI_MEMORY_SP	0x40000		/* set aside for a special purpose */

/* One EFI descriptor: type u32 @0, address u64 @8, 4 KiB pages u64 @24, attributes u64 @32. */
static struct memmap_piece mbi_efi_piece(const struct memmap_source *src, size_t i)
{
	/* Loader and boot-services memory is ours since boot services ended. */
	static const uint8_t types[] = {
		[0] = BOOT_E820_RESERVED, [1] = BOOT_E820_RAM, [2] = BOOT_E820_RAM,
		[3] = BOOT_E820_RAM, [4] = BOOT_E820_RAM, [5] = BOOT_E820_RESERVED,
		[6] = BOOT_E820_RESERVED, [7] = BOOT_E820_RAM, [8] = BOOT_E820_UNUSABLE,
		[9] = BOOT_E820_ACPI, [10] = BOOT_E820_NVS,
	};
	const uint8_t *p = src->data + i * src->stride;
	uint64_t start = mbi_num(p + 8, 8), pages = mbi_num(p + 24, 8), attr = mbi_num(p + 32, 8);
	uint32_t type = mbi_num(p, 4);

	type = type < sizeof(types) ? types[type] : BOOT_E820_RESERVED;
	if (type == BOOT_E820_RAM && (!(attr & EFI_MEMORY_WB) || (attr & EFI_MEMORY_SP))) {
		type = BOOT_E820_RESERVED;
	}
	if (pages > (~0UL - start) / 4096) {
		pages = (~0UL - start) / 4096;
	}
	return (struct memmap_piece){ start, start + pages * 4096, type };
}

/* The oldest form: KiB below 640 KiB, and KiB of one piece from 1 MiB on. */
static struct memmap_piece mbi_meminfo_piece(const struct memmap_source *src, size_t i)
{
	uint64_t bytes = mbi_num(src->data + i * 4, 4) * 1024;
	uint64_t start = i == 0 ? 0 : 0x100000;

	return (struct memmap_piece){ start, start + bytes, BOOT_E820_RAM };
}

/* A map with the size of its entries in front, at least `least` if it is to be believed. */
static int mbi_map_from(const struct mbi_walk *w, struct mbi_body t, size_t least,
			struct memmap_source *src)
{
	if (t.len <= 8 || mbi_num(t.p, 4) < least) {
		return -XEN_ENOENT;
	}
	src->stride = mbi_num(t.p, 4);
	src->data = t.p + 8;
	src->n = (t.len - 8) / src->stride;
	return memmap_build(w->bi, src);
}

/* The firmware's own map knows most; then E820; then two numbers. */
static const char *mbi_memory_map(const struct mbi_walk *w)
{
	struct memmap_source efi = { .piece = mbi_efi_piece }, e820 = { .piece = mbi_mmap_piece };
	struct memmap_source two = { .piece = mbi_meminfo_piece, .n = 2 };
	struct boot_info *bi = w->bi;
	int ret = mbi_map_from(w, w->tags[MBI_TAG_EFI_MMAP], 40, &efi);

	if (efi.data != NULL) {
		bi->efi_map = bi->mbi_start + (uint64_t)(efi.data - w->mbi);
		bi->efi_map_len = (uint32_t)(efi.n * efi.stride);
		bi->efi_desc_size = (uint32_t)efi.stride;
	}
	if (ret == -XEN_ENOENT) {
		ret = mbi_map_from(w, w->tags[MBI_TAG_MMAP], 20, &e820);
	}
	if (ret == -XEN_ENOENT && w->tags[MBI_TAG_MEMINFO].len >= 8) {
		two.data = w->tags[MBI_TAG_MEMINFO].p;
		ret = memmap_build(bi, &two);
	}
	if (ret == -XEN_E2BIG) {
		return "The machine's memory map has too many pieces.";
	}
	return ret != 0 ? "The boot loader's memory map shows no RAM." : NULL;
}

const char *mbi_parse(struct boot_info *bi, uint32_t magic, const void *mbi, size_t avail,
		      uint64_t phys)
{
	struct mbi_walk w = { .bi = bi, .mbi = mbi };
	struct mbi_header header;
	const char *why;

	memset(bi, 0, sizeof(*bi));
	if (magic != MB2_LOADER_MAGIC) {
		return "Not started by a multiboot2 boot loader: use GRUB's multiboot2 command.";
	}
	if (phys % 8 != 0 || avail < sizeof(header)) {
		return "The boot loader's list of tags is not where it should be.";
	}
	memcpy(&header, mbi, sizeof(header));
	if (header.total_size < sizeof(header) || header.total_size > avail) {
		return "The boot loader's list of tags has an impossible length.";
	}
	bi->mbi_start = phys;
	bi->mbi_end = phys + header.total_size;
	why = mbi_walk_tags(&w, header.total_size);
	if (why != NULL) {
		return why;
	}
	if (!mbi_string(bi->cmdline, sizeof(bi->cmdline), w.tags[MBI_TAG_CMDLINE])) {
		return "The hypervisor's command line is longer than 2047 bytes.";
	}
	mbi_string(bi->loader_name, sizeof(bi->loader_name), w.tags[MBI_TAG_LOADER]);
	mbi_framebuffer(&bi->fb, w.tags[MBI_TAG_FRAMEBUFFER]);
	if (w.tags[MBI_TAG_EFI64].len >= 8) {
		bi->efi_system_table = mbi_num(w.tags[MBI_TAG_EFI64].p, 8);
	}
	mbi_rsdp(bi, w.tags[MBI_TAG_ACPI_NEW], 36);
	mbi_rsdp(bi, w.tags[MBI_TAG_ACPI_OLD], 20);
	return mbi_memory_map(&w);
}

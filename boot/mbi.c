/* SPDX-License-Identifier: MIT */
/*
 * From multiboot2 tags to struct boot_info. The tags are the loader's memory: nothing in them
 * is believed before it has been found to lie inside its tag, and its tag inside the list.
 *
 * One small function for each tag type, in a table; tags of other types are skipped. Of tags
 * that may occur once only the last counts. Runs once, on one CPU.
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
	MBI_TAG_ACPI_OLD = 14, MBI_TAG_ACPI_NEW = 15, MBI_TAG_EFI_MMAP = 17,
};

/* What the handlers share while the walk goes on. */
struct mbi_walk {
	struct boot_info *bi;
	const char *why;
	const uint8_t *mbi;
	uint64_t phys;
	/* Body and length of the three kinds of memory map. */
	const uint8_t *efi_map, *mmap, *meminfo;
	size_t efi_map_len, mmap_len;
};

static int mbi_refuse(struct mbi_walk *w, int error, const char *why)
{
	w->why = why;
	return error;
}

/* Unaligned little-endian numbers. */
static uint32_t mbi_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t mbi_u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Copy a string of at most len bytes, NUL included or not. False when it does not fit. */
static bool mbi_string(char *dst, size_t size, const uint8_t *src, size_t len)
{
	size_t n = strnlen((const char *)src, len);
	bool fits = n < size;

	if (!fits) {
		n = size - 1;
	}
	memcpy(dst, src, n);
	dst[n] = '\0';
	return fits;
}

/* Words separated by exactly one space, none at the ends. */
static void mbi_squeeze(char *s)
{
	char *out = s, *start = s;

	for (; *s != '\0'; s++) {
		bool space = (unsigned char)*s <= ' ';

		if (!space) {
			*out++ = *s;
		} else if (out != start && out[-1] != ' ') {
			*out++ = ' ';
		}
	}
	if (out != start && out[-1] == ' ') {
		out--;
	}
	*out = '\0';
}

static int mbi_cmdline(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	if (!mbi_string(w->bi->cmdline, sizeof(w->bi->cmdline), body, len)) {
		return mbi_refuse(w, -XEN_E2BIG,
				  "The hypervisor's command line is longer than 2047 bytes.");
	}
	mbi_squeeze(w->bi->cmdline);
	return 0;
}

static int mbi_loader(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	mbi_string(w->bi->loader_name, sizeof(w->bi->loader_name), body, len);
	return 0;
}

static int mbi_module(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	struct boot_module *m;

	if (len < 8) {
		return mbi_refuse(w, -XEN_EINVAL, "The boot loader's module tag is too short.");
	}
	if (w->bi->nr_modules == BOOT_MODULES_MAX) {
		return mbi_refuse(w, -XEN_E2BIG, "More than 8 modules were loaded.");
	}
	m = &w->bi->modules[w->bi->nr_modules];
	m->start = mbi_u32(body);
	m->end = mbi_u32(body + 4);
	if (m->end < m->start || m->start % 4096 != 0) {
		return mbi_refuse(w, -XEN_EINVAL,
				  "A module's address is not page aligned or its length is negative.");
	}
	/* Kept as it stands: it is the dom0 kernel's, which has quoting rules of its own. */
	if (!mbi_string(m->cmdline, sizeof(m->cmdline), body + 8, len - 8)) {
		return mbi_refuse(w, -XEN_E2BIG,
				  "A module's command line is longer than 2047 bytes.");
	}
	w->bi->nr_modules++;
	return 0;
}

static int mbi_meminfo(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	if (len >= 8) {
		w->meminfo = body;
	}
	return 0;
}

static int mbi_mmap(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	w->mmap = body;
	w->mmap_len = len;
	return 0;
}

static int mbi_efi_mmap(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	w->efi_map = body;
	w->efi_map_len = len;
	return 0;
}

static int mbi_framebuffer(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	struct boot_framebuffer *fb = &w->bi->fb;

	memset(fb, 0, sizeof(*fb));
	if (len < 24) {
		return 0;
	}
	fb->addr = mbi_u64(body);
	fb->pitch = mbi_u32(body + 8);
	fb->width = mbi_u32(body + 12);
	fb->height = mbi_u32(body + 16);
	fb->bpp = body[20];
	if (body[21] == 2) {
		fb->type = BOOT_FB_TEXT;
	} else if (body[21] == 1 && len >= 30) {
		fb->type = BOOT_FB_RGB;
		fb->red_pos = body[24];
		fb->red_size = body[25];
		fb->green_pos = body[26];
		fb->green_size = body[27];
		fb->blue_pos = body[28];
		fb->blue_size = body[29];
	}
	/* One that we could not draw in without leaving it is none. */
	if (fb->width == 0 || fb->height == 0 || fb->bpp > 32 || fb->width > 65536 ||
	    fb->height > 65536 || fb->pitch < fb->width * ((fb->bpp + 7u) / 8) ||
	    fb->addr + (uint64_t)fb->pitch * fb->height < fb->addr ||
	    (fb->type == BOOT_FB_RGB && fb->bpp < 15)) {
		fb->type = BOOT_FB_NONE;
	}
	return 0;
}

static int mbi_efi64(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	if (len >= 8) {
		w->bi->efi_system_table = mbi_u64(body);
	}
	return 0;
}

static bool mbi_sums_to_zero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n-- > 0) {
		sum = (uint8_t)(sum + *p++);
	}
	return sum == 0;
}

static void mbi_rsdp(struct mbi_walk *w, const uint8_t *body, size_t len, unsigned int want)
{
	if (len < want || want <= w->bi->rsdp_len || memcmp(body, "RSD PTR ", 8) != 0 ||
	    !mbi_sums_to_zero(body, 20) || !mbi_sums_to_zero(body, want)) {
		return;
	}
	memcpy(w->bi->rsdp, body, want);
	w->bi->rsdp_len = want;
}

static int mbi_acpi_old(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	mbi_rsdp(w, body, len, 20);
	return 0;
}

static int mbi_acpi_new(struct mbi_walk *w, const uint8_t *body, size_t len)
{
	mbi_rsdp(w, body, len, 36);
	return 0;
}

static int (*const mbi_handlers[])(struct mbi_walk *w, const uint8_t *body, size_t len) = {
	[MBI_TAG_CMDLINE] = mbi_cmdline,
	[MBI_TAG_LOADER] = mbi_loader,
	[MBI_TAG_MODULE] = mbi_module,
	[MBI_TAG_MEMINFO] = mbi_meminfo,
	[MBI_TAG_MMAP] = mbi_mmap,
	[MBI_TAG_FRAMEBUFFER] = mbi_framebuffer,
	[MBI_TAG_EFI64] = mbi_efi64,
	[MBI_TAG_ACPI_OLD] = mbi_acpi_old,
	[MBI_TAG_ACPI_NEW] = mbi_acpi_new,
	[MBI_TAG_EFI_MMAP] = mbi_efi_mmap,
};

/* Tags up to the end tag; `total` bytes, the header of the list included. */
static int mbi_walk_tags(struct mbi_walk *w, size_t total)
{
	size_t at = sizeof(struct mbi_header);
	struct mbi_tag tag;
	int ret;

	for (;;) {
		if (total - at < sizeof(tag)) {
			return mbi_refuse(w, -XEN_EINVAL,
					  "The boot loader's list of tags has no end tag.");
		}
		memcpy(&tag, w->mbi + at, sizeof(tag));
		if (tag.type == MBI_TAG_END) {
			return 0;
		}
		if (tag.size < sizeof(tag) || tag.size > total - at) {
			return mbi_refuse(w, -XEN_EINVAL,
					  "A tag of the boot loader is longer than its list.");
		}
		if (tag.type < ARRAY_SIZE(mbi_handlers) && mbi_handlers[tag.type] != NULL) {
			ret = mbi_handlers[tag.type](w, w->mbi + at + sizeof(tag),
						     tag.size - sizeof(tag));
			if (ret != 0) {
				return ret;
			}
		}
		if (ROUND_UP((size_t)tag.size, 8) > total - at) {
			at = total;
		} else {
			at += ROUND_UP((size_t)tag.size, 8);
		}
	}
}

/* One E820 entry: address, length, type, of `stride` bytes. */
static struct memmap_piece mbi_mmap_piece(const struct memmap_source *src, size_t i)
{
	const uint8_t *p = src->data + i * src->stride;
	uint64_t start = mbi_u64(p), len = mbi_u64(p + 8);
	uint32_t type = mbi_u32(p + 16);

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
	uint64_t start = mbi_u64(p + 8), pages = mbi_u64(p + 24), attr = mbi_u64(p + 32);
	uint32_t type = mbi_u32(p);

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
	uint64_t bytes = (uint64_t)mbi_u32(src->data + i * 4) * 1024;
	uint64_t start = i == 0 ? 0 : 0x100000;

	return (struct memmap_piece){ start, start + bytes, BOOT_E820_RAM };
}

/* The firmware's own map knows most; then E820; then two numbers. */
static int mbi_memory_map(struct mbi_walk *w)
{
	struct boot_info *bi = w->bi;
	struct memmap_source src = { 0 };
	int ret = -XEN_ENOENT;

	if (w->efi_map_len > 8 && mbi_u32(w->efi_map) >= 40) {
		src.stride = mbi_u32(w->efi_map);
		src.data = w->efi_map + 8;
		src.n = (w->efi_map_len - 8) / src.stride;
		src.piece = mbi_efi_piece;
		bi->efi_map = w->phys + (uint64_t)(src.data - w->mbi);
		bi->efi_map_len = (uint32_t)(src.n * src.stride);
		bi->efi_desc_size = (uint32_t)src.stride;
		bi->efi_desc_version = mbi_u32(w->efi_map + 4);
		ret = memmap_build(bi, &src);
	}
	if (ret == -XEN_ENOENT && w->mmap_len > 8 && mbi_u32(w->mmap) >= 20) {
		src.stride = mbi_u32(w->mmap);
		src.data = w->mmap + 8;
		src.n = (w->mmap_len - 8) / src.stride;
		src.piece = mbi_mmap_piece;
		ret = memmap_build(bi, &src);
	}
	if (ret == -XEN_ENOENT && w->meminfo != NULL) {
		src.data = w->meminfo;
		src.n = 2;
		src.piece = mbi_meminfo_piece;
		ret = memmap_build(bi, &src);
	}
	if (ret == -XEN_E2BIG) {
		return mbi_refuse(w, ret, "The machine's memory map has too many pieces.");
	}
	if (ret != 0) {
		return mbi_refuse(w, ret, "The boot loader's memory map shows no RAM.");
	}
	return 0;
}

int mbi_parse(struct boot_info *bi, uint32_t magic, const void *mbi, size_t avail,
	      uint64_t phys, const char **why)
{
	struct mbi_walk w = { .bi = bi, .mbi = mbi, .phys = phys };
	struct mbi_header header;
	int ret;

	memset(bi, 0, sizeof(*bi));
	*why = NULL;
	if (magic != MB2_LOADER_MAGIC) {
		*why = "Not started by a multiboot2 boot loader: use GRUB's multiboot2 command.";
		return -XEN_EINVAL;
	}
	if (phys % 8 != 0 || avail < sizeof(header)) {
		*why = "The boot loader's list of tags is not where it should be.";
		return -XEN_EINVAL;
	}
	memcpy(&header, mbi, sizeof(header));
	if (header.total_size < sizeof(header) || header.total_size > avail) {
		*why = "The boot loader's list of tags has an impossible length.";
		return -XEN_EINVAL;
	}
	bi->mbi_start = phys;
	bi->mbi_end = phys + header.total_size;
	ret = mbi_walk_tags(&w, header.total_size);
	if (ret == 0) {
		ret = mbi_memory_map(&w);
	}
	*why = w.why;
	return ret;
}

/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of free RAM until the frame allocator takes it. Everything below 1 MiB is left out: firmware data
 * and the start-up code of other CPUs live there, and dom0 looks at it as device memory.
 */
#include <dais/boot_info.h>
#include <dais/boot_mem.h>
#include <dais/compiler.h>
#include <dais/directmap.h>
#include <dais/frame_alloc.h>
#include <dais/printk.h>
#include <dais/string.h>

#define LOW_MEMORY	(1UL << 20)
#define RANGES_MAX	320

struct mem_range {
	paddr_t start, end;
};

static struct mem_range ram[BOOT_E820_MAX] __initdata, spare[RANGES_MAX] __initdata;
static unsigned int nr_ram __initdata, nr_spare __initdata;
static unsigned long ram_pages;
static bool closed;

/* A range that does not fit in the list is memory lost, not memory wrong. */
static void __init spare_insert(unsigned int at, paddr_t start, paddr_t end)
{
	if (nr_spare == RANGES_MAX || start >= end) {
		return;
	}
	memmove(&spare[at + 1], &spare[at], (nr_spare - at) * sizeof(spare[0]));
	spare[at] = (struct mem_range){ start, end };
	nr_spare++;
}

/* Take [start, end) out of what is spare. */
static void __init spare_remove(paddr_t start, paddr_t end)
{
	start = ROUND_DOWN(start, PAGE_SIZE);
	end = ROUND_UP(end, PAGE_SIZE);
	for (unsigned int i = 0; i < nr_spare; i++) {
		struct mem_range *r = &spare[i];

		if (end <= r->start || start >= r->end) {
			continue;
		}
		if (start > r->start) {
			spare_insert(i + 1, end, r->end);
			r->end = start;
		} else {
			r->start = min(end, r->end);
		}
	}
}

void __init boot_mem_init(const struct boot_info *bi)
{
	for (unsigned int i = 0; i < bi->nr_e820; i++) {
		const struct boot_e820_entry *e = &bi->e820[i];
		paddr_t start = max(ROUND_UP(e->start, PAGE_SIZE), LOW_MEMORY);
		paddr_t end = min(ROUND_DOWN(e->end, PAGE_SIZE), DIRECTMAP_FRAMES << PAGE_SHIFT);

		if (e->type == BOOT_E820_RAM) {
			ram_pages += (e->end - e->start) / PAGE_SIZE;
		}
		if (e->type == BOOT_E820_RAM && start < end) {
			ram[nr_ram++] = (struct mem_range){ start, end };
			spare_insert(nr_spare, start, end);
		}
	}
	if (nr_ram == 0) {
		/* Too early for panic(), which asks what CPU this is. */
		boot_halt("The boot loader's memory map shows no usable memory above 1 MiB.");
	}
	spare_remove(bi->image_start, bi->image_end);
	spare_remove(bi->mbi_start, bi->mbi_end);
	spare_remove(bi->efi_map, bi->efi_map + bi->efi_map_len);
	for (unsigned int i = 0; i < bi->nr_modules; i++) {
		spare_remove(bi->modules[i].start, bi->modules[i].end);
	}
}

paddr_t boot_mem_alloc(size_t size, size_t align, paddr_t below)
{
	BUG_ON(closed);
	size = ROUND_UP(size, PAGE_SIZE);
	for (unsigned int i = nr_spare; i-- > 0;) {
		struct mem_range *r = &spare[i];
		paddr_t end = below ? min(r->end, below) : r->end;
		paddr_t at = ROUND_DOWN(end - size, align);

		if (end < size || at < r->start) {
			continue;
		}
		spare_insert(i + 1, at + size, r->end);
		spare[i].end = at;
		return at;
	}
	return INVALID_PADDR;
}

unsigned long boot_mem_ram_pages(void)
{
	return ram_pages;
}

bool __init boot_mem_ram_in(paddr_t start, paddr_t end)
{
	for (unsigned int i = 0; i < nr_ram; i++) {
		if (ram[i].start < end && start < ram[i].end) {
			return true;
		}
	}
	return false;
}

void __init boot_mem_each_ram(void (*fn)(mfn_t start, mfn_t end))
{
	for (unsigned int i = 0; i < nr_ram; i++) {
		fn(paddr_to_mfn(ram[i].start), paddr_to_mfn(ram[i].end));
	}
}

void __init boot_mem_finish(void)
{
	closed = true;
	for (unsigned int i = 0; i < nr_spare; i++) {
		if (spare[i].start < spare[i].end) {
			frame_alloc_add(paddr_to_mfn(spare[i].start), paddr_to_mfn(spare[i].end));
		}
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * From the first boot module to a parsed ELF kernel. Runs while memory still comes from boot_mem_alloc(), so that
 * the unpacked kernel can be any size. Whatever is wrong with a module is said in one message that names it.
 */
#include <stdarg.h>
#include <dais/boot_info.h>
#include <dais/boot_mem.h>
#include <dais/bzimage.h>
#include <dais/compiler.h>
#include <dais/decompress.h>
#include <dais/dom0.h>
#include <dais/paging.h>
#include <dais/printf.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <xen/features.h>

void __init dom0_refuse(const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pr_err("dais: cannot start dom0: %s\n", text);
	machine_crash_end();
}

/* Into memory of its own. Gives the length of what came out. */
static size_t __init kernel_unpack(struct dom0_kernel *k, const struct bzimage_payload *p)
{
	size_t arena_len = ROUND_UP(decompress_arena_size(p->data, p->len), PAGE_SIZE), got;
	size_t out_len = ROUND_UP(p->unpacked_len, PAGE_SIZE);
	const char *why;

	k->unpacked = boot_mem_alloc(out_len, PAGE_SIZE, 0);
	k->arena = boot_mem_alloc(arena_len, PAGE_SIZE, 0);
	if (k->unpacked == INVALID_PADDR || k->arena == INVALID_PADDR) {
		dom0_refuse("not enough memory to unpack the kernel (%luM and %luM in one piece each): give the machine "
			    "more memory", out_len >> 20, arena_len >> 20);
	}
	k->unpacked_end = k->unpacked + out_len;
	k->arena_end = k->arena + arena_len;
	pr_info("unpacking dom0's kernel (%s, %lu KiB)\n", payload_format_name(p->format), p->len >> 10);
	if (decompress(p->data, p->len, direct_map(k->unpacked), out_len, &got, direct_map(k->arena), arena_len,
		       &why) != 0) {
		dom0_refuse("module 1 (kernel): %s The file is damaged: install it again", why);
	}
	return got;
}

void __init dom0_kernel_prepare(const struct boot_info *bi, struct dom0_kernel *k)
{
	struct bzimage_payload p;
	const char *why;

	if (bi->nr_modules == 0) {
		dom0_refuse("no kernel was given: add 'module2 /boot/vmlinuz-... root=...' after the line that loads Dais "
			    "in grub.cfg");
	}
	k->module = &bi->modules[0];
	if (bzimage_payload(direct_map(k->module->start), k->module->end - k->module->start, &p, &why) != 0) {
		dom0_refuse("module 1 (kernel): %s", why);
	}
	if (p.format != PAYLOAD_ELF) {
		p.len = kernel_unpack(k, &p);
		p.data = direct_map(k->unpacked);
	}
	if (elf_parse(&k->elf, p.data, p.len, &why) != 0) {
		dom0_refuse("module 1 (kernel): %s", why);
	}
	if (k->elf.features_supported != 0 && !(k->elf.features_supported & (1U << XENFEAT_dom0))) {
		dom0_refuse("module 1 (kernel): it was built without CONFIG_XEN_DOM0 and can only be a guest: use a kernel "
			    "that can be dom0, such as Debian's linux-image-amd64");
	}
}

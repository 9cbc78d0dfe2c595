/* SPDX-License-Identifier: MIT */
/*
 * ELF images built by hand: a good one with all notes, then each refusal, with the sentence
 * that should explain it. The file is an exact allocation, so the sanitizer sees any read
 * outside of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <dais/elf.h>
#include <xen/elfnote.h>
#include <xen/errno.h>
#include <xen/features.h>

#define BASE	0xffffffff80000000UL

static struct {
	uint8_t bytes[8192];
	size_t len;
	struct elf64_ehdr eh;
	struct elf64_phdr ph[4];
	size_t note_off, note_len;
} f;

static struct elf_image elf;
static const char *why;

static void note_raw(const char *owner, uint32_t type, const void *desc, uint32_t len)
{
	uint32_t h[3] = { (uint32_t)strlen(owner) + 1, len, type };
	uint8_t *p = f.bytes + f.note_off + f.note_len;

	memcpy(p, h, 12);
	memcpy(p + 12, owner, h[0]);
	p += 12 + (h[0] + 3) / 4 * 4;
	memcpy(p, desc, len);
	f.note_len = (size_t)(p - f.bytes) - f.note_off + (len + 3) / 4 * 4;
}

static void note_num(uint32_t type, uint64_t v)
{
	note_raw("Xen", type, &v, 8);
}

static void note_str(uint32_t type, const char *s)
{
	note_raw("Xen", type, s, (uint32_t)strlen(s) + 1);
}

/* Text at p 0x1000000 (0x300 bytes), data behind a gap with bss, notes. */
static void make_file(void)
{
	memset(&f, 0, sizeof(f));
	memcpy(f.eh.e_ident, "\x7f" "ELF\2\1\1", 7);
	f.eh.e_type = 2;
	f.eh.e_machine = 62;
	f.eh.e_entry = BASE + 0x1000010;
	f.eh.e_phoff = 64;
	f.eh.e_phentsize = 56;
	f.eh.e_phnum = 3;
	f.ph[0] = (struct elf64_phdr){ .p_type = 1, .p_offset = 0x400, .p_paddr = 0x1000000,
				       .p_vaddr = BASE + 0x1000000, .p_filesz = 0x300,
				       .p_memsz = 0x300 };
	f.ph[1] = (struct elf64_phdr){ .p_type = 1, .p_offset = 0x800, .p_paddr = 0x1001000,
				       .p_vaddr = 0, .p_filesz = 0x100, .p_memsz = 0x1800 };
	f.note_off = 0x1000;
	for (unsigned int i = 0x400; i < 0xa00; i++) {
		f.bytes[i] = (uint8_t)(i * 3 + 1);
	}
}

static void make_linux_notes(void)
{
	f.note_len = 0;
	note_raw("GNU", 3, "0123456789abcdef", 16);
	note_num(XEN_ELFNOTE_ENTRY, BASE + 0x10001c0);
	note_num(XEN_ELFNOTE_VIRT_BASE, BASE);
	note_str(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	note_str(XEN_ELFNOTE_GUEST_OS, "linux");
	note_str(XEN_ELFNOTE_GUEST_VERSION, "2.6");
	note_str(XEN_ELFNOTE_LOADER, "generic");
	note_str(XEN_ELFNOTE_PAE_MODE, "yes");
	note_str(XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb|new_thing");
	note_num(XEN_ELFNOTE_HV_START_LOW, 0xffff800000000000UL);
	note_raw("Xen", XEN_ELFNOTE_L1_MFN_VALID, (uint64_t[]){ 1, 1 }, 16);
	note_num(XEN_ELFNOTE_SUSPEND_CANCEL, 1);
	note_num(XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	note_num(XEN_ELFNOTE_MOD_START_PFN, 1);
	note_raw("Xen", XEN_ELFNOTE_SUPPORTED_FEATURES, &(uint32_t){ 0x8801 }, 4);
	note_raw("Xen", 0x1000, "future", 7);
}

static int parse_len(size_t len)
{
	static uint8_t *data;
	int ret;

	f.ph[2] = (struct elf64_phdr){ .p_type = 4, .p_offset = f.note_off,
				       .p_filesz = f.note_len, .p_align = 4 };
	memcpy(f.bytes, &f.eh, 64);
	memcpy(f.bytes + 64, f.ph, sizeof(f.ph));
	free(data);
	data = malloc(len);
	memcpy(data, f.bytes, len);
	why = NULL;
	ret = elf_parse(&elf, data, len, &why);
	if (ret != 0) {
		assert_int_equal(ret, -XEN_EINVAL);
		assert_non_null(why);
		free(data);
		data = NULL;
	}
	return ret;
}

static int parse(void)
{
	return parse_len(f.note_off + f.note_len);
}

static void refused(const char *text)
{
	assert_int_not_equal(parse(), 0);
	if (strstr(why, text) == NULL) {
		fail_msg("expected '%s' in: %s", text, why);
	}
	make_file();
	make_linux_notes();
}

static int setup(void **state)
{
	(void)state;
	make_file();
	make_linux_notes();
	return 0;
}

static void test_linux(void **state)
{
	(void)state;
	assert_int_equal(parse(), 0);
	assert_true(elf.entry == BASE + 0x10001c0);
	assert_true(elf.virt_base == BASE && elf.paddr_offset == 0);
	assert_true(elf.pstart == 0x1000000 && elf.pend == 0x1002800);
	assert_true(elf.virt_kstart == BASE + 0x1000000 && elf.virt_kend == BASE + 0x1002800);
	assert_true(elf.hypercall_page == ELF_UNSET);
	assert_true(elf.init_p2m == 0x8000000000);
	assert_true(elf.mod_start_pfn && elf.pae);
	assert_int_equal(elf.features_required, 1 << XENFEAT_writable_page_tables);
	assert_int_equal(elf.features_supported, 0x8801 | 1 << XENFEAT_pae_pgdir_above_4gb);
	assert_string_equal(elf.guest_os, "linux");
	assert_string_equal(elf.guest_version, "2.6");
	assert_string_equal(elf.loader, "generic");
	assert_string_equal(elf.xen_version, "xen-3.0");
}

/* The least a kernel can say: the rest has defaults. */
static void test_small_kernel(void **state)
{
	(void)state;
	f.note_len = 0;
	f.eh.e_entry = 0x1000000;
	note_str(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	note_str(XEN_ELFNOTE_LOADER, "generic");
	note_num(XEN_ELFNOTE_HYPERCALL_PAGE, 0x1001000);
	assert_int_equal(parse(), 0);
	assert_true(elf.virt_base == 0 && elf.entry == 0x1000000);
	assert_true(elf.hypercall_page == 0x1001000);
	assert_true(elf.init_p2m == ELF_UNSET);
	assert_false(elf.mod_start_pfn || elf.pae);
}

static void test_paddr_offset(void **state)
{
	(void)state;
	note_num(XEN_ELFNOTE_PADDR_OFFSET, 0x1000000);
	note_num(XEN_ELFNOTE_ENTRY, BASE + 0x10);
	assert_int_equal(parse(), 0);
	assert_true(elf.virt_kstart == BASE && elf.entry == BASE + 0x10);
	note_num(XEN_ELFNOTE_PADDR_OFFSET, 0x2000000);
	refused("do not fit");
}

/* No note segment: the section table is looked at. */
static void test_section_notes(void **state)
{
	struct elf64_shdr sh[2] = { { 0 }, { .sh_type = 7, .sh_offset = 0x1000 } };
	size_t at;

	(void)state;
	sh[1].sh_size = f.note_len;
	f.eh.e_phnum = 2;
	f.eh.e_shentsize = 64;
	f.eh.e_shnum = 2;
	at = f.note_off + f.note_len;
	f.eh.e_shoff = at;
	memcpy(f.bytes + at, sh, sizeof(sh));
	assert_int_equal(parse_len(at + sizeof(sh)), 0);
	assert_true(elf.init_p2m == 0x8000000000);
	/* Cut short, it is as if there were none. */
	assert_int_not_equal(parse_len(at + sizeof(sh) - 1), 0);
	assert_non_null(strstr(why, "no Xen notes"));
}

static void test_notes_refused(void **state)
{
	(void)state;
	f.note_len = 0;
	refused("no Xen notes");
	f.note_len = 0;
	note_num(XEN_ELFNOTE_PHYS32_ENTRY, 0x1000000);
	refused("CONFIG_XEN_PV");
	note_str(XEN_ELFNOTE_XEN_VERSION, "xen-4.0");
	refused("xen-3.0");
	note_str(XEN_ELFNOTE_LOADER, "special");
	note_str(XEN_ELFNOTE_GUEST_OS, "other");
	refused("generic");
	note_str(XEN_ELFNOTE_FEATURES, "!warp_drive");
	refused("requires");
	note_num(XEN_ELFNOTE_ENTRY, BASE);
	refused("entry point");
	note_num(XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x1002000);
	refused("hypercall page");
	note_num(XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x1001001);
	refused("hypercall page");
	note_num(XEN_ELFNOTE_INIT_P2M, 0x8000000001);
	refused("INIT_P2M");
	note_num(XEN_ELFNOTE_VIRT_BASE, 0xffffffffff000000UL);
	refused("do not fit");
}

static void test_header_refused(void **state)
{
	(void)state;
	f.eh.e_ident[0] = 0;
	refused("not an ELF");
	f.eh.e_ident[4] = 1;
	refused("64-bit");
	f.eh.e_machine = 40;
	refused("64-bit");
	f.eh.e_type = 1;
	refused("executable");
	f.eh.e_phentsize = 32;
	refused("program headers");
	f.eh.e_phnum = 0;
	refused("program headers");
	f.eh.e_phoff = ~0UL;
	refused("program headers");
	f.eh.e_phoff = f.note_off + f.note_len - 56;
	refused("program headers");
	f.ph[0].p_type = 0;
	f.ph[1].p_type = 0;
	refused("no segment");
	f.ph[1].p_filesz = 0x1801;
	refused("cut short");
	f.ph[1].p_memsz = 0xff;
	refused("impossible");
	f.ph[1].p_paddr = ~0UL - 0x100;
	refused("impossible");
	f.ph[1].p_offset = ~0UL;
	refused("cut short");
	f.ph[1].p_paddr = 0x1000000 + ELF_SPAN_MAX;
	refused("1 GiB");
}

struct room {
	uint8_t *at;
	size_t len;
};

static int sink_copy(void *ctx, uint64_t off, const void *src, size_t len)
{
	const struct room *room = ctx;

	assert_true(off <= room->len && len <= room->len - off);
	if (src != NULL) {
		memcpy(room->at + off, src, len);
	} else {
		memset(room->at + off, 0, len);
	}
	return 0;
}

/* Every possible cut and every byte changed: refused or accepted, but never read beyond. */
static void test_damage(void **state)
{
	size_t len = f.note_off + f.note_len;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		parse_len(n);
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t *data;

		if (i == 0x100) {
			i = f.note_off;		/* what lies between is only copied */
		}
		data = malloc(len);
		memcpy(data, f.bytes, len);
		for (int bit = 0; bit < 8; bit++) {
			data[i] = (uint8_t)(f.bytes[i] ^ 1 << bit);
			if (elf_parse(&elf, data, len, &why) == 0 && elf.pend - elf.pstart < 1 << 20) {
				struct room room = { NULL, elf.pend - elf.pstart };

				room.at = malloc(room.len);
				assert_int_equal(elf_load_to(&elf, sink_copy, &room), 0);
				free(room.at);
			}
		}
		free(data);
	}
}

static bool in_bss(unsigned int i)
{
	return i >= 0x1100 && i < 0x2800;
}

/* What lies between segments is left alone. */
static void test_load(void **state)
{
	uint8_t dst[0x2800 + 16];
	struct room room = { dst, 0x2800 };

	(void)state;
	assert_int_equal(parse(), 0);
	memset(dst, 0xee, sizeof(dst));
	assert_int_equal(elf_load_to(&elf, sink_copy, &room), 0);
	for (unsigned int i = 0; i < sizeof(dst); i++) {
		unsigned int file = i < 0x300 ? 0x400 + i : i >= 0x1000 && i < 0x1100 ?
							    0x800 + i - 0x1000 : 0;
		uint8_t want = i >= 0x2800 ? 0xee : file ? (uint8_t)(file * 3 + 1) : in_bss(i) ? 0 : 0xee;

		assert_int_equal(dst[i], want);
	}
}

static int sink_stop(void *ctx, uint64_t off, const void *src, size_t len)
{
	unsigned int *calls = ctx;

	(void)off;
	(void)len;
	++*calls;
	return src == NULL ? -XEN_ENOMEM : 0;
}

static void test_sink_stops(void **state)
{
	unsigned int calls = 0;

	(void)state;
	assert_int_equal(parse(), 0);
	assert_int_equal(elf_load_to(&elf, sink_stop, &calls), -XEN_ENOMEM);
	assert_int_equal(calls, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_linux, setup),
		cmocka_unit_test_setup(test_small_kernel, setup),
		cmocka_unit_test_setup(test_paddr_offset, setup),
		cmocka_unit_test_setup(test_section_notes, setup),
		cmocka_unit_test_setup(test_notes_refused, setup),
		cmocka_unit_test_setup(test_header_refused, setup),
		cmocka_unit_test_setup(test_damage, setup),
		cmocka_unit_test_setup(test_load, setup),
		cmocka_unit_test_setup(test_sink_stops, setup),
	};

	return cmocka_run_group_tests_name("lib/elf", tests, NULL, NULL);
}

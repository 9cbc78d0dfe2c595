/* SPDX-License-Identifier: MIT */
/*
 * Tag lists built by hand: all tags at once, each tag wrong, lists cut short at every length,
 * and memory maps with every kind of overlap. Lists are exact allocations.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <dais/boot_info.h>
#include <xen/errno.h>
#include "layout.h"
#include "mbi.h"

#define PHYS	0x10000

static uint8_t list[65536];
static uint32_t list_len;
static struct boot_info bi;
static const char *why;

static void start(void)
{
	memset(list, 0, sizeof(list));
	list_len = 8;
}

static void tag(uint32_t type, const void *body, uint32_t len)
{
	uint32_t h[2] = { type, len + 8 };

	memcpy(list + list_len, h, 8);
	memcpy(list + list_len + 8, body, len);
	list_len += (len + 8 + 7) / 8 * 8;
}

static void tag_string(uint32_t type, const char *s)
{
	tag(type, s, (uint32_t)strlen(s) + 1);
}

static void tag_module(uint32_t from, uint32_t to, const char *cmdline)
{
	uint8_t body[4096];

	memcpy(body, &from, 4);
	memcpy(body + 4, &to, 4);
	memcpy(body + 8, cmdline, strlen(cmdline) + 1);
	tag(3, body, (uint32_t)strlen(cmdline) + 9);
}

static void tag_mmap(const struct memmap_piece *p, size_t n)
{
	uint8_t body[8 + 64 * 24] = { 24 };

	for (size_t i = 0; i < n; i++) {
		uint64_t e[3] = { p[i].start, p[i].end - p[i].start, p[i].type };

		memcpy(body + 8 + i * 24, e, 24);
	}
	tag(6, body, (uint32_t)(8 + n * 24));
}

static void tag_efi(const uint64_t (*p)[4], size_t n)
{
	uint8_t body[8 + 64 * 48] = { 48, 0, 0, 0, 1 };

	for (size_t i = 0; i < n; i++) {
		uint8_t *d = body + 8 + i * 48;

		memcpy(d, &p[i][0], 4);
		memcpy(d + 8, &p[i][1], 8);
		memcpy(d + 24, &p[i][2], 8);
		memcpy(d + 32, &p[i][3], 8);
	}
	tag(17, body, (uint32_t)(8 + n * 48));
}

/* NULL, or why not. */
static const char *parse_cut(uint32_t avail)
{
	uint8_t *data;

	memcpy(list, &list_len, 4);
	data = malloc(avail);
	memcpy(data, list, avail);
	why = mbi_parse(&bi, MB2_LOADER_MAGIC, data, avail, PHYS);
	free(data);
	return why;
}

static const char *parse(void)
{
	tag(0, "", 0);
	return parse_cut(list_len);
}

static void ram(void)
{
	tag_mmap(&(struct memmap_piece){ 0, 0x100000, 1 }, 1);
}

static void refused(const char *text)
{
	assert_non_null(parse());
	if (strstr(why, text) == NULL) {
		fail_msg("expected '%s' in: %s", text, why);
	}
	start();
}

static void test_everything(void **state)
{
	uint8_t rsdp[36] = "RSD PTR ", fb[30] = { 0, 0, 0, 0xfd };
	uint64_t efi = 0x1234567890;

	(void)state;
	start();
	tag_string(1, "com1=115200 console=com1,vga dom0_mem=512M");
	tag_string(2, "GRUB 2.06");
	tag_module(0x200000, 0x200123, "root=/dev/ram  \"quiet  x\"");
	tag_module(0x300000, 0x300000, "");
	ram();
	rsdp[15] = 2;
	rsdp[20] = 36;
	rsdp[8] = (uint8_t)(0 - ('R' + 'S' + 'D' + ' ' + 'P' + 'T' + 'R' + ' ' + 2));
	rsdp[32] = (uint8_t)(0 - 36);
	tag(14, rsdp, 20);
	tag(15, rsdp, 36);
	tag(12, &efi, 8);
	memcpy(fb + 8, &(uint32_t){ 4096 }, 4);
	memcpy(fb + 12, &(uint32_t){ 1024 }, 4);
	memcpy(fb + 16, &(uint32_t){ 768 }, 4);
	memcpy(fb + 20, (uint8_t[]){ 32, 1, 0, 0, 16, 8, 8, 8, 0, 8 }, 10);
	tag(8, fb, 30);
	tag(99, "later", 5);
	assert_null(parse());
	assert_string_equal(bi.cmdline, "com1=115200 console=com1,vga dom0_mem=512M");
	assert_string_equal(bi.loader_name, "GRUB 2.06");
	assert_int_equal(bi.nr_modules, 2);
	assert_true(bi.modules[0].start == 0x200000 && bi.modules[0].end == 0x200123);
	assert_string_equal(bi.modules[0].cmdline, "root=/dev/ram  \"quiet  x\"");
	assert_int_equal(bi.rsdp_len, 36);
	assert_memory_equal(bi.rsdp, rsdp, 36);
	assert_true(bi.efi_system_table == efi);
	assert_int_equal(bi.fb.type, BOOT_FB_RGB);
	assert_true(bi.fb.addr == 0xfd000000 && bi.fb.pitch == 4096 && bi.fb.width == 1024);
	assert_true(bi.fb.red_pos == 16 && bi.fb.green_pos == 8 && bi.fb.blue_size == 8);
	assert_true(bi.mbi_start == PHYS && bi.mbi_end == PHYS + list_len);
	/* Cut anywhere, it is refused. */
	for (uint32_t n = 0, full = list_len; n < full; n++) {
		uint32_t keep = list_len;

		assert_non_null(parse_cut(n));
		list_len = n;
		if (n >= 8) {
			assert_non_null(parse_cut(n));
		}
		list_len = keep;
	}
}

static void test_refused(void **state)
{
	char line[BOOT_CMDLINE_MAX + 1];

	(void)state;
	assert_non_null(strstr(mbi_parse(&bi, 0x2badb002, list, 0, PHYS), "multiboot2"));
	assert_non_null(mbi_parse(&bi, MB2_LOADER_MAGIC, list, 100, PHYS + 4));
	start();
	refused("no RAM");
	memset(line, 'x', sizeof(line));
	line[BOOT_CMDLINE_MAX] = '\0';
	tag_string(1, line);
	refused("command line");
	tag_module(0, 0, line);
	refused("command line");
	line[BOOT_CMDLINE_MAX - 1] = '\0';
	tag_string(1, line);
	tag_module(0, 0, line);
	ram();
	assert_null(parse());
	assert_string_equal(bi.cmdline, line);
	start();
	tag(3, "1234", 4);
	refused("too short");
	tag_module(0x1000, 0xfff, "");
	refused("module");
	tag_module(0x1001, 0x2000, "");
	refused("module");
	for (int i = 0; i <= BOOT_MODULES_MAX; i++) {
		tag_module(0, 0, "");
	}
	refused("More than");
	tag(98, "", 0);
	memcpy(list + list_len - 4, &(uint32_t){ 7 }, 4);
	refused("longer");
	tag(98, "", 0);
	memcpy(list + list_len - 4, &(uint32_t){ 0xfffffff9 }, 4);
	refused("longer");
}

/* Pieces of a map that are not believed: sums that do not match, frames that do not fit. */
static void test_doubtful(void **state)
{
	uint8_t rsdp[36] = "RSD PTR ", fb[30] = { 0 };

	(void)state;
	start();
	ram();
	rsdp[8] = 1;
	tag(14, rsdp, 20);
	tag(15, rsdp, 30);
	memcpy(fb + 8, &(uint32_t){ 4095 }, 4);
	memcpy(fb + 12, &(uint32_t){ 1024 }, 4);
	memcpy(fb + 16, &(uint32_t){ 768 }, 4);
	fb[20] = 32;
	fb[21] = 1;
	tag(8, fb, 30);
	tag(12, fb, 7);
	assert_null(parse());
	assert_int_equal(bi.rsdp_len, 0);
	assert_int_equal(bi.fb.type, BOOT_FB_NONE);
	assert_true(bi.efi_system_table == 0);
	start();
	ram();
	memcpy(fb + 8, (uint32_t[]){ 160, 80, 25 }, 12);
	fb[20] = 16;
	fb[21] = 2;
	tag(8, fb, 24);
	assert_null(parse());
	assert_int_equal(bi.fb.type, BOOT_FB_TEXT);
}

static void expect_map(const struct boot_e820_entry *e, unsigned int n)
{
	assert_int_equal(bi.nr_e820, n);
	for (unsigned int i = 0; i < n; i++) {
		assert_true(bi.e820[i].start == e[i].start);
		assert_true(bi.e820[i].end == e[i].end);
		assert_int_equal(bi.e820[i].type, e[i].type);
	}
}

static void test_e820(void **state)
{
	(void)state;
	start();
	tag_mmap((struct memmap_piece[]){
		{ 0x100000, 0x8000000, 1 },	/* unsorted, with holes punched into it */
		{ 0, 0x9fc00, 1 },
		{ 0x9fc00, 0xa0000, 2 },
		{ 0x200000, 0x300000, 3 },
		{ 0x280000, 0x380000, 4 },
		{ 0x400000, 0x401000, 12 },	/* a type nobody knows */
		{ 0x401000, 0x402000, 2 },
		{ 0x7ff0000, 0x8010000, 5 },
		{ 0x500000, 0x500000, 2 },	/* empty */
		{ 0xfffffffffffff000, 0xfffffffffffff800, 2 }, /* no such address */
	}, 10);
	assert_null(parse());
	expect_map((struct boot_e820_entry[]){
		{ 0, 0x9fc00, 1 }, { 0x9fc00, 0xa0000, 2 }, { 0x100000, 0x200000, 1 },
		{ 0x200000, 0x280000, 3 }, { 0x280000, 0x380000, 4 }, { 0x380000, 0x400000, 1 },
		{ 0x400000, 0x402000, 2 }, { 0x402000, 0x7ff0000, 1 }, { 0x7ff0000, 0x8010000, 5 },
	}, 9);
	assert_int_equal(bi.efi_desc_size, 0);
}

static void test_efi_map(void **state)
{
	(void)state;
	start();
	ram();					/* must be ignored */
	tag_efi((const uint64_t[][4]){
		{ 7, 0x0, 0x80, 8 }, { 4, 0x80000, 0x20, 15 },	/* boot services: RAM */
		{ 2, 0x100000, 0x10, 15 }, { 6, 0x110000, 1, 0x800000000000000f },
		{ 7, 0x111000, 1, 1 },			/* not cacheable: not RAM */
		{ 9, 0x112000, 1, 15 }, { 10, 0x113000, 1, 15 }, { 8, 0x114000, 1, 15 },
		{ 7, 0x115000, 1, 0x40008 },		/* special purpose */
		{ 14, 0x116000, 1, 8 }, { 3, 0x117000, 1, 8 }, { 7, 0x118000, ~0UL, 8 },
	}, 12);
	assert_null(parse());
	expect_map((struct boot_e820_entry[]){
		{ 0, 0xa0000, 1 }, { 0x100000, 0x110000, 1 }, { 0x110000, 0x112000, 2 },
		{ 0x112000, 0x113000, 3 }, { 0x113000, 0x114000, 4 }, { 0x114000, 0x115000, 5 },
		{ 0x115000, 0x117000, 2 }, { 0x117000, 1UL << 52, 1 },
	}, 8);
	assert_int_equal(bi.efi_desc_size, 48);
	assert_int_equal(bi.efi_map_len, 12 * 48);
	assert_true(bi.efi_map > PHYS && bi.efi_map + bi.efi_map_len <= bi.mbi_end);
}

static void test_fallbacks(void **state)
{
	uint32_t lower_upper[2] = { 639, 130048 };

	(void)state;
	start();
	tag(4, lower_upper, 8);
	tag(6, "\x18\0\0\0\0\0\0\0", 8);	/* empty */
	tag(17, "\x08\0\0\0\0\0\0\0........", 16); /* descriptors too small */
	assert_null(parse());
	expect_map((struct boot_e820_entry[]){
		{ 0, 639 * 1024, 1 }, { 0x100000, 0x100000 + 130048 * 1024UL, 1 } }, 2);
}

static void test_too_many(void **state)
{
	uint8_t body[8 + 600 * 24] = { 24 };

	(void)state;
	start();
	for (unsigned int i = 0; i < 600; i++) {
		uint64_t e[3] = { i * 0x2000UL, 0x1000, 1 };

		memcpy(body + 8 + i * 24, e, 24);
	}
	tag(6, body, sizeof(body));
	refused("too many pieces");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_doubtful),   cmocka_unit_test(test_e820),
		cmocka_unit_test(test_efi_map),	   cmocka_unit_test(test_fallbacks),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests_name("boot/mbi", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/*
 * What is read from firmware's bytes: the \_S5_ package and the MADT, well-formed, cut
 * short at every length, and random; and finding the tables in a small machine, with
 * addresses that no memory can have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/acpi.h>
#include <dais/boot_info.h>
#include <dais/paging.h>
#include <dais/printk.h>

/* A machine whose addresses have 40 bits, with 64 KiB of memory that may hold tables. */
#define REACH	(1UL << 40)
#define BEYOND	0x123456789000UL

static uint8_t ram[64 * 1024];
static unsigned int warnings;

void printk(enum log_level lvl, const char *fmt, ...)
{
	(void)fmt;
	warnings += lvl == LOG_WARN;
}

bool paging_reaches(paddr_t pa, size_t len)
{
	return len <= REACH && pa <= REACH - len;
}

void *map_phys(paddr_t pa)
{
	assert_true(pa < sizeof(ram) || !paging_reaches(pa, MAP_PHYS_LEN));
	return pa < sizeof(ram) ? ram + pa : NULL;
}

void *map_mmio(paddr_t pa, size_t len)
{
	return paging_reaches(pa, len) ? ram : NULL;
}

/* Exactly len bytes, so that ASan sees a read beyond them. */
static bool s5(const uint8_t *aml, size_t len, uint8_t *a, uint8_t *b)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool found;

	memcpy(copy, aml, len);
	found = acpi_aml_find_s5(copy, len, a, b);
	free(copy);
	return found;
}

static const uint8_t qemu_like[] = {
	0x10, 0x20, 0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x00, 0x00, 0x00, 0x00,
};
static const uint8_t with_bytes[] = {
	0x08, '\\', '_', 'S', '5', '_', 0x12, 0x0a, 0x04, 0x0a, 0x05, 0x0a, 0x06, 0x00, 0x00,
};
static const uint8_t long_length[] = {
	0x08, '_', 'S', '5', '_', 0x12, 0x47, 0x01, 0x02, 0x0b, 0x07, 0x00, 0x01,
};

static void test_s5_found(void **state)
{
	uint8_t a = 9, b = 9;

	(void)state;
	assert_true(s5(qemu_like, sizeof(qemu_like), &a, &b));
	assert_int_equal(a, 0);
	assert_int_equal(b, 0);
	assert_true(s5(with_bytes, sizeof(with_bytes), &a, &b));
	assert_int_equal(a, 5);
	assert_int_equal(b, 6);
	assert_true(s5(long_length, sizeof(long_length), &a, &b));
	assert_int_equal(a, 7);
	assert_int_equal(b, 1);
}

static void test_s5_not_a_name(void **state)
{
	static const uint8_t call[] = { 0x70, '_', 'S', '5', '_', 0x12, 0x06, 0x02, 0x00, 0x00 };
	static const uint8_t other[] = { 0x08, '_', 'S', '5', '_', 0x0a, 0x06, 0x02, 0x00, 0x00 };
	uint8_t a, b;

	(void)state;
	assert_false(s5(call, sizeof(call), &a, &b));
	assert_false(s5(other, sizeof(other), &a, &b));
}

static void test_s5_cut_short(void **state)
{
	uint8_t a, b;

	(void)state;
	for (size_t len = 0; len <= sizeof(with_bytes); len++) {
		assert_int_equal(s5(with_bytes, len, &a, &b), len >= 13);
	}
}

static void test_s5_noise(void **state)
{
	uint8_t noise[64], a, b;

	(void)state;
	srand(5);
	for (unsigned int i = 0; i < 20000; i++) {
		size_t len = rand() % sizeof(noise);

		for (size_t j = 0; j < len; j++) {
			noise[j] = rand();
		}
		if (len > 8) {
			memcpy(noise + rand() % (len - 7), "\x08_S5_\x12", 6);
		}
		s5(noise, len, &a, &b);
	}
}

/* ---- MADT ---- */

static uint8_t madt[1024];
static uint32_t madt_len;

static void madt_start(uint32_t flags)
{
	memset(&acpi, 0, sizeof(acpi));
	memset(madt, 0, sizeof(madt));
	memcpy(madt, "APIC", 4);
	memcpy(madt + 40, &flags, 4);
	madt_len = 44;
}

static void madt_add(const void *entry, uint8_t len)
{
	memcpy(madt + madt_len, entry, len);
	madt_len += len;
}

static void madt_read(uint32_t len)
{
	struct acpi_header *h = malloc(len);

	memcpy(h, madt, len);
	if (len >= 8) {
		h->length = len;
	}
	acpi_parse_madt(h);
	free(h);
}

static void madt_typical(void)
{
	static const uint8_t cpu0[] = { 0, 8, 0, 0, 1, 0, 0, 0 };
	static const uint8_t cpu1[] = { 0, 8, 1, 2, 1, 0, 0, 0 };
	static const uint8_t off[] = { 0, 8, 2, 4, 0, 0, 0, 0 };
	static const uint8_t again[] = { 9, 16, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0 };
	static const uint8_t big[] = { 9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0 };
	static const uint8_t io[] = { 1, 12, 3, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
	static const uint8_t timer[] = { 2, 10, 0, 0, 2, 0, 0, 0, 0, 0 };
	static const uint8_t sci[] = { 2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0 };
	static const uint8_t nmi[] = { 4, 6, 0xff, 0, 0, 1 };
	static const uint8_t unknown[] = { 0x7f, 4, 1, 2 };

	madt_start(1);
	madt_add(cpu0, sizeof(cpu0));
	madt_add(cpu1, sizeof(cpu1));
	madt_add(off, sizeof(off));
	madt_add(unknown, sizeof(unknown));
	madt_add(again, sizeof(again));
	madt_add(big, sizeof(big));
	madt_add(io, sizeof(io));
	madt_add(timer, sizeof(timer));
	madt_add(sci, sizeof(sci));
	madt_add(nmi, sizeof(nmi));
}

static void test_madt(void **state)
{
	(void)state;
	madt_typical();
	madt_read(madt_len);
	assert_true(acpi.has_8259);
	assert_int_equal(acpi.nr_cpus, 3);
	assert_int_equal(acpi.cpus[1].apic_id, 2);
	assert_int_equal(acpi.cpus[2].apic_id, 256);
	assert_int_equal(acpi.cpus[2].acpi_id, 7);
	assert_int_equal(acpi.nr_ioapics, 1);
	assert_int_equal(acpi.ioapics[0].address, 0xfec00000);
	assert_int_equal(acpi.nr_overrides, 2);
	assert_int_equal(acpi.overrides[1].flags, 0x0d);
	assert_int_equal(acpi.nr_lapic_nmis, 1);
	assert_int_equal(acpi.lapic_nmis[0].acpi_id, ACPI_ALL_PROCESSORS);
	assert_int_equal(acpi.lapic_nmis[0].lint, 1);
}

static void test_madt_cut_short(void **state)
{
	(void)state;
	madt_typical();
	for (uint32_t len = sizeof(struct acpi_header); len <= madt_len; len++) {
		memset(&acpi, 0, sizeof(acpi));
		madt_read(len);
		assert_true(acpi.nr_cpus <= 3);
	}
}

static void test_madt_too_many(void **state)
{
	(void)state;
	madt_start(0);
	for (unsigned int i = 0; i < NR_CPUS + 10 && i < 100; i++) {
		uint8_t cpu[] = { 0, 8, i, i, 1, 0, 0, 0 };

		madt_add(cpu, sizeof(cpu));
	}
	madt_read(madt_len);
	assert_int_equal(acpi.nr_cpus, NR_CPUS);
	assert_int_equal(acpi.nr_cpus_dropped, 10);
	assert_false(acpi.has_8259);
}

/* Without x2APIC an id of more than eight bits cannot be had; the order of the others stays. */
static void test_madt_limit(void **state)
{
	static const uint8_t last[] = { 0, 8, 9, 3, 1, 0, 0, 0 };

	(void)state;
	madt_typical();
	madt_add(last, sizeof(last));
	madt_read(madt_len);
	assert_int_equal(acpi.nr_cpus, 4);
	warnings = 0;
	acpi_cpus_limit(256);
	assert_int_equal(acpi.nr_cpus, 4);
	assert_int_equal(warnings, 0);
	acpi_cpus_limit(254);
	assert_int_equal(acpi.nr_cpus, 3);
	assert_int_equal(acpi.cpus[1].apic_id, 2);
	assert_int_equal(acpi.cpus[2].apic_id, 3);
	assert_int_equal(acpi.cpus[2].acpi_id, 9);
	assert_int_equal(warnings, 1);
}

static void test_madt_bad_lengths(void **state)
{
	static const uint8_t zero[] = { 0, 0, 1, 1 };
	static const uint8_t shorter[] = { 0, 4, 1, 1 };
	static const uint8_t cpu[] = { 0, 8, 1, 2, 1, 0, 0, 0 };

	(void)state;
	madt_start(0);
	madt_add(shorter, sizeof(shorter));
	madt_add(cpu, sizeof(cpu));
	madt_add(zero, sizeof(zero));
	madt_add(cpu, sizeof(cpu));
	madt_read(madt_len);
	assert_int_equal(acpi.nr_cpus, 1);
}

/* ---- finding the tables ---- */

#define AT_RSDT	0x1000
#define AT_XSDT	0x2000
#define AT_FADT	0x3000
#define AT_DSDT	0x4000
#define AT_HPET	0x5000
#define AT_MCFG	0x6000
#define AT_MADT	0x7000

static void put(paddr_t pa, uint64_t value, size_t size)
{
	memcpy(ram + pa, &value, size);
}

/* Sign what lies at pa and make its bytes sum to zero. */
static void seal(paddr_t pa, const char *signature, uint32_t len)
{
	uint8_t sum = 0;

	memcpy(ram + pa, signature, 4);
	put(pa + 4, len, 4);
	ram[pa + 9] = 0;
	for (uint32_t i = 0; i < len; i++) {
		sum += ram[pa + i];
	}
	ram[pa + 9] = -sum;
}

/* Tables by the XSDT and by the RSDT: the same, and in order. */
static void machine_make(void)
{
	static const uint32_t list[] = { AT_FADT, AT_HPET, AT_MCFG, AT_MADT };

	memset(ram, 0, sizeof(ram));
	for (unsigned int i = 0; i < 4; i++) {
		put(AT_RSDT + 36 + 4 * i, list[i], 4);
		put(AT_XSDT + 36 + 8 * i, list[i], 8);
	}
	put(AT_FADT + 140, AT_DSDT, 8);
	put(AT_FADT + 112, ACPI_FADT_RESET_REG, 4);
	put(AT_FADT + 116, 0x0800, 4);			/* a memory register of 8 bits */
	put(AT_FADT + 120, 0xfed80000, 8);
	put(AT_FADT + 208, 0x2000, 4);			/* the PM timer, of 32 */
	put(AT_FADT + 212, 0xfed81000, 8);
	memcpy(ram + AT_DSDT + 36, qemu_like, sizeof(qemu_like));
	put(AT_HPET + 44, 0xfed00000, 8);
	put(AT_MCFG + 44, 0xe0000000, 8);
	put(AT_MCFG + 55, 0xff, 1);
}

static void machine_read(uint64_t xsdt)
{
	static const struct { paddr_t pa; const char *signature; uint32_t len; } all[] = {
		{ AT_RSDT, "RSDT", 52 }, { AT_XSDT, "XSDT", 68 }, { AT_FADT, "FACP", 244 },
		{ AT_DSDT, "DSDT", 36 + sizeof(qemu_like) }, { AT_HPET, "HPET", 56 },
		{ AT_MCFG, "MCFG", 60 }, { AT_MADT, "APIC", 44 },
	};
	struct boot_info bi = { .rsdp_len = 36 };
	uint32_t rsdt = AT_RSDT, len = 36;
	uint8_t sum = 0;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		seal(all[i].pa, all[i].signature, all[i].len);
	}
	memcpy(bi.rsdp, "RSD PTR ", 8);
	bi.rsdp[15] = 2;
	memcpy(bi.rsdp + 16, &rsdt, 4);
	for (unsigned int i = 0; i < 20; i++) {
		sum += bi.rsdp[i];
	}
	bi.rsdp[8] = -sum;
	memcpy(bi.rsdp + 20, &len, 4);
	memcpy(bi.rsdp + 24, &xsdt, 8);
	sum = 0;
	for (unsigned int i = 0; i < 36; i++) {
		sum += bi.rsdp[i];
	}
	bi.rsdp[32] = -sum;
	memset(&acpi, 0, sizeof(acpi));
	warnings = 0;
	acpi_init(&bi);
}

static void test_tables(void **state)
{
	(void)state;
	machine_make();
	machine_read(AT_XSDT);
	assert_int_equal(warnings, 0);
	assert_true(acpi.have_acpi);
	assert_true(acpi.has_s5);
	assert_int_equal(acpi.hpet_base, 0xfed00000);
	assert_int_equal(acpi.nr_mcfg, 1);
	assert_int_equal(acpi.reset_reg.address, 0xfed80000);
	assert_non_null(acpi.reset_reg.va);
	assert_int_equal(acpi.pm_timer.address, 0xfed81000);
}

/* The old root is as good, when there is one. */
static void test_root_out_of_reach(void **state)
{
	static const uint64_t places[] = { BEYOND, REACH - 0x100, 0xfffffffffffffff0UL };

	(void)state;
	machine_make();
	for (unsigned int i = 0; i < 3; i++) {
		machine_read(places[i]);
		assert_int_equal(warnings, 1);
		assert_true(acpi.have_acpi);
		assert_true(acpi.has_s5);
	}
}

static void test_table_out_of_reach(void **state)
{
	(void)state;
	machine_make();
	put(AT_XSDT + 36 + 8, BEYOND, 8);		/* the HPET's table */
	put(AT_FADT + 140, BEYOND, 8);			/* the DSDT */
	machine_read(AT_XSDT);
	assert_int_equal(warnings, 2);
	assert_false(acpi.has_s5);
	assert_int_equal(acpi.hpet_base, 0);
	assert_int_equal(acpi.nr_mcfg, 1);
}

static void test_register_out_of_reach(void **state)
{
	(void)state;
	machine_make();
	put(AT_FADT + 120, BEYOND, 8);
	put(AT_FADT + 212, REACH - 4, 8);
	put(AT_HPET + 44, BEYOND, 8);
	put(AT_MCFG + 44, REACH - (255UL << 20), 8);	/* its last bus is out */
	machine_read(AT_XSDT);
	assert_int_equal(warnings, 4);
	assert_int_equal(acpi.reset_reg.address, 0);
	assert_int_equal(acpi.pm_timer.address, 0);
	assert_int_equal(acpi.hpet_base, 0);
	assert_int_equal(acpi.nr_mcfg, 0);
	assert_true(acpi.has_s5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s5_found),
		cmocka_unit_test(test_s5_not_a_name),
		cmocka_unit_test(test_s5_cut_short),
		cmocka_unit_test(test_s5_noise),
		cmocka_unit_test(test_madt),
		cmocka_unit_test(test_madt_cut_short),
		cmocka_unit_test(test_madt_too_many),
		cmocka_unit_test(test_madt_limit),
		cmocka_unit_test(test_madt_bad_lengths),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_root_out_of_reach),
		cmocka_unit_test(test_table_out_of_reach),
		cmocka_unit_test(test_register_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

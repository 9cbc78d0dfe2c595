// SPDX-License-Identifier: MIT
/*
 * What is read from firmware's bytes: the \_S5_ package and the MADT, well-formed, cut
 * short at every length, and random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/acpi.h>
#include <dais/printk.h>

struct acpi_info acpi;

void printk(enum log_level lvl, const char *fmt, ...)
{
	(void)lvl;
	(void)fmt;
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

static void madt_start(uint32_t lapic, uint32_t flags)
{
	memset(&acpi, 0, sizeof(acpi));
	memset(madt, 0, sizeof(madt));
	memcpy(madt, "APIC", 4);
	memcpy(madt + 36, &lapic, 4);
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

	madt_start(0xfee00000, 1);
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
	assert_true(acpi.have_madt);
	assert_true(acpi.has_8259);
	assert_int_equal(acpi.lapic_base, 0xfee00000);
	assert_int_equal(acpi.nr_cpus, 3);
	assert_int_equal(acpi.nr_cpus_disabled, 1);
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
	madt_start(0xfee00000, 0);
	for (unsigned int i = 0; i < NR_CPUS + 10 && i < 100; i++) {
		uint8_t cpu[] = { 0, 8, i, i, 1, 0, 0, 0 };

		madt_add(cpu, sizeof(cpu));
	}
	madt_read(madt_len);
	assert_int_equal(acpi.nr_cpus, NR_CPUS);
	assert_int_equal(acpi.nr_cpus_dropped, 10);
	assert_false(acpi.has_8259);
}

static void test_madt_bad_lengths(void **state)
{
	static const uint8_t zero[] = { 0, 0, 1, 1 };
	static const uint8_t shorter[] = { 0, 4, 1, 1 };
	static const uint8_t cpu[] = { 0, 8, 1, 2, 1, 0, 0, 0 };

	(void)state;
	madt_start(0, 0);
	madt_add(shorter, sizeof(shorter));
	madt_add(cpu, sizeof(cpu));
	madt_add(zero, sizeof(zero));
	madt_add(cpu, sizeof(cpu));
	madt_read(madt_len);
	assert_int_equal(acpi.nr_cpus, 1);
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
		cmocka_unit_test(test_madt_bad_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

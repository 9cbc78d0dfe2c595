// SPDX-License-Identifier: MIT
/*
 * Soft-off when dom0 asks for it: what is written to which register. The machine goes dark, that is,
 * the test comes back, while the hypervisor waits for that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <dais/acpi.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/pci.h>
#include <dais/reset.h>
#include <dais/smp.h>
#include <dais/time.h>
#include <xen/errno.h>
#include "fake.h"

#define PM1A	0x604
#define PM1B	0x608
#define CONTROL	0x620

struct acpi_info acpi;

static jmp_buf dark;
static uint32_t ports[0x1000];

uint32_t port_read(uint16_t port, unsigned int size)
{
	return ports[port];
}

void port_write(uint16_t port, unsigned int size, uint32_t value)
{
	assert_int_equal(size, port == CONTROL ? 1 : 2);
	ports[port] = value;
}

uint32_t mmio_read(const volatile void *addr, unsigned int size)
{
	fail();
	return 0;
}

void mmio_write(volatile void *addr, unsigned int size, uint32_t value)
{
	fail();
}

void pci_write(pci_sbdf_t dev, unsigned int off, unsigned int size, uint32_t value)
{
	fail();
}

uint8_t inb(uint16_t port)
{
	return 0xff;
}

void outb(uint8_t value, uint16_t port)
{
	fail();
}

void io_delay(void)
{
}

void console_start_sync(void)
{
}

void smp_stop_others(void)
{
}

void time_udelay(unsigned int us)
{
	longjmp(dark, 1);
}

static int begin(void **state)
{
	fake_reset();
	fake_quiet(true);
	memset(&acpi, 0, sizeof(acpi));
	memset(ports, 0, sizeof(ports));
	return 0;
}

static void sleep_as_dom0_says(uint16_t a, uint16_t b)
{
	if (!setjmp(dark)) {
		acpi_enter_sleep(5, a, b);
		fail();
	}
}

static void test_pm1(void **state)
{
	acpi.pm1a_cnt = (struct acpi_gas){ .space = ACPI_SPACE_IO, .width = 16, .address = PM1A };
	acpi.pm1b_cnt = (struct acpi_gas){ .space = ACPI_SPACE_IO, .width = 16, .address = PM1B };
	ports[PM1A] = ports[PM1B] = 0x1c01;
	sleep_as_dom0_says(0x1401, 0x3801);
	assert_int_equal(ports[PM1A], 0x3401);
	assert_int_equal(ports[PM1B], 0x3801);
}

/*
 * A hardware-reduced machine has one register of eight bits, with the type elsewhere. Some kernels
 * give what is to be written there, others the bare type.
 */
static void test_sleep_control(void **state)
{
	static const uint16_t given[] = { 0x34, 5 };

	for (unsigned int i = 0; i < 2; i++) {
		acpi.sleep_ctl = (struct acpi_gas){ .space = ACPI_SPACE_IO, .width = 8, .address = CONTROL };
		acpi.has_s5 = true;
		acpi.s5_typ_a = 5;
		ports[CONTROL] = 0;
		sleep_as_dom0_says(given[i], 0);
		assert_int_equal(ports[CONTROL], 0x34);
	}
}

static void test_other_states(void **state)
{
	acpi.pm1a_cnt = (struct acpi_gas){ .space = ACPI_SPACE_IO, .width = 16, .address = PM1A };
	assert_int_equal(acpi_enter_sleep(3, 0x1401, 0), -XEN_EOPNOTSUPP);
	assert_false(acpi.has_s5);
	assert_int_equal(ports[PM1A], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pm1, begin),
		cmocka_unit_test_setup(test_sleep_control, begin),
		cmocka_unit_test_setup(test_other_states, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

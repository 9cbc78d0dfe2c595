// SPDX-License-Identifier: MIT
/*
 * The end: reset, power-off, halt.
 *
 * Runs with interrupts off and the other CPUs stopped. Each reset method is tried for a
 * moment; when the machine is still there, the next one's turn comes, and the last one
 * cannot fail. reboot= puts a method first.
 *
 * The types to write for soft-off (S5) come from the \_S5_ package (acpi_s5.c), or from dom0 when it
 * asks for the sleep, since it has run the preparing methods. No locks.
 */
#include <dais/acpi.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <dais/pci.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/smp.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/x86.h>
#include <xen/errno.h>
#include "desc.h"

#define KBD_STATUS	0x64
#define KBD_INPUT_FULL	0x02
#define KBD_PULSE_RESET	0xfe
#define RESET_CONTROL	0xcf9
#define BIOS_RESET_FLAG	0x472
#define BIOS_WARM	0x1234
#define CRASH_SECONDS	5

#define PM1_SCI_EN	0x0001u
#define PM1_SLP_TYP	0x1c00u
#define PM1_SLP_SHIFT	10
#define PM1_SLP_EN	0x2000u
#define SLEEP_CTL_SHIFT	2
#define SLEEP_CTL_EN	0x20u

static bool opt_noreboot;
static bool warm;
CMDLINE_BOOL("noreboot", opt_noreboot, "noreboot: halt after a crash instead of resetting");

void machine_halt(void)
{
	for (;;) {
		__asm__ volatile("cli\n\thlt" ::: "memory");
	}
}

/* ---- ACPI registers ---- */

int acpi_gas_read(const struct acpi_gas *g, uint32_t *value)
{
	if (!g->address || g->space > ACPI_SPACE_IO) {
		return -XEN_ENODEV;
	}
	*value = g->space == ACPI_SPACE_IO ? port_read(g->address, g->width / 8)
					   : mmio_read(g->va, g->width / 8);
	return 0;
}

int acpi_gas_write(const struct acpi_gas *g, uint32_t value)
{
	if (!g->address || g->space > ACPI_SPACE_PCI) {
		return -XEN_ENODEV;
	}
	if (g->space == ACPI_SPACE_IO) {
		port_write(g->address, g->width / 8, value);
	} else if (g->space == ACPI_SPACE_MEMORY) {
		mmio_write(g->va, g->width / 8, value);
	} else {
		unsigned int devfn = ((g->address >> 32) & 0x1f) << 3 | ((g->address >> 16) & 7);

		pci_write(PCI_SBDF(0, 0, devfn), g->address & 0xff, g->width / 8, value);
	}
	return 0;
}

/* ---- methods ---- */

static void reset_acpi(void)
{
	if (!acpi_gas_write(&acpi.reset_reg, acpi.reset_value)) {
		time_udelay(100000);
	}
}

static void reset_keyboard(void)
{
	for (unsigned int tries = 0; tries < 10; tries++) {
		for (unsigned int i = 0; i < 1000 && (inb(KBD_STATUS) & KBD_INPUT_FULL); i++) {
			time_udelay(10);
		}
		outb(KBD_PULSE_RESET, KBD_STATUS);
		time_udelay(10000);
	}
}

static void reset_cf9(void)
{
	uint8_t v = inb(RESET_CONTROL) & ~0x06;

	/* The rising edge of bit 2 resets; bit 1 says that the whole machine is meant. */
	outb(v | 0x02, RESET_CONTROL);
	time_udelay(50);
	outb(v | 0x06, RESET_CONTROL);
	time_udelay(100000);
}

static void reset_triple_fault(void)
{
	static const struct table_reg no_idt;

	__asm__ volatile("lidt %0\n\tint3" : : "m"(no_idt));
}

static void (*const methods[])(void) = {
	reset_acpi, reset_keyboard, reset_cf9, reset_triple_fault,
};
static const char method_letters[] = "akpt";

static int first_method = -1;

/* As in "reboot=a", "reboot=t,warm", "reboot=no": the first letter of each word counts. */
static int __init parse_reboot(const char *value)
{
	for (const char *w = value; w && *w; w = strchr(w, ','), w = w ? w + 1 : NULL) {
		const char *method = strchr(method_letters, *w);

		if (method) {
			first_method = method - method_letters;
		} else if (*w == 'n') {
			opt_noreboot = true;
		} else if (*w == 'w') {
			warm = true;
		} else if (*w != 'c') {
			return -XEN_EINVAL;
		}
	}
	opt_noreboot |= !value;
	return 0;
}
CMDLINE_PARAM("reboot", parse_reboot, "reboot=acpi|kbd|pci|triple|no[,warm]: how to reset");

/* ---- soft-off ---- */

/* A machine that dom0 never switched to ACPI mode ignores the sleep registers. */
static void acpi_mode_enable(void)
{
	uint32_t v = 0;

	if (acpi_gas_read(&acpi.pm1a_cnt, &v) || (v & PM1_SCI_EN) || !acpi.smi_port ||
	    !acpi.acpi_enable_cmd) {
		return;
	}
	outb(acpi.acpi_enable_cmd, acpi.smi_port);
	for (unsigned int i = 0; i < 300; i++) {
		if (!acpi_gas_read(&acpi.pm1a_cnt, &v) && (v & PM1_SCI_EN)) {
			return;
		}
		time_udelay(1000);
	}
}

static void pm1_write_sleep(const struct acpi_gas *cnt, uint8_t typ, uint32_t enable)
{
	uint32_t v = 0;

	if (!acpi_gas_read(cnt, &v)) {
		v = (v & ~(PM1_SLP_TYP | PM1_SLP_EN)) | ((uint32_t)typ << PM1_SLP_SHIFT);
		acpi_gas_write(cnt, v | enable);
	}
}

static void acpi_poweroff(void)
{
	if (!acpi.has_s5) {
		return;
	}
	if (acpi.sleep_ctl.address) {
		acpi_gas_write(&acpi.sleep_ctl,
			       acpi.s5_typ_a << SLEEP_CTL_SHIFT | SLEEP_CTL_EN);
	} else if (acpi.pm1a_cnt.address) {
		acpi_mode_enable();
		pm1_write_sleep(&acpi.pm1a_cnt, acpi.s5_typ_a, 0);
		pm1_write_sleep(&acpi.pm1b_cnt, acpi.s5_typ_b, 0);
		pm1_write_sleep(&acpi.pm1a_cnt, acpi.s5_typ_a, PM1_SLP_EN);
		pm1_write_sleep(&acpi.pm1b_cnt, acpi.s5_typ_b, PM1_SLP_EN);
	} else {
		return;
	}
	time_udelay(1000000);	/* real machines take their time between the write and the dark */
}

/* ---- ways to go ---- */

static void last_moments(void)
{
	irq_disable();
	smp_stop_others();
	console_start_sync();
}

static void __noreturn reset_now(void)
{
	*(volatile uint16_t *)direct_map(BIOS_RESET_FLAG) = warm ? BIOS_WARM : 0;
	if (first_method >= 0) {
		methods[first_method]();
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(methods); i++) {
		methods[i]();
	}
	machine_halt();
}

void machine_restart(void)
{
	last_moments();
	pr_info("Resetting the machine.\n");
	reset_now();
}

void machine_poweroff(void)
{
	last_moments();
	pr_info("Powering off.\n");
	acpi_poweroff();
	pr_info("The machine does not power off by ACPI: it is safe to switch it off.\n");
	machine_halt();
}

int acpi_enter_sleep(unsigned int state, uint16_t pm1a, uint16_t pm1b)
{
	if (state != 5) {
		return -XEN_EOPNOTSUPP;
	}
	/* For the other register kernels give its value or the bare type: there \_S5_ is what counts. */
	if (!acpi.sleep_ctl.address) {
		acpi.s5_typ_a = (pm1a & PM1_SLP_TYP) >> PM1_SLP_SHIFT;
		acpi.s5_typ_b = (pm1b & PM1_SLP_TYP) >> PM1_SLP_SHIFT;
		acpi.has_s5 = true;
	}
	machine_poweroff();
}

void machine_crash_end(void)
{
	last_moments();
	if (opt_noreboot) {
		pr_info("Halted, because of noreboot.\n");
		machine_halt();
	}
	pr_info("Resetting in %u seconds (noreboot halts instead).\n", CRASH_SECONDS);
	time_udelay(CRASH_SECONDS * 1000000);
	reset_now();
}

// SPDX-License-Identifier: MIT
/*
 * The end: reset, power-off, halt.
 *
 * Runs with interrupts off and the other CPUs stopped. Each reset method is tried for a
 * moment; when the machine is still there, the next one's turn comes, and the last one
 * cannot fail. reboot= puts a method first.
 */
#include <dais/acpi.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/paging.h>
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

static bool opt_noreboot;
static bool warm;
CMDLINE_BOOL("noreboot", opt_noreboot, "noreboot: halt after a crash instead of resetting");

void machine_halt(void)
{
	for (;;) {
		__asm__ volatile("cli\n\thlt" ::: "memory");
	}
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

/* ---- ways to go ---- */

static void last_moments(void)
{
	irq_disable();
	console_start_sync();
	smp_stop_others();
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

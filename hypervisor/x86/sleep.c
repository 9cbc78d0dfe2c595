// SPDX-License-Identifier: MIT
/*
 * ACPI registers and soft-off (S5).
 *
 * The types to write come from the \_S5_ package (acpi_s5.c), or from dom0 when it asks for
 * the sleep, since it has run the preparing methods. No locks: this is the end.
 */
#include <dais/acpi.h>
#include <dais/io.h>
#include <dais/pci.h>
#include <dais/reset.h>
#include <dais/time.h>
#include <xen/errno.h>

#define PM1_SCI_EN	0x0001u
#define PM1_SLP_TYP	0x1c00u
#define PM1_SLP_SHIFT	10
#define PM1_SLP_EN	0x2000u
#define SLEEP_CTL_SHIFT	2
#define SLEEP_CTL_EN	0x20u

/* ---- registers ---- */

static bool gas_usable(const struct acpi_gas *g)
{
	bool size_ok = g->width == 8 || g->width == 16 || g->width == 32;

	return g->address && size_ok && (g->space != ACPI_SPACE_MEMORY || g->va);
}

int acpi_gas_read(const struct acpi_gas *g, uint32_t *value)
{
	if (!gas_usable(g) || g->space > ACPI_SPACE_IO) {
		return -XEN_ENODEV;
	}
	*value = g->space == ACPI_SPACE_IO ? port_read(g->address, g->width / 8)
					   : mmio_read(g->va, g->width / 8);
	return 0;
}

int acpi_gas_write(const struct acpi_gas *g, uint32_t value)
{
	if (!gas_usable(g) || g->space > ACPI_SPACE_PCI) {
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

void acpi_poweroff(void)
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

int acpi_enter_sleep(unsigned int state, uint16_t pm1a, uint16_t pm1b)
{
	if (state != 5) {
		return -XEN_EOPNOTSUPP;
	}
	acpi.s5_typ_a = (pm1a & PM1_SLP_TYP) >> PM1_SLP_SHIFT;
	acpi.s5_typ_b = (pm1b & PM1_SLP_TYP) >> PM1_SLP_SHIFT;
	acpi.has_s5 = true;
	machine_poweroff();
}

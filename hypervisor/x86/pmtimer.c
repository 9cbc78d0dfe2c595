// SPDX-License-Identifier: MIT
/*
 * The ACPI power management timer: 3.58 MHz, 24 or 32 bits, only ever read. dom0 cannot
 * disturb it, which makes it the first choice.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/platform_timer.h>

#define PMTIMER_HZ	3579545

static uint64_t pmtimer_read(void)
{
	uint32_t v = 0;

	acpi_gas_read(&acpi.pm_timer, &v);
	return v;
}

static bool __init pmtimer_probe(struct platform_timer *pt)
{
	uint32_t first, now;

	if (acpi_gas_read(&acpi.pm_timer, &first) || first == 0xffffffffu) {
		return false;
	}
	pt->mask = acpi.pm_timer_32bit ? 0xffffffffu : 0xffffffu;
	for (unsigned int i = 0; i < 10000; i++) {
		acpi_gas_read(&acpi.pm_timer, &now);
		if (now != first) {
			return true;
		}
	}
	return false;
}

struct platform_timer pmtimer_clock = {
	.name = "acpi_pm", .hz = PMTIMER_HZ, .probe = pmtimer_probe, .read = pmtimer_read,
};

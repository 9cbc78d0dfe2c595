// SPDX-License-Identifier: MIT
/*
 * The HPET's main counter. Only its low half is used: it wraps after more than 40 s,
 * and reading 32 bits is one access on every implementation.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <dais/platform_timer.h>

#define HPET_PERIOD	0x04	/* femtoseconds a tick */
#define HPET_CONFIG	0x10
#define HPET_COUNTER	0xf0
#define CONFIG_ENABLE	1u
#define PERIOD_MAX	100000000u	/* 10 MHz is the slowest the specification allows */
#define FS_PER_SEC	1000000000000000ULL

static volatile uint8_t *hpet;

static uint64_t hpet_read(void)
{
	return mmio_read32(hpet + HPET_COUNTER);
}

static bool __init hpet_probe(struct platform_timer *pt)
{
	uint32_t period, first;

	if (!acpi.hpet_base) {
		return false;
	}
	hpet = map_mmio(acpi.hpet_base, 1024);
	period = hpet ? mmio_read32(hpet + HPET_PERIOD) : 0;
	if (period < 100000 || period > PERIOD_MAX) {
		return false;
	}
	mmio_write32(hpet + HPET_CONFIG, mmio_read32(hpet + HPET_CONFIG) | CONFIG_ENABLE);
	pt->hz = FS_PER_SEC / period;
	first = hpet_read();
	for (unsigned int i = 0; i < 10000; i++) {
		if (hpet_read() != first) {
			return true;
		}
	}
	return false;
}

struct platform_timer hpet_clock = {
	.name = "hpet", .mask = 0xffffffffu, .probe = hpet_probe, .read = hpet_read,
};

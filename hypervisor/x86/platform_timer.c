// SPDX-License-Identifier: MIT
/*
 * The platform's counters, and which of them is used. The ACPI power management timer is
 * only ever read, so dom0 cannot disturb it, which makes it the first choice. Of the HPET's
 * main counter only the low half is used: it wraps after more than 40 s, and reading 32 bits
 * is one access on every implementation. Channel 2 of the 8254, counting down from 65536
 * again and again, is good for measuring some milliseconds at boot and dom0's from then on.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <dais/platform_timer.h>
#include <dais/string.h>

#define HPET_PERIOD	0x04	/* femtoseconds a tick */
#define HPET_CONFIG	0x10
#define HPET_COUNTER	0xf0
#define CONFIG_ENABLE	1u
#define PERIOD_MAX	100000000u	/* 10 MHz is the slowest the specification allows */
#define FS_PER_SEC	1000000000000000ULL

#define PIT_CH2		0x42
#define PIT_CMD		0x43
#define CMD_CH2_MODE2	0xb4
#define CMD_CH2_LATCH	0x80
#define SPEAKER_PORT	0x61
#define SPEAKER_GATE	0x01
#define SPEAKER_ON	0x02

static volatile uint8_t *hpet;

static uint64_t pmtimer_read(void)
{
	uint32_t v = 0;

	acpi_gas_read(&acpi.pm_timer, &v);
	return v;
}

static bool __init pmtimer_probe(struct platform_timer *pt)
{
	uint32_t v;

	pt->mask = acpi.fadt_flags & ACPI_FADT_TMR_VAL_EXT ? 0xffffffffu : 0xffffffu;
	return !acpi_gas_read(&acpi.pm_timer, &v) && v != 0xffffffffu;
}

static uint64_t hpet_read(void)
{
	return mmio_read32(hpet + HPET_COUNTER);
}

static bool __init hpet_probe(struct platform_timer *pt)
{
	uint32_t period;

	hpet = acpi.hpet_base ? map_mmio(acpi.hpet_base, 1024) : NULL;
	period = hpet ? mmio_read32(hpet + HPET_PERIOD) : 0;
	if (period < 100000 || period > PERIOD_MAX) {
		return false;
	}
	mmio_write32(hpet + HPET_CONFIG, mmio_read32(hpet + HPET_CONFIG) | CONFIG_ENABLE);
	pt->hz = FS_PER_SEC / period;
	return true;
}

static uint64_t pit_read(void)
{
	uint32_t low;

	outb(CMD_CH2_LATCH, PIT_CMD);
	low = inb(PIT_CH2);
	return -(low | (uint32_t)inb(PIT_CH2) << 8) & 0xffff;
}

static bool __init pit_probe(struct platform_timer *pt __maybe_unused)
{
	outb((inb(SPEAKER_PORT) & ~SPEAKER_ON) | SPEAKER_GATE, SPEAKER_PORT);
	outb(CMD_CH2_MODE2, PIT_CMD);
	outb(0, PIT_CH2);
	outb(0, PIT_CH2);
	return true;
}

static struct platform_timer timers[] = {
	{ "acpi", "acpi_pm", 3579545, 0, pmtimer_probe, pmtimer_read },
	{ "hpet", "hpet", 0, 0xffffffffu, hpet_probe, hpet_read },
	{ "pit", "pit", 1193182, 0xffff, pit_probe, pit_read },
};

static bool __init timer_counts(const struct platform_timer *pt)
{
	uint64_t first = pt->read();

	for (unsigned int i = 0; i < 10000; i++) {
		uint64_t passed = (pt->read() - first) & pt->mask;

		if (passed && passed <= pt->mask / 2) {
			return true;
		}
	}
	return false;
}

const struct platform_timer *__init platform_timer_find(const char *wanted)
{
	/* The one that is wanted, and then whatever there is. */
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(timers); i++) {
		struct platform_timer *pt = &timers[i % ARRAY_SIZE(timers)];

		if ((i >= ARRAY_SIZE(timers) || !strcmp(wanted, pt->option)) && pt->probe(pt) &&
		    timer_counts(pt)) {
			return pt;
		}
	}
	return NULL;
}

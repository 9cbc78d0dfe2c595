// SPDX-License-Identifier: MIT
/*
 * The platform's clocks: its counters, and which of them is used, and the CMOS clock.
 *
 * The ACPI power management timer (3.58 MHz, 24 or 32 bits) is only ever read, so dom0 cannot
 * disturb it, which makes it the first choice. Of the HPET's main counter only the low half is
 * used: it wraps after more than 40 s, and reading 32 bits is one access on every implementation.
 * Channel 2 of the 8254, counting down from 65536 again and again, is good for measuring some
 * milliseconds at boot and dom0's from then on. The CMOS clock is read once; it counts seconds,
 * and dom0 sets the time properly when it knows better.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <dais/platform_timer.h>
#include <dais/string.h>
#include <dais/time.h>

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

#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_STATUS_A	0x0a
#define RTC_UPDATING	0x80
#define RTC_STATUS_B	0x0b
#define RTC_BINARY	0x04
#define RTC_24H		0x02
#define RTC_PM		0x80
#define BOOT_ARCH_NO_RTC (1u << 5)

static volatile uint8_t *hpet;

/* ---- counters ---- */

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

/* ---- the date ---- */

static uint8_t __init cmos(uint8_t reg)
{
	outb(reg, RTC_INDEX);
	return inb(RTC_DATA);
}

struct rtc_time {
	uint8_t second, minute, hour, day, month, year;
};

static void __init rtc_read_raw(struct rtc_time *t)
{
	for (unsigned int i = 0; i < 3000 && (cmos(RTC_STATUS_A) & RTC_UPDATING); i++) {
		time_udelay(1);
	}
	*t = (struct rtc_time){ cmos(0), cmos(2), cmos(4), cmos(7), cmos(8), cmos(9) };
}

static unsigned int __init decimal(uint8_t v, bool binary)
{
	return binary ? v : (v >> 4) * 10u + (v & 15);
}

uint64_t __init rtc_read_epoch(void)
{
	struct rtc_time t = { 0 }, last;
	unsigned int hour, year, tries = 0;
	uint8_t b;
	bool bin;

	if (acpi.boot_arch & BOOT_ARCH_NO_RTC) {
		return 0;
	}
	/* An update in the middle of reading shows as two readings that differ. */
	do {
		last = t;
		rtc_read_raw(&t);
	} while (memcmp(&t, &last, sizeof(t)) && ++tries < 6);
	b = cmos(RTC_STATUS_B);
	bin = b & RTC_BINARY;
	hour = decimal(t.hour & ~RTC_PM, bin);
	if (!(b & RTC_24H)) {
		hour = hour % 12 + (t.hour & RTC_PM ? 12 : 0);
	}
	year = decimal(t.year, bin);
	year += year < 70 ? 2000 : 1900;
	if (t.month == 0 || decimal(t.month, bin) > 12 || t.day == 0 || hour > 23) {
		return 0;
	}
	return (uint64_t)time_from_date(year, decimal(t.month, bin), decimal(t.day, bin), hour,
					decimal(t.minute, bin), decimal(t.second, bin));
}

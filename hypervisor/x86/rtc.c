// SPDX-License-Identifier: MIT
/*
 * The CMOS clock, read once at boot. Resolution is a second; dom0 sets the time
 * properly when it knows better.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/platform_timer.h>
#include <dais/string.h>
#include <dais/time.h>

#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_STATUS_A	0x0a
#define RTC_UPDATING	0x80
#define RTC_STATUS_B	0x0b
#define RTC_BINARY	0x04
#define RTC_24H		0x02
#define RTC_PM		0x80
#define BOOT_ARCH_NO_RTC (1u << 5)

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

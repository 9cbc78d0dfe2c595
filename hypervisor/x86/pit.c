// SPDX-License-Identifier: MIT
/*
 * Channel 2 of the 8254, counting down from 65536 again and again: good for measuring
 * some milliseconds at boot, useless as a clock afterwards. It is dom0's from then on.
 */
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/platform_timer.h>

#define PIT_HZ		1193182
#define PIT_CH2		0x42
#define PIT_CMD		0x43
#define CMD_CH2_MODE2	0xb4
#define CMD_CH2_LATCH	0x80
#define SPEAKER_PORT	0x61
#define SPEAKER_GATE	0x01
#define SPEAKER_ON	0x02

static uint64_t pit_read(void)
{
	uint32_t v;

	outb(CMD_CH2_LATCH, PIT_CMD);
	v = inb(PIT_CH2);
	v |= (uint32_t)inb(PIT_CH2) << 8;
	return -v & 0xffff;
}

static bool __init pit_probe(struct platform_timer *pt __maybe_unused)
{
	uint64_t first;

	outb((inb(SPEAKER_PORT) & ~SPEAKER_ON) | SPEAKER_GATE, SPEAKER_PORT);
	outb(CMD_CH2_MODE2, PIT_CMD);
	outb(0, PIT_CH2);
	outb(0, PIT_CH2);
	first = pit_read();
	for (unsigned int i = 0; i < 1000; i++) {
		uint64_t now = pit_read();

		if (now != first && ((now - first) & 0xffff) < 0x8000) {
			return true;
		}
	}
	return false;
}

struct platform_timer pit_clock = {
	.name = "pit", .hz = PIT_HZ, .mask = 0xffff, .probe = pit_probe, .read = pit_read,
};

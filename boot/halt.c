/* SPDX-License-Identifier: MIT */
/*
 * The last words of a boot that cannot go on: to the first serial port, polled, and to the
 * text screen. Needs nothing but the boot page tables, and waits for nothing for ever.
 */
#include <dais/boot_info.h>
#include <dais/io.h>
#include "layout.h"

#define HALT_COM1	0x3f8
#define HALT_LSR_EMPTY	0x20
#define HALT_TRIES	1000000u

static void halt_putc(char c, unsigned int column)
{
	volatile uint16_t *screen = (volatile uint16_t *)(BOOT_DIRECT_BASE + 0xb8000UL);
	unsigned int tries = HALT_TRIES;

	while (!(inb(HALT_COM1 + 5) & HALT_LSR_EMPTY) && --tries > 0) {
		continue;
	}
	outb((uint8_t)c, HALT_COM1);
	if (column < 80 * 25) {
		screen[column] = (uint16_t)(0x4f00 | (uint8_t)c);
	}
}

void boot_halt(const char *why)
{
	const char *parts[] = { "Dais cannot start: ", why, " Halted." };
	unsigned int column = 0;

	outb(0x80, HALT_COM1 + 3);	/* divisor access */
	outb(1, HALT_COM1);		/* 115200 baud */
	outb(0, HALT_COM1 + 1);
	outb(0x03, HALT_COM1 + 3);	/* 8 bits, no parity, one stop bit */
	for (unsigned int i = 0; i < 3; i++) {
		for (const char *s = parts[i]; *s != '\0'; s++) {
			halt_putc(*s, column++);
		}
	}
	halt_putc('\r', ~0u);
	halt_putc('\n', ~0u);
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The machine's console as dom0 sees it.
 *
 * Domain: dom0
 *
 * write takes any length and returns 0 once all bytes are out; read returns how many waited, none
 * here. Lengths and pointers are the guest's word and are not trusted.
 */
#include "kit.h"

static char text[5000];

void guest_main(void)
{
	char in[16];

	kit_init();
	memset(text, '.', sizeof(text));
	for (unsigned int i = 99; i < sizeof(text); i += 100) {
		text[i] = '\n';
	}
	CHECK_EQ(HC(console_io, CONSOLEIO_write, sizeof(text), text), 0);
	CHECK_EQ(HC(console_io, CONSOLEIO_write, 0, text), 0);
	CHECK_EQ(HC(console_io, CONSOLEIO_write, 0, ADDR_UNMAPPED), 0);
	CHECK_EQ(HC(console_io, CONSOLEIO_write, 8, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(HC(console_io, CONSOLEIO_write, 8, ADDR_HOLE), -kEFAULT);
	CHECK_EQ(HC(console_io, CONSOLEIO_read, sizeof(in), in), 0);
	CHECK_EQ(HC(console_io, CONSOLEIO_read, 0, in), 0);
	/* More than an int can count: an error of some kind. */
	CHECK_EITHER(HC(console_io, CONSOLEIO_read, 0xffffffff, in), -kE2BIG, -kEINVAL);
	CHECK_EQ(HC(console_io, 2, sizeof(in), in), -kENOSYS);
	verdict();
}

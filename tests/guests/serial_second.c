/* SPDX-License-Identifier: MIT */
/*
 * Is the second serial line as good a console as the first, with its interrupt and without?
 *
 * What dom0 writes comes out, also behind more than is kept for a slow line. The line is the
 * hypervisor's: dom0 reads all ones from its ports. The first one's ports, which then serve no
 * console, are dom0's.
 *
 * Domain: dom0
 * Needs: serial=2
 * Options: com2=115200,8n1 console=com2
 * Options: com2=115200,8n1,0x2f8,0 console=com2
 */
#include "kit.h"

#include <xen/physdev.h>

#define COM1 0x3f8
#define COM2 0x2f8
#define LINE_STATUS 5

static u8 in1(u16 port)
{
	u8 v;

	__asm__ volatile("inb %%dx, %%al" : "=a"(v) : "d"(port));
	return v;
}

static void check_ports(void)
{
	struct physdev_set_iopl op = { .iopl = 1 };

	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
	CHECK_EQ(in1(COM2 + LINE_STATUS), 0xff);
	CHECK_EQ(in1(COM1 + LINE_STATUS) & 0x60, 0x60); /* nothing to send */
}

/* The runner finds the verdict behind it. */
static void check_much(void)
{
	static char text[40000];

	memset(text, '.', sizeof(text));
	for (unsigned int i = 99; i < sizeof(text); i += 100) {
		text[i] = '\n';
	}
	CHECK_EQ(HC(console_io, CONSOLEIO_write, sizeof(text), text), 0);
}

void guest_main(void)
{
	kit_init();
	check_ports();
	check_much();
	verdict();
}

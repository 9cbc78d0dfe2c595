// SPDX-License-Identifier: MIT
/*
 * The two 8259 interrupt controllers of a PC: moved away from the exception vectors and
 * masked for good. A chip that glitches can still deliver a spurious interrupt at its
 * lowest-priority line, so it must have vectors that are known to mean nothing.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/ioapic.h>
#include <dais/vectors.h>

#define PIC1_CMD	0x20
#define PIC1_DATA	0x21
#define PIC2_CMD	0xa0
#define PIC2_DATA	0xa1
#define ICW1_INIT	0x11	/* edge, cascaded, ICW4 follows */
#define ICW4_8086	0x01
#define CASCADE_LINE	2

static void __init pic_out(uint8_t value, uint16_t port)
{
	outb(value, port);
	io_delay();
}

void __init i8259_disable(void)
{
	if (!acpi.has_8259) {
		return;
	}
	pic_out(0xff, PIC1_DATA);
	pic_out(0xff, PIC2_DATA);
	pic_out(ICW1_INIT, PIC1_CMD);
	pic_out(VECTOR_LEGACY_FIRST, PIC1_DATA);
	pic_out(1 << CASCADE_LINE, PIC1_DATA);
	pic_out(ICW4_8086, PIC1_DATA);
	pic_out(ICW1_INIT, PIC2_CMD);
	pic_out(VECTOR_LEGACY_FIRST + 8, PIC2_DATA);
	pic_out(CASCADE_LINE, PIC2_DATA);
	pic_out(ICW4_8086, PIC2_DATA);
	pic_out(0xff, PIC1_DATA);
	pic_out(0xff, PIC2_DATA);
}

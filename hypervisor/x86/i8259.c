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
#define PIC2_CMD	0xa0
#define DATA(cmd)	((cmd) + 1)
#define ICW1_INIT	0x11	/* edge, cascaded, ICW4 follows */
#define ICW4_8086	0x01
#define MASK_ALL	0xff
#define CASCADE_LINE	2

void __init i8259_disable(void)
{
	static const struct {
		uint8_t value;
		uint16_t port;
	} writes[] = {
		{ MASK_ALL, DATA(PIC1_CMD) }, { MASK_ALL, DATA(PIC2_CMD) },
		{ ICW1_INIT, PIC1_CMD }, { VECTOR_LEGACY_FIRST, DATA(PIC1_CMD) },
		{ 1 << CASCADE_LINE, DATA(PIC1_CMD) }, { ICW4_8086, DATA(PIC1_CMD) },
		{ ICW1_INIT, PIC2_CMD }, { VECTOR_LEGACY_FIRST + 8, DATA(PIC2_CMD) },
		{ CASCADE_LINE, DATA(PIC2_CMD) }, { ICW4_8086, DATA(PIC2_CMD) },
		{ MASK_ALL, DATA(PIC1_CMD) }, { MASK_ALL, DATA(PIC2_CMD) },
	};

	for (unsigned int i = 0; acpi.has_8259 && i < ARRAY_SIZE(writes); i++) {
		outb(writes[i].value, writes[i].port);
		io_delay();
	}
}

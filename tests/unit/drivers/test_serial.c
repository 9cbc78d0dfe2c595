/* SPDX-License-Identifier: MIT */
/*
 * The serial port with a pretended chip: what a line that moves, stands still and moves again gets to see, and how
 * long a writer is kept for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <dais/boot_info.h>
#include <dais/cmdline.h>
#include <dais/console.h>
#include <dais/ioapic.h>
#include <dais/irq.h>
#include <xen/errno.h>
#include "../core/fake_time.h"
#include "fake.h"

static char line[1 << 20];
static size_t sent;
static unsigned long looks;		/* at the line status */
static unsigned long moves;		/* characters that the chip takes still */

void outb(uint8_t value, uint16_t port)
{
	static uint8_t lcr;

	if (port == 0x3f8 + 3) {
		lcr = value;
	} else if (port == 0x3f8 && !(lcr & 0x80)) {
		if (moves) {
			moves--;
			line[sent++] = (char)value;
		}
	}
}

uint8_t inb(uint16_t port)
{
	if (port == 0x3f8 + 5) {
		looks++;
		return moves ? 0x20 : 0;
	}
	return port == 0x3f8 + 2 ? 0xc1 : 0;
}

unsigned int ioapic_isa_to_gsi(unsigned int irq)
{
	return irq;
}

uint64_t cmdline_parse_u64(const char *s, const char **end)
{
	return 0;		/* no com1= is given here */
}

static irq_handler_t handler;
static void *handler_arg;

int irq_request(unsigned int gsi, irq_handler_t fn, void *arg, const char *name)
{
	handler = fn;
	handler_arg = arg;
	return 0;
}

void console_input(char c, struct regs *regs)
{
}

static int setup(void **state)
{
	static bool up;

	fake_reset();
	moves = ~0ul;
	if (!up) {
		assert_int_equal(serial_com[0].init(&serial_com[0], NULL, true), 0);
		serial_com[0].init_late(&serial_com[0]);
		assert_non_null(handler);
		up = true;
	}
	sent = looks = 0;
	return 0;
}

/* n lines of 16 characters, the first ones of which are counted. */
static void write_lines(unsigned int n)
{
	char text[32];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%08u .....\r\n", i);
		serial_com[0].write(&serial_com[0], text, 16);
	}
}

static void test_a_line_that_moves(void **state)
{
	write_lines(2000);
	assert_int_equal(sent, 32000);
	assert_memory_equal(line + 31984, "00001999", 8);
}

static void test_a_line_that_stands_still(void **state)
{
	moves = 0;
	write_lines(4000);		/* 64000 characters, of which the ring holds a quarter */
	assert_int_equal(sent, 0);
	assert_true(looks < 200000);	/* one wait, not one for each 16 characters */
	moves = ~0ul;
	write_lines(1);
	line[sent] = '\0';
	assert_memory_equal(line + 16368, "00001023", 8);
	assert_non_null(strstr(line, "\r\n(47616 characters lost: the line stood still)\r\n"));
	assert_memory_equal(line + sent - 16, "00000000", 8);
}

/* A reader that takes some now and then keeps nobody for long either. */
static void test_a_line_that_crawls(void **state)
{
	moves = 0;
	for (unsigned int i = 0; i < 400; i++) {
		write_lines(10);
		moves = 16;
	}
	assert_true(looks < 10 * 100000ul);
	moves = ~0ul;
	write_lines(1);
	assert_memory_equal(line + sent - 16, "00000000", 8);
}

/* Before a crash is told all has to go out, and a line that is dead does not keep that up for ever. */
static void test_sync(void **state)
{
	moves = 0;
	write_lines(1000);
	moves = ~0ul;
	serial_com[0].sync(&serial_com[0]);
	assert_int_equal(sent, 16000);
	moves = 0;
	looks = 0;
	write_lines(1000);
	assert_true(looks < 1100000);
	moves = ~0ul;
	write_lines(1);
	assert_memory_equal(line + sent - 16, "00000000", 8);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_line_that_moves), T(test_a_line_that_stands_still), T(test_a_line_that_crawls), T(test_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

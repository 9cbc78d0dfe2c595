/* SPDX-License-Identifier: MIT */
/*
 * With vga=keep, is what dom0 writes on the screen, in text mode?
 *
 * More lines than there are rows: the last ones stand below each other, the first are gone. A line
 * that is too long goes on in the next row, a return begins it again, a tabulator leads to the next
 * column of eight. The cursor is where the next character will be. The oracle, started by QEMU,
 * says nothing at all with console=vga.
 *
 * Domain: dom0
 * Only: dais
 * Needs: device=VGA
 * Options: console=com1,vga vga=keep
 */
#include "kit.h"

#include <xen/physdev.h>

#define COLS 80
#define ROWS 25
#define LINES 60

static const volatile u16 *const screen = (void *)0x40000000;

static void write_text(const char *text)
{
	CHECK_EQ(HC(console_io, CONSOLEIO_write, strlen(text), text), 0);
}

static void screen_map(void)
{
	paging_grow((unsigned long)screen);
	CHECK_EQ(paging_set((const void *)screen, PTE(0xb8, PTE_FLAGS_RW | PTE_PCD)), 0);
}

static bool row_is(unsigned int row, const char *text)
{
	size_t len = strlen(text);

	for (unsigned int i = 0; i < COLS; i++) {
		char want = i < len ? text[i] : ' ', got = (char)(screen[row * COLS + i] & 0xff);

		if (got != want && !(want == ' ' && got == '\0')) {
			return false;
		}
	}
	return true;
}

/* The lowest row that says this; ROWS when there is none. */
static unsigned int row_of(const char *text)
{
	for (unsigned int row = ROWS; row-- > 0;) {
		if (row_is(row, text)) {
			return row;
		}
	}
	return ROWS;
}

static unsigned int crtc(u8 reg)
{
	u8 v;

	__asm__ volatile("outb %%al, %%dx" : : "a"(reg), "d"(0x3d4));
	__asm__ volatile("inb %%dx, %%al" : "=a"(v) : "d"(0x3d5));
	return v;
}

static void check_scroll(void)
{
	char text[] = "line 00\n";
	unsigned int row;

	for (unsigned int n = 0; n < LINES; n++) {
		text[5] = (char)('0' + n / 10);
		text[6] = (char)('0' + n % 10);
		write_text(text);
	}
	row = row_of("line 59");
	if (!check_that(row > ROWS / 2 && row < ROWS, "the last line is in row %u", row)) {
		return;
	}
	CHECK(row_is(row - 1, "line 58"));
	CHECK(row_is(row - 12, "line 47"));
	CHECK_EQ(row_of("line 00"), ROWS);
	CHECK_EQ(row_of("line 34"), ROWS);
	for (unsigned int below = row + 1; below < ROWS; below++) {
		CHECK(row_is(below, ""));
	}
	CHECK_EQ(screen[row * COLS] >> 8, 7);
}

static void check_columns(void)
{
	char text[93], *end = text + sizeof(text) - 1;
	unsigned int row;

	memset(text, 'w', sizeof(text));
	memcpy(end - 12, "rest of that", 12);
	*end = '\0';
	write_text(text);
	write_text("\nover\rO\ta\tb\nnext");
	row = row_of("next");
	if (!check_that(row < ROWS, "no last line")) {
		return;
	}
	CHECK(row_is(row - 1, "Over    a       b"));
	CHECK(row_is(row - 2, "rest of that"));
	CHECK_EQ(screen[(row - 3) * COLS + COLS - 1], 0x0700 | 'w');
	CHECK_EQ(crtc(0x0e) << 8 | crtc(0x0f), row * COLS + 4);
}

void guest_main(void)
{
	struct physdev_set_iopl op = { .iopl = 1 };

	kit_init();
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
	screen_map();
	check_scroll();
	check_columns();
	verdict();
}

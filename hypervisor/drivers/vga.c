// SPDX-License-Identifier: MIT
/*
 * VGA text mode, for messages until dom0 takes the screen over (or for good, vga=keep).
 *
 * Only writes; console_lock guards the position. A copy of the screen in ordinary memory
 * saves reading the slow real one when scrolling.
 */
#include <dais/acpi.h>
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <dais/string.h>
#include <xen/errno.h>

#define VGA_TEXT	0xb8000
#define COLS		80
#define ROWS		25
#define ATTR		0x0700
#define CRTC_INDEX	0x3d4
#define CRTC_DATA	0x3d5
#define CRTC_CURSOR_HI	0x0e
#define CRTC_CURSOR_LO	0x0f

static volatile uint8_t *screen;
static uint16_t shadow[ROWS][COLS];
static unsigned int row, col;

static void row_show(unsigned int r)
{
	for (unsigned int c = 0; c < COLS; c += 4) {
		uint64_t four;

		memcpy(&four, &shadow[r][c], sizeof(four));
		mmio_write64(screen + (r * COLS + c) * 2, four);
	}
}

static void row_clear(unsigned int r)
{
	for (unsigned int c = 0; c < COLS; c++) {
		shadow[r][c] = ATTR | ' ';
	}
}

static void vga_newline(void)
{
	col = 0;
	if (++row < ROWS) {
		return;
	}
	row = ROWS - 1;
	memmove(shadow[0], shadow[1], sizeof(shadow[0]) * (ROWS - 1));
	row_clear(row);
	for (unsigned int r = 0; r < ROWS; r++) {
		row_show(r);
	}
}

static void vga_putc(char c)
{
	if (c == '\n') {
		vga_newline();
	} else if (c == '\r') {
		col = 0;
	} else if (c == '\t') {
		col = min((col + 8) & ~7u, COLS - 1u);
	} else if ((uint8_t)c >= ' ') {
		if (col == COLS) {
			vga_newline();
		}
		shadow[row][col] = ATTR | (uint8_t)c;
		mmio_write16(screen + (row * COLS + col) * 2, shadow[row][col]);
		col++;
	}
}

static void vga_write(const char *s, size_t n)
{
	unsigned int pos;

	while (n--) {
		vga_putc(*s++);
	}
	pos = row * COLS + min(col, COLS - 1u);
	outb(CRTC_CURSOR_HI, CRTC_INDEX);
	outb(pos >> 8, CRTC_DATA);
	outb(CRTC_CURSOR_LO, CRTC_INDEX);
	outb(pos & 0xff, CRTC_DATA);
}

static void screen_clear(void)
{
	row = 0;
	col = 0;
	for (unsigned int r = 0; r < ROWS; r++) {
		row_clear(r);
		row_show(r);
	}
}

/* A legacy PC is in text mode unless the loader says otherwise. */
static int __init vga_init(const struct boot_info *bi, bool named __maybe_unused)
{
	bool text = bi->fb.type == BOOT_FB_TEXT ||
		    (bi->fb.type == BOOT_FB_NONE && !bi->efi_system_table);

	if (!text || (acpi.boot_arch & ACPI_BOOT_ARCH_NO_VGA)) {
		return -XEN_ENODEV;
	}
	screen = map_mmio(VGA_TEXT, COLS * ROWS * 2);
	if (!screen) {
		return -XEN_ENODEV;
	}
	screen_clear();
	return 0;
}

struct console_driver vga_console = {
	.name = "vga", .init = vga_init, .write = vga_write, .end_boot = screen_clear,
};

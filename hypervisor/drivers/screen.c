// SPDX-License-Identifier: MIT
/*
 * The screen, for messages until dom0 takes it over (or for good, vga=keep): VGA text as a legacy
 * PC has it, or text drawn on the linear framebuffer that firmware and GRUB leave on UEFI machines.
 *
 * Drawn characters take cells of 8 by 16 pixels, glyph rows being doubled. `cells` remembers
 * what is shown, so that scrolling only writes what changes and never reads the slow
 * screen; and it scrolls a quarter of the screen at a time. console_lock guards it all.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <xen/errno.h>

#include "font.h"

#define CELL_W		8
#define CELL_H		16
#define COLS_MAX	160
#define ROWS_MAX	80
#define GREY		0xaau

#define VGA_TEXT	0xb8000
#define VGA_COLS	80
#define VGA_ROWS	25
#define VGA_ATTR	0x0700
#define CRTC_INDEX	0x3d4
#define CRTC_DATA	0x3d5
#define CRTC_CURSOR_HI	0x0e
#define CRTC_CURSOR_LO	0x0f

static struct {
	volatile uint8_t *mem;
	bool text;			/* VGA text: a cell is two bytes, and there is a cursor */
	uint32_t pitch, pixel;		/* bytes; of a line of pixels, of text a line of cells */
	uint32_t colour;
	unsigned int cols, rows, row, col;
} screen;

static char cells[ROWS_MAX][COLS_MAX];	/* 0: not written yet */

static uint32_t __init channel(uint8_t pos, uint8_t size)
{
	return size && size <= 8 ? (GREY >> (8 - size)) << pos : 0;
}

static void pixel_put(volatile uint8_t *p, uint32_t colour)
{
	if (screen.pixel == 4) {
		mmio_write32(p, colour);
	} else {
		for (unsigned int i = 0; i < screen.pixel; i++) {
			mmio_write8(p + i, colour >> (8 * i));
		}
	}
}

static unsigned int glyph_row(char c, unsigned int y)
{
	unsigned int glyph = (uint8_t)c - FONT_FIRST, r = (y - 1) / 2;

	if (y == 0 || r >= FONT_ROWS || glyph >= FONT_GLYPHS) {
		return 0;
	}
	return font_rows[glyph][r] << (CELL_W - FONT_COLS - 1);
}

static void cell_draw(unsigned int row, unsigned int col, char c)
{
	volatile uint8_t *line = screen.mem + row * CELL_H * screen.pitch +
				 col * CELL_W * screen.pixel;

	for (unsigned int y = 0; y < CELL_H; y++, line += screen.pitch) {
		unsigned int bits = glyph_row(c, y);

		for (unsigned int x = 0; x < CELL_W; x++) {
			pixel_put(line + x * screen.pixel, bits & (0x80 >> x) ? screen.colour : 0);
		}
	}
}

static void cell_set(unsigned int row, unsigned int col, char c)
{
	if (cells[row][col] == c) {
		return;
	}
	cells[row][col] = c;
	if (screen.text) {
		mmio_write16(screen.mem + row * screen.pitch + col * 2, VGA_ATTR | (uint8_t)c);
	} else {
		cell_draw(row, col, c);
	}
}

static void screen_scroll(unsigned int by)
{
	for (unsigned int r = 0; r < screen.rows; r++) {
		for (unsigned int c = 0; c < screen.cols; c++) {
			cell_set(r, c, r + by < screen.rows ? cells[r + by][c] : ' ');
		}
	}
}

static void screen_newline(void)
{
	unsigned int by = screen.rows / 4 ? screen.rows / 4 : 1;

	screen.col = 0;
	if (++screen.row == screen.rows) {
		screen_scroll(by);
		screen.row -= by;
	}
}

static void screen_putc(char c)
{
	if (c == '\n') {
		screen_newline();
	} else if (c == '\r') {
		screen.col = 0;
	} else if (c == '\t') {
		screen.col = min((screen.col + 8) & ~7u, screen.cols - 1);
	} else if ((uint8_t)c >= ' ') {
		if (screen.col == screen.cols) {
			screen_newline();
		}
		cell_set(screen.row, screen.col++, c);
	}
}

static void screen_write(struct console_driver *drv, const char *s, size_t n)
{
	unsigned int pos;

	while (n--) {
		screen_putc(*s++);
	}
	if (screen.text) {
		pos = screen.row * VGA_COLS + min(screen.col, VGA_COLS - 1u);
		outb(CRTC_CURSOR_HI, CRTC_INDEX);
		outb(pos >> 8, CRTC_DATA);
		outb(CRTC_CURSOR_LO, CRTC_INDEX);
		outb(pos & 0xff, CRTC_DATA);
	}
}

void screen_clear(void)
{
	screen.row = screen.col = 0;
	screen_scroll(screen.rows);
}

static int __init screen_init(struct console_driver *drv, const struct boot_info *bi, bool named)
{
	const struct boot_framebuffer *f = &bi->fb;

	/* A legacy PC is in text mode unless the loader says otherwise. */
	screen.text = f->type == BOOT_FB_TEXT ||
		      (f->type == BOOT_FB_NONE && !bi->efi_system_table);
	if (screen.text) {
		screen.pitch = VGA_COLS * 2;
		screen.cols = VGA_COLS;
		screen.rows = VGA_ROWS;
		screen.mem = map_mmio(VGA_TEXT, VGA_ROWS * screen.pitch);
	} else if (f->type == BOOT_FB_RGB && f->width >= CELL_W && f->height >= CELL_H) {
		screen.pixel = (f->bpp + 7) / 8;
		screen.pitch = f->pitch;
		screen.cols = min(f->width / CELL_W, (uint32_t)COLS_MAX);
		screen.rows = min(f->height / CELL_H, (uint32_t)ROWS_MAX);
		screen.colour = channel(f->red_pos, f->red_size) |
				channel(f->green_pos, f->green_size) |
				channel(f->blue_pos, f->blue_size);
		screen.mem = map_mmio(f->addr, (size_t)screen.pitch * screen.rows * CELL_H);
	}
	if (!screen.mem) {
		return -XEN_ENODEV;
	}
	screen_clear();
	return 0;
}

struct console_driver screen_console = {
	.name = "vga", .init = screen_init, .write = screen_write,
};

// SPDX-License-Identifier: MIT
/*
 * Text on a linear framebuffer, as firmware and GRUB leave it on UEFI machines.
 *
 * Characters take cells of 8 by 16 pixels, glyph rows being doubled. `cells` remembers
 * what is shown, so that scrolling only draws what changes and never reads the slow
 * screen; and it scrolls a quarter of the screen at a time. console_lock guards it all.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/paging.h>
#include <dais/string.h>
#include <xen/errno.h>

#include "font.h"

#define CELL_W		8
#define CELL_H		16
#define COLS_MAX	160
#define ROWS_MAX	80
#define GREY		0xaau

static struct {
	volatile uint8_t *mem;
	uint32_t pitch, pixel;		/* bytes */
	uint32_t colour;
	unsigned int cols, rows, row, col;
} fb;

static char cells[ROWS_MAX][COLS_MAX];

static uint32_t __init channel(uint8_t pos, uint8_t size)
{
	return size && size <= 8 ? (GREY >> (8 - size)) << pos : 0;
}

static void pixel_put(volatile uint8_t *p, uint32_t colour)
{
	if (fb.pixel == 4) {
		mmio_write32(p, colour);
	} else {
		for (unsigned int i = 0; i < fb.pixel; i++) {
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

static void cell_show(unsigned int row, unsigned int col, char c)
{
	volatile uint8_t *line = fb.mem + row * CELL_H * fb.pitch + col * CELL_W * fb.pixel;

	cells[row][col] = c;
	for (unsigned int y = 0; y < CELL_H; y++, line += fb.pitch) {
		unsigned int bits = glyph_row(c, y);

		for (unsigned int x = 0; x < CELL_W; x++) {
			pixel_put(line + x * fb.pixel, bits & (0x80 >> x) ? fb.colour : 0);
		}
	}
}

static void cell_set(unsigned int row, unsigned int col, char c)
{
	if (cells[row][col] != c) {
		cell_show(row, col, c);
	}
}

static void fb_scroll(void)
{
	unsigned int by = fb.rows / 4 ? fb.rows / 4 : 1;

	for (unsigned int r = 0; r < fb.rows; r++) {
		for (unsigned int c = 0; c < fb.cols; c++) {
			cell_set(r, c, r + by < fb.rows ? cells[r + by][c] : ' ');
		}
	}
	fb.row -= by;
}

static void fb_newline(void)
{
	fb.col = 0;
	if (++fb.row == fb.rows) {
		fb_scroll();
	}
}

static void fb_putc(char c)
{
	if (c == '\n') {
		fb_newline();
	} else if (c == '\r') {
		fb.col = 0;
	} else if (c == '\t') {
		fb.col = min((fb.col + 8) & ~7u, fb.cols - 1);
	} else if ((uint8_t)c >= ' ') {
		if (fb.col == fb.cols) {
			fb_newline();
		}
		cell_set(fb.row, fb.col++, c);
	}
}

static void fb_write(const char *s, size_t n)
{
	while (n--) {
		fb_putc(*s++);
	}
}

static void fb_clear(void)
{
	fb.row = 0;
	fb.col = 0;
	for (unsigned int r = 0; r < fb.rows; r++) {
		for (unsigned int c = 0; c < fb.cols; c++) {
			cell_show(r, c, ' ');
		}
	}
}

static int __init fb_init(const struct boot_info *bi, bool named __maybe_unused)
{
	const struct boot_framebuffer *f = &bi->fb;

	if (f->type != BOOT_FB_RGB || f->bpp < 15 || f->bpp > 32 || f->width < CELL_W ||
	    f->height < CELL_H || f->pitch < f->width * ((f->bpp + 7u) / 8)) {
		return -XEN_ENODEV;
	}
	fb.pixel = (f->bpp + 7) / 8;
	fb.pitch = f->pitch;
	fb.cols = min(f->width / CELL_W, (uint32_t)COLS_MAX);
	fb.rows = min(f->height / CELL_H, (uint32_t)ROWS_MAX);
	fb.colour = channel(f->red_pos, f->red_size) | channel(f->green_pos, f->green_size) |
		    channel(f->blue_pos, f->blue_size);
	fb.mem = map_mmio(f->addr, (size_t)fb.pitch * fb.rows * CELL_H);
	if (!fb.mem) {
		return -XEN_ENODEV;
	}
	fb_clear();
	return 0;
}

struct console_driver fb_console = {
	.name = "vga", .init = fb_init, .write = fb_write, .end_boot = fb_clear,
};

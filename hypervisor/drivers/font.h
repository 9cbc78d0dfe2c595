/* SPDX-License-Identifier: MIT */
/* The built-in font: see font.c. */
#ifndef DAIS_DRIVERS_FONT_H
#define DAIS_DRIVERS_FONT_H

#include <dais/types.h>

#define FONT_FIRST	' '
#define FONT_GLYPHS	95
#define FONT_ROWS	7
#define FONT_COLS	5

extern const uint8_t font_rows[FONT_GLYPHS][FONT_ROWS];

#endif /* DAIS_DRIVERS_FONT_H */

/* SPDX-License-Identifier: MIT */
/*
 * UUIDs as domains carry them: 16 bytes, and the text of 36 characters.
 */
#ifndef LIB_UUID_H
#define LIB_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT 37 /* with the terminating zero */

void uuid_format(const uint8_t uuid[16], char text[UUID_TEXT]);
/* The whole of `text` must be a UUID; dashes may be left out, case does not matter. */
bool uuid_parse(const char *text, uint8_t uuid[16]);
/* A random (version 4) one. */
void uuid_make(uint8_t uuid[16]);

#endif

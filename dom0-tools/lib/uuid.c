/* SPDX-License-Identifier: MIT */
/*
 * UUIDs: see uuid.h. Stateless.
 */
#include "lib/uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void uuid_format(const uint8_t u[16], char text[UUID_TEXT])
{
	snprintf(text, UUID_TEXT,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
		 u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
		 u[15]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	unsigned int digits = 0;
	uint8_t out[16] = { 0 };

	for (; *text; text++) {
		int value = hex_digit(*text);

		if (*text == '-' && (digits == 8 || digits == 12 || digits == 16 || digits == 20)) {
			continue;
		}
		if (value < 0 || digits == 32) {
			return false;
		}
		out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | value);
		digits++;
	}
	if (digits != 32) {
		return false;
	}
	memcpy(uuid, out, sizeof(out));
	return true;
}

void uuid_make(uint8_t uuid[16])
{
	if (getrandom(uuid, 16, 0) != 16) {
		/* Cannot happen for so few bytes; two guests with one UUID must not. */
		abort();
	}
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

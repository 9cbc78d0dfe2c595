/* SPDX-License-Identifier: MIT */
/*
 * String helpers that the C library does not have, apart from the ones that it has:
 * this file can be linked into a host program as it stands. Stateless.
 */
#include <stdbool.h>
#include <dais/printf.h>
#include <dais/string.h>

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size > 0) {
		size_t n = len < size ? len : size - 1;

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

/* The value of a digit in any base up to 36; 36 and more for what is none. */
static unsigned int string_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return (unsigned int)(c - '0');
	}
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned int)(c - 'a') + 10 : 36;
}

unsigned long dais_strtoul(const char *s, const char **end, unsigned int base)
{
	unsigned long value = 0;
	bool overflow = false;

	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 0x20) == 'x' &&
	    string_digit(s[2]) < 16) {
		s += 2;
		base = 16;
	} else if (base == 0) {
		base = s[0] == '0' ? 8 : 10;
	}
	for (; string_digit(*s) < base; s++) {
		overflow |= __builtin_mul_overflow(value, base, &value);
		overflow |= __builtin_add_overflow(value, string_digit(*s), &value);
	}
	if (end != NULL) {
		*end = s;
	}
	return overflow ? ~0UL : value;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if (size == 0) {
		return 0;
	}
	return len < (int)size ? len : (int)size - 1;
}

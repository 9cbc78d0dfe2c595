/* SPDX-License-Identifier: MIT */
/*
 * Formatting into memory: the core under printk and everything else that makes text.
 *
 * Understood: %d %u %x %p %s %c %%; flags 0 - #; field width; precision of %s; sizes l z.
 * Zeros fill a field of up to 40 characters. %p prints 0x and 16 digits. An unknown conversion
 * is copied out as it stands.
 *
 * Pure functions; safe in any context.
 */
#ifndef DAIS_PRINTF_H
#define DAIS_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Write at most size bytes, always NUL-terminated when size > 0. The result is the
 * length of the whole text, as C says: >= size means that it was cut short.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__attribute__((__format__(__printf__, 3, 0)));
int snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));

#endif /* DAIS_PRINTF_H */

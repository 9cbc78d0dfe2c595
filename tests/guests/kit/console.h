/* SPDX-License-Identifier: MIT */
/*
 * Text output. As dom0 lines go through the console_io hypercall, as a domU through the ring
 * whose frame start_info names. Not reentrant: only vCPU 0 prints.
 */
#ifndef KIT_CONSOLE_H
#define KIT_CONSOLE_H

#include <stdarg.h>

#include "base.h"

/* Bytes as they are, at most len of them; no newline is added. */
void console_write(const char *text, size_t len);

/*
 * printf subset: %s %c %p %d %u %x with l, zero padding and width. Lines longer than 255
 * bytes are cut.
 */
void kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

#endif

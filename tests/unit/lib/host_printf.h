/* SPDX-License-Identifier: MIT */
/* Other names for our own vsnprintf and snprintf, beside the host's: see host_names.h. */
#ifndef HOST_PRINTF_H
#define HOST_PRINTF_H

#include <stdio.h>
#include <stdarg.h>

/* The host's, for comparison. */
static inline __attribute__((__format__(__printf__, 3, 4))) int
host_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

#define vsnprintf dais_vsnprintf
#define snprintf dais_snprintf

#endif

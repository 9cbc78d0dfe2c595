/* SPDX-License-Identifier: MIT */
/*
 * Failure messages: see failure.h. No state of its own, no lock.
 */
#include "lib/failure.h"

#include <stdio.h>
#include <string.h>

int failure_set(struct failure *f, int code, const char *format, ...)
{
	va_list args;

	if (f && !f->code) {
		f->code = code;
		va_start(args, format);
		vsnprintf(f->text, sizeof(f->text), format, args);
		va_end(args);
	}
	return code;
}

void failure_prefix(struct failure *f, const char *where)
{
	char old[sizeof(f->text)];

	memcpy(old, f->text, sizeof(old));
	if (snprintf(f->text, sizeof(f->text), "%s: %s", where, old) < 0) {
		memcpy(f->text, old, sizeof(old));
	}
}

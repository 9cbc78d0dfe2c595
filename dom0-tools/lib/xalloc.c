/* SPDX-License-Identifier: MIT */
/*
 * Allocation that cannot fail quietly; see xalloc.h. No state, no lock.
 */
#include "lib/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
	if (!p) {
		fputs("dais: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xmalloc(size_t bytes)
{
	return checked(malloc(bytes ? bytes : 1));
}

void *xcalloc(size_t count, size_t bytes)
{
	return checked(calloc(count ? count : 1, bytes ? bytes : 1));
}

void *xrealloc(void *old, size_t count, size_t bytes)
{
	size_t all;

	if (__builtin_mul_overflow(count, bytes, &all)) {
		return checked(NULL);
	}
	return checked(realloc(old, all ? all : 1));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xstrndup(const char *s, size_t max)
{
	return checked(strndup(s, max));
}

void *xmemdup(const void *from, size_t bytes)
{
	void *p = xmalloc(bytes);

	if (bytes) {
		memcpy(p, from, bytes);
	}
	return p;
}

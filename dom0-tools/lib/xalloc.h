/* SPDX-License-Identifier: MIT */
/*
 * Memory for the daemons. What a guest can make a daemon hold is bounded by quotas long before
 * the machine is out of memory, so running out is not a guest's mistake: these never return NULL,
 * they say so and abort. A daemon that dies this way resumes from its journal.
 */
#ifndef LIB_XALLOC_H
#define LIB_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
/* Room for `count` elements of `bytes`; aborts when the product overflows. */
void *xrealloc(void *old, size_t count, size_t bytes);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t max);
void *xmemdup(const void *from, size_t bytes);

#endif
